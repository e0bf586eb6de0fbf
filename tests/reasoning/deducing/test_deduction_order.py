"""The order of deduction is found where it was planted, not where cells come at random, at once, or easiest first."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import HookError, ModelConfig, Tasks, build_model
from hrm_probe.reasoning import deduction_order, lens
from hrm_probe.reasoning.deducing.deduction_tables import HARDNESS, ORDERS, arrivals_for_good, pace
from hrm_probe.sudoku import candidates, deduction_rounds, generate
from tests.reasoning.planted_schedules import NEVER, Scheduled

PUZZLES = generate(40, "minimal", "6x6", seed=0)
ROUNDS = deduction_rounds(PUZZLES.grids)
LAST = ROUNDS.max(1, keepdims=True) + 1  # when the cells come that singles do not reach
BY_LOGIC = np.where(ROUNDS < 0, LAST, ROUNDS)
OPEN = candidates(PUZZLES.grids).sum(-1)
LENGTH = 8  # segments, of two updates each


def asked(schedule: np.ndarray, **arguments):
    return deduction_order(Scheduled(PUZZLES, schedule, LENGTH), PUZZLES, **arguments)


def shares(found) -> dict[str, float]:
    return dict(zip(found.orders["order"], found.orders["share"], strict=True))


# ---------------------------------------------------------------- what was planted


def test_a_round_an_update_is_the_order_of_deduction():
    found = asked(BY_LOGIC)
    assert found.solved.estimate == 1
    assert shares(found)["deduction"] == shares(found)["deduction, candidates equal"] == 1
    assert found.orders["together"].iloc[0] == 0
    assert found.pace.estimate == pytest.approx(1)
    reached = found.by_round[(found.by_round["round"] > 0) & (found.by_round["cells"] > 0)]
    assert reached["arrival"].tolist() == pytest.approx(reached["round"].tolist())
    assert (found.table["arrived"] == BY_LOGIC.max(1)).all()


def test_half_a_round_an_update_has_half_the_pace_and_the_same_order():
    found = asked(2 * BY_LOGIC)
    assert found.pace.estimate == pytest.approx(2)
    assert shares(found)["deduction"] == 1
    assert asked((BY_LOGIC + 1) // 2).orders["together"].iloc[0] > 0.1


def test_the_reverse_of_deduction_is_never_in_order():
    assert shares(asked(LAST + 1 - BY_LOGIC))["deduction"] == 0


def test_cells_that_come_at_random_are_in_order_half_of_the_time():
    found = asked(np.random.default_rng(0).integers(1, 2 * LENGTH, PUZZLES.answers.shape))
    for order in ORDERS:
        assert shares(found)[order] == pytest.approx(0.5, abs=0.06)
    row = found.orders.iloc[0]
    assert row["low"] < 0.5 < row["high"]


def test_cells_that_come_at_once_have_no_order():
    found = asked(np.full(PUZZLES.answers.shape, 5))
    assert found.orders["share"].isna().all()
    assert (found.orders["puzzles"] == 0).all()
    assert "No puzzle is solved whose cells arrive one after another" in str(found)


def test_cells_that_come_by_their_candidates_alone_are_told_from_deduction():
    """Fewest candidates first looks like deduction, as these cells are deduced early; at equal candidates it is not."""
    found = asked(np.where(PUZZLES.blanks, OPEN, 1))
    assert shares(found)["candidates"] == shares(found)["candidates, rounds equal"] == 1
    assert shares(found)["deduction"] > 0.55
    assert np.isnan(shares(found)["deduction, candidates equal"])


def test_shuffled_arrivals_have_no_order():
    found = asked(BY_LOGIC).orders.set_index("order")  # cells of one round come together: they have no order
    assert found.loc["deduction, candidates equal", "share"] == 1
    assert found.loc[list(ORDERS[:3]), "shuffled"].to_numpy() == pytest.approx(0.5, abs=0.05)
    assert found.loc["candidates, rounds equal", ["share", "shuffled"]].isna().all()


# ---------------------------------------------------------------- what is counted


def test_only_solved_puzzles_are_ordered():
    schedule = BY_LOGIC.copy()
    schedule[::2] = np.where(ROUNDS[::2] > 2, NEVER, schedule[::2])
    failing = (schedule == NEVER).any(1)
    found = asked(schedule)
    assert (found.table["solved"] == ~failing).all()
    assert found.table.loc[failing, ["pace", *ORDERS, "together"]].isna().all(axis=None)
    by_round = found.by_round.set_index("round")
    assert by_round.loc[1, "right_failed"] == by_round.loc[2, "right_failed"] == 1
    assert by_round.loc[3, "right_failed"] == 0
    assert by_round["cells_failed"].sum() == (PUZZLES.blanks & failing[:, None]).sum()
    assert by_round["cells"].sum() == (PUZZLES.blanks & ~failing[:, None]).sum()


def test_failures_of_long_chains_are_told_by_the_rounds():
    long = ROUNDS.max(1) >= np.median(ROUNDS.max(1)) + 1
    schedule = np.where(long[:, None] & (ROUNDS.max(1, keepdims=True) == ROUNDS), NEVER, BY_LOGIC)
    effort = asked(schedule).effort.set_index("measure")
    assert list(effort.index) == list(HARDNESS)
    assert effort.loc["rounds", "fails"] == 1
    assert effort.loc["rounds", "correlation"] > 0.9  # a round an update
    assert abs(effort.loc["blanks", "correlation"]) < 0.9


def test_a_cell_that_comes_and_goes_has_not_arrived():
    right = np.array([[1, 1, 0], [0, 1, 0], [1, 1, 0], [1, 1, 0]], bool)[None]
    assert arrivals_for_good(right).tolist() == [[3, 1, 0]]


def test_the_pace_is_a_slope_over_three_rounds_or_more():
    rounds = np.array([0, 1, 2, 3, -1])
    assert pace(np.array([1, 3, 5, 7, 1]), rounds) == pytest.approx(2)
    assert np.isnan(pace(np.array([1, 3, 5, 7, 1]), np.array([0, 1, 2, 2, -1])))


def test_puzzles_that_need_more_than_singles_are_counted_apart():
    beyond = (ROUNDS < 0).any(1)
    schedule = np.where(beyond[:, None], NEVER, BY_LOGIC)
    found = asked(schedule)
    assert found.solved_by_singles.estimate == 1
    assert (found.solved_beyond.estimate == 0) == bool(beyond.any())
    assert found.solved_beyond.n == beyond.sum()


# ---------------------------------------------------------------- real models


@pytest.mark.parametrize("kind", ["hrm", "trm"])
def test_a_real_model_is_read_as_the_lens_reads_it(kind):
    config = ModelConfig(
        architecture=kind, cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=3
    )
    model, puzzles = build_model(config, seed=1), generate(10, "easy", "4x4", seed=0)
    for site, reads in (("z_H", config.H_cycles), ("z_L", config.H_cycles * config.L_cycles)):
        found = deduction_order(model, puzzles, site=site, batch_size=4)
        assert (found.control, found.site, found.reads) == (0, site, reads)
        grids = lens(model, puzzles).reads[site].in_time()
        right = grids[:, -1] == puzzles.answers
        failed = ~found.table["solved"].to_numpy()
        assert (found.table["arrived"] > 0).sum() <= (~failed).sum()
        assert right.shape == (10, 16)


def test_an_untrained_model_has_its_result():
    config = ModelConfig(cells=36, vocab=8, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=2)
    found = deduction_order(build_model(config), PUZZLES, groups="class")
    assert found.solved.estimate == 0
    assert found.pace is None
    assert found.summary()["orders"]
    assert "0.0%" in str(found)


def test_bad_questions_are_one_sentence():
    model = Scheduled(PUZZLES, BY_LOGIC)
    with pytest.raises(InputError, match=r"tells what follows from the clues, by rules of Sudoku"):
        deduction_order(model, Tasks(PUZZLES.tokens, PUZZLES.answers))
    with pytest.raises(HookError):
        deduction_order(model, PUZZLES, site="z_X")
    small = build_model(ModelConfig(cells=36, vocab=8, d_model=16, n_heads=2, H_layers=1, L_layers=2), seed=0)
    with pytest.raises(InputError, match="reads one site, and 'resid_post' names several"):
        deduction_order(small, PUZZLES, site="resid_post")
