.PHONY: traces

# exec: Ctrl+C reaches the program alone, and its exit code is the recipe's.
traces: dist/.built ## Shows traces, metrics and logs of traced programs: make traces PORT=4318 OUT=seen.jsonl
	@exec node dist/cli/main.js traces $(if $(filter command line,$(origin PORT)),--port "$$PORT") $(if $(filter command line,$(origin OUT)),--out "$$OUT")
