"""Every puzzle's loss by segment, sorted by its jump; single curves beside their average.

    python analyses/jumps.py [--model NAME] [--n PUZZLES] [--seed SEED] [--out FOLDER]

Writes jumps.png, jumps.pdf, jumps.html and jumps.json.
Claim: answers come in one segment; the average hides it (arXiv 2601.10679).
"""

from command_lines import exit_status

from hrm_probe.demo.script import main

if __name__ == "__main__":
    raise SystemExit(exit_status(main)("jumps", __doc__))
