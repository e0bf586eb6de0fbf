"""Puzzles for the reader to step through: some of each reasoning mode, and easy ones that are lost again."""

import numpy as np

from hrm_probe.demo.evidence import Evidence
from hrm_probe.demo.exploring import explore, plane_view
from hrm_probe.demo.jumps import story_jump
from hrm_probe.demo.traps import most_divided
from hrm_probe.models.batching import puzzles_at_once
from hrm_probe.plots.page import Story
from hrm_probe.plots.style import MODES
from hrm_probe.progress import track
from hrm_probe.reasoning.easy.easy_puzzles import single_blanks
from hrm_probe.reasoning.runs.curves import follow

RESOLUTION = 31  # of a story's landscape: a page holds several
FEW = 100  # single blanks tried, to find some that are lost
LOST_SHOWN = 2

NOTES = {
    "trivial success": "Right early, and stays right.",
    "non-trivial success": "Wrong for several segments, then right.",
    "trivial failure": "Goes straight to a wrong answer and rests there.",
    "non-trivial failure": "Wanders, and is wrong at the end.",
}


def stories(evidence: Evidence) -> list[Story]:
    """The most divided puzzle first, then puzzles of each mode, evenly drawn, then single blanks that are lost."""
    settings = evidence.settings
    chosen = [(most_divided(evidence.explorations), "From many starts")]
    modes, rng = evidence.modes(settings.model).table["mode"].to_numpy(), evidence.rng(2)
    each = max(1, (settings.stories - 2) // len(MODES))
    for mode in MODES:
        rows = np.setdiff1d(np.flatnonzero(modes == mode), [row for row, _ in chosen])
        if len(rows):
            drawn = rng.choice(rows, min(each, len(rows)), replace=False)
            chosen += [(int(row), mode.capitalize()) for row in sorted(drawn)]
    counted = track(chosen, "stories") if evidence.progress else chosen
    told = [_of_sample(evidence, row, group, str(modes[row])) for row, group in counted]
    return told + _single_blanks(evidence)


def _of_sample(evidence: Evidence, row: int, group: str, mode: str) -> Story:
    settings, curves = evidence.settings, evidence.curves(evidence.settings.model)
    found, puzzle = evidence.explore(row), evidence.puzzles[row]
    blanks, runs = int(puzzle.blanks.sum()), found.wrong.shape[1]
    return Story(
        label=f"puzzle {row}: {blanks} blanks, {mode}",
        group=group,
        note=f"{NOTES[mode]} Of {runs} runs, one from the model's own start and the others from noise on it, "
        f"{found.right_ends} end right.",
        tokens=puzzle.tokens[0],
        answers=puzzle.answers[0],
        predictions=curves.predictions[row],
        loss=curves.loss[row],
        displacement=curves.displacement[row],
        jump=story_jump(curves, evidence.jumps(settings.model), row),
        plane=plane_view(evidence.model(settings.model), found, min(RESOLUTION, settings.resolution)),
    )


def _single_blanks(evidence: Evidence) -> list[Story]:
    """Solved grids with one blank that the model gets right at some segment and wrong at the end, if there are any."""
    settings, model = evidence.settings, evidence.model(evidence.settings.model)
    few = evidence.puzzles[: min(FEW, settings.n_blanks)]
    easy, _, _ = single_blanks(few, 1, settings.seed)
    curves = follow(model, easy, evidence.segments, batch_size=puzzles_at_once(model.device))
    lost = np.flatnonzero(curves.solved.any(1) & ~curves.solved[:, -1])[:LOST_SHOWN]
    told = []
    for row in lost:
        found = explore(model, easy[int(row)], evidence.segments, settings.starts, settings.seed + int(row))
        told.append(
            Story(
                label=f"grid {row} with one blank, solved and lost",
                group="One blank",
                note="All cells but one are given. The model finds the answer, and loses it again.",
                tokens=easy.tokens[row],
                answers=easy.answers[row],
                predictions=curves.predictions[row],
                loss=curves.loss[row],
                displacement=curves.displacement[row],
                plane=plane_view(model, found, min(RESOLUTION, settings.resolution)),
            )
        )
    return told
