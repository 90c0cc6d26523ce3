.PHONY: picture

picture: dist/.built ## Draws docs/chat-client.svg anew, from a conversation of three clients
	@exec node tests/picture/run.ts
