# Two commands do everything: `make run` and `make test`. Everything else is here too.
.DEFAULT_GOAL := help
.PHONY: help run demo token reconcile reconcile-proof redrive erase user-usage user-quota test check deny widths \
	lint-template check-api \
	isolation isolation-mutations isolation-docs prove prove-theorems verify-aws web web-check web-test web-lighthouse web-screenshot \
	bench-cold-start bench-upload bench-list bench-worker bench-thumbnails compare-peers chaos backlog bench-fairness simulate fuzz install-emulator native-tools \
	package deploy destroy cost

# Builds quietly, then runs it as the running stack's operator; API_PORT=n where several stacks run.
OPERATE = cargo build --quiet --bin hikidashi --bin local && cargo run --quiet --bin local -- as-operator $(if $(API_PORT),--api-port $(API_PORT)) \
	cargo run --quiet --bin hikidashi --

help: ## print the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 20

run: native-tools ## start the whole pipeline on this machine and print what to do next
	@web/tools/build --optional
	@cargo run --bin local -- up $(ARGS)

demo: native-tools ## upload an image as alice and save its thumbnails; FILE=photo.jpg, OUT=folder
	@cargo run --quiet --bin local -- demo $(if $(FILE),--file "$(FILE)") $(if $(OUT),--out "$(OUT)") $(ARGS)

token: native-tools ## print an id token for curl; USER_NAME=alice
	@cargo run --quiet --bin local -- token $(if $(USER_NAME),--user "$(USER_NAME)") $(ARGS)

reconcile: native-tools ## compare the running stack's records and variants with its bucket; APPLY=1 repairs
	@$(OPERATE) reconcile $(if $(APPLY),--apply) $(ARGS)

redrive: native-tools ## move the running stack's unreadable messages back to the worker's queue
	@$(OPERATE) redrive $(ARGS)

erase: native-tools ## count a user's objects and records; IDENTITY=region:uuid, YES=1 erases them
	@$(OPERATE) erase --identity "$(IDENTITY)" $(if $(YES),--yes) $(ARGS)

user-usage: native-tools ## print what a user stores and may store; IDENTITY=region:uuid
	@$(OPERATE) user usage --identity "$(IDENTITY)" $(ARGS)

user-quota: native-tools ## override a user's quota; IDENTITY=region:uuid ARGS="--max-bytes N --max-images N" or --default
	@$(OPERATE) user quota --identity "$(IDENTITY)" $(ARGS)

reconcile-proof: install-emulator ## damage a stack of its own in 150 places, then let the reconciliation repair it
	cargo test --package integration-tests --test maintenance behind_the_pipeline_s_back -- --nocapture

test: install-emulator ## run all tests, including those against a local stack
	cargo test --workspace --features bench/functions --no-fail-fast

check: native-tools lint-template prove-theorems check-api deny widths ## check format, lints, docs, dependencies, template and API description
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features bench/functions -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --features bench/functions --no-deps --document-private-items

deny: ## check licences, sources, bans and advisories of all crates
	infra/deny/run

widths: ## check that comments and Markdown keep to 100 columns
	@python3 infra/lint/widths.py

lint-template: ## lint the template, as written and as translated
	infra/lint/run

prove-theorems: ## prove that no request allowed by the template reaches what it must not; a part of check
	infra/prove/run proofs $(ARGS)

prove: $(if $(TEMPLATE),,install-emulator) ## prove the isolation, seed mistakes, compare with the emulator; TEMPLATE=path proves yours
	infra/prove/run $(if $(TEMPLATE),proofs --template "$(TEMPLATE)",all) $(ARGS)

check-api: install-emulator ## lint the API description and test a local stack against it with schemathesis
	infra/check-api/run $(ARGS)

web: ## build the gallery into web/dist, and weigh it
	@rm -rf web/dist && web/tools/build

web-check: ## types, lint, format and unit tests of the gallery
	@web/tools/install && npm --prefix web run --silent check

web-test: install-emulator ## use the gallery in Chromium, on a local stack; ARGS=journey.test.ts for some of it
	@web/tools/test $(ARGS)

web-lighthouse: install-emulator ## audit the gallery with Lighthouse, as a phone and as a desktop
	@web/tools/lighthouse

web-screenshot: ## take the README's picture of the gallery
	@$(MAKE) --no-print-directory web-test ARGS=gallery.test.ts && cp web/browser/artefacts/gallery.jpg docs/gallery.jpg

isolation: install-emulator ## run the attacks of a hostile user on a local stack; STACK=name for a deployed one
	cargo run --bin isolation -- attacks $(if $(STACK),--stack "$(STACK)") $(ARGS)

verify-aws: install-emulator ## check what only a deployed stack can show; STAGE=name deploys it to AWS and destroys it after
	$(if $(STAGE),infra/verify-aws "$(STAGE)",cargo run --bin verify -- $(ARGS))

isolation-mutations: install-emulator ## remove each permission and widen each policy, one at a time; each must be noticed
	cargo run --bin isolation -- mutations

isolation-docs: native-tools ## write the table of attacks into docs/isolation.md
	cargo run --bin isolation -- docs

bench-cold-start: native-tools ## measure cold starts and first answers, beside Node (needs npm, or ARGS=--without-node)
	cargo run --features bench/functions --bin bench -- functions cold-start --cache "$${XDG_CACHE_HOME:-$$HOME/.cache}/hikidashi" \
		$(if $(IMAGES),--images "$(IMAGES)") $(ARGS)

bench-upload: install-emulator ## measure uploads against two Node functions that do the same (needs npm)
	cargo run --features bench/functions --bin bench -- functions upload $(ARGS)

bench-list: install-emulator ## measure listings of users with 100, 10,000 and 100,000 images
	cargo run --features bench/functions --bin bench -- functions list $(ARGS)

bench-worker: native-tools ## measure the worker at AWS's latencies, beside one in Node (needs npm); IMAGES=folder
	cargo run --features bench/functions --bin bench -- functions worker --cache "$${XDG_CACHE_HOME:-$$HOME/.cache}/hikidashi" \
		$(if $(IMAGES),--images "$(IMAGES)") $(ARGS)

bench-thumbnails: native-tools ## compare the engine with sharp (needs Node.js) and libheif; IMAGES=folder, ROUNDS=15
	@venv="$$(infra/venv libheif tools/bench/peers/libheif/requirements.txt)" && \
		cargo run --release --quiet --package bench -- thumbnails --libheif-python "$$venv/bin/python" --cache "$${XDG_CACHE_HOME:-$$HOME/.cache}/hikidashi" \
		$(if $(IMAGES),--images "$(IMAGES)") $(if $(ROUNDS),--rounds $(ROUNDS)) $(ARGS)

compare-peers: native-tools ## compare what the engine shows with Chromium, sharp and Pillow; IMAGES=folder
	@tools/peers/run "$(IMAGES)"

chaos: install-emulator ## upload under faults, then check every object; UPLOADS=500, SEED=n
	cargo run --bin chaos -- storm $(if $(UPLOADS),--uploads $(UPLOADS)) $(if $(SEED),--seed $(SEED))

backlog: install-emulator ## measure the worker on a backlog of originals; ORIGINALS=1000
	cargo run --bin chaos -- backlog $(if $(ORIGINALS),--originals $(ORIGINALS))

bench-fairness: install-emulator ## measure how long a user waits while another has a thousand images; ORIGINALS=1000
	cargo run --bin chaos -- fairness $(if $(ORIGINALS),--originals $(ORIGINALS))

simulate: ## simulate the pipeline under AWS's limits; USERS=1000, DAYS=1, SEED=1, ARGS="--check --measured FILE"
	@cargo run --release --quiet --package simulate -- $(if $(USERS),--users $(USERS)) $(if $(DAYS),--days $(DAYS)) \
		$(if $(SEED),--seed $(SEED)) $(ARGS)

fuzz: native-tools ## fuzz the engine; SECONDS=600, SEED=1, JOBS=1, REPLAY=file
	@cargo run --release --quiet --bin fuzz -- $(if $(REPLAY),--replay "$(REPLAY)") \
		$(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS)) $(ARGS)

package: native-tools ## build, inspect and pack the functions for AWS into target/package
	cargo run --bin local -- package $(ARGS)

deploy: native-tools ## build and deploy a stage of infra/samconfig.toml to AWS; STAGE=dev, ARGS=--yes
	infra/deploy "$(or $(STAGE),dev)" $(ARGS)

destroy: ## delete a stage from AWS and list what stays; STAGE=dev
	infra/destroy "$(STAGE)" $(ARGS)

cost: native-tools ## print the monthly cost of uploads, from measured times and a price table; UPLOADS=1000000
	@cargo run --quiet --features bench/functions --bin bench -- cost $(if $(UPLOADS),--uploads $(UPLOADS))

install-emulator: native-tools ## find or install the emulator that run and test need
	cargo run --bin local -- fakecloud install

native-tools: ## find or install cmake and nasm, which build libjpeg-turbo
	@infra/tools/native
