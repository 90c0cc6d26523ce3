.PHONY: bench bench-screen fairness

# exec: Ctrl+C reaches the program alone. SECONDS=n and ONLY=scenario on the command line get to it through the environment.
bench: dist/.built ## Measures the server beside a plain grpc-js server, in about twenty minutes
	@exec node tests/bench/run.ts

bench-screen: dist/.built ## Measures the terminal client: from a key to its echo, and its share of a core
	@exec node tests/bench/screen.ts

fairness: dist/.built ## Measures what two in a quiet room feel of a room of 1,000 in which as much is said as the server takes
	@exec node tests/bench/fairness.ts
