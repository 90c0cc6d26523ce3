.PHONY: certs
certs: node_modules/.package-lock.json ## Makes certificates for developing with TLS, in certs/
	@node tests/certs/run.ts
