# Everything a newcomer needs. `make` alone lists the targets.
# The active virtual environment is used if there is one, else .venv is made.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= $(if $(VIRTUAL_ENV),$(VIRTUAL_ENV),.venv)
BIN := $(VENV)/bin
UV := $(BIN)/uv
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-annotate --upgrade --custom-compile-command "make lock"
RUNTIME := $(VENV)/.wirecopy-runtime
DEV := $(VENV)/.wirecopy-dev
SPARK := $(VENV)/.wirecopy-spark
PYTEST := $(BIN)/python -m pytest
# Without kept bytecode every process compiles every module anew: an import of Airflow takes twice the time then.
unexport PYTHONDONTWRITEBYTECODE
WORKERS ?= 4 # two of them are with the Airflows of tests/airflow, and mostly wait

.DEFAULT_GOAL := help
.PHONY: help install demo airflow test quick floors docker-test scale-test pins check format lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(RUNTIME) ## install wirecopy and what it needs, as locked in requirements.txt

demo: $(RUNTIME) ## three days of the demo newsroom through the real DAGs, offline, in about a minute
	@$(BIN)/python -m demo

airflow: $(RUNTIME) ## a whole Airflow on this machine; DEMO=1 reads the demo newsroom, PORT=8081
	@$(BIN)/wirecopy airflow $(if $(DEMO),--demo) $(if $(PORT),--port $(PORT))

test: $(DEV) ## all tests
	@$(BIN)/python -m dedupe.kernels.lib.compile || true # 44 s of CPU at first, or each worker compiles all by itself
	$(PYTEST) -n $(WORKERS) --dist loadgroup --no-loadscope-reorder # tests/airflow, the longest groups, go first

quick: $(DEV) ## the tests that take under a minute
	$(PYTEST) -n logical --dist loadgroup -m "not slow"

floors: $(DEV) ## measure decisions and extraction, against pinned floors; what is on loan is left out where it is not
	$(BIN)/python -m bench.quality
	$(BIN)/python -m bench.extraction

docker-test: $(DEV) ## build and start docker/ for real, on a volume and on a bucket, kill a worker in the middle of a backfill (about 14 minutes)
	$(PYTEST) tests/docker -m docker -s

scale-test: $(DEV) $(SPARK) ## chaos on a bucket, work over several machines (minutes); Spark needs Java
	$(PYTEST) tests/scale -s --timeout=1500

pins: $(DEV) ## pin results anew, after a version was raised or a fixed text was added (CONTRIBUTING.md)
	@$(BIN)/python -m tests.pins

check: $(DEV) ## lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(DEV) ## format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lock: $(DEV) ## resolve the dependencies anew into requirements*.txt
	$(COMPILE) --extra local --extra bucket --group editable pyproject.toml -o requirements.txt
	$(COMPILE) --extra local --extra bucket --group editable --group test --group bench --group lint pyproject.toml -c requirements.txt -o requirements-dev.txt
	$(COMPILE) --extra bucket --group editable --group docker pyproject.toml -c requirements.txt -o docker/requirements.txt
	$(COMPILE) --group build -o docker/requirements-build.txt
	$(COMPILE) --extra spark pyproject.toml -c requirements-dev.txt -o requirements-spark.txt

clean: ## remove what the demo and the tests left
	rm -rf demo/out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "wirecopy needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(RUNTIME): requirements.txt pyproject.toml | $(UV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(DEV): requirements-dev.txt pyproject.toml | $(UV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(SPARK): requirements-spark.txt | $(DEV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-spark.txt
	@touch $@
