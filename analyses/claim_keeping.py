"""One topic of the report on a model: its claims judged, its pictures drawn.

    python analyses/claim_keeping.py [MODEL] [--puzzles SET] [--again] [--out FOLDER]

Claims: Solved states are not fixed points, and hints restore them (arXiv 2601.10679).
Runs the model and writes keeping (.png, .pdf), report.html, report.json and results.npz to FOLDER;
with --again judges and draws what figures/report/MODEL holds, without running the model.
"""

from command_lines import exit_status

from hrm_probe.report.script import main

if __name__ == "__main__":
    raise SystemExit(exit_status(main)("keeping", __doc__))
