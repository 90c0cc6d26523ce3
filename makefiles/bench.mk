.PHONY: bench

# exec: Ctrl+C reaches the program alone. SECONDS=n on the command line gets to it through the environment.
bench: dist/.built ## Measures the server beside a plain grpc-js server, in about four minutes
	@exec node tests/bench/run.ts
