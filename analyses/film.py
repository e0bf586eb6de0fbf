"""A film strip: one board through the segments.

    python analyses/film.py [--model NAME] [--n PUZZLES] [--seed SEED] [--out FOLDER]

Writes film.png, film.pdf and film.json.
The puzzle is chosen by a rule, which the caption states.
"""

from hrm_probe.demo.script import main

if __name__ == "__main__":
    main("film", __doc__)
