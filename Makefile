# Everything one does with Sala, by one word each. `make` or `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
DATA_DIR ?= var
DEMO ?= 1
SALA_DATA ?= ../shared/data
PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3))
export PORT DATA_DIR SALA_DATA

BIN := .venv/bin
PY := $(BIN)/python
FLASK := $(PY) -m flask
INSTALL := tests/lanes/install.sh
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))

.PHONY: help setup run test test-full check bench cluster lock format messages audit clean

help: ## this list
	@echo "Sala: make run, then open http://127.0.0.1:$(PORT)"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Settings: PORT=$(PORT) DATA_DIR=$(DATA_DIR) DEMO=$(DEMO) (0: no demo data) PYTHON=$(PYTHON)"

setup: .venv/ready $(CATALOGUES) ## install what `make run` needs, nothing else
	@:

run: setup ## install, bring the database up to date, load demo data if empty, serve on PORT
	@$(FLASK) db upgrade
	@if [ "$(DEMO)" != 0 ]; then $(FLASK) demo load --if-empty; fi
	@exec $(FLASK) up

test: .venv/ready-dev $(CATALOGUES) services ## everything that guards a landing: SQLite, PostgreSQL + Redis, browser
	@$(PY) -m tests.lanes.audit || true
	@exec $(PY) -m tests.lanes test

test-full: .venv/ready-dev $(CATALOGUES) services ## `make test` and the long rest (about an hour)
	@exec $(PY) -m tests.lanes test-full

check: .venv/ready-dev $(CATALOGUES) ## format, lint, types, import rules, fast tests; under 90 s (SCALE=1: on PostgreSQL)
	@exec $(PY) -m tests.lanes check

bench: .venv/ready-dev $(CATALOGUES) services ## the benchmarks, one JSON object a line
	@exec $(PY) -m tests.bench

cluster: .venv/ready-dev $(CATALOGUES) services ## a throwaway site on PostgreSQL, Redis, nginx, 2 web processes, 1 worker
	@exec $(PY) -m tests.lanes.cluster

format: .venv/ready-dev ## put the code into its one format
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

messages: .venv/ready-dev ## collect the texts of code and templates into translations/; says what is not translated yet
	@$(PY) -m tests.lanes.messages
	@$(MAKE) $(CATALOGUES)

audit: .venv/ready-dev ## ask the package index for known vulnerabilities in what the forum runs on
	@$(PY) -m tests.lanes.audit

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

lock: .venv/ready-dev ## pin requirements*.in into requirements*.txt (UPGRADE=1: to the newest versions)
	@for kind in "" -scale -dev; do $(LOCK) requirements$$kind.in -o requirements$$kind.txt; done
	@$(MAKE) .venv/ready-dev

clean: ## remove what can be made again; the forum's data in DATA_DIR stays
	@rm -rf .venv var/test .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@rm -f $(CATALOGUES)

.PHONY: services
services:
	@$(INSTALL) services

.venv/bin/python:
	@$(INSTALL) venv $(PYTHON)
	@$(PYTHON) -m venv .venv

# The stamps are younger than the lock files they were installed from, so an unchanged one costs nothing.
.venv/ready: requirements.txt requirements-scale.txt | .venv/bin/python
	@$(INSTALL) packages "Installing the pinned packages" $(PY) $(patsubst %,-r %,$^)
	@touch $@

.venv/ready-dev: requirements-dev.txt .venv/ready
	@$(INSTALL) packages "Installing the tools for tests and checks" $(PY) $(patsubst %,-r %,$(filter %.txt,$^))
	@touch $@

%.mo: %.po | .venv/ready
	@$(PY) -m babel.messages.frontend --quiet compile -i $< -o $@
