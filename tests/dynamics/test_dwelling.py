"""Stays and escapes: by hand, and against a chain whose rates are known."""

import numpy as np
import pytest

from hrm_probe.dynamics import dwell_times, escapes, transitions
from hrm_probe.errors import InputError


def test_stays_by_hand() -> None:
    table = dwell_times([[0, 0, 1, 1, 0], [-1, -1, -1, -1, -1]])
    assert table.to_dict("list") == {
        "run": [0, 0, 0, 1],
        "state": [0, 1, 0, -1],
        "start": [0, 2, 4, 0],
        "length": [2, 2, 1, 5],
        "ended": [True, True, False, False],
        "next": [1, 0, -2, -2],
    }


def chain(leave: tuple[float, float], runs: int = 300, time: int = 40, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    states = np.zeros((runs, time), dtype=np.int64)
    for t in range(1, time):
        now = states[:, t - 1]
        states[:, t] = np.where(rng.random(runs) < np.array(leave)[now], 1 - now, now)
    return states


def test_rates_of_a_known_chain_in_spite_of_the_cut() -> None:
    table = escapes(chain((0.05, 0.2)))
    assert table["state"].tolist() == [0, 1]
    np.testing.assert_allclose(table["rate"], [0.05, 0.2], rtol=0.1)
    np.testing.assert_allclose(table["mean_dwell"], [20, 5], rtol=0.1)
    assert ((table["low"] < [0.05, 0.2]) & (table["high"] > [0.05, 0.2])).all()
    # The naive mean of finished stays is too short: long ones are cut off.
    stays = dwell_times(chain((0.05, 0.2)))
    assert stays[(stays["state"] == 0) & stays["ended"]]["length"].mean() < 16


def test_a_trap_has_no_exits() -> None:
    row = escapes([[1, 1, 1], [0, 1, 1]]).set_index("state").loc[1]
    assert (row["exits"], row["rate"], row["mean_dwell"]) == (0, 0.0, np.inf)
    assert row["high"] < 1


def test_transitions_count_moves() -> None:
    table = transitions([[0, 0, 1], [1, 0, -1]])
    assert table.loc[0].to_dict() == {-1: 1, 0: 1, 1: 1}
    assert table.loc[1, 0] == 1
    assert table.to_numpy().sum() == 4


def test_escapes_by_hand() -> None:
    table = escapes([[0, 0, 1, 1, 0]]).set_index("state")
    assert table.loc[0, ["visits", "exits", "steps"]].tolist() == [
        2,
        1,
        2,
    ]  # nobody saw what came after the last 0
    assert table.loc[1, ["visits", "exits", "steps"]].tolist() == [1, 1, 2]
    assert table["rate"].tolist() == [0.5, 0.5]
    assert table["mean_dwell"].tolist() == [2, 2]


def test_a_lower_level_gives_a_narrower_interval() -> None:
    labels = chain((0.05, 0.2))
    wide, narrow = escapes(labels), escapes(labels, level=0.5)
    assert ((wide["low"] < narrow["low"]) & (narrow["high"] < wide["high"])).all()


def test_transitions_name_where_from_and_where_to() -> None:
    table = transitions([[True, True, False]])  # solved or not is a state too
    assert (table.index.name, table.columns.name) == ("from", "to")
    assert table.loc[1].tolist() == [1, 1]
    assert escapes([[True, False]])["exits"].tolist() == [0, 1]


@pytest.mark.parametrize("shape", [(0, 5), (3, 0)])
def test_no_runs_and_no_steps_give_empty_tables(shape: tuple[int, int]) -> None:
    nothing = np.zeros(shape, dtype=int)
    assert len(dwell_times(nothing)) == len(escapes(nothing)) == len(transitions(nothing)) == 0
    assert dwell_times(nothing).columns.tolist() == dwell_times([[0]]).columns.tolist()
    assert escapes(nothing).columns.tolist() == escapes([[0]]).columns.tolist()


def test_bad_input_is_told() -> None:
    with pytest.raises(InputError, match="a row for each run"):
        dwell_times([0, 1, 1])
    with pytest.raises(InputError, match="whole numbers, -1 for no attractor"):
        escapes([[0.5, 1.0]])
