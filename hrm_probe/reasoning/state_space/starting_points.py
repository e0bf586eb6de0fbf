"""Where fixed points are searched from: states of a puzzle's trajectory, and others around its end."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from hrm_probe.dynamics.fixed_points import perturbed
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.near_names import names_among
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.runs.curves import where_asked
from hrm_probe.reasoning.runs.flattening import map_of

STARTS = ("end", "solved", "before_loss", "around")


class Starts(NamedTuple):
    """Starts of m searches. ``puzzle`` int [m] and ``name`` str [m] say whose and which; ``points`` is [m, d]."""

    puzzle: np.ndarray
    name: np.ndarray
    points: Tensor


def gather_starts(
    model: RecursiveReasoner,
    puzzles: Asked,
    segments: int,
    names: Sequence[str],
    copies: int,
    spread: float,
    seed: int,
) -> tuple[Starts, Tensor]:
    """The starts asked for that each puzzle has, sorted by puzzle, and the ends of all trajectories [puzzle, d]."""
    names = names_among(names, STARTS, "start")
    states, solved = _trajectory(model, puzzles, segments)
    ever, losses = solved.any(1), solved & ~np.concatenate([solved[:, 1:], solved[:, -1:]], axis=1)
    everyone, end = np.arange(len(puzzles)), np.full(len(puzzles), segments - 1)
    places = {
        "end": (everyone, end),
        "solved": (np.flatnonzero(ever), solved.argmax(1)[ever]),
        "before_loss": (np.flatnonzero(losses.any(1)), losses.argmax(1)[losses.any(1)]),
    }
    puzzle, labels, points = [], [], []
    for name in names:
        if name == "around":
            around = perturbed(states[-1], spread, copies, seed)
            puzzle.append(np.tile(everyone, copies))
            points.append(around.flatten(0, 1))
        else:
            rows, segment = places[name]
            puzzle.append(rows)
            points.append(states[torch.as_tensor(segment), torch.as_tensor(rows)])
        labels.append(np.full(len(puzzle[-1]), name))
    order = np.argsort(np.concatenate(puzzle), kind="stable")
    begun = Starts(np.concatenate(puzzle)[order], np.concatenate(labels)[order], torch.cat(points)[order])
    if not len(begun.puzzle):
        raise InputError(
            f'No puzzle has a start of the kinds {", ".join(names)}: none was solved or lost. Add "end".'
        )
    return begun, states[-1]


def _trajectory(model: RecursiveReasoner, puzzles: Asked, segments: int) -> tuple[Tensor, np.ndarray]:
    """Flat states [segment, puzzle, d] and solved bool [puzzle, segment]."""
    tokens = model.check_tokens(puzzles.tokens)
    answers = torch.as_tensor(puzzles.answers).to(model.device)
    flatten = map_of(model, puzzles).flatten
    states, solved = [], []
    with torch.no_grad():
        for state, output in model.unroll(tokens, segments, puzzle_ids_of(puzzles)):
            states.append(flatten(state))
            solved.append((where_asked(output.logits.argmax(-1), answers) == answers).all(-1))
    return torch.stack(states), torch.stack(solved, 1).cpu().numpy()
