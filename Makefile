# Targets create their virtual environments from pinned, hashed requirements: .venv-demo for users, .venv for the
# code with its tests and linters, .venv-sam for the SAM CLI and its linters, and .venv-cloud for the emulated
# account. The last two pin other versions of the same packages.
# Needs Python 3.11 or newer; choose one with `make test PYTHON=python3.12`.
PYTHON ?= python3
BIN := .venv/bin
# Targets that only run the application use .venv if it exists; otherwise .venv-demo, without developer tools.
RUN := $(if $(wildcard .venv/.ready),.venv,.venv-demo)
SAM := .venv-sam/bin
CLOUD := .venv-cloud/bin
# Most modules are never imported; Python compiles the others on import.
PIP := -m pip install --disable-pip-version-check --require-hashes --no-compile
export PYTHONPATH := src:testing
# Keep compiled modules even if the environment says otherwise: tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=
export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help demo check test validator style lint template property mutations e2e bench load sql report catalog lock dist clean

help:  ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(RUN)/.ready  ## a first load and the next morning's run, without an account; TABLES=standard,enterprise
	@$(RUN)/bin/python -m demo $(if $(TABLES),--tables $(TABLES))

FAST := -m "not slow" tests/unit tests/guarantees tests/project

check: style  ## after every change: style, types and the most telling tests, in about a minute
	$(BIN)/python -m pytest -n auto $(FAST)

mutations: .venv/.ready  ## plant faults, one at a time: does `make check` notice each? ONLY=cursor
	$(BIN)/python -m mutations --only '$(ONLY)' -- $(FAST)

test: lint template validator  ## linters, types, template checks and all tests
	$(BIN)/python -m pytest -n auto --dist worksteal --ignore=tests/template

validator:  # of FOCUS, for one test; without Python 3.12 that test is skipped
	@$(PYTHON) -m tests.analysis.validator

style: .venv/.ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

lint: style  ## linters and types
	$(BIN)/python -m claude_admin_lake.catalog --check

template: .venv-sam/.ready  ## checks of template.yaml and catalog.yaml
	$(SAM)/python -m pytest tests/template

property: .venv/.ready  ## run more random examples: EXAMPLES=500; SEED=134 EXAMPLES=1 repeats one
	PROPERTY_EXAMPLES=$(or $(EXAMPLES),500) PROPERTY_SEED=$(or $(SEED),$(shell date +%s)) \
	  $(BIN)/python -m pytest -n auto tests/guarantees/test_property.py

e2e: .venv-sam/.ready .venv-cloud/.ready  ## deploy the application to an emulated account and use it
	$(CLOUD)/python -m e2e --sam $(CURDIR)/$(SAM)/sam

%/.ready:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@echo "Setting up $*: $$(grep -c == $<) pinned packages from $<. This happens once and takes $(TAKES)."
	@began=$$(date +%s); \
	  $(PYTHON) -m venv $* && \
	  $*/bin/python $(PIP) --quiet $(if $(findstring sam,$*),--no-deps) -r $< && \
	  echo "$* is ready after $$(( $$(date +%s) - began )) seconds."
	@touch $@

TAKES = $(if $(findstring demo,$*),about half a minute,a minute or two)

.venv-demo/.ready: requirements-demo.txt

.venv/.ready: requirements-dev.txt
.venv-sam/.ready: tests/template/requirements.txt
.venv-cloud/.ready: testing/e2e/requirements.txt

bench: .venv/.ready .venv-sam/.ready .venv-cloud/.ready  ## measure, and write docs/performance.md: about fifteen minutes; ARGS='--only cpu,cliff'
	$(BIN)/python -m bench $(ARGS)

# Arguments are passed through the environment, so that quotes, spaces and $ arrive as typed.
export GIVEN_LAKE = $(value LAKE)
export GIVEN_OUT = $(value OUT)
export GIVEN_Q = $(value Q)
COMMAND := $(RUN)/bin/python -m claude_admin_lake

load: $(RUN)/.ready  ## load the API into a folder: LAKE=lake, ARGS='--tables users --dry-run'
	@$(COMMAND) load --lake "$${GIVEN_LAKE:-lake}" $(value ARGS)

sql: $(RUN)/.ready  ## query a lake: LAKE=folder-or-s3://bucket/prefix, Q='SELECT ...' (or a prompt), ARGS=--csv
	@$(COMMAND) sql --lake "$${GIVEN_LAKE:-build/demo/lake}" $(value ARGS) $${GIVEN_Q:+-- "$$GIVEN_Q"}

report: $(RUN)/.ready  ## write an HTML page about a lake: LAKE=..., OUT=report.html, ARGS='--start-date ...'
	@$(COMMAND) report --lake "$${GIVEN_LAKE:-build/demo/lake}" --out "$${GIVEN_OUT:-build/report.html}" $(value ARGS)

catalog: .venv/.ready  ## generate catalog.yaml, docs/tables.md and parts of other files from the declarations
	$(BIN)/python -m claude_admin_lake.catalog

lock: .venv/.ready  ## pin the newest versions of the dependencies in pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) --group function -o requirements.txt
	$(COMPILE) pyproject.toml --all-extras --group dev -c requirements.txt -o requirements-dev.txt
	$(COMPILE) --group reporter -c requirements-dev.txt -o requirements-reporter.txt
	$(COMPILE) pyproject.toml --extra sql --extra report --group demo -c requirements-dev.txt -o requirements-demo.txt
	$(COMPILE) tests/template/requirements.in --group function -o tests/template/requirements.txt
	$(COMPILE) testing/e2e/requirements.in -o testing/e2e/requirements.txt
	$(COMPILE) --python-version 3.12 tests/analysis/validator/requirements.in -o tests/analysis/validator/requirements.txt

COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --no-emit-index-url --no-emit-find-links

dist: .venv-sam/.ready .venv/.ready  ## the files of a release: application for AWS, wheel, SBOM, checksums
	rm -rf dist build/application
	mkdir -p dist
	$(SAM)/sam build --build-dir build/application
	cp samconfig.toml LICENSE build/application
	tar --create --gzip --file dist/claude-admin-lake-aws.tar.gz --directory build/application .
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	$(PYTHON) -m venv build/sbom
	build/sbom/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom==$(CYCLONEDX)
	build/sbom/bin/cyclonedx-py requirements requirements.txt --output-file dist/sbom.cdx.json
	build/sbom/bin/cyclonedx-py requirements requirements-reporter.txt --output-file dist/sbom-reporter.cdx.json
	cd dist && sha256sum * >SHA256SUMS

CYCLONEDX := 7.5.0

clean:  ## remove what was built and set up
	rm -rf .venv .venv-demo .venv-sam .venv-cloud .venv-focus build .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
