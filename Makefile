# From a bare machine: Rust (rustup.rs) and Python 3.10+ are all it needs. uv is used where it is installed.
#
#   make demo                   see it work
#   make test PYTHON=3.13       another interpreter: a version, or a path
#   make bench BENCH=--quick    a first impression in a minute

.DEFAULT_GOAL := help
SHELL := bash

# Empty: python3, or the newest found where that is older than 3.10.
PYTHON ?=
BENCH ?=
COMPARE ?=
KILLS ?= 10000
PYTEST ?=
TRACES ?= ../shared/traces

# The folder of the interpreter's virtual environment, made on first use: environment,GROUPS.
environment = $$(scripts/environment.sh $(1) "$(PYTHON)")
# A check that cannot run on this machine has said SKIP and leaves with 77.
or_skip = || [ $$? -eq 77 ]

.PHONY: help setup build build-debug test test-only fmt lint all test-matrix demo bench compare hit-ratio miss-ratio storm loom miri memcheck clean

help: ## Say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  %-12s %s\n", $$1, $$2 }'

setup: ## Make the virtual environment (.venv/VERSION) with the tools for development
	@environment=$(call environment,dev) && echo "ready: $$environment"

build: ## Build the extension, optimized, into the environment
	@scripts/build.sh release "$(PYTHON)"

build-debug: ## Build the extension quickly, with debug assertions
	@scripts/build.sh debug "$(PYTHON)"

test: build-debug ## Build, then run every test: Rust and Python
	cargo test --no-fail-fast
	@$(MAKE) --no-print-directory test-only

test-only: ## Run the Python tests as the extension stands; PYTEST='-k name' passes options
	@environment=$(call environment,test) && "$$environment/bin/python" -m pytest $(PYTEST)

fmt: ## Format the sources
	cargo fmt --all && cargo fmt --manifest-path tests/compare/Cargo.toml
	@environment=$(call environment,dev) && "$$environment/bin/ruff" check --fix-only --quiet . && \
	    "$$environment/bin/ruff" format .

lint: build-debug ## ruff, mypy, stubtest, clippy, rustfmt, rustdoc: all must be silent
	@scripts/lint.sh "$(PYTHON)"

all: lint build test ## Everything that a change should pass before it is shown

test-matrix: ## The Python tests on every interpreter found, then lint, storm, loom, miri and memcheck
	@scripts/matrix.sh

demo: build ## A small tour: a cached parser, and a race against functools
	@environment=$(call environment,test) && "$$environment/bin/python" examples/demo.py

bench: build ## Measure against functools and other libraries; tables and pictures go to bench/results
	@environment=$(call environment,test$(,)bench) && "$$environment/bin/python" -m bench $(BENCH)

compare: ## Race #[warp_cache] against other caches in Rust; COMPARE=--quick for a first impression
	@cd tests/compare && cargo run --release -- $(COMPARE)

hit-ratio: build ## Replay real traces (TRACES=folder) and compare the hits count for count
	@scripts/hit-ratio.sh "$(TRACES)" "$(PYTHON)"

miss-ratio: build ## Draw README's miss-ratio curves from a trace of TRACES, into bench/results
	@environment=$(call environment,test$(,)traces$(,)bench) && "$$environment/bin/python" -m bench.miss_ratio "$(TRACES)"

storm: ## Kill 10,000 writers of a shared cache while others use it; KILLS=n for another number
	@scripts/storm.sh $(KILLS) $(or_skip)

loom: ## Explore thread interleavings of the engine
	@scripts/loom.sh $(or_skip)

miri: ## Run the engine's tests under Miri
	@scripts/miri.sh $(or_skip)

memcheck: ## Run the extension's tests under valgrind
	@scripts/memcheck.sh "$(PYTHON)" $(or_skip)

clean: ## Remove what was built, and the environments
	rm -rf target .venv python/warp_cache/*.so

# A comma inside $(call) arguments needs a name.
, := ,
