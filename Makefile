.DEFAULT_GOAL := help
PYTHON ?= python3
UV_LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet
UV_COMPILE = $(UV_LOCK) pyproject.toml --extra build

.venv/runs: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "communique needs Python 3.11 or newer, found " + sys.version.split()[0] + "; say make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	.venv/bin/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

.venv/develops: .venv/runs requirements-dev.txt
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

PEERS = faststream mlserver bytewax faust
bench/.venvs/%/complete: bench/peers/requirements/%.txt
	$(PYTHON) -m venv --clear bench/.venvs/$*
	bench/.venvs/$*/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

.PHONY: help setup demo test check compose-test bench soak faults mutations train lock
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: .venv/develops ## Make .venv with all that development needs, from the hash-locked requirements

demo: .venv/runs ## Label sample statements with an embedded broker, until Ctrl-C
	.venv/bin/communique demo

test: .venv/develops ## Run every test
	.venv/bin/pytest

faults: .venv/develops ## Hurt the service on Apache Kafka in every way and verify every statement (under 30 minutes)
	.venv/bin/python -m tests.faults

mutations: .venv/develops ## Leave out each safeguard of the delivery in turn, and see that a fault notices
	.venv/bin/python -m tests.faults --mutations

check: .venv/develops ## Lint, types, layers, compose file and Dockerfile
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/hadolint services/classifier/Dockerfile
	.venv/bin/pytest --quiet tests/containers

compose-test: .venv/develops ## Bring docker-compose.yml up (COMPOSE names the tool, else docker compose) and check it
	.venv/bin/python tests/containers/bring_up.py

bench: .venv/develops $(PEERS:%=bench/.venvs/%/complete) ## Measure speed against peers on Kafka (20 minutes; needs Java and Maven)
	.venv/bin/python -m bench

soak: .venv/develops ## See that memory stays flat over a million statements (20 minutes; needs Java and Maven)
	.venv/bin/python -m bench.soak

train: .venv/develops ## Train the classifier from training/data and write its artefact
	.venv/bin/communique-train

lock: ## Resolve the requirements anew (needs uv)
	$(UV_COMPILE) --extra training --extra dev --output-file requirements-dev.txt
	$(UV_COMPILE) --constraint requirements-dev.txt --output-file requirements.txt
	for peer in $(PEERS); do $(UV_LOCK) bench/peers/requirements/$$peer.in --output-file bench/peers/requirements/$$peer.txt; done
