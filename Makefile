# Needs Python 3.11 to 3.13, git and make; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
# Scans are segmented by ONNX Runtime. GPU=1 installs TensorFlow for NVIDIA cards as well; .venv remembers it, GPU= goes back.
GPU ?= $(wildcard $(VENV)/gpu.stamp)
TENSORFLOW := $(if $(GPU),gpu,cpu)
BIN := $(VENV)/bin
WORKERS ?= 2
SHOTS ?= scratch/screenshots

.DEFAULT_GOAL := help
.PHONY: help run train test lint format wheel bench screenshots pins clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/$(if $(GPU),gpu,app).stamp $(VENV)/check.stamp ## install, build the demo data if the store is empty, open the dashboard (GPU=1)
	@$(BIN)/mscohort demo --if-empty
	@$(BIN)/mscohort app $(if $(PORT),--port $(PORT)) $(if $(NO_BROWSER),--no-browser)

train: $(VENV)/$(TENSORFLOW).stamp ## install TensorFlow, for mscohort train, evaluate and model bundle (GPU=1)

test: $(VENV)/dev.stamp ## install what the tests need and run all of them
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/dev.stamp ## ruff, mypy, the import rules, the Dockerfile
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@! test -x $(BIN)/hadolint || $(BIN)/hadolint Dockerfile

format: $(VENV)/dev.stamp ## let ruff format and fix what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

wheel: $(VENV)/dev.stamp ## build dist/mscohort-*.whl, which installs anywhere
	@$(BIN)/python -m build --wheel --no-isolation

bench: $(VENV)/dev.stamp ## measure: filter to chart, a million people, the whole study, zones, a dozen scans
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.zones
	@$(BIN)/python -m benchmarks.ingest --scans 12

screenshots: $(VENV)/dev.stamp ## save every page as PNG, light and dark (SHOTS=folder)
	@$(BIN)/python -m tests.browser.screenshots $(SHOTS)

PIN := uv pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest --no-emit-index-url --no-header
pins: ## resolve requirements/*.in again (needs uv)
	cd requirements && $(PIN) app.in -o app.txt >/dev/null
	cd requirements && $(PIN) cpu.in -c app.txt -o cpu.txt >/dev/null
	cd requirements && $(PIN) gpu.in -c app.txt -c cpu.txt -o gpu.txt >/dev/null
	cd requirements && $(PIN) dicom.in -c app.txt -o dicom.txt >/dev/null
	cd requirements && $(PIN) check.in -c app.txt -o check.txt >/dev/null
	cd requirements && $(PIN) regions.in -c app.txt -o regions.txt >/dev/null
	cd requirements && $(PIN) dask.in -c app.txt -o dask.txt >/dev/null
	cd requirements && $(PIN) auth.in -c app.txt -o auth.txt >/dev/null
	cd requirements && $(PIN) remote.in -c app.txt -c dask.txt -o remote.txt >/dev/null
	cd requirements && $(PIN) dev.in -c app.txt -c cpu.txt -c dicom.txt -c check.txt -c regions.txt -c auth.txt -c dask.txt -o dev.txt >/dev/null

clean: ## remove .venv and caches; the store stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "Python 3.11, 3.12 or 3.13 \
	is needed (TensorFlow is not built for others); '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name another one: \
	make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "'$(PYTHON)' cannot make a virtual environment. \
	Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

PIP := $(BIN)/python -m pip --disable-pip-version-check

# A stamp is as new as the last installation from the files it depends on.
$(VENV)/app.stamp: requirements/app.txt requirements/regions.txt pyproject.toml | $(BIN)/python
	@echo "Installing the program: about 350 MB to download the first time, a few minutes"
	@$(PIP) install -r requirements/app.txt -r requirements/regions.txt
	@$(PIP) install --quiet --no-deps --editable .
	@touch $@

# The two TensorFlows fill the same folder: the one must be gone before the other comes.
$(VENV)/cpu.stamp: requirements/cpu.txt $(VENV)/app.stamp
	@echo "Installing TensorFlow for the processor: about 330 MB to download the first time"
	@$(if $(wildcard $(VENV)/gpu.stamp),$(PIP) uninstall --quiet --yes tensorflow && rm $(VENV)/gpu.stamp)
	@$(PIP) install -r requirements/cpu.txt
	@touch $@

$(VENV)/gpu.stamp: requirements/gpu.txt $(VENV)/app.stamp
	@echo "Installing TensorFlow for NVIDIA cards: about 3.4 GB to download the first time"
	@$(if $(wildcard $(VENV)/cpu.stamp),$(PIP) uninstall --quiet --yes tensorflow-cpu && rm $(VENV)/cpu.stamp)
	@$(PIP) install -r requirements/gpu.txt
	@touch $@

$(VENV)/check.stamp: requirements/check.txt $(VENV)/app.stamp
	@echo "Installing pingouin (GPL-3), which checks the statistics: about 60 MB to download the first time"
	@$(PIP) install -r requirements/check.txt
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/$(TENSORFLOW).stamp
	@echo "Installing the test tools: about 110 MB to download the first time"
	@$(PIP) install -r requirements/dev.txt
	@touch $@
