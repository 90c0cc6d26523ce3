.PHONY: mutants
mutants: node_modules/.package-lock.json ## Breaks each point of the contract once and sees the tests notice
	@node tests/mutants/run.ts
