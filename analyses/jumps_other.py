"""The same as jumps.py for the model of the other architecture, trm-6x6, whose answers need not come alike.

    python analyses/jumps_other.py [--n PUZZLES] [--seed SEED] [--out FOLDER]

Writes jumps_other.png, jumps_other.pdf, jumps_other.html and jumps_other.json.
Claim: answers come in one segment; the average hides it (arXiv 2601.10679).
"""

from command_lines import exit_status

from hrm_probe.demo.script import main

if __name__ == "__main__":
    raise SystemExit(exit_status(main)("jumps_other", __doc__))
