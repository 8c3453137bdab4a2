# Everything that this file does by hand is said in README.md for machines without make.
PYTHON ?= python3
VENV ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
READY := $(VENV)/.ready

.PHONY: demo test lint docs bench setup clean

# The main job: a drive is drawn, scored, and its frames worth labelling land in demo-report/.
demo: $(READY)
	$(BIN)/framesift demo --out demo-report --overwrite

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# One site without any network, in resources/site; wheels made afterwards carry it.
docs: $(READY)
	$(BIN)/python packaging/docs/build.py

bench: $(READY)
	$(BIN)/framesift bench --json benchmark.json

setup: $(READY)

# torch comes from TORCH_INDEX where that is set (a smaller build of one's choice), else from
# the usual index.
$(READY): pyproject.toml packaging/system-libraries.sh
	sh packaging/system-libraries.sh $(PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(if $(TORCH_INDEX),$(BIN)/python -m pip install --quiet --index-url $(TORCH_INDEX) torch torchvision)
	$(BIN)/python -m pip install --quiet -e ".[test,lint,docs]"
	$(BIN)/python -c "open(r'$(READY)', 'w').close()"

clean:
	rm -rf $(VENV) build dist resources/site demo-report benchmark.json
