.PHONY: fuzz

# exec: Ctrl+C reaches the program alone. COUNT=n, SEED=n and ONLY=batch on the command line get to it through the environment.
fuzz: dist/.built ## Sends a million envelopes that went wrong, and checks how each stream ends
	@exec node tests/faults/fuzz/run.ts
