# All commands of the project. `make` alone lists them.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
FUZZ_READY := .venv-fuzz/.ready
CLIENTS_READY := .venv-clients/.ready
BENCH_READY := .venv-bench/.ready
# If a machine stops Python from writing bytecode, each process compiles everything again: a fifth of
# the time of the tests.
export PYTHONDONTWRITEBYTECODE :=
# The same order of sets in every run, so that tests do not depend on chance.
PYTEST := PYTHONHASHSEED=0 $(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test quick test-all test-pythons contract contract-defects clients deployments storm reconcile \
  faults fuzz corpora walk edits wheels bench \
  drift changes update check generate build mock format lock clean
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## Watch a deposit from address to balance, over HTTP against the mock
	@$(BIN)/calypso demo

# ARGS=tests/receiver or ARGS="-k paging" runs some of them.
test: $(READY) ## Run the tests, up to real HTTP (two to three minutes on two quiet cores)
	@echo "Running the tests…"
	@$(PYTEST) $(ARGS)

# Left out: tests that start many processes or servers, or wait.
LONGER := any_response check_order cli concurrency deadline deliveries_http hostile hostile_wire interruptions \
  loops mounts processes public secrets server
quick: $(READY) ## Run the fast tests, while working (20 seconds)
	@$(PYTEST) --hypothesis-profile=quick $(LONGER:%=--ignore-glob='*/test_%.py') \
	  tests/overlay tests/mock tests/receiver $(ARGS)

# SEED=n runs the same again, ARGS="…" some of its tests.
test-all: SEED := $(or $(SEED),$(shell od -An -N2 -tu2 /dev/urandom | tr -d ' '))
test-all: $(READY) $(FUZZ_READY) $(CLIENTS_READY) ## Run everything, in random order, with many examples
	@echo "The seed is $(SEED). To run the same again: make test-all SEED=$(SEED)"
	@PYTHONHASHSEED=$(SEED) $(BIN)/python -m pytest -q -n auto --dist loadfile -m "" --hypothesis-profile=deep \
	  --hypothesis-seed=$(SEED) --random-order --random-order-seed=$(SEED) $(ARGS)
	@$(if $(ARGS),,PYTHONHASHSEED=$(SEED) $(BIN)/python -m pytest -q -n auto --dist loadfile -m "" \
	  --hypothesis-seed=$(SEED) --over-aiohttp tests/overlay)
	@$(if $(ARGS),,$(MAKE) contract contract-defects clients deployments storm reconcile faults fuzz \
	  PROFILE=short SAMPLE=12 CALLS=60 SIZE=small RUNS=20000 SEED=$(SEED))
	@$(if $(ARGS),,$(MAKE) edits SAMPLE=5 SEED=$(SEED))

test-pythons: $(READY) ## Run the tests under every supported Python that is installed
	@$(BIN)/python -m tools.pythons
	@$(BIN)/python -m tools.pythons | grep -v 'not found' | { failed=; while read -r version python; do \
	  echo "Python $$version:"; $(MAKE) test VENV=.venv-$$version PYTHON=$$python || failed="$$failed $$version"; \
	  done; test -z "$$failed" || { echo "Failed under$$failed."; exit 1; }; }

# PROFILE=short is quick; TARGET=http://127.0.0.1:8600 tests that server with the CALYPSO_* settings. RATE=2,
# ALLOW_WRITES=1 and ALLOW_SHARED=1 are passed through the environment.
# make exits with 2 for any error; its own last line has "Error 1" for findings, "Error 2" for no test.
contract: $(READY) ## Test a fresh mock, or TARGET=, against openapi.yaml (Error 1: findings, Error 2: not tested)
	@$(BIN)/python -m tests.contract $(if $(TARGET),--target $(TARGET)) $(if $(PROFILE),--profile $(PROFILE)) $(if $(SEED),--seed $(SEED)) $(if $(BASELINE),--baseline $(BASELINE)) $(ARGS)

# SAMPLE=12 plants that many of them.
contract-defects: $(READY) ## Check which planted defects the contract suite finds
	@$(BIN)/python -m tests.defects --control 1 $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) $(ARGS)

clients: $(READY) $(CLIENTS_READY) ## Generate Python and TypeScript clients with openapi-generator, and call the mock
	@$(BIN)/python -m tests.clients $(ARGS)

# CALLS=60 is quick. RQ needs redis-server, from the system's packages.
deployments: $(READY) ## Run the client under gunicorn, uvicorn, multiprocessing, Celery, RQ and signals
	@$(BIN)/python -m tests.deployments $(if $(CALLS),--calls $(CALLS)) $(ARGS)

# SIZE=small takes two minutes, SIZE=tiny is quick; ROUNDS=5 makes five times as many deliveries. SEED=n blows the
# same again. DEPOSITS=n and WORKERS=n change one number each. It needs PostgreSQL, from the system's packages.
storm: $(READY) ## Deliver deposits while processes are killed and PostgreSQL crashes, and check what is booked
	@$(BIN)/python -m tests.storm $(if $(SIZE),--size $(SIZE)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(DEPOSITS),--deposits $(DEPOSITS)) \
	  $(if $(WORKERS),--workers $(WORKERS)) $(ARGS)

# SIZE=small takes a minute. SEED=n plants the same again.
reconcile: $(READY) ## Reconcile 100,000 deposits, find exactly what was planted, and measure requests and memory
	@$(BIN)/python -m tests.reconcile $(if $(SIZE),--size $(SIZE)) $(if $(SEED),--seed $(SEED)) $(ARGS)

# SIZE=small measures less, ONLY="calls start" some of it, CONTENDERS="ours ours_fast" some of them.
bench: $(BENCH_READY) ## Measure the client beside others: CPU, start, memory, growth
	@PYTHONPATH=generated:overlay:mock:build/bench .venv-bench/bin/python -m benchmarks \
	  $(if $(SIZE),--size $(SIZE)) $(if $(ONLY),--only $(ONLY)) $(if $(CONTENDERS),--contenders $(CONTENDERS)) $(ARGS)

faults: $(READY) ## Call every operation through every network fault, and print the outcomes
	@$(BIN)/python -m tests.faults $(ARGS)

# RUNS=20000 is quick.
fuzz: $(FUZZ_READY) ## Send the webhook verifier a million hostile events
	@PYTHONPATH=generated:overlay .venv-fuzz/bin/python tests/fuzz/webhooks.py $(or $(RUNS),1000000)

corpora: $(READY) ## Test the drift reader on all known changes of the vendor's pages
	@$(PYTEST) -m "" tests/docs/test_vendor_corpus.py tests/docs/test_corpus_wellformed.py $(ARGS)

walk: $(READY) ## Take a change of the vendor's pages through to the client, in a clone
	@$(PYTEST) -m "" tests/docs/test_walk.py $(ARGS)

# ONLY="query parameters" makes one kind; SAMPLE=5 makes five, chosen by SEED.
edits: $(READY) ## Make every kind of edit of openapi.yaml, in a clone, and check the results
	@$(BIN)/python -m tests.edits $(if $(ONLY),--only "$(ONLY)") $(if $(SAMPLE),--sample $(SAMPLE)) \
	  $(if $(SEED),--seed $(SEED)) $(ARGS)

wheels: $(READY) ## Build the wheel and use it under every supported Python that is installed
	@$(PYTEST) -m "" tests/wheel $(ARGS)

# PAGES="saved/ account-api.md" reads saved pages instead of the vendor's site. MEMORY=folder compares with the texts
# accepted there; ARGS=--accept accepts, ARGS=--apply writes the mechanical edits into openapi.yaml.
drift: $(READY) ## Compare the vendor's documentation with openapi.yaml
	@$(BIN)/python -m tools.drift $(PAGES) $(if $(MEMORY),--memory "$(MEMORY)") $(ARGS)

# FROM=v1 TO=v2 compares other revisions than the last release and the work tree.
changes: $(READY) ## List the changes in openapi.yaml for users of the client
	@$(BIN)/python -m tools.changes $(FROM) $(TO) $(ARGS)

update: $(READY) ## After a change of the vendor's docs: drift, generate, check, contract, changes
	@$(BIN)/python -m tools.update $(PAGES) $(ARGS)

check: $(READY) ## Lint, type-check, and check that generated code is up to date
	@echo "Linting…"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Run 'make format' to fix the formatting."; exit 1; }
	@echo "Linting openapi.yaml…"
	@$(BIN)/python -m tools.lint_document
	@echo "Checking imports between packages…"
	@$(BIN)/lint-imports >.venv/imports.log || { cat .venv/imports.log; exit 1; }
	@echo "Checking types…"
	@$(BIN)/mypy
	@$(BIN)/python -m pyright >.venv/pyright.log || { cat .venv/pyright.log; exit 1; }
	@echo "Checking that generated code is up to date…"
	@$(BIN)/python -m generator --check
	@$(BIN)/python -m tools.reference --check
	@$(BIN)/python -m tools.unasync --check

generate: $(READY) ## Generate generated/ and the reference in docs/ from openapi.yaml, and _sync.py from _async.py
	@$(BIN)/python -m generator
	@$(BIN)/python -m tools.reference
	@$(BIN)/python -m tools.unasync

build: $(READY) ## Build the wheel and the source distribution in dist/
	@rm -rf dist
	@$(BIN)/python -m hatchling build

mock: $(READY) ## Serve the mock until Ctrl-C (ARGS="--port 8080")
	@$(BIN)/calypso mock $(ARGS)

format: $(READY) ## Format hand-written code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

lock: $(READY) ## Pin development dependencies again, with hashes
	@$(BIN)/uv pip compile --group pyproject.toml:dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --quiet -o requirements-dev.txt $(ARGS)
	@$(BIN)/uv pip compile --group pyproject.toml:fuzz --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --quiet -o tests/fuzz/requirements.txt $(ARGS)
	@$(BIN)/uv pip compile --group pyproject.toml:clients --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --quiet -o tests/clients/requirements.txt $(ARGS)
	@$(BIN)/uv pip compile --group pyproject.toml:bench --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --quiet -o benchmarks/requirements.txt $(ARGS)

clean: ## Remove what the other commands created, except generated/
	rm -rf .venv .venv-* .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist tools/redocly/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed; '$(PYTHON)' is older or missing. Pass one: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) (once; about a minute)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(FUZZ_READY): tests/fuzz/requirements.txt
	@echo "Setting up .venv-fuzz (once)…"
	@test -x .venv-fuzz/bin/python || $(PYTHON) -m venv .venv-fuzz
	@.venv-fuzz/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: -r tests/fuzz/requirements.txt
	@touch $@

$(CLIENTS_READY): tests/clients/requirements.txt
	@echo "Setting up .venv-clients (once)…"
	@test -x .venv-clients/bin/python || $(PYTHON) -m venv .venv-clients
	@.venv-clients/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: -r tests/clients/requirements.txt
	@touch $@

$(BENCH_READY): benchmarks/requirements.txt
	@echo "Setting up .venv-bench (once)…"
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: -r benchmarks/requirements.txt
	@touch $@
