"""Holding a cell back delays what follows from it in a model that propagates, and nothing in one that does not."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, Tasks, build_model
from hrm_probe.reasoning import deduction_order, hold_back
from hrm_probe.reasoning.deducing.forerunners import forerunners
from hrm_probe.reasoning.deducing.hold_back import holder
from hrm_probe.sudoku import Puzzles, deduction_rounds, generate
from tests.reasoning.planted_propagation import Propagating
from tests.reasoning.planted_schedules import Scheduled

EVERY = generate(40, "minimal", "6x6", seed=0)
PUZZLES = EVERY[(deduction_rounds(EVERY.grids) >= 0).all(1)]  # that singles solve
CHOSEN = forerunners(PUZZLES)
USED = CHOSEN.held >= 0
ROUNDS = deduction_rounds(PUZZLES.grids)


def rounds_without_the_held_cell() -> np.ndarray:
    """In which round singles find each cell of the puzzles used, where the held one is never found."""
    withheld = np.zeros((int(USED.sum()), PUZZLES.board.cells), bool)
    withheld[np.arange(len(withheld)), CHOSEN.held[USED]] = True
    return deduction_rounds(PUZZLES[USED].grids, withheld)


@pytest.fixture(scope="module")
def found():
    """All puzzles in one batch, as the planted models want them."""
    puzzles = PUZZLES[USED]
    return hold_back(Propagating(puzzles.board), puzzles, batch_size=len(puzzles))


def test_a_model_that_propagates_comes_in_the_order_of_deduction():
    order = deduction_order(Propagating(PUZZLES.board), PUZZLES)
    assert order.solved.estimate == 1
    assert order.orders["share"].iloc[0] == 1
    assert order.pace.estimate == pytest.approx(1)


def test_its_followers_wait_and_no_others(found):
    assert found.usable == USED.sum()
    assert (found.table["difference"] >= 1).all()
    assert (found.table["others_delay"] == 0).all()
    assert found.difference.low > 1


def test_followers_wait_as_long_as_logic_says(found):
    """Until the round in which they are deduced without the held cell."""
    chosen, without = CHOSEN[np.flatnonzero(USED)], rounds_without_the_held_cell()
    assert (without[chosen.matched] > 0).all()
    expected = [
        delay[those].mean() for delay, those in zip(without - chosen.rounds, chosen.matched, strict=True)
    ]
    assert found.table["following_delay"].to_numpy() == pytest.approx(expected)


def test_followers_that_never_come_wait_to_the_end_of_the_run():
    """A run of four updates solves what singles solve in four rounds, and is over when some that are held back come."""
    puzzles, chosen, without = PUZZLES[USED], CHOSEN[np.flatnonzero(USED)], rounds_without_the_held_cell()
    found = hold_back(Propagating(puzzles.board), puzzles, segments=2, batch_size=len(puzzles))
    solved = chosen.rounds.max(1) <= 4
    assert ((without > 5) & chosen.matched & solved[:, None]).any()
    delays = np.minimum(without, 5) - chosen.rounds
    expected = [delay[those].mean() for delay, those in zip(delays, chosen.matched, strict=True)]
    assert (found.table["solved"] == solved).all()
    assert found.table["following_delay"].to_numpy()[solved] == pytest.approx(np.array(expected)[solved])


def test_holding_an_idle_cell_delays_nothing(found):
    assert (found.table[["idle_following_delay", "idle_others_delay", "idle_difference"]] == 0).all(axis=None)
    assert found.effects.set_index("held").loc["idle", "difference"] == 0


def test_arrivals_are_told_by_round_peers_and_followers(found):
    table = found.by_round
    assert table["cells"].sum() == CHOSEN.compared[USED].sum()
    assert table["plain"].to_numpy() == pytest.approx(table["round"].to_numpy())
    assert (table["idle"] == table["plain"]).all()
    assert (table["forerunner"] > table["plain"])[table["follows"]].all()
    assert (table["forerunner"] == table["plain"])[~table["follows"]].all()


def test_a_model_that_only_keeps_to_the_order_does_not_wait():
    """The schedule looks like deduction, but takes nothing from the held cell."""
    puzzles = PUZZLES[USED]
    model = Scheduled(puzzles, np.where(ROUNDS[USED] < 1, 1, ROUNDS[USED]))
    assert deduction_order(model, puzzles).orders["share"].iloc[0] == 1
    found = hold_back(model, puzzles, batch_size=len(puzzles))
    assert (found.effects[["following", "others", "difference"]] == 0).all(axis=None)


def test_puzzles_that_are_not_solved_plainly_do_not_count():
    puzzles = PUZZLES[USED]
    schedule = np.where(ROUNDS[USED] < 1, 1, ROUNDS[USED])
    schedule[::2] = 1000
    found = hold_back(Scheduled(puzzles, schedule), puzzles, batch_size=len(puzzles))
    assert found.usable == len(puzzles) // 2
    assert found.table["difference"].isna().tolist() == [i % 2 == 0 for i in range(len(puzzles))]


def test_an_untrained_model_has_its_result_whatever_the_batches():
    for kind in ("hrm", "trm"):
        config = ModelConfig(
            architecture=kind,
            cells=36,
            vocab=8,
            d_model=16,
            n_heads=2,
            H_layers=1,
            L_layers=1,
            max_segments=2,
        )
        found = hold_back(build_model(config), PUZZLES, groups="class", batch_size=5)
        assert (found.usable, found.difference, len(found.effects)) == (0, None, 0)
        assert "none is solved" in str(found)
        assert found.summary()["difference"] is None


@pytest.mark.parametrize("kind", ["hrm", "trm"])
def test_the_position_of_a_held_cell_stays_where_it_began_and_all_others_go_on(kind):
    config = ModelConfig(
        architecture=kind,
        cells=36,
        vocab=8,
        d_model=16,
        n_heads=2,
        H_layers=1,
        L_layers=1,
        prefix=2,
        max_segments=2,
    )
    model, cells = build_model(config, seed=1), CHOSEN.held[:3]
    begun, moves = model.initial_state(3), {}
    with model.hooks([(["z_H", "z_L"], holder(model, cells))]):
        _, cache = model.run_with_cache(PUZZLES.tokens[:3], ["z_H", "z_L"])
    for name, first in (("z_H", begun.z_H), ("z_L", begun.z_L)):
        moves[name] = (cache[name] != first).any(-1).flatten(0, -3)  # update, puzzle, position
        assert moves[name].any(0).sum(1).tolist() == [config.pos - 1] * 3
        assert not moves[name][:, np.arange(3), 2 + cells].any()


def test_bad_questions_are_one_sentence():
    model = Propagating(PUZZLES.board)
    with pytest.raises(InputError, match=r"hold_back\(\) tells what follows from a cell, by rules of Sudoku"):
        hold_back(model, Tasks(PUZZLES.tokens, PUZZLES.answers))
    nearly = np.where(np.arange(36) == 0, 1, PUZZLES.answers)
    with pytest.raises(InputError, match="has a first single with cells that follow from it and others"):
        hold_back(model, Puzzles(nearly, PUZZLES.answers))
