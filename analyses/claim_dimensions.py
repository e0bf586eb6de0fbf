"""One topic of the report on a model: its claims judged, its pictures drawn.

    python analyses/claim_dimensions.py [MODEL] [--puzzles SET] [--again] [--out FOLDER]

Claim: z_H lies in more dimensions than z_L, and that is learned (arXiv 2506.21734, section 4).
Runs the model and writes dimensions (.png, .pdf), report.html, report.json and results.npz to FOLDER;
with --again judges and draws what figures/report/MODEL holds, without running the model.
"""

from command_lines import exit_status

from hrm_probe.report.script import main

if __name__ == "__main__":
    raise SystemExit(exit_status(main)("dimensions", __doc__))
