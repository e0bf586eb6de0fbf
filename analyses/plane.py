"""One puzzle's trajectories in their principal plane, over the error, with flow and fixed points.

    python analyses/plane.py [--model NAME] [--n PUZZLES] [--seed SEED] [--out FOLDER]

Writes plane.png, plane.pdf, plane.html and plane.json.
Claim: a puzzle has several fixed points, right and wrong (arXiv 2601.10679).
"""

from command_lines import exit_status

from hrm_probe.demo.script import main

if __name__ == "__main__":
    raise SystemExit(exit_status(main)("plane", __doc__))
