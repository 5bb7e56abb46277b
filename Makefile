# Everything runs in .venv, which is set up on first use: Python 3.11 or later is all that is needed.
PYTHON ?= python3
BIN := .venv/bin
# Three at once on two cores: many tests wait for something.
SPREAD := -n 3 --dist worksteal
ALL := -m "" --hypothesis-profile=long

.PHONY: run test test-all test-newest torture lint lock wheel image node browser picture bench clean

## The main job on the flows of this repository, in the emulator inside mbflow.
run: .venv/ready
	$(BIN)/mbflow validate
	$(BIN)/mbflow test --coverage
	$(BIN)/mbflow plan
	$(BIN)/mbflow apply --auto-approve
	$(BIN)/mbflow plan --detailed-exitcode
	$(BIN)/mbflow page -o .mbflow/calls.html

## What to run before a commit: under three minutes on two cores.
test: .venv/ready
	$(BIN)/python -m pytest $(SPREAD)

## Every test, the long proof too: all pairs of quirks, more stories, kills and drawn cases.
## Some ten minutes on two cores.
test-all: .venv/ready
	$(BIN)/python -m pytest $(SPREAD) $(ALL)

## Every test, on the newest versions that pyproject.toml allows.
test-newest: .venv-newest/ready
	.venv-newest/bin/python -m pytest $(SPREAD) $(ALL)

## Stories against the emulator until the time is over; SECONDS and SEED may be given.
torture: .venv/ready
	cd tests && ../$(BIN)/python -m torture $(or $(SECONDS),600) $(SEED)

## Style, types.
lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

## Build sdist and wheel, look at them, use the wheel from an empty environment, test the sdist.
wheel: .venv/ready
	PYTHON=$(PYTHON) bash tests/wheel.sh

## Build the image and use it; without a builder, the steps of the Dockerfile in folders of their own.
image:
	bash tests/docker.sh

## Have a language server read the schemas, Mermaid the diagrams, and walk calls; needs node and npm.
node: .venv/ready
	bash tests/node.sh

## Open the page in Chromium: draw, search, play, dial, with axe and hostile texts; needs npm, too.
## PAGES=folder keeps the pages, SHOTS=folder the pictures.
browser: .venv/ready
	bash tests/browser.sh

## The picture of the README, docs/page.png, made anew.
picture: .venv/ready
	PICTURE=$(CURDIR)/docs/page.png bash tests/browser.sh

## Time and memory beside a floor and peers, some twenty minutes; docs/speed.md says how to read it.
## SIZES=1,1000,100000 and MBFLOW="before=/path/bin/mbflow after=/path/bin/mbflow" may be given.
bench: .venv/ready
	$(BIN)/python -m benchmarks.speed $(if $(SIZES),--sizes $(SIZES)) \
		$(foreach one,$(MBFLOW),--mbflow $(one))

## Write down the newest versions that pyproject.toml allows: what everybody who works on mbflow gets.
lock: .venv/ready
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra dev \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--output-file requirements-dev.txt pyproject.toml

.venv/ready: pyproject.toml requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

.venv-newest/ready: pyproject.toml
	$(PYTHON) -m venv .venv-newest
	.venv-newest/bin/python -m pip install --quiet --upgrade pip
	.venv-newest/bin/python -m pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv .venv-newest dist .mbflow
