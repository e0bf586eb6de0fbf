"""Models of equal minutes, put to the detectors of reasoning.

What minutes buy is a question of accuracy first, and the runs ask themselves nothing else. Whether the models that a
curriculum leaves also reason otherwise is asked afterwards: it needs no more than the models.
"""

from pathlib import Path
from typing import Any

from curricula.arms import ARMS
from curricula.comparing_detectors import DETECTORS
from curricula.drawing import paths
from curricula.probing import detect, follow_puzzles
from curricula.reading import Run
from curricula.saved_models import Answer, ask_saved_models
from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots.saving import save_figure
from hrm_probe.plots.style import style
from hrm_probe.sudoku import Puzzles

ASKED = "curriculum_minutes_detectors.json"


def detect_saved_models(runs: Path, out: Path, puzzles: int) -> list[Path]:
    """Put the model of every finished run under ``runs`` to the detectors, if it was not before, and draw all answers.

    Arguments and errors as of :func:`curricula.saved_models.ask_saved_models`; ``out`` is the folder of the answers.
    """
    answers = ask_saved_models(runs, out / ASKED, puzzles, ask)
    with style():
        figure = paths(as_runs(answers), DETECTORS)
    return [out / ASKED, *save_figure(figure, out, Path(ASKED).stem)]


def ask(model: RecursiveReasoner, puzzles: Puzzles) -> list[dict[str, Any]]:
    """What the detectors say of the model, at the depth it is kept with."""
    return [detect(model, puzzles, follow_puzzles(model, puzzles))]


def as_runs(answers: list[Answer]) -> list[Run]:
    """Answers as the probes of runs, ordered by arm and seed: what detectors are compared by."""
    ordered = sorted(answers, key=lambda answer: (list(ARMS).index(answer["arm"]), answer["seed"]))
    return [
        {"arm": answer["arm"], "seed": answer["seed"], "probes": answer, "path": None} for answer in ordered
    ]
