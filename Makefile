# Every command a person needs. `make` prints them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Flags for `make run`, for instance: make run ARGS="--listen 127.0.0.1:8000"
ARGS ?=
# How long `make crash` goes on
ROUNDS ?= 20
# Property tests take the same chances each time, so that a red run is about the change it is run for.
# Others: make test PROPTEST_RNG_SEED=$$RANDOM
export PROPTEST_RNG_SEED ?= 20261128

# How long `make fuzz` stays with each target
SECONDS_EACH ?= 120

.PHONY: help run test crash check bench timing benches fuzz envoy-test k8s-check images-check ops-test fmt clippy proto sql docs licences cited tools clean

help: ## Prints this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

run: ## Starts everything on SQLite and memory, under ./data
	cargo run -- serve $(ARGS)

# All of them are run whatever fails, so that a red run says everything there is to mend.
test: tools ## Runs every test; finds or installs what they need, starts it on free ports and stops it again
	cargo build --workspace --tests --bins
	target/debug/with-servers cargo test --workspace --no-fail-fast

envoy-test: tools ## Runs a real Envoy with the configuration that `perpetuo envoy-config` writes, in front of a running Perpetuo
	cargo build --workspace --tests --bins
	target/debug/with-servers cargo test --workspace --test envoy

crash: tools ## Kills processes and servers for a long time (ROUNDS=20), and compares what everybody counted
	cargo build --workspace --tests --bins
	PERPETUO_CRASH_ROUNDS=$(ROUNDS) cargo test -p perpetuo-tests --test crash

check: fmt clippy proto sql docs licences cited ## Formatting, lints, proto lint, prepared SQL, docs, licences, cited tests

fmt:
	cargo fmt --all --check

clippy:
	cargo clippy --workspace --all-targets -- -D warnings

proto: tools ## Lints the protos
	cd proto && ../.tools/node/node_modules/.bin/buf lint

sql: tools ## Prepares every statement on both databases
	# The whole workspace, as `make test` builds it: a part of it would choose other features and build them again.
	cargo build --workspace --tests --bins
	target/debug/with-servers cargo test --workspace --test store

docs: ## Builds the API documentation without a warning
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

licences: tools ## Checks licences, sources and bans of all dependencies
	# What other platforms need is judged too, and no build here has fetched it.
	cargo fetch --locked --quiet
	.tools/cargo/bin/cargo-deny --offline check licenses bans sources

cited: tools ## Asks the built tests whether those that tests/security cites are among them
	cargo build --workspace --tests --bins
	cargo test --workspace --no-run --message-format=json | target/debug/cited

images-check: ## Checks Dockerfile, composition and release workflow; runs what the image holds in a root of its own
	tests/images/install
	@[ -n "$${PERPETUO_BIN:-}" ] || cargo build --workspace --bins
	tests/images/check

k8s-check: ## Renders k8s/ and holds it against schemas, policies, the sources and the binary
	tests/k8s/check

bench: tools ## Measures requests/s, latency, streams and memory against a bare nginx; logins against bare argon2id; look-ups of keys
	tests/install bench
	cargo build --release -p perpetuo-server -p perpetuo-tests --bin perpetuo --bin load --bin with-servers
	target/release/load
	target/release/with-servers cargo bench -p perpetuo-identity --bench keys

timing: tools ## Measures in 2,000 tries each whether the time of an answer tells if an address has an account (2 % or 1 ms)
	cargo build --release -p perpetuo-tests --bin with-servers
	PERPETUO_TIMING_TRIES=2000 target/release/with-servers cargo test --release -p perpetuo-identity -p perpetuo-workspace --test identity --test workspace -- timing:: --nocapture --test-threads 1

benches: ## Measures what parsing, translating and planning cost, without a network
	cargo bench -p perpetuo-gateway --bench bytes

fuzz: ## Feeds parsers and translations what chance makes of real answers (SECONDS_EACH=120)
	PERPETUO_FUZZ_SECONDS=$(SECONDS_EACH) PERPETUO_FUZZ_SEED=$$RANDOM cargo test --workspace --test gateway -- fuzz:: --nocapture

ops-test: ## Checks alert rules and dashboards, and breaks something to see the right alert, with a real Prometheus
	# As `make test` builds it: other features would build everything again.
	cargo build --workspace --tests --bins
	tests/ops/check

tools: ## Finds or installs what the tests need (PostgreSQL, Redis, Python and Node packages)
	@tests/install test

clean: ## Removes what builds and tests leave behind; not ./data
	cargo clean
	rm -rf .tools
