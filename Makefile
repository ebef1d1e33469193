# `make` explains itself. Everything is set up by scripts/bootstrap.py; what is unchanged is not done again.
.DEFAULT_GOAL := help
.PHONY: help setup setup-test run test test-console test-python check check-code check-layout check-types check-console check-sender \
	supply-chain unit campaign bench

PYTHON ?= python3
BIN := .venv/bin
PATH_WITH_NODE = $(shell $(PYTHON) scripts/node_path.py)
GO = $(shell $(PYTHON) scripts/go_path.py)

help: ## Show this
	@printf 'An open-source AI contact center on LiveKit.\n\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22
	@printf '\nThe command line is %s/callcenter (callcenter --help); settings are in .env.example.\n' $(BIN)

run: setup ## Set up, start everything, ring the demo company once, stay up until Ctrl-C (ONCE=1: stop after that call)
	@$(BIN)/callcenter up --ring $(if $(filter-out 0,$(ONCE)),--once)

test: test-console test-python ## Set up what tests need and run all of them: units, Postgres, real SIP calls, the browser

test-console: setup-test
	@env PATH="$(PATH_WITH_NODE)" npm --prefix admin test

test-python: setup-test
	@env PATH="$(PATH_WITH_NODE)" $(BIN)/pytest -n 2

check: check-code unit ## Format, lint, types, layering, and the tests that need no engine

check-code: check-layout check-types check-console check-sender ## Format, lint, types and layering only (beside each other with -j3)

check-layout: setup-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

check-types: setup-test
	$(BIN)/mypy

check-console: setup-test
	@env PATH="$(PATH_WITH_NODE)" npm --prefix admin run lint
	@env PATH="$(PATH_WITH_NODE)" npm --prefix admin run typecheck

check-sender: setup-test
	@cd engine && $(GO) vet ./sender && $(GO) test ./sender && "$$($(GO) env GOROOT)/bin/gofmt" -l sender | (! grep .)

supply-chain: setup-test ## Locks, known vulnerabilities, secrets, bills of materials (what is not reached is skipped)
	@$(BIN)/python scripts/supply_chain.py

unit: setup-test
	$(BIN)/pytest -n 2 -m "pure or postgres"

campaign: setup-test ## Real calls under drawn faults, held against the promises (N=50 calls, SEED=…, REPORT=FILE)
	@$(BIN)/python -m tests.campaign --calls $(or $(N),50) $(if $(SEED),--seed $(SEED)) --report $(or $(REPORT),campaign.json)

bench: setup-test ## Measure beside a baseline, two hours (SHORT=1: a minute; SAMPLES=200 PARTS=assign,waiting,setup,talk)
	@$(BIN)/python -m bench run $(if $(filter-out 0,$(SHORT)),--short) $(if $(SAMPLES),--samples $(SAMPLES)) $(if $(PARTS),--parts $(PARTS)) $(if $(SEED),--seed $(SEED))

setup: ## Install and build what `make run` needs
	@$(PYTHON) scripts/bootstrap.py run

setup-test: ## Install and build what tests need on top
	@$(PYTHON) scripts/bootstrap.py test
