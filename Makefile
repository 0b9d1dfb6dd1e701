# One word per chore. Every target sets the virtual environment up when it is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: setup demo test check bench serve clean browser
.DEFAULT_GOAL := demo

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(DEV_STAMP): $(STAMP) pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

setup: $(STAMP)

demo: $(STAMP)
	$(BIN)/kansrijk --home demo-home demo

# The browser tests drive Debian's Chromium; where it cannot be had they skip and say so.
browser:
	@if ! command -v chromium >/dev/null && command -v apt-get >/dev/null; then \
	  as_root=; [ "$$(id -u)" = 0 ] || as_root='sudo -n'; \
	  $$as_root apt-get update -qq && $$as_root apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core \
	    || echo 'Chromium could not be installed: the browser tests will be skipped.' >&2; \
	fi

test: $(DEV_STAMP) browser
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

check: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(DEV_STAMP)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.shortlist

serve: $(STAMP)
	$(BIN)/kansrijk serve

clean:
	rm -rf $(VENV) demo-home kansrijk-data test-output
