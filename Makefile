# Every target sets up by itself; `make` alone prints the targets.
SHELL := /bin/sh
PYTHON ?= python3
TOOLS := .tools
VENV := .venv
UV := $(TOOLS)/bin/uv
RUN := $(VENV)/bin
STAMP := $(VENV)/.foretick-setup
PEERS := .venv-peers
PEERS_STAMP := $(PEERS)/.foretick-setup

.DEFAULT_GOAL := help
.PHONY: help setup peers demo demo-mongo up test coverage check bench bench-serving gate-oc lock clean

help:  ## print the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(UV):
	@$(PYTHON) deployments/local/install_uv.py $(TOOLS)

$(STAMP): $(UV) requirements.lock pyproject.toml
	@UV_PYTHON_DOWNLOADS=never $(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	@UV_PYTHON_DOWNLOADS=never $(UV) pip sync --quiet --require-hashes --compile-bytecode --python $(RUN)/python requirements.lock
	@UV_PYTHON_DOWNLOADS=never $(UV) pip install --quiet --no-deps --no-build-isolation --offline --python $(RUN)/python --editable .
	@touch $@

$(PEERS_STAMP): $(UV) peers.lock
	@UV_PYTHON_DOWNLOADS=never $(UV) venv --quiet --allow-existing --python $(PYTHON) $(PEERS)
	@UV_PYTHON_DOWNLOADS=never $(UV) pip sync --quiet --require-hashes --compile-bytecode --python $(PEERS)/bin/python peers.lock
	@touch $@

setup: $(STAMP)  ## create the locked environment in .venv (all other targets do it by themselves)

test: $(STAMP)  ## run the tests
	@$(RUN)/python -m pytest -q

coverage: $(STAMP)  ## the tests with branch coverage: 95 % of all, 100 % of the gate and the splits
	@$(RUN)/python -m pytest -q --cov --cov-branch --cov-report=term
	@$(RUN)/coverage report --include="forecasting/gate/*,forecasting/splits/*" --fail-under=100

check: $(STAMP)  ## ruff, strict mypy, import contracts
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@$(RUN)/mypy
	@$(RUN)/lint-imports

COMPILE := pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

lock: $(UV)  ## resolve requirements.lock and peers.lock anew from pyproject.toml
	@$(UV) $(COMPILE) --group dev --output-file requirements.lock pyproject.toml
	@$(UV) $(COMPILE) --group peers --output-file peers.lock

peers: $(PEERS_STAMP)  ## create the environment of the libraries that benchmarks are held against

bench: $(STAMP) $(PEERS_STAMP)  ## every promised figure, measured side by side (some minutes)
	@$(RUN)/python -m benchmarks

bench-serving: $(STAMP)  ## what an answer of the API costs, beside mlflow models serve (needs wrk; some minutes)
	@$(RUN)/python -m benchmarks.serving

gate-oc: $(STAMP)  ## how often the gate's evidence test errs, simulated, into docs/gate-oc.md (some minutes); exit code 1 when one is missed
	@$(RUN)/python -m benchmarks.gate_oc --write

clean:  ## remove the environment folders
	@rm -rf $(TOOLS) $(VENV) $(PEERS)

demo: $(STAMP)  ## the main job: DATA=folder, or EXCHANGE=binance SYMBOLS=BTC/USDT; simulated without
	@$(RUN)/foretick demo $(if $(DATA),--data "$(DATA)") $(if $(EXCHANGE),--exchange "$(EXCHANGE)") $(if $(SYMBOLS),--symbols "$(SYMBOLS)")

up: $(STAMP)  ## the whole stack stays up: Prefect, MLflow, a worker with its schedules, the API; Ctrl-C stops it
	@$(RUN)/foretick up

demo-mongo: $(STAMP)  ## the main job through MongoDB's protocol, on a stand-in server that keeps nothing
	@$(RUN)/python -m deployments.local.stand_in_mongo -- $(RUN)/foretick demo
