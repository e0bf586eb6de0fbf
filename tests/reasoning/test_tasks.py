"""Tasks without rules: what each question says of them is known beforehand, and what needs rules is refused."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from hrm_probe import record
from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, RecursiveReasoner, Tasks
from hrm_probe.reasoning import (
    attractors,
    blanks,
    dimensions,
    evaluate,
    fixed_points,
    follow,
    guesses,
    interventions,
    jumps,
    lens,
    modes,
    patch_sweep,
    probes,
    residuals,
    row_masking,
    single_blank,
    solved_grids,
    stability,
    state_landscape,
    traced_curves,
    traps,
    wandering,
)  # fmt: skip
from hrm_probe.reasoning.runs.traced import puzzles_of
from hrm_probe.reasoning.solving.at_halt import evaluate_at_halt
from tests.models.published.folders import SPACE, padded
from tests.models.variants import lively
from tests.reasoning.planted_tasks import NEVER, Embedded

SEGMENTS = 10
PLANTED = Embedded()
TASKS = padded(24, 8)
CAME = TASKS.puzzle_ids + 1  # the segment at which each answer comes
CURVES = follow(PLANTED, TASKS, SEGMENTS, batch_size=7)


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    """Results do not depend on how many threads there are, and one is enough."""
    torch.set_num_threads(1)


# ---------------------------------------------------------------- known curves


def test_a_task_is_solved_when_what_is_asked_for_is_right() -> None:
    assert not TASKS.asked.all()
    since = np.arange(1, SEGMENTS + 1) >= CAME[:, None]
    assert (CURVES.solved == since).all()
    spaces = (TASKS.tokens == SPACE).sum(1)
    assert (CURVES.errors == np.where(since, 0, spaces[:, None])).all()
    assert (CURVES.predictions[:, -1] == TASKS.answers).all()


def test_loss_and_entropy_are_means_over_what_is_asked_for() -> None:
    """A logit of 4 beside five of 0: stablemax gives it 5/10, and the others 1/10 each."""
    wrong = (TASKS.tokens == SPACE).sum(1) / TASKS.asked.sum(1)
    first = np.where(CAME > 1, wrong, 0)
    np.testing.assert_allclose(CURVES.loss[:, 0], first * np.log(10) + (1 - first) * np.log(2), rtol=1e-6)
    np.testing.assert_allclose(CURVES.loss[:, -1], np.log(2), rtol=1e-6)
    p = np.exp([4.0] + [0.0] * 5)
    p /= p.sum()
    np.testing.assert_allclose(CURVES.entropy, -(p * np.log(p)).sum(), rtol=1e-5)


def test_accuracy_counts_cells_that_are_asked_for() -> None:
    found = evaluate(PLANTED, TASKS, 4)
    solved = CAME <= 4
    assert found.exact.estimate == solved.mean()
    assert (found.table["first_solved"] == np.where(solved, CAME, 0)).all()
    assert (found.table["blanks"] == TASKS.asked.sum(1)).all()
    wrong = (TASKS.tokens == SPACE).sum(1) / TASKS.asked.sum(1)
    assert found.cell == pytest.approx(1 - np.where(solved, 0, wrong).mean())
    assert found.by_segment["cell"].iloc[-1] == pytest.approx(found.cell)
    assert found.by_source["cell"].item() == pytest.approx(found.cell)


def test_accuracy_at_halt_is_that_of_the_first_segment_where_the_planted_model_halts() -> None:
    found = evaluate_at_halt(PLANTED, TASKS, SEGMENTS, batch_size=5)
    assert (found.table["solved"].to_numpy() == CURVES.solved[np.arange(24), CURVES.halted_at - 1]).all()
    assert 0 < found.exact.estimate < 1


def test_jumps_are_where_they_were_planted() -> None:
    found = jumps(PLANTED, TASKS, segments=SEGMENTS, groups=TASKS.group).table
    inside = (CAME > 2) & (CAME < SEGMENTS - 1)
    assert inside.sum() > 10
    assert (found["kind"][inside] == "jump").all()
    assert (found["jump_segment"][inside] == CAME[inside]).all()


def test_a_grid_is_held_though_the_model_goes_on_talking_where_nothing_is_asked() -> None:
    found = modes(PLANTED, TASKS, segments=SEGMENTS).table
    assert (found["held_from"] == CAME).all()
    assert (found["grids"] == np.where(CAME > 1, 2, 1)).all()
    assert (found["changes"] == (CAME > 1)).all()


def test_what_is_solved_is_kept() -> None:
    found = stability(PLANTED, TASKS, SEGMENTS, at=SEGMENTS)
    assert (found.table["first_solved"] == CAME).all()
    assert found.kept.estimate == 1


def test_fixed_points_are_right_where_the_answer_ever_comes() -> None:
    some = Tasks(TASKS.tokens, TASKS.answers, puzzle_ids=np.where(np.arange(24) % 2, NEVER, 0))[:4]
    found = fixed_points(PLANTED, some, 6, starts=["end"], eigenvalues=1, eigen_krylov=4)
    assert found.points.set_index("puzzle")["right"].to_dict() == {0: True, 1: False, 2: True, 3: False}
    assert not {"valid", "clues_kept"} & set(found.points)
    np.testing.assert_allclose(found.points["radius"], 0.5, atol=1e-3)


def test_attractors_are_right_where_the_answer_ever_comes() -> None:
    some = Tasks(TASKS.tokens, TASKS.answers, puzzle_ids=np.where(np.arange(24) % 2, NEVER, 0))[:4]
    found = attractors(PLANTED, some, n=4, starts=2, plane_resolution=0)
    assert found.table["right_attractors"].tolist() == [1, 0, 1, 0]
    assert found.table["wrong_attractors"].tolist() == [0, 1, 0, 1]
    assert not {"valid", "clues_kept", "conflicts"} & set(found.points)


def test_failures_rest_where_the_answer_never_comes() -> None:
    ids = np.where(np.arange(24) % 2, NEVER, TASKS.puzzle_ids)
    some = Tasks(TASKS.tokens, TASKS.answers, puzzle_ids=ids)
    found = wandering(
        PLANTED, some, horizons=(12, 20), long_puzzles=6, exponents=1, exponent_puzzles=2, threshold=0.01
    )
    assert (found.table["solved"] == (ids < NEVER)).all()
    assert found.failures_settle.estimate == found.successes_settle.estimate == 1
    trapped = traps(
        PLANTED, some, segments=12, long_segments=None, restarted=4, starts=1, scales=(0.1,), copies=0
    )
    assert trapped.trapped.estimate == pytest.approx(0.5 + ((CAME > 3) & (ids < NEVER)).mean())
    assert trapped.rescued.estimate == 0


# ---------------------------------------------------------------- a trace


def test_a_trace_of_tasks_answers_as_the_model_does(tmp_path) -> None:
    model, tasks = real_model_and_what_it_says(4)
    trace = record(model, tasks, tmp_path / "trace", segments=4, dtype="float32")
    assert (trace["puzzle_ids"].values == tasks.puzzle_ids).all()
    told, expected = traced_curves(trace, tasks), follow(model, tasks, 4)
    assert told.solved[:, -1].all()
    np.testing.assert_array_equal(told.predictions, expected.predictions)
    np.testing.assert_allclose(told.loss, expected.loss, rtol=1e-5)
    assert evaluate(trace, tasks).exact.estimate == 1
    with pytest.raises(InputError, match=r"not of these; Tasks\(trace\.puzzles\.tokens, trace\.puzzles"):
        traced_curves(trace, tasks[::-1])


def test_labels_that_do_not_count_are_recorded_as_padding() -> None:
    model, tasks = real_model_and_what_it_says(1)

    class Bare:
        tokens, answers = tasks.tokens, np.where(tasks.asked, tasks.answers, -100)

    trace = record(model, Bare(), segments=1)
    assert (trace["answers"].values == tasks.answers).all()


# ---------------------------------------------------------------- each question with each task's own embedding


def real_model_and_what_it_says(segments: int) -> tuple[RecursiveReasoner, Tasks]:
    """A random model, and tasks whose answers are what it says at that segment with their own embeddings."""
    model = lively(
        ModelConfig(
            cells=12, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, puzzles=5, max_segments=4
        )
    )
    tokens, ids = np.random.default_rng(0).integers(0, 6, (12, 12)), np.arange(12) % 5
    says = model.run(tokens, segments, ids).predictions[-1].numpy()
    asked = (says > 0) & (np.random.default_rng(1).random(says.shape) < 0.7)
    return model, Tasks(tokens, says, asked, ids)


SOLVED: dict[str, Callable[[RecursiveReasoner, Tasks], Any]] = {
    "follow": lambda m, t: follow(m, t, 4, batch_size=5).solved[:, -1].mean(),
    "residuals": lambda m, t: residuals(m, t, 4, batch_size=5).table["solved"].mean(),
    "interventions": lambda m, t: interventions(m, t, kinds="noise", at=[2], scales=0.0, batch_size=5).plain.estimate,
    "noise of size 0": lambda m, t: interventions(
        m, t, kinds="noise", at=[2], segments=4, scales=0.0
    ).table["accuracy"].mean(),
    "lens": lambda m, t: lens(m, t, segments=4, batch_size=5).solved.estimate,
    "dimensions": lambda m, t: dimensions(m, t, 4, untrained=0, tasks=2, batch_size=5).solved,
    "guesses": lambda m, t: guesses(m, t, n_guesses=2, segments=4, batch_size=5).single.estimate,
    "guesses of size 0": lambda m, t: guesses(
        m, t, n_guesses=3, scale=0.0, noise=0.0, segments=4
    ).table["accuracy"].mean(),
    "probes": lambda m, t: probes(m, t, segments=4, at=[4], folds=2, batch_size=5).solved.estimate,
    "patch_sweep": lambda m, t: patch_sweep(m, t, sites="state", segments=4, batch_size=5).plain.estimate,
    "wandering": lambda m, t: wandering(m, t, horizons=(4,), exponents=0).table["solved"].mean(),
    "traps": lambda m, t: traps(
        m, t, segments=4, long_segments=4, copies=0, starts=1, scales=(0.0,), restarted=4
    ).settled["solved"].dropna().mean(),
    "restarts": lambda m, t: 1 - traps(
        m, t, segments=4, long_segments=None, copies=0, starts=1, scales=(0.0,), restarted=4
    ).restarts["lost"].max(),
}  # fmt: skip


@pytest.mark.parametrize("question", SOLVED)
def test_each_task_is_put_with_its_own_embedding_and_judged_by_what_it_asks_for(question: str) -> None:
    model, tasks = real_model_and_what_it_says(4)
    assert SOLVED[question](model, tasks) == 1
    assert (
        follow(model, Tasks(tasks.tokens, tasks.answers), 4).solved[:, -1].mean() < 0.5
    )  # the other embeddings


def test_a_patch_from_the_task_itself_changes_nothing() -> None:
    model, tasks = real_model_and_what_it_says(4)
    assert interventions(model, tasks, kinds="patch", at=[2], segments=4, batch_size=5).control == 0


def test_the_lens_reads_the_models_own_answers_of_tasks() -> None:
    model, tasks = real_model_and_what_it_says(4)
    found = lens(model, tasks, segments=4, batch_size=5)
    last = found.table[found.table["site"] == "z_H"].iloc[-1]
    assert found.control == 0
    assert last[["solved", "right", "as_end", "as_final"]].tolist() == [1, 1, 1, 1]


def test_a_probe_reads_tokens_of_the_cells_that_are_asked_for() -> None:
    model, tasks = real_model_and_what_it_says(4)
    found = probes(model, tasks, segments=4, at=[4], folds=2)
    assert set(found.table["question"]) == {"token", "solved"}
    of_tokens = found.table[found.table["question"] == "token"]
    assert (of_tokens["model"] == 1).all()
    per_cell = found.cells[found.cells["site"] == "z_H"].set_index("cell")["n"]
    assert per_cell.tolist() == tasks.asked.sum(0).tolist()


def test_tasks_have_no_lawful_grids_to_vote_by() -> None:
    model, tasks = real_model_and_what_it_says(2)
    found = guesses([model, model], tasks, n_guesses=2, segments=2)
    assert set(found.table["source"]) == {"start", "noise", "models"}
    assert "first lawful" not in set(found.table["vote"])
    assert len(set(found.table["vote"])) == 5


# ---------------------------------------------------------------- what needs rules


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (single_blank, r"single_blank\(\) blanks cells of solved grids, by rules of Sudoku"),
        (blanks, r"blanks\(\) blanks cells of solved grids, by rules"),
        (row_masking, r"row_masking\(\) masks a row, column or box of a solved grid, by rules"),
        (solved_grids, r"solved_grids\(\) gives solved grids as puzzles, by rules"),
        (partial(patch_sweep, positions="clues"), "The positions 'clues' are cells that are given, by rules of Sudoku"),
        (partial(patch_sweep, positions="peers"), "a changed cell, by rules .* do not have; choose among all, prefix,"),
        (state_landscape, r"state_landscape\(\) draws the conflicts of grids, by rules"),
        (traps, r"asks symmetric copies too, .* which Tasks do not have; leave them out with copies=0"),
        (partial(guesses, sources="relabelling"), "'relabelling' ask symmetric copies, .*; ask other sources"),
        (partial(jumps, groups="class"), "symmetric copies of one another, .*; give a label for each, such as"),
    ],
)  # fmt: skip
def test_what_needs_the_rules_of_sudoku_says_so(question: Callable[..., Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        question(PLANTED, TASKS)


def test_tasks_that_do_not_fit_the_model_are_refused() -> None:
    model, tasks = real_model_and_what_it_says(1)
    with pytest.raises(InputError, match="from 0 to 4"):
        follow(model, Tasks(tasks.tokens, tasks.answers, tasks.asked, tasks.puzzle_ids + 1))
    with pytest.raises(InputError, match="model is for 16"):
        jumps(lively(model.config.replace(cells=16)), tasks)


def test_a_segment_map_takes_puzzle_ids_as_numpy() -> None:
    from hrm_probe.reasoning import segment_map

    model, tasks = real_model_and_what_it_says(1)
    step, flatten, _ = segment_map(model, tasks.tokens, tasks.puzzle_ids)
    points = flatten(model.initial_state(12)).repeat(2, 1)
    expected = flatten(model.run(tasks.tokens, 1, tasks.puzzle_ids).state)
    assert torch.equal(step(points), expected.repeat(2, 1))


def test_who_patches_a_whole_last_state_gets_the_donors_grid_wherever_both_are_asked() -> None:
    model = lively(ModelConfig(cells=12, vocab=6, d_model=8, n_heads=1, H_layers=1, L_layers=1, puzzles=8))
    tasks = Tasks(TASKS.tokens, TASKS.answers, group=TASKS.group)
    found = interventions(model, tasks, segments=3, kinds=("patch",), at=3).table
    both = found[(found["site"] == "both") & (found["detail"] == "another")]
    assert both["donor"].tolist() == [1.0]
    assert both["own"].tolist() == [0.0]


def test_a_control_knows_only_answers_that_are_asked_for() -> None:
    """Most tasks ask for one cell: shuffled over all tasks, their labels would be padding, which is easily read."""
    rng = np.random.default_rng(0)
    answers = rng.integers(1, 5, size=(400, 12))
    answers[: 7 * 400 // 8, 1:] = 0
    model = lively(ModelConfig(cells=12, vocab=6, d_model=8, n_heads=1, H_layers=1, L_layers=1))
    found = probes(model, Tasks(np.ones_like(answers), answers), segments=2, sites="z_H", at=2, folds=4).table
    token = found[found["question"] == "token"].iloc[0]
    assert token["shuffled"] == pytest.approx(0.25, abs=0.08)
    assert token["score"] == pytest.approx(0.25, abs=0.08)


def test_labels_are_of_all_tasks_though_a_question_draws_some() -> None:
    model = lively(ModelConfig(cells=12, vocab=6, d_model=8, n_heads=1, H_layers=1, L_layers=1, puzzles=8))
    groups = np.arange(len(TASKS)) // 2
    assert residuals(model, TASKS, 2, n=10, groups=groups).resampled == "given groups"
    assert fixed_points(model, TASKS, 2, n=4, groups=groups, max_iterations=1).resampled == "given groups"
    with pytest.raises(InputError, match="one label for each of the 24 puzzles"):
        residuals(model, TASKS, 2, n=10, groups=groups[:10])


def test_a_trace_keeps_what_belongs_together_and_is_of_tasks_where_no_board_has_such_tokens() -> None:
    tokens = np.random.default_rng(0).integers(1, 5, size=(6, 36))
    model = lively(ModelConfig(cells=36, vocab=6, d_model=8, n_heads=1, H_layers=1, L_layers=1, puzzles=4))
    tasks = Tasks(tokens, tokens, puzzle_ids=[0, 1, 2, 3, 0, 1], group=[0, 0, 0, 1, 1, 1])
    own = puzzles_of(record(model, tasks, segments=2))
    assert isinstance(own, Tasks)
    assert (own.group == tasks.group).all()
    assert (own.puzzle_ids == tasks.puzzle_ids).all()
