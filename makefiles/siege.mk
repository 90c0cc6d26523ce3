.PHONY: siege

# exec: Ctrl+C reaches the program alone. SECONDS=n on the command line gets to it through the environment.
siege: dist/.built ## Lets 50 clients chat, first undisturbed and then under a mixed attack, and compares
	@exec node tests/faults/siege/run.ts
