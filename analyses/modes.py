"""The four reasoning modes: shares, and curves of each.

    python analyses/modes.py [--model NAME] [--n PUZZLES] [--seed SEED] [--out FOLDER]

Writes modes.png, modes.pdf, modes.html and modes.json.
Claim: failures are trapped at wrong answers (arXiv 2601.10679).
"""

from command_lines import exit_status

from hrm_probe.demo.script import main

if __name__ == "__main__":
    raise SystemExit(exit_status(main)("modes", __doc__))
