.PHONY: test test-integration lint

test: dist/.built ## Runs everything that must hold; the last line counts
	@node tests/support/run-checks.ts

test-integration: dist/.built ## Runs the tests over real gRPC alone
	@npx --no-install vitest run tests/integration

lint: node_modules/.package-lock.json ## Formats, and mends what can be mended
	@npx --no-install biome check --write
	@npx --no-install tsc -p .
	@npx --no-install knip --no-progress
