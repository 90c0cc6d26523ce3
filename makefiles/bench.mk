.PHONY: bench bench-screen memory

# exec: Ctrl+C reaches the program alone. SECONDS=n and ONLY=scenario on the command line get to it through the environment.
bench: dist/.built ## Measures the server beside a plain grpc-js server, in about twenty minutes
	@exec node tests/bench/run.ts

bench-screen: dist/.built ## Measures the terminal client: from a key to its echo, and its share of a core
	@exec node tests/bench/screen.ts

# COUNT=n and ROOMS=n on the command line get to it through the environment.
memory: dist/.built ## Measures what an idle stream, a room and a member take, and of what that consists
	@exec node tests/bench/memory/run.ts
