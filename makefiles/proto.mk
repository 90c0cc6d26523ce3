.PHONY: proto
proto: node_modules/.package-lock.json ## Lints the contract and generates api/gen from it
	@npx --no-install buf lint
	@npx --no-install buf generate
