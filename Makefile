# Miaoban: every command a person needs. `make` alone lists them.
# Asks for Python 3.11 with venv, pip, git and make; uses uv instead of pip where it is installed.

PYTHON ?= python3.11
BIN := .venv/bin

# Imports of the large libraries take seconds longer without compiled files.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check docs up bench install lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/installed  ## generate a sample province, run the whole chain, print a summary
	@$(BIN)/miaoban demo

up: .venv/installed  ## the Dagster UI on 127.0.0.1:3000, on the same instance
	@$(BIN)/miaoban up

test: .venv/installed  ## all tests, on both cores
	$(BIN)/pytest -n 2 --dist worksteal

check: .venv/installed  ## linter, format, types, and the generated documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/python -m pipelines.handbook.dictionary --check docs/tables.md
	$(BIN)/python -m pipelines.handbook.contract --check docs/decisions.md
	$(BIN)/python -m decisions.rules_page --check docs/rules.md
	$(BIN)/python -m pipelines.handbook.checks_page --check docs/checks.md
	$(BIN)/python -m pipelines.handbook.provisions_page --check docs/provisions.md
	$(BIN)/pre-commit validate-config

docs: .venv/installed  ## write the documents that follow from the declarations
	$(BIN)/python -m pipelines.handbook.dictionary docs/tables.md
	$(BIN)/python -m pipelines.handbook.contract docs/decisions.md
	$(BIN)/python -m decisions.rules_page docs/rules.md
	$(BIN)/python -m pipelines.handbook.checks_page docs/checks.md
	$(BIN)/python -m pipelines.handbook.provisions_page docs/provisions.md
	$(BIN)/python -m decisions.portfolios.document > docs/portfolio.schema.json

bench: .venv/installed  ## every benchmark; several minutes
	$(BIN)/python -m benchmarks

install: .venv/installed  ## the environment, from the lock file with its hashes

# pip asks for a pin of every extra by its name (gql[requests]==…), uv for none: so they stay in.
lock:  ## the lock file anew, from pyproject.toml; pinned versions stay unless told --upgrade
	uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-emit-index-url \
	  --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

# One stamp: the lock or the package metadata changed, or there is no environment yet. The lock names
# every dependency, so pip need look for none; and compiles no module that nobody may import.
.venv/installed: requirements.lock pyproject.toml
	@set -e; if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) .venv; \
	  VIRTUAL_ENV=$(CURDIR)/.venv uv pip install --quiet --require-hashes -r requirements.lock; \
	  VIRTUAL_ENV=$(CURDIR)/.venv uv pip install --quiet --no-build-isolation --no-deps -e .; \
	else \
	  $(PYTHON) -m venv .venv; \
	  $(BIN)/python -m pip install --quiet --no-deps --no-compile --require-hashes -r requirements.lock; \
	  $(BIN)/python -m pip install --quiet --no-build-isolation --no-deps -e .; \
	fi
	@touch $@

clean:  ## remove what can be made again (never a home folder)
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis build *.egg-info
