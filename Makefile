# Every habit in one word. `make` alone lists them.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
FUZZ_READY := .venv-fuzz/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test contract contract-defects faults fuzz drift changes update check generate build mock format lock clean
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

help: ## List what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## Watch a deposit from address to balance, over HTTP against the mock
	@$(BIN)/calypso demo

test: $(READY) ## Run all tests
	@echo "Running the tests…"
	@$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

# PROFILE=short is quick; TARGET=http://127.0.0.1:8600 tests that server with the CALYPSO_* settings.
contract: $(READY) ## Test the contract against a fresh mock, or against TARGET=
	@$(BIN)/python -m tests.contract $(if $(TARGET),--target $(TARGET)) $(if $(PROFILE),--profile $(PROFILE)) $(if $(SEED),--seed $(SEED)) $(ARGS)

contract-defects: $(READY) ## See which planted defects the contract suite finds
	@$(BIN)/python -m tests.defects --control 1 $(ARGS)

faults: $(READY) ## Call every operation through every fault, and print what came of it
	@$(BIN)/python -m tests.faults $(ARGS)

# RUNS=20000 is quick.
fuzz: $(FUZZ_READY) ## Give the webhook verifier a million hostile notifications
	@PYTHONPATH=generated:overlay .venv-fuzz/bin/python tests/fuzz/webhooks.py $(or $(RUNS),1000000)

# PAGES="saved/ account-api.md" reads saved pages instead of the vendor's site.
drift: $(READY) ## Compare the vendor's documentation with openapi.yaml
	@$(BIN)/python -m tools.drift $(PAGES) $(ARGS)

# FROM=v1 TO=v2 name other revisions than the last release and the work tree.
changes: $(READY) ## Tell what changed in openapi.yaml for users of the client
	@$(BIN)/python -m tools.changes $(FROM) $(TO) $(ARGS)

update: $(READY) ## After the vendor's docs changed: drift, generate, check, contract, changes
	@$(BIN)/python -m tools.update $(PAGES) $(ARGS)

check: $(READY) ## Lint, type-check, and see that generated code is fresh
	@echo "Linting…"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Run 'make format' to fix the formatting."; exit 1; }
	@echo "Linting openapi.yaml…"
	@$(BIN)/python -m tools.lint_document
	@echo "Checking who imports whom, and the size of the core…"
	@$(BIN)/lint-imports >.venv/imports.log || { cat .venv/imports.log; exit 1; }
	@$(BIN)/python -m tools.core_size
	@echo "Checking types…"
	@$(BIN)/mypy
	@$(BIN)/python -m pyright >.venv/pyright.log || { cat .venv/pyright.log; exit 1; }
	@echo "Checking that generated code is what the document gives…"
	@$(BIN)/python -m generator --check
	@$(BIN)/python -m tools.reference --check

generate: $(READY) ## Make generated/ and the reference in docs/ anew from openapi.yaml
	@$(BIN)/python -m generator
	@$(BIN)/python -m tools.reference

build: $(READY) ## Make the wheel and the source distribution in dist/
	@rm -rf dist
	@$(BIN)/python -m hatchling build

mock: $(READY) ## Serve the mock until Ctrl-C (ARGS="--port 8080" and the like)
	@$(BIN)/calypso mock $(ARGS)

format: $(READY) ## Format hand-written code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

lock: $(READY) ## Pin development dependencies anew, with hashes
	@$(BIN)/uv pip compile --group pyproject.toml:dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --quiet -o requirements-dev.txt $(ARGS)
	@$(BIN)/uv pip compile --group pyproject.toml:fuzz --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --quiet -o tests/fuzz/requirements.txt $(ARGS)

clean: ## Remove what the other targets made, except generated/
	rm -rf .venv .venv-fuzz .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist tools/redocly/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not. Name one: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv (once; about a minute)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(FUZZ_READY): tests/fuzz/requirements.txt
	@echo "Setting up .venv-fuzz (once)…"
	@test -x .venv-fuzz/bin/python || $(PYTHON) -m venv .venv-fuzz
	@.venv-fuzz/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: -r tests/fuzz/requirements.txt
	@touch $@
