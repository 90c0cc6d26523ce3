.PHONY: proto
proto: node_modules/.package-lock.json ## Lints the contract and generates api/gen from it
	@npx --no-install buf lint
	@npx --no-install buf generate
	@npx --no-install buf build --as-file-descriptor-set --path api/proto/chat -o api/gen/chat.descriptors.json
	@npx --no-install buf build --as-file-descriptor-set node_modules/grpc-health-check/proto -o api/gen/health.descriptors.json
