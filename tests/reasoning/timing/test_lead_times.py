"""What foretells a jump: who is compared with whom, and how sure one must be among many signals."""

import numpy as np
import pytest

from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.statistics.ranking import auc
from hrm_probe.reasoning.timing.lead_times import SIGNALS, lead_times


def planted(solved: np.ndarray, **signals: np.ndarray) -> Curves:
    """Curves with these signals [puzzle, segment]; all others are flat."""
    flat = np.ones(solved.shape)
    given = {"loss": flat, "entropy": flat, "q_halt": flat, "displacement": flat, **signals}
    return Curves(
        errors=np.where(solved, 0, 2),
        solved=solved,
        predictions=np.zeros((*solved.shape, 16), int),
        q_continue=flat,
        halted_at=np.full(len(solved), solved.shape[1]),
        displacement_L=flat,
        **given,
    )


def of(table, signal: str, lag: int = 1):
    return table.set_index(["signal", "lag"]).loc[(signal, lag)]


def test_who_waits_is_unsolved_or_will_jump_later_and_who_jumps_does_so_a_lag_ahead() -> None:
    solved = np.array([[0, 1, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]], bool)
    number = 10.0 * np.arange(1, 4)[:, None] + np.arange(1, 7)  # puzzle and segment, readable
    table = lead_times(planted(solved, entropy=number), np.array([4, 0, 0]), lags=(1, 2))
    # Puzzle 1 jumps at segment 4, and waits before although its answer was right once; 2 comes without a jump,
    # and is no longer compared when it is there; 3 fails, and is seen for as long as a jump could follow.
    assert of(table, "entropy", 1)["jumping"] == 13
    assert of(table, "entropy", 2)["jumping"] == 12
    assert of(table, "entropy", 1)["waiting"] == np.mean([11, 12, 21, 22, 31, 32, 33, 34, 35])
    assert of(table, "entropy", 2)["waiting"] == np.mean([11, 21, 22, 31, 32, 33, 34])
    assert (table["jumps"] == 1).all()


def test_that_time_goes_by_foretells_nothing() -> None:
    when = np.repeat([5, 8, 0], 10)
    solved = (when[:, None] > 0) & (np.arange(1, 11) >= when[:, None])
    clock = np.tile(np.arange(10.0), (30, 1))
    row = of(lead_times(planted(solved, entropy=clock), when), "entropy")
    assert row["jumping"] > row["waiting"]  # jumps come late, but at each segment all have the same clock
    assert row["auc"] == 0.5
    assert not row["foretells"]


def test_a_signal_among_many_must_be_surer_than_one_alone() -> None:
    jumpers, others, rng = 14, 40, np.random.default_rng(1)
    when = np.repeat([3, 0], [jumpers, others])
    solved = (when[:, None] > 0) & (np.arange(1, 4) >= when[:, None])
    signal = np.tile(rng.normal(size=jumpers + others)[:, None] + 0.3 * (when > 0)[:, None], 3)
    row = of(lead_times(planted(solved, entropy=signal), when, lags=(1,)), "entropy")
    assert (row["jumps"], row["low"] > 0.5) == (jumpers, True)
    assert not row["foretells"]
    strict = auc(signal[:, 1], when > 0, level=1 - 0.05 / len(SIGNALS))
    assert strict.low <= 0.5
    clear = of(
        lead_times(planted(solved, entropy=signal + 3 * (when > 0)[:, None]), when, lags=(1,)), "entropy"
    )
    assert clear["foretells"]


@pytest.mark.parametrize(("jumpers", "foretells"), [(9, False), (10, True)])
def test_fewer_than_ten_jumps_claim_nothing(jumpers: int, foretells: bool) -> None:
    when = np.repeat([3, 0], [jumpers, 40])
    solved = (when[:, None] > 0) & (np.arange(1, 4) >= when[:, None])
    perfect = np.tile((when > 0)[:, None] + 0.0, 3)
    row = of(lead_times(planted(solved, entropy=perfect), when, lags=(1,)), "entropy")
    assert (row["auc"], row["foretells"]) == (1.0, foretells)
