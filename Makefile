# Everything that this file does by hand is said in README.md for machines without make.
PYTHON ?= python3
VENV ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
READY := $(VENV)/.ready

VARIANT ?= cpu

.PHONY: demo test commands lint docs stub bench simulate setup clean package smoke dist release

# The main job: a drive is drawn, scored, and its frames worth labelling land in demo-report/.
demo: $(READY)
	$(BIN)/framesift demo --out demo-report --overwrite

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal

# The README's and the tutorial's commands, in order, as they are written.
commands: $(READY)
	$(BIN)/python tests/docs/commands.py

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# One site without any network, in resources/site; wheels made afterwards carry it.
docs: $(READY)
	$(BIN)/python packaging/docs/build.py

# What type checkers and editors see of `import framesift`, made from the tables of settings.
stub: $(READY)
	$(BIN)/python packaging/stub.py

# The whole loop for four strategies side by side, small enough for two minutes.
simulate: $(READY)
	$(BIN)/framesift simulate --preset tiny --out build/simulate-tiny

bench: $(READY)
	$(BIN)/framesift bench --json benchmark.json

setup: $(READY)

# The Framesift that needs no Python, in dist/: VARIANT=cpu (no CUDA, no torchvision) or full.
# TORCH_INDEX and TORCH ("torch==2.9.0 …") choose another torch; see packaging/README.md.
package:
	sh packaging/system-libraries.sh $(PYTHON) package
	$(PYTHON) packaging/package.py --variant $(VARIANT) $(if $(TORCH),--torch "$(TORCH)") \
		$(if $(TORCH_INDEX),--torch-index $(TORCH_INDEX))

# Tries what `make package` built: plainly, and as the most awkward of users. CLIP=drive.mp4.
smoke:
	$(PYTHON) packaging/release.py smoke --variant $(VARIANT) $(if $(CLIP),--clip "$(CLIP)")

# Wheel and source archive, each installed into a clean environment and tried there.
dist: docs
	$(PYTHON) packaging/release.py dist $(if $(TORCH_INDEX),--torch-index $(TORCH_INDEX))

# All of it, an installer where this system has one, and dist/SHA256SUMS.
release: package smoke dist
	$(PYTHON) packaging/release.py finish --variant $(VARIANT)

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
