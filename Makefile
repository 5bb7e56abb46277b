# Everything runs in .venv; `make run` and `make test` set it up on first use.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint check bench clean

run: .venv/ready
	@$(BIN)/python -m mbflow --version

test: .venv/ready
	$(BIN)/python -m pytest -n 2

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv dist
