# Everything a developer does, each in an environment of this checkout alone: .venv, made when it is first needed
# from requirements-dev.txt, where every package stands with its version and hashes. It holds no address: packages
# come from wherever pip (or uv) is set up to find them on this machine.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCK := requirements-dev.txt
LOCK_OPTIONS := pyproject.toml --extra local --extra metrics --extra object-store --extra avro --extra spark --group dev --group docs \
	--universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet

# `make UV= …` installs with pip though uv is there. uv reads none of pip's variables, so it is told.
UV ?= $(shell command -v uv 2>/dev/null)
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
ifdef PIP_EXTRA_INDEX_URL
export UV_INDEX ?= $(PIP_EXTRA_INDEX_URL)
endif
ifdef PIP_FIND_LINKS
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
endif
ifdef PIP_CERT
export SSL_CERT_FILE ?= $(PIP_CERT)
endif

.PHONY: help demo docs test test-unit simulate-seeds torture torture-backlog bench bench-engines bench-quick check lint format format-check types lock lock-check lock-jars lock-airflow build wheel-check clean
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## Run the whole system on embedded PostgreSQL and Kafka (ARGS=--keep leaves them running)
	$(BIN)/antennactl demo $(ARGS)

# Most tests wait for other processes, so there are more at once than cores. Each job has its own services; of
# Spark there is one cluster, and a group of tests that one job runs.
JOBS ?= 4

test: $(READY) ## Run all tests; they start their own PostgreSQL and Kafka (ARGS="-k drain", JOBS=1 for one at a time)
	$(BIN)/pytest -n $(JOBS) $(ARGS)

test-unit: $(READY) ## Run the tests that need no service
	$(BIN)/pytest tests/unit $(ARGS)

simulate-seeds: $(READY) ## Simulate the stream under faults, by seed (ARGS="--seeds 100000"; "--seed 7 -v" replays one)
	cd tests && $(abspath $(BIN))/python -m simulation.run $(ARGS)

torture: $(READY) ## Kill, stop, cut and restart everything at random, then compare all that was kept (ARGS="--kills 60 --seed 7")
	cd tests && $(abspath $(BIN))/python -m torture.run $(ARGS)

torture-backlog: $(READY) ## Read 20 million very compressible messages in 2 GiB of memory (ARGS="--messages 2000000")
	cd tests && $(abspath $(BIN))/python -m torture.backlog $(ARGS)

bench: $(READY) ## Measure antennactl beside its peers, which it installs (ARGS="stream --rounds 5"; ARGS=--help)
	$(BIN)/python -m bench $(ARGS)

bench-engines: $(READY) ## Compare an hour of 50 million rows on DuckDB and on a Spark cluster, row for row (ARGS="--rows 1000000")
	$(BIN)/python -m bench.both_engines $(ARGS)

bench-quick: $(READY) ## The same with little data, in about two minutes
	$(BIN)/python -m bench --quick $(ARGS)

check: lint format-check types lock-check ## Run every check that is not a test

lint: $(READY) ## Check the style and look for mistakes
	$(BIN)/ruff check

format: $(READY) ## Format the code and repair what can be repaired
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

format-check: $(READY) ## Check that the code is formatted
	$(BIN)/ruff format --check

types: $(READY) ## Check the types
	$(BIN)/mypy

# The lock file is made with itself as the starting point: a version only changes when it has to. Take the newest of
# all with UPGRADE=--upgrade.
lock: $(READY) ## Write the lock file anew after a change of the dependencies (UPGRADE=--upgrade for the newest)
	$(BIN)/uv pip compile $(LOCK_OPTIONS) $(UPGRADE) --output-file $(LOCK)

lock-check: $(READY) ## Check that the lock file fits the dependencies
	@cp $(LOCK) $(VENV)/lock-check.txt
	@$(BIN)/uv pip compile $(LOCK_OPTIONS) --output-file $(VENV)/lock-check.txt >/dev/null
	@diff $(LOCK) $(VENV)/lock-check.txt || { echo "$(LOCK) does not fit pyproject.toml: make lock" >&2; exit 1; }

AIRFLOW ?= 3.3.2
lock-airflow: $(READY) ## Write the list of Airflow's packages anew, which a test installs (AIRFLOW=3.3.2)
	@echo "apache-airflow==$(AIRFLOW)" | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet \
	  --output-file tests/requirements-airflow.txt

lock-jars: $(READY) ## Write the list of Kafka's jars anew, after a change of its version
	$(BIN)/python -m antennactl.local.lock_jars

docs: $(READY) ## Build the pages of docs/ into build/docs; a warning is an error
	$(BIN)/sphinx-build -E -W --keep-going -n -q -b html -d build/docs/.doctrees docs build/docs/html
	@echo "open build/docs/html/index.html"

build: $(READY) ## Build the wheel and the source archive into dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/python -m build --no-isolation --outdir dist native

wheel-check: build ## Check that the built wheel works without the checkout
	rm -rf $(VENV)/wheel-check
	$(BIN)/pip install --quiet --no-deps --no-index --target $(VENV)/wheel-check dist/*.whl
	cd / && PYTHONPATH=$(abspath $(VENV))/wheel-check $(abspath $(BIN))/python $(CURDIR)/.ci/wheel_check.py

clean: ## Remove the environment, what was built and all caches
	rm -rf $(VENV) dist build native/antennactl_native/*.so .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# The environment is whole or not there: the stamp is written last, and a changed list of packages makes it anew.
# Without a C compiler, or without its headers, antennactl works, and reads a backlog at half the speed.
$(READY): pyproject.toml $(LOCK) native/pyproject.toml native/hatch_build.py native/antennactl_native/gather.c
	@set -e; \
	for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "no Python 3.11 or newer found as python3 or python3.11 to python3.14: install one," \
	    "or name it: make PYTHON=/path/to/python …" >&2; exit 1; \
	fi; \
	if [ -n "$(UV)" ]; then \
	  echo "making $(VENV) with uv and $$found"; \
	  "$(UV)" venv --quiet --clear --seed --python "$$found" $(VENV); \
	  "$(UV)" pip install --python $(BIN)/python --quiet --require-hashes -r $(LOCK); \
	  "$(UV)" pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation -e .; \
	  native="$(UV) pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation -e ./native"; \
	else \
	  if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$found cannot make environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	  fi; \
	  echo "making $(VENV) with $$found"; \
	  $$found -m venv --clear $(VENV); \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK); \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	  native="$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e ./native"; \
	fi; \
	if ! command -v $${CC:-cc} >/dev/null; then echo "no C compiler (cc): the native part is left out" >&2; \
	elif ! $$native; then echo "the native part is left out: see above" >&2; fi; \
	touch $(READY)
