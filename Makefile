# The front door. `make` lists what there is; every recipe is short and can be run by hand.

PREFIX ?= /usr/local
CARGO ?= cargo

.DEFAULT_GOAL := help
.PHONY: help build plugins release install demo test check lint bench torture clean

help: ## list these words
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

plugins: ## build the bundled plugins into target/plugins
	@scripts/components.sh target/plugins plugins

build: plugins ## build vpo for developing
	$(CARGO) build -p vpo

release: plugins ## build vpo for using
	$(CARGO) build --release -p vpo
