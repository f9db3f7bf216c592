# Everything runs in a virtual environment of its own; nothing is installed outside it.
PYTHON ?= python3
VENV ?= .venv
# The CPU build of torch is all that is needed here, and far smaller than the default one.
TORCH ?= torch==2.13.0
PORT ?= 7860
BIN := $(VENV)/bin
LOWEST ?= .venv-lowest
FAST := tests/searchapp/text tests/searchapp/ranking tests/searchapp/debias tests/searchapp/evaluation/test_significance.py tests/ui/test_views.py tests/ui/test_lab_views.py
FAST_TRAINING := tests/training/test_training_config.py tests/training/test_hybrid_sampler.py tests/training/test_losses.py
STAMPS := $(VENV)/.stamps
# The versions that were tested; another Python needs others, which pip then chooses.
PINNED := $(shell $(PYTHON) -c 'import sys; print("--constraint constraints.txt" if sys.version_info[:2] == (3, 11) else "")')

.PHONY: help demo test test-fast test-lowest lint docs format bench browser constraints clean

help:
	@echo "make demo    install, build the demo index, serve the UI on http://127.0.0.1:$(PORT)"
	@echo "make test    install everything and run all the tests"
	@echo "make test-fast  text, ranking, statistics and views: under a minute, no browser"
	@echo "make test-lowest  the fast tests with the lowest versions that pyproject.toml allows, in $(LOWEST)"
	@echo "make lint    ruff, mypy --strict, import-linter"
	@echo "make docs    the documentation site, strict, into build/site"
	@echo "make constraints  write the installed versions into constraints.txt"
	@echo "make bench   the benchmarks, a few minutes"

$(STAMPS)/venv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/demo: $(STAMPS)/venv pyproject.toml constraints.txt
	$(BIN)/pip install --quiet $(PINNED) --editable ".[ui]"
	@touch $@

$(STAMPS)/test: $(STAMPS)/venv pyproject.toml constraints.txt
	$(BIN)/pip install --quiet $(PINNED) "$(TORCH)"
	$(BIN)/pip install --quiet $(PINNED) --editable ".[all,dev,docs]"
	@touch $@

demo: $(STAMPS)/demo
	$(BIN)/searchapp demo --port $(PORT)

# Playwright drives the system's Chromium: Debian's package, installed when it is missing and we may.
browser:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq chromium fonts-noto-core fonts-noto-cjk >/dev/null; \
	  else echo "the browser tests need chromium: sudo apt-get install chromium fonts-noto-core fonts-noto-cjk"; exit 1; fi; }

test: $(STAMPS)/test browser
	$(BIN)/pytest -n 2 --dist loadfile

test-fast: $(STAMPS)/test
	$(BIN)/pytest $(FAST)

# uv resolves to the lowest versions; pip cannot. torch stays, as older ones have no build for every Python.
test-lowest: $(STAMPS)/venv
	$(BIN)/pip install --quiet uv
	$(PYTHON) -m venv --clear $(LOWEST)
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct "$(TORCH)" -r pyproject.toml --extra all --extra dev
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --no-deps --editable .
	$(LOWEST)/bin/pytest $(FAST) $(FAST_TRAINING)

lint: $(STAMPS)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(STAMPS)/test
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "the site is in build/site; read it with: python -m http.server --directory build/site"

format: $(STAMPS)/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMPS)/test
	$(BIN)/python -m benchmarks

# After all tests passed with newer versions: write down which they were.
constraints: $(STAMPS)/test
	@{ echo "# Versions that all tests passed with, on Python 3.11: the Makefile installs these there. Made by: make constraints"; \
	  $(BIN)/pip freeze --exclude-editable | sed 's/+cpu//' | grep -v ' @ '; } > constraints.txt

clean:
	rm -rf $(VENV) build dist *.egg-info
