# Needs Python 3.11 or newer, git and make; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
SHOTS ?= scratch/screenshots

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench screenshots pins clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/app.stamp ## install, build the demo data if the store is empty, open the dashboard
	@$(BIN)/mscohort demo --if-empty
	@$(BIN)/mscohort app $(if $(PORT),--port $(PORT)) $(if $(NO_BROWSER),--no-browser)

test: $(VENV)/dev.stamp ## install what the tests need and run all of them
	@echo "Tests without a browser ($(WORKERS) at a time)"
	@$(BIN)/python -m pytest -q -m "not browser" -n $(WORKERS) --dist loadfile
	@echo "Tests in a real browser"
	@$(BIN)/python -m pytest -q -m browser tests/browser

lint: $(VENV)/dev.stamp ## ruff, mypy and the import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/dev.stamp ## let ruff format and fix what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/dev.stamp ## measure: filter to chart, a million people, the whole study
	@$(BIN)/python -m benchmarks

screenshots: $(VENV)/dev.stamp ## save every page as PNG, light and dark (SHOTS=folder)
	@$(BIN)/python -m tests.browser.screenshots $(SHOTS)

pins: ## resolve requirements/*.in again (needs uv)
	cd requirements && for name in app dev; do uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	    --fork-strategy fewest --no-emit-index-url --no-header $$name.in -o $$name.txt >/dev/null; done

clean: ## remove .venv and caches; the store stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; \
	'$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "'$(PYTHON)' cannot make a virtual environment. \
	Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

# A stamp is as new as the last installation from the files it depends on.
$(VENV)/app.stamp: requirements/app.txt pyproject.toml | $(BIN)/python
	@echo "Installing the dashboard: about 240 MB to download the first time, a few minutes"
	@$(BIN)/python -m pip install --disable-pip-version-check -r requirements/app.txt
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/app.stamp
	@echo "Installing the test tools: about 125 MB to download the first time"
	@$(BIN)/python -m pip install --disable-pip-version-check -r requirements/dev.txt
	@touch $@
