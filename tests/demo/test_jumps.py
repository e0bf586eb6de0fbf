"""Jumps in the demo: a verdict that another curve would turn round is none."""

from types import SimpleNamespace

import numpy as np
import pytest

from hrm_probe.demo.jumps import jumping
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.timing.jumps import jumps
from hrm_probe.sudoku import generate

PUZZLES = generate(40, "easy", "4x4", seed=0)
TIME, WHERE = np.arange(1, 17), np.arange(40)[:, None] % 10 + 4
STEPS = (TIME < WHERE).astype(float)


def evidence(loss: np.ndarray) -> SimpleNamespace:
    """Puzzles whose cells come all at once, with a loss of their own."""
    flat = np.random.default_rng(1).random(STEPS.shape)
    errors = np.ceil(8 * STEPS).astype(int)
    noisy = loss * (1 + 0.02 * np.random.default_rng(2).standard_normal(loss.shape))
    tokens = np.zeros((*STEPS.shape, 16), int)
    curves = Curves(noisy, errors, errors == 0, tokens, flat, flat, flat, np.full(40, 16), flat, flat)
    found = jumps(None, PUZZLES, curves=curves, widths=())
    return SimpleNamespace(
        settings=SimpleNamespace(model="planted"), curves=lambda name: curves, jumps=lambda name: found,
        describe=lambda n: f"{n} puzzles",
    )  # fmt: skip


FASTER_AND_FASTER = np.where(TIME < WHERE, 1.0, 0.1 ** (TIME - WHERE + 1.0))  # to a tenth at each segment


@pytest.mark.parametrize(
    ("loss", "verdict"),
    [(0.05 + STEPS, "holds"), (FASTER_AND_FASTER, "undecided")],
    ids=["step", "by loss only"],
)
def test_all_curves_must_be_on_one_side(loss: np.ndarray, verdict: str) -> None:
    told = jumping(evidence(loss))  # type: ignore[arg-type]
    assert told.statements[0].verdict == verdict
    assert (
        "That is by the loss; by wrong cells 100%, by the logarithm of the loss"
        in told.statements[0].sentence
    )
