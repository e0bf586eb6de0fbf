"""One topic of the report on a model: its claims judged, its pictures drawn.

    python analyses/claim_attractors.py [MODEL] [--puzzles SET] [--again] [--out FOLDER]

Claims: A puzzle has several fixed points; the start decides; a run stays at the first it meets (arXiv 2601.10679).
Runs the model and writes landscape, basins (.png, .pdf), report.html, report.json and results.npz to FOLDER;
with --again judges and draws what figures/report/MODEL holds, without running the model.
"""

from command_lines import exit_status

from hrm_probe.report.script import main

if __name__ == "__main__":
    raise SystemExit(exit_status(main)("attractors", __doc__))
