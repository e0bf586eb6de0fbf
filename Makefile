# Two commands for a newcomer: `make demo` and `make test`. Each makes the environment first, if it is not there.

PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DRAWN := architecture accuracy blanks film jumps jumps_by_arrival jumps_other modes plane
ATTENTION := hrm-6x6,hrm-6x6-seed1,hrm-6x6-seed2,trm-6x6-attention,trm-6x6-attention-seed1
MLP := hrm-6x6-mlp,hrm-6x6-mlp-seed1,trm-6x6,trm-6x6-seed1,trm-6x6-seed2
HRM := hrm-6x6,hrm-6x6-seed1,hrm-6x6-seed2,hrm-6x6-mlp,hrm-6x6-mlp-seed1
TRM := trm-6x6,trm-6x6-seed1,trm-6x6-seed2,trm-6x6-attention,trm-6x6-attention-seed1
REDRAWN := all_segments attention blanks_9x9 bootstrapping carriers closed_edges deduction dimensions exclusion fine_tuning early_halting first_experiment follow_through holding_back invariance jumps_by_loss leak_scores leaks lens locality mazes mixers more_segments noisy_guesses nudges particles patching standoffs suppose twins

.PHONY: demo test figures lint notebooks clean help

help:            ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: $(READY)   ## run the bundled models and write pictures, numbers and a page into demo/
	$(BIN)/hrm-probe demo --out demo

test: $(READY)   ## pass the tests, WORKERS=2 at a time
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

figures: $(READY) ## every report, comparison and picture again, from saved results or by running small models
	$(BIN)/hrm-probe figures
	for name in $(DRAWN); do $(BIN)/python analyses/$$name.py || exit 1; done
	$(BIN)/python analyses/curriculum.py report
	$(BIN)/python analyses/curriculum.py report --runs runs/curriculum-9x9 --out figures/curriculum-9x9
	for name in $(REDRAWN); do $(BIN)/python analyses/$$name.py --saved || exit 1; done
	for name in seed1 all-segments; do $(BIN)/python analyses/mazes.py --saved --out figures/mazes-$$name || exit 1; done
	$(BIN)/python analyses/bootstrapping.py --saved --out figures/bootstrapping-9x9
	for name in suppose-let-go suppose-let-go-others; do $(BIN)/python analyses/suppose.py --saved --out figures/$$name || exit 1; done
	for name in suppose follow_through exclusion standoffs; do $(BIN)/python analyses/$$name.py --saved --out figures/other-models || exit 1; done
	$(BIN)/python analyses/attention.py --saved --out figures/attention-untouched-means
	$(BIN)/python analyses/jumps_by_loss.py --saved --out figures/jumps-by-loss-hard
	$(BIN)/python analyses/exclusion.py --saved --out figures/exclusion-own-digits
	$(BIN)/python analyses/architecture.py attention=$(ATTENTION) MLP=$(MLP) --out figures/by-mixer
	$(BIN)/python analyses/architecture.py HRM=$(HRM) TRM=$(TRM) --out figures/by-recursion
	for name in every-4 every-8; do $(BIN)/python analyses/particles.py --saved --out figures/particles-$$name || exit 1; done
	for name in every-16 published; do $(BIN)/python analyses/nudges.py --saved --out figures/nudges-$$name || exit 1; done

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
