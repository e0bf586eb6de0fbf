# Two commands for a newcomer: `make demo` and `make test`. Each makes the environment first, if it is not there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test figures lint notebooks clean help

help:            ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: $(READY)   ## run the bundled models and write pictures, numbers and a page into demo/
	$(BIN)/hrm-probe demo --out demo

test: $(READY)   ## pass the tests
	$(BIN)/python -m pytest

figures: $(READY) ## judge and draw every report again from the results saved with it
	$(BIN)/hrm-probe figures

lint: $(READY)   ## style, types, and the order of the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Python 3.11, 3.12 or 3.13 is needed; say which with make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,notebooks,scale]'
	touch $(READY)

clean:           ## remove the environment and what was made with it
	rm -rf $(VENV) demo build dist
