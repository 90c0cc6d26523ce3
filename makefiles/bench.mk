.PHONY: bench bench-screen curves curves-picture memory fairness

# exec: Ctrl+C reaches the program alone. SECONDS=n and ONLY=scenario on the command line get to it through the environment.
bench: dist/.built ## Measures the server beside a plain grpc-js server, in about twenty minutes
	@exec node tests/bench/run.ts

bench-screen: dist/.built ## Measures the terminal client: from a key to its echo, and its share of a core
	@exec node tests/bench/screen.ts

# SECONDS=n, ROUNDS=n and ONLY=shape likewise.
curves: dist/.built ## Measures how much the server and plain ones on grpc-js, HTTP/2 and WebSocket take, in an hour and a half: make curves ONLY=50x40 ROUNDS=1
	@exec node tests/bench/curves/run.ts

curves-picture: node_modules/.package-lock.json ## Draws docs/curves-*.svg anew, from what make curves has measured
	@exec node tests/bench/curves/picture.ts

# COUNT=n and ROOMS=n likewise.
memory: dist/.built ## Measures what an idle stream, a room and a member take, and of what that consists
	@exec node tests/bench/memory/run.ts

fairness: dist/.built ## Measures what two in a quiet room feel of a room of 1,000 that fills the server's core
	@exec node tests/bench/fairness.ts
