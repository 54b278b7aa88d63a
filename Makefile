PYTHON ?= python3
BIN := .venv/bin
PYTEST = $(BIN)/pytest -n 2 --dist loadfile
FORGE = cd contracts && "$$(../$(BIN)/python -c 'from prover.toolchain import find_foundry; print(find_foundry("forge"))')"

FORMATTED := src test test-utils examples

# What the contract tests deploy is optimised; the tests, in a profile of foundry.toml, are not.
define run_contract_tests
	$(BIN)/python -m tools.contract_fixtures
	$(BIN)/python -m tools.book_fixtures
	$(BIN)/python -m tools.venue_fixtures
	$(BIN)/python -m tools.liquidation_fixtures
	export FOUNDRY_PROFILE=default; $(FORGE) build src generated examples test/mocks test/generated
	export FOUNDRY_PROFILE=$(1); $(FORGE) test $(ARGS)
endef

# The native core is built where there is Rust; CORE= on the command line leaves it out.
CARGO := $(shell command -v cargo)
CORE := $(if $(CARGO),.venv/.core)

.DEFAULT_GOAL := help
.PHONY: help install demo test test-fast test-deep test-contracts test-contracts-deep test-python test-python-deep test-native test-native-deep check format packages changelog release-notes bench bench-docs soak docs slither constants vectors clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

install: .venv/.installed node_modules/.installed $(or $(CORE),no-core) ## Install everything pinned, into .venv and node_modules

demo: install ## Tell two whole stories with real parts: a margin proof and its flag, a private margin book
	@$(BIN)/zksolvency demo --ahead
	@$(BIN)/zksolvency demo book

# The contracts keep one processor busy, so Python goes on beside them.
test: install ## Run every test of the tier that CI runs
	@$(MAKE) --no-print-directory --jobs 2 test-contracts test-python

test-fast: install ## Run the tests that need no circuits, proofs or node: about a minute
	$(PYTEST) -m "not full and not deep"

test-deep: install ## Run what `make test` has a smaller stand-in for: long campaigns, 28 slots, whole audits
	@$(MAKE) --no-print-directory --jobs 2 test-contracts-deep test-python-deep
	$(if $(CORE),@$(MAKE) --no-print-directory test-native-deep)

test-python: install $(if $(CORE),test-native) ## Run the Python tests, and those of the native core
	$(PYTEST) -m "not deep"

test-python-deep: install .venv/.docs build/docs/mermaid.min.js ## Run the Python tests that take long
	$(PYTEST) -m deep

test-contracts: install ## Run the contract tests; ARGS="--mt NAME" runs some of them
	$(call run_contract_tests,test)

test-contracts-deep: install ## Run the contract tests with longer campaigns
	$(call run_contract_tests,deep)

test-native: install ## Run the tests of the native core: in Rust, then from Python
	cd prover/native && MAKEFLAGS= cargo test --release
	$(PYTEST) -m "not deep" prover/native/tests_py

test-native-deep: install ## Run all tests of the native core, the long ones and those of large circuits too
	cd prover/native && MAKEFLAGS= DEEP=1 cargo test --release
	cd prover/native && MAKEFLAGS= cargo test # once with the checks of overflows and assertions of a debug build
	FLAT_PROOFS=10000 $(PYTEST) prover/native/tests_py

check: install ## Lint, format check and types: all clean, always
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(FORGE) fmt --check $(FORMATTED)
	$(if $(CORE),cd prover/native && cargo fmt --all --check && cargo clippy --quiet --release --all-targets -- -D warnings)
	npx --no-install solhint --config .solhint.json --max-warnings 0 'contracts/{src,test,test-utils,examples}/**/*.sol'

format: install ## Format everything
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(FORGE) fmt $(FORMATTED)

packages: install ## Build the wheels and the npm package into build/packages
	@$(BIN)/python -m tools.packages build/packages

changelog: install ## Show what the files of changes/ say
	$(BIN)/towncrier build --draft --version Unreleased

release-notes: install ## Move the files of changes/ into CHANGELOG.md: VERSION=0.2.0
	$(BIN)/towncrier build --yes --version $(or $(VERSION),$(error VERSION says which release it is))

bench: install ## Measure, into a table and build/bench.json
	$(BIN)/pip install --quiet --disable-pip-version-check -r tools/bench/requirements.txt
	$(BIN)/python -m tools.bench
	$(BIN)/python -m tools.bench --accounts

bench-docs: install ## Write the figures and the plot of docs/benchmarks.md from the last measurement
	$(BIN)/pip install --quiet --disable-pip-version-check -r tools/bench/requirements.txt
	$(BIN)/python -m tools.bench --docs
	$(BIN)/python -m tools.bench --accounts --docs

soak: install ## Let an engine watch 1,000 accounts for an hour of a round a second
	$(BIN)/python -m tools.soak

docs: install .venv/.docs build/docs/mermaid.min.js ## Build the documentation site in build/docs/html; warnings fail
	$(BIN)/python -m tools.site

slither: install build/slither/venv/.installed ## Analyse the contracts with slither, and hold docs/slither.md against what it finds
	$(BIN)/python -m tools.slither

constants: install ## Write Poseidon's constants from their generator
	$(BIN)/python -m tools.poseidon_constants

vectors: install ## Rewrite tests/vectors from the reference implementations
	node tools/poseidon_vectors.mjs
	node tools/seed_vectors.mjs
	$(BIN)/python tools/margin_vectors.py
	$(BIN)/python -m tools.price_round_vectors
	$(BIN)/python -m tools.settlement_vectors
	$(BIN)/python -m tools.release_vectors
	$(BIN)/python tools/rekey_vectors.py
	$(BIN)/python -m tools.opening_vectors
	PYTHONPATH=tests $(BIN)/python -m market_model.recorded_runs
	PYTHONPATH=tests $(BIN)/python -m market_model.expiry_runs
	PYTHONPATH=tests $(BIN)/python -m market_model.liquidation_runs

clean: ## Remove what was installed and built here (not the cache of keys)
	rm -rf .venv node_modules build prover/native/target contracts/out contracts/cache contracts/generated contracts/test/generated

.venv/.installed: pyproject.toml verifier/pyproject.toml liquidator/pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable ./verifier --editable . --editable ./liquidator
	@touch $@

.venv/.docs: .venv/.installed tools/site/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r tools/site/requirements.txt
	@touch $@

# The script that draws the diagrams, out of npm's package, which is MIT licensed and bundles what it needs.
build/docs/mermaid.min.js: tools/site/mermaid.sha256
	@mkdir -p build/docs
	cd build/docs && npm pack --silent $(subst -,@,$(basename $(lastword $(shell cat tools/site/mermaid.sha256))))
	cd build/docs && sha256sum --check --quiet ../../tools/site/mermaid.sha256
	cd build/docs && tar -xzmf $(lastword $(shell cat tools/site/mermaid.sha256)) --strip-components 2 package/dist/mermaid.min.js

build/slither/venv/.installed: tools/slither/requirements.txt
	$(PYTHON) -m venv build/slither/venv
	build/slither/venv/bin/pip install --quiet --disable-pip-version-check -r tools/slither/requirements.txt
	@touch $@

node_modules/.installed: package.json package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

.venv/.core: .venv/.installed prover/native/Cargo.toml prover/native/pyproject.toml prover/native/.cargo/config.toml $(shell find prover/native/src prover/native/module prover/native/python -name '*.rs' -o -name '*.toml' -o -name '*.py*')
	@echo "building the native core: a minute or two, once"
	@rm -rf prover/native/target/wheels
	@cd prover/native && ../../$(BIN)/maturin build --release --out target/wheels --interpreter ../../$(BIN)/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --force-reinstall prover/native/target/wheels/*.whl
	@touch $@

.PHONY: no-core
no-core:
	@echo "no Rust here, so snarkjs makes the proofs: for the native core, many times as fast, install Rust 1.89 or later and run make again"
