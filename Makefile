# Two commands do everything: `make run` and `make test`. Everything else is here too.
.DEFAULT_GOAL := help
.PHONY: help run demo token reconcile reconcile-proof redrive erase test check lint-template check-api \
	isolation isolation-mutations isolation-docs web web-check web-test web-lighthouse web-screenshot \
	bench-cold-start bench-upload bench-list bench-thumbnails chaos backlog fuzz install-emulator native-tools \
	package deploy destroy cost

# Builds quietly, then runs it as the running stack's operator.
OPERATE = cargo build --quiet --bin hikidashi --bin local && cargo run --quiet --bin local -- as-operator \
	cargo run --quiet --bin hikidashi --

help: ## print the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 20

run: native-tools ## bring the whole pipeline up on this machine and say what to do next
	@web/tools/build --optional
	@cargo run --bin local -- up $(ARGS)

demo: native-tools ## upload a picture as alice and fetch its thumbnails; FILE=photo.jpg, OUT=folder
	@cargo run --quiet --bin local -- demo $(if $(FILE),--file "$(FILE)") $(if $(OUT),--out "$(OUT)") $(ARGS)

token: native-tools ## print an id token for curl; USER_NAME=alice
	@cargo run --quiet --bin local -- token $(if $(USER_NAME),--user "$(USER_NAME)") $(ARGS)

reconcile: native-tools ## say what is wrong with the running stack's records and variants; APPLY=1 mends
	@$(OPERATE) reconcile $(if $(APPLY),--apply) $(ARGS)

redrive: native-tools ## send the running stack's unreadable letters back to its worker
	@$(OPERATE) redrive $(ARGS)

erase: native-tools ## count what the running stack has of a user; IDENTITY=region:uuid, YES=1 erases it
	@$(OPERATE) erase --identity "$(IDENTITY)" $(if $(YES),--yes) $(ARGS)

reconcile-proof: install-emulator ## damage a stack of its own in 150 places behind its back, and mend it
	cargo test --package integration-tests --test maintenance behind_the_pipeline_s_back -- --nocapture

test: install-emulator ## run all tests, the pipeline's on a real local stack included
	cargo test --workspace --features bench/functions --no-fail-fast

check: native-tools lint-template check-api ## format, lints, docs, template and the API's description, as CI has it
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features bench/functions -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --features bench/functions --no-deps --document-private-items

lint-template: ## lint the template, as written and as translated
	infra/lint/run

check-api: install-emulator ## lint the API's description, and hold a local stack to it with schemathesis
	infra/check-api/run $(ARGS)

web: ## build the gallery into web/dist, and weigh it
	@rm -rf web/dist && web/tools/build

web-check: ## types, lint, format and unit tests of the gallery
	@web/tools/install && npm --prefix web run --silent check

web-test: install-emulator ## use the gallery in Chromium, on a local stack; ARGS=journey.test.ts for some of it
	@web/tools/test $(ARGS)

web-lighthouse: install-emulator ## ask Lighthouse about the gallery, on a phone and a desktop
	@web/tools/lighthouse

web-screenshot: ## take the README's picture of the gallery
	@$(MAKE) --no-print-directory web-test ARGS=gallery.test.ts && cp web/browser/artefacts/gallery.jpg docs/gallery.jpg

isolation: install-emulator ## play a hostile user against a local stack; STACK=name against a deployed one
	cargo run --bin isolation -- attacks $(if $(STACK),--stack "$(STACK)")

isolation-mutations: install-emulator ## take away every right and widen every wall, one at a time: each must be noticed
	cargo run --bin isolation -- mutations

isolation-docs: native-tools ## write the table of attacks into docs/isolation.md
	cargo run --bin isolation -- docs

bench-cold-start: native-tools ## measure spawn to first poll of every function, and of Node's (needs npm, or ARGS=--without-node)
	cargo run --features bench/functions --bin bench -- functions cold-start $(ARGS)

bench-upload: install-emulator ## measure uploads against two Node functions that do the same (needs npm)
	cargo run --features bench/functions --bin bench -- functions upload $(ARGS)

bench-list: install-emulator ## measure pages of drawers with 100, 10,000 and 100,000 images
	cargo run --features bench/functions --bin bench -- functions list $(ARGS)

bench-thumbnails: native-tools ## compare the engine with sharp (needs Node.js); IMAGES=folder, ROUNDS=15
	@cargo run --release --quiet --package bench -- thumbnails --cache "$${XDG_CACHE_HOME:-$$HOME/.cache}/hikidashi" \
		$(if $(IMAGES),--images "$(IMAGES)") $(if $(ROUNDS),--rounds $(ROUNDS)) $(ARGS)

chaos: install-emulator ## upload while everything goes wrong, then look at every object; UPLOADS=500, SEED=n
	cargo run --bin chaos -- storm $(if $(UPLOADS),--uploads $(UPLOADS)) $(if $(SEED),--seed $(SEED))

backlog: install-emulator ## drop a thousand originals into the bucket at once; ORIGINALS=1000
	cargo run --bin chaos -- backlog $(if $(ORIGINALS),--originals $(ORIGINALS))

fuzz: native-tools ## throw broken pictures at the engine; SECONDS=600, SEED=1, JOBS=1, REPLAY=file
	@cargo run --release --quiet --bin fuzz -- $(if $(REPLAY),--replay "$(REPLAY)") \
		$(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS)) $(ARGS)

package: native-tools ## build what AWS runs, refuse what would not run there, and pack it into target/package
	cargo run --bin local -- package

deploy: native-tools ## build and deploy a stage of infra/samconfig.toml to AWS; STAGE=dev, ARGS=--guided
	infra/deploy "$(or $(STAGE),dev)" $(ARGS)

destroy: ## delete a stage from AWS, and say what stays; STAGE=dev
	infra/destroy "$(STAGE)" $(ARGS)

cost: native-tools ## what uploads cost a month, from measured times and a dated table of prices; UPLOADS=1000000
	@cargo run --quiet --features bench/functions --bin bench -- cost $(if $(UPLOADS),--uploads $(UPLOADS))

install-emulator: native-tools ## find or install the emulator that run and test need
	cargo run --bin local -- fakecloud install

native-tools: ## find or install cmake and nasm, which build libjpeg-turbo
	@infra/tools/native
