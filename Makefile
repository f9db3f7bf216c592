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
# One or more of everything: stores on disk and in memory, the shipped encoder, sources, training, commands, REST and MCP.
LOWEST_TESTS := $(FAST) $(FAST_TRAINING) tests/searchapp/encoders/test_onnx_encoder.py tests/searchapp/encoders/test_static_encoder.py \
  tests/searchapp/stores/test_congruence.py tests/searchapp/stores/test_edge_store.py tests/searchapp/test_demo_corpus.py \
  tests/searchapp/cli/test_plugins.py tests/searchapp/integrations/test_shapes.py \
  tests/index_builder/test_sources_formats.py tests/training/test_static_training.py \
  tests/training/test_training_runs.py::test_the_run_directory_holds_what_it_should_and_the_model_loads_anywhere \
  tests/ui/test_shapes.py tests/ui/test_mcp.py
TOOLS := pytest pytest-asyncio pytest-timeout pytest-xdist hypothesis playwright axe-playwright-python
STAMPS := $(VENV)/.stamps
# The versions that were tested; another Python needs others, which pip then chooses.
PINNED := $(shell $(PYTHON) -c 'import sys; print("--constraint constraints.txt" if sys.version_info[:2] == (3, 11) else "")')

.PHONY: help demo test test-fast test-lowest lint docs format bench browser constraints clean

help:
	@echo "make demo    install, build the demo index, serve the UI on http://127.0.0.1:$(PORT)"
	@echo "make test    install everything and run all the tests"
	@echo "make test-fast  text, ranking, statistics and views: under a minute, no browser"
	@echo "make test-lowest  tests of every part with the lowest versions that pyproject.toml allows, in $(LOWEST)"
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

# uv resolves to the lowest versions; pip cannot. torch comes by pip, which takes the CPU build; uv leaves it out, and
# with it nothing for CUDA is downloaded. The tools of the tests have the versions of all other runs.
test-lowest: $(STAMPS)/venv
	$(BIN)/pip install --quiet uv
	$(PYTHON) -m venv --clear $(LOWEST)
	$(LOWEST)/bin/pip install --quiet $(PINNED) "$(TORCH)"
	@mkdir -p build && echo 'torch ; python_version < "3"' > build/without-torch.txt
	$(BIN)/uv pip compile --quiet --python $(LOWEST)/bin/python --resolution lowest-direct --override build/without-torch.txt \
	  pyproject.toml --extra all --extra langchain --output-file build/lowest.txt
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --no-deps --requirement build/lowest.txt --editable .
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --constraint build/lowest.txt $(TOOLS)
	OMP_NUM_THREADS=1 $(LOWEST)/bin/pytest -n 2 --dist loadfile $(LOWEST_TESTS)

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
