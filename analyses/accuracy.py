"""Accuracy by segment of three models: solved now, solved so far, lost again.

    python analyses/accuracy.py [--model NAME] [--n PUZZLES] [--seed SEED] [--out FOLDER]

Writes accuracy.png, accuracy.pdf, accuracy.html and accuracy.json.
Claim: right answers are not always kept (arXiv 2601.10679).
"""

from command_lines import exit_status

from hrm_probe.demo.script import main

if __name__ == "__main__":
    raise SystemExit(exit_status(main)("accuracy", __doc__))
