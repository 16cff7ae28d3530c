# Two commands are all a fresh machine with Python 3.11+ and make needs:
#   make demo   builds a real worm and a generated column: a picture, two pages, GraphML
#   make test   runs the tests
# Each makes its environment when that is missing; nothing is installed outside this folder.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# the first Python that is new enough; say PYTHON=... to choose another
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# test processes; loadfile keeps the tests of one file, and their fixtures, together
WORKERS ?= 2
# anything more for pytest: make test TESTS="tests/stats -k density"
TESTS ?=
PYTEST = -m pytest -n $(WORKERS) --dist loadfile $(TESTS)
PIP_INSTALL = -m pip install -qq --no-input --disable-pip-version-check

CORE := .venv/.core
TEST := .venv/.test
LINT := .venv/.lint
PANDAS2 := .venv-pandas2/.test
DOCS := .venv-pandas2/.docs
BENCH := .venv-bench/.bench

.PHONY: help demo test test-pandas2 check package format docs bench bench-check bench-page calibration hooks clean distclean

help:  ## list the commands
	@grep -E '^[a-z0-9-]+:.*##' Makefile | sed -E 's/^([a-z0-9-]+):.*## */  make \1\t/' | expand -t 22

demo: $(CORE)  ## build the real worm and a generated column: a picture, two pages, GraphML, commands to try
	.venv/bin/connectome-graph demo

test: $(TEST)  ## run the tests on pandas 3 (CAVE and skeleton tests need pandas 2: make test-pandas2)
	@echo "Tests on pandas 3. Skipped here: what needs caveclient, ossify or nglui, because caveclient" \
		"asks for pandas 2; 'make test-pandas2' runs those too."
	.venv/bin/python $(PYTEST)

test-pandas2: $(PANDAS2)  ## run the tests on pandas 2 with every optional library
	@echo "Tests on pandas 2 with every optional library."
	.venv-pandas2/bin/python $(PYTEST)

check: $(LINT)  ## style, types and layers
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

package: $(LINT)  ## build wheel and sdist, check their page, install each into a clean environment and use it
	rm -rf dist .venv-package
	.venv/bin/python -m build -q -o dist .
	.venv/bin/twine check --strict dist/*
	$(PYTHON) -m venv .venv-package
	for built in dist/*.whl dist/*.tar.gz; do \
		.venv-package/bin/python $(PIP_INSTALL) -c constraints.txt --force-reinstall $$built && \
		(cd dist && ../.venv-package/bin/connectome-graph --version && ../.venv-package/bin/python -c \
		"import connectome_graph as cg; print(cg.datasets.load('celegans-cook2019'))") || exit 1; \
	done
	rm -rf .venv-package

format: $(LINT)  ## put the code into its style
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

docs: $(DOCS)  ## build the documentation, running every example, and look at every page in a browser
	.venv-pandas2/bin/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	.venv-pandas2/bin/python docs/check_pages.py docs/_build/html
	@echo "Documentation: docs/_build/html/index.html"

bench: $(BENCH)  ## measure against the peers: make bench BENCH_ARGS="census build"
	.venv-bench/bin/python -m benchmarks $(BENCH_ARGS)

bench-check: $(BENCH)  ## a short run beside the stored one: names every ratio that fell by over a third
	.venv-bench/bin/python -m benchmarks --check $(BENCH_ARGS)

bench-page: $(BENCH)  ## rewrite docs/benchmarks.md from the stored runs
	.venv-bench/bin/python -m benchmarks --page

calibration: $(PANDAS2)  ## count how often every p-value and interval errs (about half an hour of one core)
	.venv-pandas2/bin/python -m calibration --workers $(WORKERS)

hooks: $(LINT)  ## check style, types and layers before each commit
	.venv/bin/pre-commit install

clean:  ## remove caches and built pages
	rm -rf docs/_build docs/jupyter_execute docs/api/generated demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find connectome_graph tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean  ## remove the environments as well
	rm -rf .venv .venv-pandas2 .venv-bench

# Some systems ship Python without ensurepip; there the system's pip fills the environment.
define make_environment
@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or newer found; install one, or say make PYTHON=/path/to/python3" >&2; exit 2; }
@test -x $(1)/bin/python -a -x $(1)/bin/pip || { echo "Making $(1)"; rm -rf $(1); $(PYTHON) -m venv $(1) 2>/dev/null \
	|| { rm -rf $(1); $(PYTHON) -m venv --without-pip $(1) && $(PYTHON) -m pip --python $(1)/bin/python install -qq pip; }; }
endef

$(CORE): pyproject.toml constraints.txt
	$(call make_environment,.venv)
	.venv/bin/python $(PIP_INSTALL) -c constraints.txt -e .
	@touch $@

$(TEST): pyproject.toml constraints.txt | $(CORE)
	.venv/bin/python $(PIP_INSTALL) -c constraints.txt -e '.[test,cluster]'
	@touch $@

$(LINT): pyproject.toml constraints.txt | $(TEST)
	.venv/bin/python $(PIP_INSTALL) -c constraints.txt -e '.[test,cluster,lint]'
	@touch $@

$(PANDAS2): pyproject.toml constraints-pandas2.txt
	$(call make_environment,.venv-pandas2)
	.venv-pandas2/bin/python $(PIP_INSTALL) -c constraints-pandas2.txt -e '.[test,all]'
	@touch $@

$(DOCS): pyproject.toml constraints-pandas2.txt | $(PANDAS2)
	.venv-pandas2/bin/python $(PIP_INSTALL) -c constraints-pandas2.txt -e '.[test,all,docs]'
	@touch $@

$(BENCH): pyproject.toml constraints-bench.txt
	$(call make_environment,.venv-bench)
	.venv-bench/bin/python $(PIP_INSTALL) -c constraints-bench.txt -e '.[bench]'
	@touch $@
