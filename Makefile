# Needs Python 3.11 to 3.14 and make, nothing else. Everything goes into .venv/ and var/.
#
#   make demo    the sample shop in Prefect's UI     (make demo ARGS=--exit ends by itself)
#   make test    linters, types and all tests        (make test ARGS="-k holds" for some of them)
#   make lint    linters and types only
#   make mutants every small change of the rules of law must be noticed by their tests (make mutants MODULE=interest)
#   make bench-matching    how many of 2,000 generated payments are booked, and how many wrongly
#   make setup   what the others do first by themselves

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint mutants bench-matching lock

# `make setup PYTHON=/path/to/python` chooses; else the first of these that is new enough and not too new.
PYTHON ?=
PYTHONS := $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14
FITS := import sys, venv, ensurepip, sqlite3; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
BIN := .venv/bin

help:
	@sed -n 's/^#   //p' Makefile

setup: .venv/ready

# The lock's exact packages, each checked against its hash; the lock is whole, so pip has nothing to resolve.
.venv/locked: requirements.lock
	@python=; for one in $(PYTHONS); do \
	    if "$$one" -c '$(FITS)' >/dev/null 2>&1; then python="$$one"; break; fi; done; \
	if [ -z "$$python" ]; then \
	    echo "Mahnlauf needs Python 3.11, 3.12, 3.13 or 3.14 with its venv module; none was found."; \
	    echo "Install one (on Debian and Ubuntu: apt-get install python3 python3-venv) or name it: make setup PYTHON=/path/to/python3"; \
	    exit 2; fi; \
	echo "Setting up .venv with $$("$$python" --version), once; this takes about two minutes."; \
	"$$python" -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@touch $@

.venv/ready: .venv/locked pyproject.toml
	@PIP_REQUIRE_HASHES=0 $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@$(BIN)/mahnlauf demo $(ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# What is quick and most often wrong comes first; a failure there ends it.
# Those that watch real processes run one after the other, each kind by itself: Prefect keeps threads of its own.
PROCESSES := prefect or crash or browser
test: lint
	$(BIN)/python -m pytest -n auto -m "not (postgres or $(PROCESSES))" $(ARGS) || [ $$? -eq 5 ]
	$(BIN)/python -m pytest -n auto -m "postgres and not ($(PROCESSES))" $(ARGS) || [ $$? -eq 5 ]
	$(BIN)/python -m pytest -m "crash" $(ARGS) || [ $$? -eq 5 ]
	$(BIN)/python -m pytest -m "prefect and not browser" $(ARGS) || [ $$? -eq 5 ]
	$(BIN)/python -m pytest -m "browser" $(ARGS) || [ $$? -eq 5 ]

# Some minutes for each module; it writes nothing.
mutants: setup
	@$(BIN)/python -m tests.mutants $(MODULE)

# Ends with 1 if a payment is booked wrongly.
bench-matching: setup
	@$(BIN)/python -m tests.bench

# Exact versions and hashes of what pyproject.toml asks for, for every system and Python alike, with no address of
# an index in it. Needs uv (pip install uv). Keeps what is pinned; `make lock ARGS=--upgrade` takes what is newest.
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv"; exit 2; }
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --extra dev \
	    --no-annotate --no-header pyproject.toml --output-file requirements.lock $(ARGS)
