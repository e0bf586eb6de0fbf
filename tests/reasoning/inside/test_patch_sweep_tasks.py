"""A sweep over tasks: each run has its own puzzle embedding, and only what is asked for counts."""

import dataclasses

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, Tasks, Tick
from hrm_probe.reasoning import patch_sweep
from hrm_probe.sudoku import generate
from tests.models.variants import lively

SEGMENTS = 3
MODEL = lively(
    ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, puzzles=5, prefix=2)
)
END = Tick(2, MODEL.config.H_cycles, 0)


def tasks_of(seed: int, n: int = 8) -> Tasks:
    rng = np.random.default_rng(seed)
    tokens, answers = rng.integers(0, 6, (2, n, 16))
    asked = (answers > 0) & (rng.random((n, 16)) < 0.7)
    return Tasks(tokens, answers, asked, rng.integers(0, 5, n))


RECEIVERS, DONORS = tasks_of(0), tasks_of(1)


def logits_of(tasks: Tasks, segments: int = SEGMENTS, ids=None, state=None) -> np.ndarray:
    ids = tasks.puzzle_ids if ids is None else ids
    return MODEL.run(tasks.tokens, segments, ids, state=state).logits[-1].numpy()


def recovered_by_hand(patched: np.ndarray) -> np.ndarray:
    own, donor = logits_of(RECEIVERS), logits_of(DONORS)
    of_own, of_donor = own.argmax(-1)[..., None], donor.argmax(-1)[..., None]
    disputed = RECEIVERS.asked & DONORS.asked & (of_own != of_donor)[..., 0]

    def lead(logits: np.ndarray) -> np.ndarray:
        leads = np.take_along_axis(logits, of_donor, -1) - np.take_along_axis(logits, of_own, -1)
        return (leads[..., 0].astype(float) * disputed).sum(1)

    return (lead(patched) - lead(own)) / (lead(donor) - lead(own))


def test_the_donor_runs_with_its_embedding_and_the_patched_run_goes_on_with_the_receivers() -> None:
    sweep = patch_sweep(MODEL, RECEIVERS, DONORS, sites="state", ticks=END, segments=SEGMENTS, batch_size=3)
    state = MODEL.run(DONORS.tokens, 2, DONORS.puzzle_ids).state
    expected = recovered_by_hand(logits_of(RECEIVERS, SEGMENTS - 2, state=state))
    assert len(sweep.rows) == 8
    np.testing.assert_allclose(sweep.by_pair["recovered"][0], expected, rtol=1e-3)
    others = recovered_by_hand(logits_of(RECEIVERS, SEGMENTS - 2, DONORS.puzzle_ids, state))
    assert np.abs(others - expected).max() > 0.01  # the test could tell
    assert (sweep.control, sweep.whole) == (0, 1)
    early = patch_sweep(MODEL, RECEIVERS, DONORS, sites="z_L", ticks=Tick(2, 1, 1), segments=SEGMENTS)
    assert early.control == 0  # what is left of the segment reads the receiver's embedding, too


def test_where_only_the_embedding_differs_the_prefix_of_the_input_carries_everything() -> None:
    donors = dataclasses.replace(RECEIVERS, puzzle_ids=(RECEIVERS.puzzle_ids + 1) % 5)
    names = ("prefix", "changed", "cells", "blanks", "elsewhere")
    sweep = patch_sweep(
        MODEL, RECEIVERS, donors, sites="embed", ticks=Tick(1, 0, 0), positions=names, segments=1
    )
    assert len(sweep.rows) > 3
    told = sweep.table.set_index("positions")
    assert told["donor"].to_dict() == {"prefix": 1, "changed": 1, "cells": 0, "blanks": 0, "elsewhere": 0}
    assert told["patched"][["prefix", "changed", "cells"]].tolist() == [2, 1, 16]
    assert told["recovered"].to_numpy() == pytest.approx([1, 1, 0, 0, 0], abs=1e-6)


def test_what_is_said_where_nothing_is_asked_does_not_count() -> None:
    says, others = (logits_of(tasks).argmax(-1) for tasks in (RECEIVERS, DONORS))
    alike, half = says == others, np.arange(16) < 8
    right = dataclasses.replace(RECEIVERS, answers=says, asked=half & (says > 0))
    donors = dataclasses.replace(DONORS, answers=others, asked=(np.arange(16) < 4) & (others > 0))
    whole = Tick(SEGMENTS, MODEL.config.H_cycles, 0)
    sweep = patch_sweep(
        MODEL, right, donors, sites="z_H", ticks=whole, positions={"upper": half, "lower": ~half}, segments=SEGMENTS
    )  # fmt: skip
    disputed = (right.asked & donors.asked & ~alike).sum(1)
    assert sweep.rows.tolist() == np.flatnonzero(disputed).tolist()
    assert sweep.disputed == disputed[disputed > 0].mean()
    assert sweep.plain.estimate == 1
    told = sweep.table.set_index("positions")  # z_H is read cell by cell
    assert told.loc["upper", ["recovered", "donor", "changed", "solved"]].tolist() == [1, 1, 1, 0]
    assert told.loc["lower", ["recovered", "donor", "changed", "solved"]].tolist() == [0, 0, 0, 1]


def test_pairs_that_answer_alike_where_both_are_asked_are_left_out() -> None:
    ones = np.ones((8, 16), int)
    left, right = (
        dataclasses.replace(tasks, answers=ones, asked=ones * (np.arange(16) < 8) == side)
        for tasks, side in ((RECEIVERS, 1), (DONORS, 0))
    )
    with pytest.raises(InputError, match=r"No pair ends differently .* in a cell that is asked for in both,"):
        patch_sweep(MODEL, left, right, segments=2)


def test_other_kinds_and_embeddings_that_the_model_lacks_are_refused() -> None:
    sudokus = generate(8, "minimal", "4x4", seed=0)
    for receivers, donors in ((RECEIVERS, sudokus), (sudokus, DONORS)):
        with pytest.raises(InputError, match=r"The receivers are \w+ and the donors \w+; give donors of the"):
            patch_sweep(MODEL, receivers, donors)
    with pytest.raises(InputError, match="from 0 to 4"):
        patch_sweep(MODEL, RECEIVERS, dataclasses.replace(DONORS, puzzle_ids=np.full(8, 5)))
