# make demo   a demo school, the story of one lunch hour, then the pages on 127.0.0.1:8000
# make test   what must hold, within minutes: lint, types, contracts, tests on both databases, docs
# make whole  what runs the whole program: browsers, the package, the demo; before a change lands, with make test
# make check  lint and types only         make bench  figures, beside the peers'; YEAR=1: a large year's pages
# make explore  properties with cases drawn anew
# make fuzz   damaged pictures by the ten thousand
# make mutants  every small change of a rule must be noticed (docs/develop/mutants.md)
# make faults kills, clocks, disks, cut lines: FOR=30m SEED=7 (docs/operate/proofs.md)
# make simulate  ten thousand lunch hours, drawn from a seed: HOURS=10000 SEED=7
# make migrations  what a changed model needs  make coverage  which lines and branches no test reaches
# make setup  what a school installs       make clean  removes what these commands made
# make dev    what development adds         make lock   renews every pin (needs uv)

SHELL := bash
PYTHON ?= python3
BIN := .venv/bin
PORTRAITS := .cache/portraits/.whole
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := $(INSTALL) --require-hashes -r
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
SOURCES := src tests benchmarks hatch_build.py
PROSE := docs .github $(wildcard *.md *.toml *.yaml *.yml Dockerfile Makefile)

.DEFAULT_GOAL := help
.PHONY: help setup dev ready demo test suite whole without-face on-postgres rules coverage check migrations bench screens presses explore fuzz faults simulate mutants postgres clean browser java docs lock

help:
	@sed -n '/^$$/q; s/^# //p' Makefile

setup: .venv/.installed

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Willing needs Python 3.11 or newer")'
	@$(PYTHON) -m venv .venv

.venv/.installed: requirements.lock requirements-build.lock pyproject.toml hatch_build.py src/willing/pages/ui/browser_parts.toml $(shell find src -name '*.po') | .venv/bin/python
	$(LOCKED) requirements.lock --no-compile
# OpenVINO's drivers for graphics cards and neural units: 61 MB that no school's computer here calls.
	@rm -f .venv/lib/python3*/site-packages/openvino/libs/{libopenvino_intel_gpu_plugin.so,libopenvino_intel_npu_plugin.so,cache.json}
	@rm -rf .cache/build .cache/compile
	$(LOCKED) requirements-build.lock --no-compile --target .cache/build
	PYTHONPATH=.cache/build $(INSTALL) --no-deps --no-build-isolation --editable .
# What a server imports is compiled here, once; that is a quarter of what pip would compile.
	@PYTHONDONTWRITEBYTECODE= WILLING_HOME=.cache/compile $(BIN)/willing manage check >/dev/null && rm -rf .cache/compile
	@touch $@

dev: .venv/.dev $(PORTRAITS)

.venv/.dev: requirements-dev.lock | .venv/.installed
	$(LOCKED) requirements-dev.lock
	@touch $@

$(PORTRAITS): src/willing/demo/portraits.py | .venv/bin/python
	PYTHONPATH=src $(BIN)/python -m willing.demo.portraits
	@touch $@

demo:
	@$(MAKE) --no-print-directory -j2 ready
	$(BIN)/willing demo $(DEMO)

# The portraits come while the packages are unpacked.
ready: .venv/.installed $(PORTRAITS)
	@:

# Migrations are written with the tool that keeps them in one line, which only development has.
LINEAR := $(BIN)/python -m django
migrations: .venv/.dev
	$(LINEAR) makemigrations --settings tests.settings_for_migrations

# Checks load the settings, which make an installation's folder; it is not the developer's own.
check: export WILLING_HOME = .cache/check
check: .venv/.dev .cache/check/secrets/django.key
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet src/willing
	$(BIN)/codespell $(SOURCES) $(PROSE)
	$(BIN)/willing manage makemigrations --check --dry-run
	$(LINEAR) check --settings tests.settings_for_migrations
	WILLING_HTTPS=1 $(BIN)/willing manage check --deploy --fail-level WARNING

# What is checked as it is served needs secrets, and only set-up makes some.
.cache/check/secrets/django.key: | .venv/.installed
	WILLING_HOME=.cache/check $(BIN)/willing init Check --without-journal

# No test runs in two legs, but for what differs without the engine or on PostgreSQL. The long leg is shown as it
# goes; beside it run the others, one after the other, so that no core waits for a last worker.
# Files keep the order that tests/conftest.py gives them: xdist's own, by the number of tests, would leave the
# browsers to the end.
WORKERS ?= 2
PARALLEL := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
LEGS := suite check docs on-postgres rules
test: export PYTEST_PARALLEL = $(PARALLEL)
# Some images forbid Python to keep what it has compiled; every process of the suite would compile it again.
test whole rules coverage without-face $(LEGS): export PYTHONDONTWRITEBYTECODE =
test: dev browser
	@$(MAKE) --no-print-directory --output-sync=target -j2 READY=1 $(LEGS)

# The plus sign is for make: what may call make itself is not kept back until its end.
# READY: what it needs is there. Waiting for that, make would begin with every other leg, and end with this one.
suite: $(if $(READY),,dev browser)
	+$(BIN)/pytest $(PARALLEL) --durations=25 -m "not whole and not journey" --ignore-glob="*/test_rules.py" --ignore-glob="*/test_*_rules.py"

# What runs the whole program, servers and all: browsers on every journey, its package, the demo's story, hours of the
# simulator, every page with every value; then the rooms that a sale does not stand on, on PostgreSQL, and what runs
# without the face engine.
whole: export PYTEST_PARALLEL = $(PARALLEL)
whole: dev browser java
	$(BIN)/pytest $(PARALLEL) --durations=25 -m "whole or journey"
	REST=1 bash tests/postgres/run.sh
	bash tests/without_face/run.sh

without-face: dev
	bash tests/without_face/run.sh

on-postgres: dev
	bash tests/postgres/run.sh

# Every branch of every rule, by the tests of the rules alone.
rules: .venv/.dev
	@mkdir -p .cache/coverage && $(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 0 -p no:schemathesis tests/*/test_rules.py tests/*/test_*_rules.py
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include="src/willing/*/rules.py,src/willing/*/*_rules.py" --fail-under=100

# Every branch of everything, by every test that runs on SQLite; twice as long as these tests take.
coverage: dev browser
	@mkdir -p .cache/coverage && $(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PARALLEL)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --sort=cover

# A browser for the journeys, what puts a school's certificate authority into its store, and a font for Chinese pages
# and papers: what a user's computer has of its own.
# The shell is Chromium without windows, at a third of the processor's time; the whole browser will do.
browser:
	@missing=; command -v chromium-headless-shell >/dev/null || missing=chromium-headless-shell; \
	command -v certutil >/dev/null || missing="$$missing libnss3-tools"; \
	ls /usr/share/fonts/*/*/{NotoSansCJK-Regular.ttc,wqy-microhei.ttc,DroidSansFallbackFull.ttf} 2>/dev/null | grep -q . \
	  || missing="$$missing fonts-wqy-microhei"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing && exit 0; \
	fi; \
	if [ "$$missing" != chromium-headless-shell ] || ! command -v chromium >/dev/null; then \
	  echo "The tests drive a real browser and print Chinese: install Debian's or Ubuntu's packages first:" $$missing >&2; exit 1; \
	fi

# What the Nu checker of HTML runs on, for the walk over every page.
java:
	@if command -v java >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends default-jre-headless; \
	else \
	  echo "The check of HTML needs Debian's or Ubuntu's package 'default-jre-headless': install it first." >&2; exit 1; \
	fi

docs: .venv/.dev
	$(BIN)/mkdocs build --strict --quiet

# Properties with cases drawn anew, ROUNDS times; each failure prints how its case is tried again.
ROUNDS ?= 3
explore: dev
	for round in $$(seq $(ROUNDS)); do EXPLORE=1 $(BIN)/pytest $(PARALLEL) -m "hypothesis and not whole and not journey" || exit 1; done

# A hundred thousand damaged pictures; the suite runs a few hundred of them.
fuzz: dev
	$(BIN)/python -m benchmarks.fuzz --count 100000

# What must hold whatever breaks: the seed makes the same choices again, and each failure prints its command.
FOR ?= 30m
# LONG= leaves out what takes its time whatever FOR says: every value in every field, 500 timed tries each, memory
# searched after 50 sales with card and face and a minute, and 300 hours of the simulator.
LONG ?= 1
faults: dev postgres $(if $(LONG),browser)
	$(if $(LONG),WILLING_FAULTS=1 $(BIN)/pytest -n 0 -s tests/faults)
	$(if $(LONG),FACE_SALES=50 FACE_WAIT_SECONDS=60 $(BIN)/pytest -n 0 -s -m journey tests/journeys/test_card_and_face.py)
	$(if $(LONG),$(BIN)/python -m tests.simulator --hours 300 $(if $(SEED),--seed $(SEED)))
	$(BIN)/python -m tests.faults --for $(FOR) $(if $(SEED),--seed $(SEED))

# Lunch hours drawn from a seed, in parts of a hundred: broken off, the same command goes on.
HOURS ?= 10000
simulate: dev
	$(BIN)/python -m tests.simulator --hours $(HOURS) $(if $(SEED),--seed $(SEED))

# Whether the tests of the rules notice when a rule is changed: ROOMS="till consent" for some rooms only.
mutants: dev .venv/.mutants
	$(BIN)/python -m tests.mutants $(ROOMS)

.venv/.mutants: requirements-mutants.lock | .venv/.installed
	$(LOCKED) requirements-mutants.lock
	@touch $@

# PostgreSQL's server programs, for what runs on it as well.
postgres:
	@if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql; \
	else \
	  echo "What runs on PostgreSQL needs Debian's or Ubuntu's package 'postgresql': install it first." >&2; exit 1; \
	fi

# Every page and state at three widths in both languages, to be looked at: ONLY="console:person till" for some.
screens: dev browser
	$(BIN)/python -m tests.screens $(foreach page,$(ONLY),--only $(page))

# What each task takes, beside what was wanted: docs/develop/presses.md.
presses: dev browser
	$(BIN)/python -m tests.presses

bench: dev
	$(BIN)/python -m benchmarks $(if $(YEAR),--only year) $(if $(BEFORE),--before $(BEFORE)) $(if $(POSTGRES),--postgres)

lock:
	$(COMPILE) pyproject.toml --extra face --extra postgres --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra postgres --constraint requirements.lock --output-file requirements-without-face.lock
	$(COMPILE) - --constraint requirements.lock --output-file requirements-gate.lock \
	  < <($(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["gate"], sep="\n")')
	$(COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(COMPILE) --group build --constraint requirements-dev.lock --output-file requirements-build.lock
	$(COMPILE) --group release --constraint requirements-dev.lock --output-file requirements-release.lock
	$(COMPILE) requirements-mutants.in --constraint requirements.lock --constraint requirements-dev.lock \
	  --output-file requirements-mutants.lock

clean:
	rm -rf .venv .venv-without-face .cache var site dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
	find src -name '*.mo' -delete
