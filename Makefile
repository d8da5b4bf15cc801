# The front door. `make` lists what there is; every recipe is short and can be run by hand.

PREFIX ?= /usr/local
DESTDIR ?=
CARGO ?= cargo

.DEFAULT_GOAL := help
.PHONY: help tools test-tools guest-tools plugins hostile contract build release demo test lint deny doc check install uninstall bench torture fuzz clean

help: ## list these words
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: tools build ## see vpo at work on a small library of real videos
	@scripts/demo.sh target/debug/vpo

test: test-tools plugins hostile guest-tools ## run all tests
	$(CARGO) build --workspace --bins --tests
	$(CARGO) test --workspace --doc
	$(CARGO) test --workspace --lib --bins --tests

build: plugins ## build target/debug/vpo, for developing
	$(CARGO) build -p vpo

release: plugins ## build target/release/vpo, for using
	$(CARGO) build --release -p vpo

plugins: ## build the bundled plugins into target/plugins
	@scripts/components.sh target/plugins plugins

hostile: ## build the ill-behaved plugins of the tests into target/hostile
	@scripts/components.sh target/hostile tests/hostile

contract: ## write docs/contract.md from wit/
	$(CARGO) run -q -p vpo-tests --bin contract

tools: ## see to it that ffmpeg and mkvtoolnix are there
	@scripts/media-tools.sh

test-tools: # and strace, through which tests kill the program where it hurts
	@scripts/media-tools.sh strace

guest-tools: ## get what plugins in JavaScript, Python and C are built with, where that is possible
	@scripts/guest-tools.sh

lint: plugins ## formatting and clippy
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

doc: plugins ## build the documentation of the code
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

deny: ## licences and advisories of dependencies, when cargo-deny is installed
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny check; else echo "cargo-deny is not installed; skipped"; fi

check: lint deny doc test ## everything that must hold before a change is handed in

install: release ## put vpo, with its plugins inside, and its profiles into PREFIX
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/vpo/profiles" "$(DESTDIR)$(PREFIX)/share/vpo/plugins"
	install -m 755 target/release/vpo "$(DESTDIR)$(PREFIX)/bin/vpo"
	install -m 644 profiles/*.kdl "$(DESTDIR)$(PREFIX)/share/vpo/profiles/"
	install -m 644 target/plugins/*.wasm "$(DESTDIR)$(PREFIX)/share/vpo/plugins/"
	target/release/vpo manual --quiet --out "$(DESTDIR)$(PREFIX)/share/man/man1"

uninstall: ## take it out of PREFIX again
	rm -rf "$(DESTDIR)$(PREFIX)/bin/vpo" "$(DESTDIR)$(PREFIX)/share/vpo" "$(DESTDIR)$(PREFIX)/share/man/man1/"vpo*.1

bench: release hostile ## measure against the budgets
	$(CARGO) bench --workspace

torture: tools plugins ## kill, fill and break until something gives
	$(CARGO) build --workspace --bins
	target/debug/torture 300 1
	$(CARGO) test --workspace --test torture_apply
	VPO_TORTURE_ROUNDS=20 $(CARGO) test -p vpo-tests --test torture_readers
	scripts/fuzz.sh 60

fuzz: ## fuzz the readers of media files, a minute each
	scripts/fuzz.sh 60

clean: ## remove everything that was built
	rm -rf target
