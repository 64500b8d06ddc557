PY ?= .venv/bin/python

.PHONY: check format lint types contracts test picture

check: format lint types contracts test

format:
	$(PY) -m ruff format --check .

lint:
	$(PY) -m ruff check .

types:
	$(PY) -m mypy

contracts:
	$(dir $(PY))lint-imports

test:
	$(PY) -m pytest -n auto

picture:
	$(PY) -m tests.picture docs/bulk-add.svg
