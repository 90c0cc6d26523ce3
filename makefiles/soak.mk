.PHONY: soak stuck-readers

# exec: Ctrl+C reaches the program alone. MINUTES=n and CLIENTS=n on the command line get to it through the environment.
soak: dist/.built ## Lets 200 clients be cut, frozen and killed for an hour, and checks all they are told
	@exec node tests/faults/soak/run.ts

stuck-readers: dist/.built ## Measures what a hundred readers cost that do not read
	@exec node tests/faults/soak/stuck-readers.ts
