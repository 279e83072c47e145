# Papercord: `make try` needs no token; `make test` runs the whole suite; README.md explains the rest.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
COG := $(BIN)/cog -I . -P -p "from tools import tables" -n utf-8 --verbosity 1
WITH_TABLES := README.md $(wildcard docs/*.md) .env.example

.PHONY: help install try run test check lint tables-check types docs pictures migration lock wheel audit check-slow clean

help:
	@echo "make try        a local page in which to type the bot's commands, no token needed"
	@echo "make test       the whole test suite; one test alone: make test T=tests/test_config.py"
	@echo "make run        the bot in Discord; DISCORD_TOKEN from the environment or .env"
	@echo "make install    .venv from requirements.lock, with Papercord and all that the tests need"
	@echo "make check      all that must hold before a change lands: lint, types, test"
	@echo "make lint       ruff, the layers (import-linter), and whether the tables of the documentation are fresh"
	@echo "make types      pyright"
	@echo "make docs       the tables of README.md, docs/ and .env.example, written anew"
	@echo "make pictures   the README's pictures, taken anew from the local page (needs Chromium)"
	@echo "make migration NAME=\"Add the language of a paper\"   a migration from the models"
	@echo "make lock       requirements.lock from pyproject.toml"
	@echo "make wheel      dist/papercord-….whl, which works alone, the shipped corpus in it"
	@echo "make audit      licences and known vulnerabilities of what Papercord needs at run time"
	@echo "make check-slow make check, then make audit"
	@echo "make clean      remove .venv and caches"

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Papercord needs Python 3.11 or newer; say which with: make install PYTHON=python3.12"; exit 2; }
	@rm -rf .venv
	@echo "Making .venv from requirements.lock; this takes a minute or two the first time."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-index --no-build-isolation --editable .
	@touch $(INSTALLED)

try: install
	@$(BIN)/papercord try $(ARGS)

run: install
	@$(BIN)/papercord run

# Two processes for all of them; one test alone needs no second.
test: install
	$(BIN)/python -m pytest $(or $(T),--numprocesses 2)

lint: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory tables-check

tables-check:
	@$(COG) --check --check-fail-msg "Write it anew: make docs" $(WITH_TABLES)

types: install
	$(BIN)/pyright

check: lint types test

docs: install
	@$(COG) -r $(WITH_TABLES)

pictures: install
	@$(BIN)/python -m tools.pictures

migration: install
	@$(BIN)/python -m tools.migration "$(NAME)"

lock:
	@test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet uv; }
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --constraint requirements.lock \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--output-file deploy/requirements.lock pyproject.toml

wheel: install
	$(BIN)/hatchling build --target wheel

audit: install
	@$(BIN)/python -m tools.audit

check-slow: check audit

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis dist
