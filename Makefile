# Every command of the house. `make` alone lists them; `check` only looks, `fix` mends.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --require-hashes --only-binary :all: --requirement
COMPILE := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-build \
	--no-emit-index-url --annotation-style line --custom-compile-command "make lock" $(UPGRADE) pyproject.toml --group build
DEV := --extra postgresql --extra duckdb --group dev
# Half the time on two cores; tests of one file stay together, since they share what is dear to set up.
PYTEST := $(BIN)/python -m pytest
SPREAD := --numprocesses auto --maxprocesses 4 --dist loadfile
CATALOGUES := $(wildcard answerable/site/locale/*/LC_MESSAGES/django.po)

# A copied or moved checkout has a venv that runs the code of the old place: its stamps are worth nothing.
ifneq ($(shell cat $(VENV)/.place 2>/dev/null),$(CURDIR))
$(shell rm -f $(VENV)/.made $(VENV)/.runtime $(VENV)/.dev $(VENV)/.bench $(VENV)/.scale)
endif

.PHONY: help
help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: ready  ## the demonstration district, at http://127.0.0.1:8000
	@$(BIN)/answerable demo

.PHONY: test
test: ready-dev  ## the quick suite, in a few minutes; says why anything was skipped
	@$(PYTEST) $(SPREAD) $(ARGS)

.PHONY: test-postgresql
test-postgresql: ready-dev  ## the site's tests on a PostgreSQL made for them and thrown away (Debian's postgresql)
	@.ci/with-postgresql $(PYTEST) $(SPREAD) tests/site $(ARGS)

.PHONY: test-spark
test-spark: ready-scale  ## the programme language and random programmes on Spark (needs Java 17), in a few minutes
	@command -v java >/dev/null || { echo "Spark needs Java. Type this, then make again:"; \
	    echo "    apt-get install -y openjdk-17-jre-headless"; exit 1; }
	@ANSWERABLE_ENGINE=spark JDK_JAVA_OPTIONS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" \
	$(PYTEST) --numprocesses 2 --dist worksteal tests/spec tests/cases tests/fuzz/test_gatherers_agree.py tests/spark -k spark $(ARGS)

.PHONY: journeys
journeys: ready-dev  ## a browser walks the whole flow (Debian's chromium)
	@$(PYTEST) tests/journeys $(ARGS)

.PHONY: check
check: ready-dev  ## looks only: lint, format, types, import contracts, migrations
	@status=0; \
	$(BIN)/ruff check || status=1; \
	$(BIN)/ruff format --check --quiet || status=1; \
	$(BIN)/mypy || status=1; \
	$(BIN)/lint-imports --no-logo || status=1; \
	ANSWERABLE_DATABASE=:memory: $(BIN)/python manage.py makemigrations --check --dry-run || status=1; \
	exit $$status

.PHONY: fix
fix: ready-dev  ## mends what a machine can mend: lint and format
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: bench
bench: ready-bench  ## speed as ratios in one run: a table and a JSON file, within 20 minutes
	@$(BIN)/python -m benchmarks

.PHONY: bench-country
bench-country: ready-bench  ## the year of a whole country: 3,000,000 units
	@$(BIN)/python -m benchmarks.country

.PHONY: nightly
nightly: ready-dev  ## what takes long: thousands of random programmes, then the browser
	@ANSWERABLE_EFFORT=nightly $(PYTEST) tests/fuzz tests/unit/exchange/test_small_tables.py $(ARGS)
	@$(PYTEST) tests/journeys

.PHONY: messages
messages: ready  ## brings the message catalogues up to date with the code and compiles them
	@$(BIN)/python -m answerable.site.messages collect compile

.PHONY: reference
reference: ready  ## prints docs/reference anew from the examples in tests/spec/examples
	@$(BIN)/python -m tests.spec.examples.reference

.PHONY: lock
lock: $(VENV)/.made  ## pins requirements/ anew from pyproject.toml; UPGRADE=--upgrade takes newer versions
	@[ -x $(BIN)/uv ] || $(PIP) install --quiet uv
	@$(COMPILE) --output-file requirements/runtime.txt
	@$(COMPILE) $(DEV) --constraint requirements/runtime.txt --output-file requirements/dev.txt
	@$(COMPILE) $(DEV) --group bench --constraint requirements/dev.txt --output-file requirements/bench.txt
	@$(COMPILE:--no-build=) $(DEV) --extra scale --constraint requirements/dev.txt --output-file requirements/scale.txt

# ---- set-up: each step leaves a stamp, so that the second run has nothing to do --------------------------------------

.PHONY: ready ready-dev ready-bench ready-scale
ready: $(VENV)/.runtime $(CATALOGUES:.po=.mo)
ready-dev: ready $(VENV)/.dev
ready-bench: ready $(VENV)/.bench
ready-scale: ready-dev $(VENV)/.scale

$(VENV)/.made:
	@missing=(); python=; \
	for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	    if $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	command -v git >/dev/null || missing+=(git); \
	if [ -z "$$python" ]; then missing+=(python3 python3-venv); \
	elif ! $$python -c 'import ensurepip, venv' 2>/dev/null; then missing+=("$$python-venv"); fi; \
	if [ $${#missing[@]} -gt 0 ]; then \
	    echo "Answerable needs Python 3.11 to 3.14 with venv, and git. Type this, then make again:"; \
	    echo "    apt-get install -y $${missing[*]}"; \
	    exit 1; \
	fi; \
	if ! $(PIP) --version >/dev/null 2>&1; then \
	    echo "Making $(VENV) with $$($$python --version)"; \
	    $$python -m venv --clear $(VENV); \
	fi
	@printf '%s\n' '$(CURDIR)' > $(VENV)/.place
	@touch $@

$(VENV)/.runtime: $(VENV)/.made requirements/runtime.txt pyproject.toml
	@echo "Installing what the site needs (requirements/runtime.txt)"
	@$(INSTALL) requirements/runtime.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@echo "Installing what the tests need (requirements/dev.txt)"
	@$(INSTALL) requirements/dev.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.runtime requirements/bench.txt
	@echo "Installing what the benchmarks compare with (requirements/bench.txt)"
	@$(INSTALL) requirements/bench.txt
	@touch $@

# PySpark alone has no wheel: it is built from its source, with what the lock holds and nothing else.
$(VENV)/.scale: $(VENV)/.dev requirements/scale.txt
	@echo "Installing Spark (requirements/scale.txt)"
	@$(INSTALL) requirements/scale.txt --no-binary pyspark --no-build-isolation
	@touch $@

%.mo: %.po $(VENV)/.runtime
	@$(BIN)/python -m answerable.site.messages compile
