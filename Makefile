# Two commands do everything: `make run` and `make test`. Everything else is here too.
.DEFAULT_GOAL := help
.PHONY: help run demo token test check lint-template isolation isolation-mutations isolation-docs bench-cold-start install-emulator

help: ## print the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 20

run: ## bring the whole pipeline up on this machine and say what to do next
	@cargo run --bin local -- up $(ARGS)

demo: ## upload a picture as alice and fetch its thumbnails; FILE=photo.jpg, OUT=folder
	@cargo run --quiet --bin local -- demo $(if $(FILE),--file "$(FILE)") $(if $(OUT),--out "$(OUT)") $(ARGS)

token: ## print an id token for curl; USER_NAME=alice
	@cargo run --quiet --bin local -- token $(if $(USER_NAME),--user "$(USER_NAME)") $(ARGS)

test: install-emulator ## run all tests, the pipeline's on a real local stack included
	cargo test --workspace

check: lint-template ## format, lints, docs and template, as CI has it
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

lint-template: ## lint the template, as written and as translated
	infra/lint/run

isolation: install-emulator ## play a hostile user against a local stack; STACK=name against a deployed one
	cargo run --bin isolation -- attacks $(if $(STACK),--stack "$(STACK)")

isolation-mutations: install-emulator ## take away every right and widen every wall, one at a time: each must be noticed
	cargo run --bin isolation -- mutations

isolation-docs: ## write the table of attacks into docs/isolation.md
	cargo run --bin isolation -- docs

bench-cold-start: ## measure spawn to first poll of every function, and its peak memory
	cargo run --bin local -- bench cold-start $(ARGS)

install-emulator: ## find or install the emulator that run and test need
	cargo run --bin local -- fakecloud install
