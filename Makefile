# `make help` lists the targets. Each topic has a file in makefiles/.
.DEFAULT_GOAL := help

include makefiles/*.mk

.PHONY: help
help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(sort $(MAKEFILE_LIST))
