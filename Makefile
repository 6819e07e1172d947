# `make` lists what there is. Tools that are not Rust live in .tools/, which `make tools` fills.

SHELL := /bin/bash
.NOTPARALLEL:
.DEFAULT_GOAL := help

export PATH := $(CURDIR)/.tools/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= eu-central-1

STAGE ?= dev
ARGS ?=

# Looked up when used, since `make tools` may have brought it by then.
tests = $(if $(shell command -v cargo-nextest),cargo nextest run,cargo test)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1 \t\2/p' Makefile | expand -t 22

##  Every day

.PHONY: run fmt check test
run: ## the whole platform on http://127.0.0.1:8000; flags in ARGS="--memory --port 9000", see ARGS=--help
	cargo run -- $(ARGS)

fmt: ## formats every crate
	cargo fmt --all

check: ## format and clippy only: the quick answer while writing
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

# From cheap to expensive, and the first failure ends it. `make -k test` goes through all of them.
stages := stage-format stage-unused stage-licences stage-template stage-clippy stage-docs stage-doctests stage-tests
test: begin tools $(stages) ## everything that CI runs
	@echo; cat target/stages.txt

##  Now and then

.PHONY: tools openapi capacity items fuzz docs-assets
tools: ## fetches sam, cfn-lint, cargo-lambda, cargo-deny and cargo-machete into .tools/
	@.ci/tools

openapi: ## writes infra/openapi/ anew from the routes
	UPDATE_OPENAPI=1 $(tests) -p workspace-tests openapi

capacity: ## writes the golden table of trips and units anew
	UPDATE_CAPACITY=1 $(tests) -p workspace-tests capacity

items: ## adds golden items of new shapes of rows to tests/items/
	UPDATE_ITEMS=1 $(tests) -p workspace-tests items

fuzz: ## tries the served OpenAPI documents with schemathesis, some five minutes; flags in ARGS="--seed 7"
	infra/fuzz/run $(ARGS)

docs-assets: ## fetches Swagger UI and ReDoc anew, at the versions in functions/docs/assets/refresh.sh
	functions/docs/assets/refresh.sh

##  Deploying

.PHONY: functions check-functions bench deploy
crates := $(sort $(shell sed -n 's/.*CodeUri: .*functions.\([a-z-]*\).*/\1/p' template.yaml infra/*.yaml))
functions: tools ## builds every function for Lambda (arm64, release) and tells how large the packages are
	rustup target add aarch64-unknown-linux-gnu
	CARGO_TARGET_DIR=target/arm64 cargo lambda build --release --arm64 $(crates:%=-p %)
	cargo run -p bench -- sizes

check-functions: ## runs every function's release binary under a Lambda runtime API with the events in infra/events/
	cargo build --release --workspace --bins
	target/release/bench check

bench: ## measures starts, invocations and load (release build); flags in ARGS="--accounts 100000"
	infra/bench/run $(ARGS)

deploy: tools ## builds and deploys a stage: make deploy STAGE=staging
	sam validate --lint
	sam build --config-env $(STAGE)
	sam deploy --config-env $(STAGE)

# The stages of `make test`.

.PHONY: begin $(stages)
begin:
	@mkdir -p target && : > target/stages.txt

stage-format:
	@.ci/stage format cargo fmt --all --check

stage-unused:
	@.ci/stage unused --needs cargo-machete cargo machete --skip-target-dir --with-metadata

# Advisories come from a repository on GitHub, which not every machine reaches: CI looks at them on their own.
stage-licences:
	@.ci/stage licences --needs cargo-deny cargo deny --log-level error check bans licenses sources

stage-template:
	@.ci/stage template --needs sam sam validate --lint
	@.ci/stage stacks --needs cfn-lint cfn-lint template.yaml infra/*.yaml

stage-clippy:
	@.ci/stage clippy cargo clippy --workspace --all-targets -- -D warnings

stage-docs:
	@RUSTDOCFLAGS="-D warnings" .ci/stage docs cargo doc --workspace --no-deps

stage-doctests:
	@.ci/stage doctests cargo test --workspace --doc

stage-tests:
	@.ci/stage tests $(tests) --workspace --no-fail-fast
