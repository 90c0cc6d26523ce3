.PHONY: soak stuck-readers storm herd

# exec: Ctrl+C reaches the program alone. MINUTES=n, CLIENTS=n and SECONDS=n on the command line get to it through the environment.
soak: dist/.built ## Lets 200 clients be cut, frozen and killed for an hour, and checks all they are told
	@exec node tests/faults/soak/run.ts

stuck-readers: dist/.built ## Measures what a hundred readers cost that do not read
	@exec node tests/faults/soak/stuck-readers.ts

storm: dist/.built ## Lets 10,000 clients into one room in ten seconds and out again, and checks all they are told
	@exec node tests/faults/soak/storm.ts

herd: dist/.built ## Restarts the server under 10,000 clients, lets them all come back, and checks all they are told
	@exec node tests/faults/soak/herd.ts
