"""Jumps: which numbers decide the two claims, and which only guard them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hrm_probe.report.topics import jumps
from tests.report.topics.by_hand import around, ruled

JUMPING = {
    "jumps": SimpleNamespace(
        late=100, share=around(0.8), gradual=around(0.1), alpha=0.05, steepest_single=None, steepest_average=None,
        false_alarms=around(0.02, 0.01), power=around(0.9),
        sweep=pd.DataFrame(
            {"criterion": ["alpha", "gradual_width", "curve: errors", "steepest"], "share": [0.7, 0.9, 0.6, 0.1]}
        ),
        curve="loss", by_other_curves=lambda: {"errors": 0.6, "log loss": 0.9},
        by_arrival=lambda: pd.DataFrame(
            {"arrives": ["2", "3", "4-16"], "late": [60, 30, 10], "share": [1.0, 0.6, 0.2]}
        ),
    )
}  # fmt: skip


class TestJumping:
    def ruled(self, **changes):
        return ruled(jumps.judge_jumping, JUMPING, **changes)

    def swept(self, *shares):
        return pd.DataFrame(
            {"criterion": ["alpha", "gradual_width", "curve: errors"][: len(shares)], "share": shares}
        )

    def test_the_share_of_jumps_decides(self):
        assert self.ruled() == "holds"
        assert (
            self.ruled(share=around(0.2), gradual=around(0.8), sweep=self.swept(0.1, 0.2)) == "does not hold"
        )

    def test_shares_are_told_by_the_segment_of_arrival(self):
        sentence = jumps.judge_jumping(JUMPING).sentence
        assert "by the segment that they come at: 2: 100% of 60, 3: 60% of 30, 4-16: 20% of 10." in sentence

    def test_shares_by_the_other_curves_are_told(self):
        sentence = jumps.judge_jumping(JUMPING).sentence
        assert "That is by the loss; by wrong cells 60%, by the logarithm of the loss 90%." in sentence

    def test_false_alarms_could_have_made_it_larger(self):
        many = around(0.06, 0.05)  # 11% at most
        assert self.ruled(false_alarms=many) == "undecided"
        few = {"share": around(0.2), "sweep": self.swept(0.1, 0.2)}
        assert self.ruled(false_alarms=many, **few) == "does not hold"

    def test_a_test_without_power_could_have_made_it_smaller(self):
        assert self.ruled(power=around(0.52)) == "holds"  # 47% at least
        few = {"share": around(0.2), "sweep": self.swept(0.1, 0.2)}
        assert self.ruled(power=around(0.52), **few) == "undecided"
        assert self.ruled(power=around(0.56), **few) == "does not hold"

    @pytest.mark.parametrize("shares", [(0.4, 0.9), (0.9, 0.4), (0.9, 0.9, 0.4)])
    def test_levels_widths_and_curves_must_agree(self, shares):
        assert self.ruled(sweep=self.swept(*shares)) == "undecided"

    def test_twenty_late_answers_are_enough(self):
        assert [self.ruled(late=late) for late in (0, 19, 20)] == ["not testable", "undecided", "holds"]


class TestHalting:
    def judged(self, before_halt, late=True, n=30, after=-3.0):
        table = pd.DataFrame({"kind": ["jump"] * n + ["gradual"] * 40, "late": late})
        found = SimpleNamespace(table=table, before_halt=around(before_halt), minus_halt=around(after))
        return jumps.judge_halting({"jumps": found})

    def test_jumps_before_halting(self):
        assert self.judged(0.8).verdict == "holds"
        assert self.judged(0.2).verdict == "does not hold"
        assert "Of 30 jumps" in self.judged(0.8).sentence
        assert "comes 3 segments before it" in self.judged(0.8).sentence
        assert "comes 1 segment before it" in self.judged(0.8, after=-1.0).sentence

    def test_jumps_that_are_not_late_are_none(self):
        assert self.judged(0.8, late=False).verdict == "not testable"

    def test_twenty_jumps_are_enough(self):
        assert [self.judged(0.8, n=n).verdict for n in (19, 20)] == ["undecided", "holds"]


def test_every_puzzle_has_its_kind_and_only_late_jumps_a_segment():
    table = pd.DataFrame(
        {
            "solved": [True, True, True, False, False],
            "late": [False, True, True, False, True],
            "kind": ["jump", "jump", "gradual", "jump", "jump"],
            "jump_segment": [2.0, 5.0, 7.0, 9.0, 11.0],
        }
    )
    groups, segment = jumps.kinds(SimpleNamespace(table=table))
    assert groups.tolist() == ["at once", "by a jump", "otherwise", "not solved", "not solved"]
    np.testing.assert_array_equal(segment, [np.nan, 5, np.nan, np.nan, np.nan])


def aligned(loss, jump_segment):
    """The axes that show curves counted from their jump, of puzzles that all are solved late."""
    jumped = np.asarray(jump_segment) > 0
    kind = np.where(jumped, "jump", "gradual")
    table = pd.DataFrame({"solved": True, "late": True, "kind": kind, "jump_segment": jump_segment})
    return jumps.jumps_picture(np.asarray(loss, float), SimpleNamespace(table=table), "a model").axes[2]


def test_aligned_curves_have_median_and_quartiles_where_any_reaches():
    before, after = np.array([4.0, 8, 12, 99]), np.array([0.0, 4, 8, 99])
    loss = np.where(np.arange(12) < 2, before[:, None], after[:, None])  # lower from segment 3 on
    axes = aligned(loss, [3, 3, 3, 0])
    median = next(line for line in axes.lines if line.get_label() == "median")
    np.testing.assert_array_equal(median.get_xdata(), np.arange(-5, 6))
    np.testing.assert_array_equal(median.get_ydata(), [np.nan] * 3 + [8] * 2 + [4] * 6)
    (band,) = axes.collections
    corners = np.concatenate([path.vertices for path in band.get_paths()])
    for offset, quartiles in [(-2, {6, 10}), (0, {2, 6}), (5, {2, 6})]:
        assert set(corners[corners[:, 0] == offset, 1]) == quartiles
    assert corners[:, 0].min() == -2


def test_where_nothing_jumps_there_is_no_curve_to_align():
    axes = aligned(np.linspace(9, 0, 12)[None], [0])
    assert "no jump" in [text.get_text() for text in axes.texts]
    assert all(np.isnan(line.get_ydata()).all() for line in axes.lines if line.get_label() == "median")
