PY ?= .venv/bin/python

.PHONY: check format lint types contracts test lines picture bench

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

# Needs tmux; a terminal of any kind and size, and lines that are slow or dead, under the real program.
lines:
	$(PY) -m tests.screens.by_line

picture:
	$(PY) -m tests.picture docs/bulk-add.svg

# make bench [GROUPS="polling search"] [SIZE=quick] [ROUNDS=1] [MILLION=1] [PEERS=1] [OUT=file.json]
bench:
	$(PY) -m benchmarks $(GROUPS) --size $(or $(SIZE),whole) --out $(or $(OUT),build/benchmarks.json) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(MILLION),--million) $(if $(PEERS),--peers)
