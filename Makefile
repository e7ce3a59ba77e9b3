# `make` lists what there is. Every target makes what it needs first: .venv, from the newest Python 3.11+ at hand.
# Nothing here needs root or Docker (tests that would are skipped without it). Another Python: make PYTHON=/path/to/python3.12 test

SHELL := /bin/bash
BIN := .venv/bin
HELLO := examples/hello/fairlead.yaml
SCRIPTS := .ci/run $(wildcard tools/*.sh)
PYTEST := $(BIN)/python -m pytest
QUICK := not story and not needs_docker and not needs_postgres and not needs_redis and not needs_prometheus \
	and not needs_registry
export PYTHON

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help up down test quick check check-but-tests check-floor compiled judges render-check bench docs format \
	run-env dev-env lint types layers scripts workflows fresh cover wheel

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## run examples/hello (the hub and two services) and print what to try
	@tools/up.sh $(HELLO)

down: run-env ## stop examples/hello
	@$(BIN)/fairlead -f $(HELLO) down

test: dev-env ## run every test
	@$(PYTEST) -n auto -m "not story" $(ARGS)
	@$(PYTEST) -n 2 --dist worksteal -m story $(ARGS)

quick: dev-env ## run the tests that need no server of others
	@$(PYTEST) -n auto -m "$(QUICK)" $(ARGS)

check: check-but-tests test ## everything that CI checks
	@echo "all checks passed"

check-but-tests: lint types layers scripts workflows fresh wheel

judges: ## get the tools that judge what is rendered (600 MB, outside of .venv)
	@tools/judges.sh

render-check: dev-env judges ## let every tool judge every render of the five systems (30 minutes)
	$(BIN)/python tools/check_renders.py

compiled: dev-env ## build a wheel with the hub's hot path compiled, and try it (needs a C compiler)
	@tools/compiled.sh
	PYTHONPATH=build/compiled/package $(PYTEST) -n 2 tests/apps/hub/faults tests/apps/hub/pages $(ARGS)

check-floor: ## run the quick tests with the oldest dependencies allowed
	@tools/check_floor.sh

bench: dev-env ## measure, and print ratios beside their limits
	@$(BIN)/python -m bench $(ARGS)

docs: dev-env ## write docs/reference from the code
	@$(BIN)/python tools/generate_docs.py

format: dev-env ## format the code and mend what ruff can mend
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

run-env:
	@tools/venv.sh run

dev-env:
	@tools/venv.sh dev

lint: dev-env
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: dev-env
	$(BIN)/mypy
	$(BIN)/mypy tools/*.py

layers: dev-env
	$(BIN)/lint-imports

scripts: dev-env
	$(BIN)/shellcheck $(SCRIPTS)

workflows: dev-env
	@tools/check_workflows.sh

fresh: dev-env
	$(BIN)/python tools/generate_docs.py --check
	$(BIN)/python tools/floor.py --check

cover: dev-env ## run every test and tell which lines none of them ran
	$(PYTEST) -n auto -m "not story" --cov --cov-report= $(ARGS)
	$(PYTEST) -n 2 --dist worksteal -m story --cov --cov-append --cov-report=term:skip-covered $(ARGS)

wheel: dev-env
	@tools/check_wheel.sh
