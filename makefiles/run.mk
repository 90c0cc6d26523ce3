.PHONY: run client token watch

# A young generation of 8 MiB at most, as in the first line of src/main.ts: Node's own takes 80 MiB more with ten thousand clients.
SERVER := node --max-semi-space-size=8 dist/src/main.js

# exec: Ctrl+C reaches the program alone, and its exit code is the recipe's.
run: dist/.built ## Starts the server (settings: CHAT_GRPC_… or .env)
	@exec $(SERVER)

client: dist/.built ## Opens a client: make client NAME=ana ROOM=general
	@exec node dist/cli/main.js join $(if $(filter command line,$(origin NAME)),--name "$$NAME") $(if $(filter command line,$(origin ROOM)),--room "$$ROOM")

token: dist/.built ## Prints a token for a client: make token NAME=ana
	@exec node dist/src/main.js token $(if $(filter command line,$(origin NAME)),--user "$$NAME")

watch: dist/.built ## Starts the server, and again on each change
	@npx --no-install tsc -p tsconfig.build.json --declaration false --watch --preserveWatchOutput & compiler=$$!; \
	trap 'kill $$compiler 2>/dev/null' EXIT INT TERM; \
	node --watch-path=dist/src --watch-path=dist/api dist/src/main.js
