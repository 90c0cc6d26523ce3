.PHONY: package

package: dist/.built ## Makes dist/chat-grpc-….tgz, and tries it in an empty folder
	@exec node tests/package/run.ts
