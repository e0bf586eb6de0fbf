"""One topic of the report on a model: its claims judged, its pictures drawn.

    python analyses/claim_deduction.py [MODEL] [--puzzles SET] [--again] [--out FOLDER]

Claims: Cells come in the order of logic; guesses are followed through (arXiv 2506.21734, 2601.10679).
Runs the model and writes deduction (.png, .pdf), report.html, report.json and results.npz to FOLDER;
with --again judges and draws what figures/report/MODEL holds, without running the model.
"""

from command_lines import exit_status

from hrm_probe.report.script import main

if __name__ == "__main__":
    raise SystemExit(exit_status(main)("deduction", __doc__))
