"""A film strip: one board through the segments.

    python analyses/film.py [--model NAME] [--n PUZZLES] [--seed SEED] [--out FOLDER]

Writes film.png, film.pdf and film.json.
The puzzle is chosen by a rule, which the caption states.
"""

from command_lines import exit_status

from hrm_probe.demo.script import main

if __name__ == "__main__":
    raise SystemExit(exit_status(main)("film", __doc__))
