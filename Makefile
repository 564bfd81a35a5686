# `make` alone says what can be made. Environments are made by `python3 -m venv` and pip alone, from hashed locks;
# the file .lock or .wheel in each says what was installed, so that nothing is done twice.
#
#   .venv         the checkout, editable: `make serve` needs only requirements/base.txt in it, `make setup` adds the rest
#   .venv-test    the wheel, as a user gets it, with what the tests use; .venv-oldest and .venv-newest likewise
#   .venv-bench   the wheel beside the lab's own way of serving; .venv-rivals/NAME the servers that it is compared with
#   .venv-clients other people's clients that cannot live beside what the tests use
#   .venv-spark   the wheel with Spark, which is 400 MB
#   .venv-campaign  the wheel with what the campaign of the examples uses
#   .venv-docs    Sphinx
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
PIP := python -m pip --disable-pip-version-check --quiet
# On every core; a test that takes two minutes hangs, and says where.
PYTEST := python -m pytest -n auto --timeout 120
# What a wheel is made of; folders are listed too, because one changes when a file in it is deleted.
SOURCES := pyproject.toml LICENSE $(wildcard README.md) $(shell find src -name __pycache__ -prune -o -print)

.PHONY: help setup serve campaign test check lint types walls docs resolve bench test-clients test-spark test-versions soak model parity lock clean

help:  ## say what can be made
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / {printf "  make %-15s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.dev  ## everything a developer needs, in .venv

serve: .venv/.base  ## serve the bundled churn model on port 9696; ARGS="--port 9000" says otherwise
	@.venv/bin/augury serve $(ARGS)

test: .venv-test/.wheel  ## build the wheel and test it; ARGS="-k fold" chooses
	AUGURY_WHEEL=1 .venv-test/bin/$(PYTEST) --ignore tests/clients --ignore tests/spark $(ARGS)

# The servers that benchmarks compare, and what loads them: an environment each.
RIVALS := $(patsubst requirements/rival-%.in,%,$(wildcard requirements/rival-*.in))

# What npm installs comes from a lock without any registry's address; without npm those tests skip, and say so.
CLIENTS := .venv-clients/.lock $(if $(shell command -v npm),build/clients/.lock)
test-clients: .venv-test/.wheel $(CLIENTS)  ## ask a real server with other people's clients, and have it judged by their tools
	AUGURY_WHEEL=1 .venv-test/bin/$(PYTEST) tests/clients $(ARGS)

# One session of Spark takes both cores by itself.
test-spark: .venv-spark/.wheel  ## run the model as SQL on a real Spark, for which Java 17 or newer is needed
	AUGURY_WHEEL=1 .venv-spark/bin/$(PYTEST) -n 0 tests/spark $(ARGS)

check: lint types walls docs resolve test test-clients test-spark test-versions  ## everything that is checked before a change lands

lint: .venv/.dev  ## format and lint, changing nothing
	.venv/bin/ruff format --check --quiet .
	.venv/bin/ruff check --quiet .

types: .venv/.dev  ## mypy, strict, on src
	.venv/bin/mypy

walls: .venv/.dev  ## the imports that the design allows, and no others
	.venv/bin/lint-imports --no-cache

docs: .venv-docs/.lock  ## build the documentation into build/docs; a broken link is an error
	.venv-docs/bin/python -m sphinx --fail-on-warning --keep-going --nitpicky --quiet -b html docs build/docs

soak: .venv-test/.wheel $(CLIENTS)  ## the tests that take long, and the others with many more examples
	AUGURY_WHEEL=1 AUGURY_SOAK=1 .venv-test/bin/$(PYTEST) --timeout 7200 $(ARGS)

bench: .venv-bench/.wheel $(RIVALS:%=.venv-rivals/%/.lock)  ## every benchmark, one after the other
	for benchmark in benchmarks/bench_*.py; do echo "== $$benchmark"; .venv-bench/bin/python "$$benchmark"; done

# With TABLE=customers.csv on a table of your own, as `augury train` reads one; else on customers of nobody.
campaign: .venv-campaign/.wheel  ## run the campaign of examples/campaign with local servers; TABLE=… has your own customers
	@.venv-campaign/bin/python examples/campaign/demo.py $(if $(filter-out file,$(origin TABLE)),--table "$(TABLE)") $(ARGS)

# The table is where the tests look for it: AUGURY_TELCO_CSV, else the cache of `augury dataset telco`.
TABLE ?= $(or $(AUGURY_TELCO_CSV),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/augury/telco-customer-churn.csv)
model: .venv/.dev  ## make the bundled churn model again; the same table and lock give the same bytes
	.venv/bin/augury train "$(TABLE)" --target Churn --positive Yes --id customerID --recipe lab \
		-o src/augury/models/churn.augury.json

# Whatever holds a door to the law measures it, and of the file of cases every row is asked.
MEASURED := docs/explanation/parity.json
DOORS = $(filter-out tests/docs/%,$(shell grep -lrE 'from tests.doors|door=' tests --include='test_*.py'))
parity: export AUGURY_PARITY = $(CURDIR)/build/parity
parity: export AUGURY_SOAK = 1
parity: export AUGURY_WHEEL = 1
parity: .venv-test/.wheel .venv-spark/.wheel  ## measure every door again, for the table in docs/explanation/same-number.md
	@rm -rf build/parity
	.venv-test/bin/$(PYTEST) --timeout 600 $(filter-out tests/spark/%,$(DOORS))
	.venv-spark/bin/$(PYTEST) -n 0 --timeout 600 $(filter tests/spark/%,$(DOORS))
	.venv-test/bin/python -m tests.doors build/parity $(MEASURED)
	.venv-test/bin/python docs/generate_parity.py

clean:  ## remove the environments and everything built
	rm -rf build .venv .venv-* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# --- scikit-learn's oldest and newest, on the oldest and newest Python that it is tested with --------------------------
# Each runs where that interpreter is found, on the path or among pyenv's.
find_python = $(shell for candidate in python$(1) $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/$(1).*/bin/python); \
	do if "$$candidate" -c 'import ensurepip' 2>/dev/null; then echo "$$candidate"; break; fi; done)
OLDEST_PYTHON = $(call find_python,3.11)
NEWEST_PYTHON = $(call find_python,3.13)
VERSION_TESTS := $(wildcard tests/parity tests/compat)

test-versions:  ## parity and old pickles with scikit-learn 1.4.2 on Python 3.11 and the newest on 3.13
	@$(if $(OLDEST_PYTHON),$(MAKE) test-oldest,echo 'Python 3.11 is not on this machine: scikit-learn 1.4.2 was left out.')
	@$(if $(NEWEST_PYTHON),$(MAKE) test-newest,echo 'Python 3.13 is not on this machine: it was left out.')

.PHONY: test-oldest test-newest
test-oldest test-newest: test-%: .venv-%/.wheel
	$(if $(VERSION_TESTS),AUGURY_WHEEL=1 .venv-$*/bin/$(PYTEST) $(VERSION_TESTS))

# --- environments ---------------------------------------------------------------------------------------------------
define check_python
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Augury needs Python 3.11 or newer, and" \
	"$(PYTHON) is $$($(PYTHON) -V 2>&1 || true): name another one with 'make PYTHON=python3.12 …'" >&2; exit 1; }
endef

define make_environment
$(check_python)
$(PYTHON) -m venv --clear $(@D)
$(@D)/bin/$(PIP) install --require-hashes -r $<
@touch $@
endef

.venv/bin/pip:
	$(check_python)
	$(PYTHON) -m venv --clear .venv

.venv/.base: requirements/base.txt pyproject.toml | .venv/bin/pip
	.venv/bin/$(PIP) install --require-hashes -r requirements/base.txt
	.venv/bin/$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.base
	.venv/bin/$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

.venv-oldest/.lock: override PYTHON = $(OLDEST_PYTHON)
.venv-newest/.lock: override PYTHON = $(NEWEST_PYTHON)
.venv-test/.lock .venv-newest/.lock: requirements/test.txt
	$(make_environment)
.venv-oldest/.lock .venv-bench/.lock .venv-campaign/.lock .venv-clients/.lock .venv-docs/.lock: .venv-%/.lock: requirements/%.txt
	$(make_environment)

$(RIVALS:%=.venv-rivals/%/.lock): .venv-rivals/%/.lock: requirements/rival-%.txt
	$(make_environment)

# PySpark comes as source alone: its wheel is not packed only to be unpacked again, which is a quarter of the work, and
# what no test imports is not compiled.
.venv-spark/.lock: export PIP_COMPILE = 0
.venv-spark/.lock: export DIST_EXTRA_CONFIG = $(CURDIR)/requirements/unpacked.cfg
.venv-spark/.lock: requirements/spark.txt requirements/unpacked.cfg
	$(make_environment)

build/clients/.lock: tests/clients/typescript/package.json tests/clients/typescript/package-lock.json
	@mkdir -p $(@D)
	cp $^ $(@D)
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.venv-%/.wheel: .venv-%/.lock $(SOURCES)
	@rm -rf build/wheel-$*
	.venv-$*/bin/$(PIP) wheel --no-deps --no-build-isolation --wheel-dir build/wheel-$* .
	.venv-$*/bin/$(PIP) install --no-deps --no-index --force-reinstall build/wheel-$*/augury-*.whl
	@touch $@

# --- locks: one an environment, for every platform, with hashes and without any index's address ----------------------
UV_COMPILE := UV_PYTHON_DOWNLOADS=never UV_NO_CONFIG=1 UV_CUSTOM_COMPILE_COMMAND='make lock' .venv/bin/uv pip compile --quiet --system-certs
LOCK := $(UV_COMPILE) --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --upgrade

# What a bundle locks (augury.bundle.lock): the same versions, wheels alone. The constraints keep it from a newer release.
SERVING_LOCK := --universal --python-version 3.11 --only-binary :all: pyproject.toml -c requirements/base.txt

lock: .venv/.dev  ## remake requirements/*.txt with the newest releases that pyproject.toml allows
	$(LOCK) --extra all pyproject.toml requirements/build.in requirements/dev.in -o requirements/dev.txt
	$(LOCK) pyproject.toml requirements/build.in -c requirements/dev.txt -o requirements/base.txt
	$(LOCK) --extra all pyproject.toml requirements/build.in requirements/test.in -c requirements/dev.txt -o requirements/test.txt
	$(LOCK) --extra train --extra batch pyproject.toml requirements/build.in requirements/bench.in -c requirements/dev.txt -o requirements/bench.txt
	$(LOCK) pyproject.toml requirements/build.in requirements/oldest.in -o requirements/oldest.txt
	$(LOCK) --extra client pyproject.toml requirements/build.in requirements/campaign.in -c requirements/dev.txt -o requirements/campaign.txt
	$(LOCK) requirements/clients.in -o requirements/clients.txt
	$(LOCK) --extra spark pyproject.toml requirements/build.in requirements/spark.in -o requirements/spark.txt
	$(foreach rival,$(RIVALS),$(LOCK) requirements/rival-$(rival).in -o requirements/rival-$(rival).txt &&) true
	$(LOCK) requirements/docs.in -o requirements/docs.txt
	@mkdir -p build/lock
	$(UV_COMPILE) $(SERVING_LOCK) --format pylock.toml -o build/lock/pylock.toml
	$(UV_COMPILE) $(SERVING_LOCK) --annotation-style split -o build/lock/serving.txt
	.venv/bin/python requirements/lock_serving.py build/lock/pylock.toml build/lock/serving.txt

# Proves that what a user installs can be had, as wheels, on each of these.
resolve: .venv/.dev  ## resolve augury and augury[train] for Linux, macOS and Windows on Python 3.11 to 3.14
	@for extra in '' '--extra=train'; do for platform in linux macos windows; do for version in 3.11 3.12 3.13 3.14; do \
	$(UV_COMPILE) --only-binary :all: --python-platform $$platform --python-version $$version $$extra pyproject.toml \
	> /dev/null || { echo "does not resolve: $$platform, Python $$version $$extra" >&2; exit 1; }; done; done; done
