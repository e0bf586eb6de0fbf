"""Accuracy against the number of blank cells, with and without hints in training.

    python analyses/blanks.py [--model NAME] [--n PUZZLES] [--seed SEED] [--out FOLDER]

Writes blanks.png, blanks.pdf, blanks.html and blanks.json.
Claim: easy puzzles fail, and hints in training repair it (arXiv 2601.10679).
"""

from command_lines import exit_status

from hrm_probe.demo.script import main

if __name__ == "__main__":
    raise SystemExit(exit_status(main)("blanks", __doc__))
