# Everything runs in .venv, which is set up on first use: Python 3.11 or later is all that is needed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test torture lint wheel mermaid bench clean

## The main job on the flows of this repository, in the built-in emulator.
run: .venv/ready
	$(BIN)/mbflow validate
	$(BIN)/mbflow test --coverage
	$(BIN)/mbflow plan
	$(BIN)/mbflow apply --auto-approve
	$(BIN)/mbflow plan --detailed-exitcode

## The whole test suite.
test: .venv/ready
	$(BIN)/python -m pytest -n 2

## Stories against the emulator until the time is over; SECONDS and SEED may be given.
torture: .venv/ready
	cd tests && ../$(BIN)/python -m torture $(or $(SECONDS),600) $(SEED)

## Style, types.
lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

## Build the wheel, install it into an empty environment, validate a flow from another folder.
wheel: .venv/ready
	PYTHON=$(PYTHON) bash tests/wheel.sh

## Have Mermaid's own parser read every diagram; needs node and npm.
mermaid: .venv/ready
	bash tests/mermaid.sh

## Ratios of time, and memory; see benchmarks/.
bench: .venv/ready
	$(BIN)/python benchmarks/speed.py

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv dist .mbflow
