# Needs make and Python 3.11 or newer, nothing else. `make` alone lists the targets.

VENV   ?= .venv
PYTHON ?= python3
UV     ?= uv

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo app page test lint golden lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.base  ## run three scenarios with 1000 draws each and draw the pictures, in demo/
	@rm -rf demo
	@$(BIN)/gigawatt run base amodei slow_diffusion_5y --draws 1000 --out demo
	@echo "Pictures:"
	@find demo -type f \( -name '*.png' -o -name '*.svg' -o -name '*.html' \) | sort | sed 's/^/  /'

app: $(VENV)/.web  ## open the playground: a page on this machine whose charts follow the sliders
	@$(BIN)/gigawatt app $(APP)

page:  ## build the page's bundle from web/page anew (needs Node and npm; OUT=DIR builds it elsewhere)
	@command -v npm >/dev/null || { echo "make page needs Node and npm: on Debian or Ubuntu, apt-get install nodejs npm" >&2; exit 1; }
	@cd web/page && npm ci --no-audit --no-fund --loglevel=error && npm run --silent types && npm run --silent build$(if $(OUT), -- --out $(abspath $(OUT)))

test: lint  ## lint, then run every test
	@echo "pytest"
	@$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.test  ## check style, format and types
	@echo "ruff check";    $(BIN)/ruff check --quiet
	@echo "ruff format";   $(BIN)/ruff format --check --quiet
	@echo "mypy gigawatt"; $(BIN)/mypy --no-error-summary gigawatt

golden: $(VENV)/.test  ## write the golden numbers anew (say why in CHANGELOG.md)
	@$(BIN)/python tests/golden.py

# --- locks ---------------------------------------------------------------------------------------

COMPILE = $(UV) pip compile pyproject.toml --group build --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-emit-index-url --no-annotate \
	--custom-compile-command "make lock" --quiet $(LOCK)

lock:  ## lock the dependencies anew, keeping the pins that still fit (LOCK=--upgrade moves them)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or make lock UV=path/to/uv" >&2; exit 1; }
	@$(COMPILE) --output-file requirements/base.txt
	@$(COMPILE) --extra test --constraints requirements/base.txt --output-file requirements/test.txt
	@$(COMPILE) --extra web --constraints requirements/base.txt --output-file requirements/web.txt
	@$(COMPILE) --extra fit --constraints requirements/base.txt --output-file requirements/fit.txt
	@$(COMPILE) --extra gpu --constraints requirements/base.txt --output-file requirements/gpu.txt
	@$(COMPILE) --extra bench --constraints requirements/base.txt --output-file requirements/bench.txt
	@! grep -n '://' requirements/*.txt

# --- the environment: one, which `test` widens -----------------------------------------------------

define install
	@echo "Installing requirements/$(1).txt in $(VENV): once, a minute or two"
	@$(PIP) install --require-hashes -r requirements/$(1).txt
	@$(PIP) install --no-deps --no-build-isolation -e .
endef

$(VENV)/.base: requirements/base.txt pyproject.toml | $(BIN)/python
	$(call install,base)
	@touch $@

$(VENV)/.web: requirements/web.txt pyproject.toml | $(BIN)/python
	$(call install,web)
	@touch $@ $(VENV)/.base

$(VENV)/.test: requirements/test.txt pyproject.toml | $(BIN)/python
	$(call install,test)
	@touch $@ $(VENV)/.base $(VENV)/.web

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	{ echo "gigawatt needs Python 3.11 or newer and '$(PYTHON)' is none: name one, as in make test PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	{ echo "'$(PYTHON)' lacks its venv module: on Debian or Ubuntu, apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $$(test ! -f $(VENV)/pyvenv.cfg || echo --clear) $(VENV)

clean:  ## remove the environment, the caches and demo/
	@test ! -f $(VENV)/pyvenv.cfg || rm -rf $(VENV)
	@rm -rf demo build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
