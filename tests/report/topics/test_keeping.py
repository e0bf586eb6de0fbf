"""Keeping: what counts as solved, as lost, and as lost for good."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hrm_probe.dynamics.intervals import share
from hrm_probe.reasoning.result import CLASS_ALIKE
from hrm_probe.report.in_words import rounded
from hrm_probe.report.topics import keeping
from tests.report.topics.by_hand import around


class TestKeeping:
    def kept(self, share_kept, wrong_at_end, first_solved=1, solved=40, **changes):
        """So many puzzles solved first at that segment, a share of them wrong at the end; as many never solved."""
        table = pd.DataFrame(
            {
                "first_solved": [first_solved] * solved + [0] * solved,
                "solved_last": [i >= wrong_at_end * solved for i in range(solved)] + [False] * solved,
            }
        )
        plain = SimpleNamespace(
            table=table,
            kept_since_first=around(share_kept),
            condition="grids",
            at_segment=16,
            segments=32,
            seed=0,
            resampled="class",
        )
        return SimpleNamespace(**{**vars(plain), **changes})

    def judged(self, *arguments, **changes):
        found = self.kept(*arguments, **changes)
        return keeping.judge_masked({"masked": found, "keeping_groups": None})

    def test_what_is_not_kept_is_lost(self):
        assert self.judged(0.7, 0.3).verdict == "holds"
        assert self.judged(0.7, 0.3).effect.estimate == pytest.approx(0.3)
        assert self.judged(0.98, 0.0).verdict == "does not hold"

    def test_what_is_wrong_at_the_end_is_counted_among_the_solved(self):
        assert "30% [" in self.judged(0.7, 0.3).sentence.split(";")[1]
        assert self.judged(0.7, 0.3).sentence.startswith("Of 40 grids solved")

    def test_losses_that_flicker_are_none(self):
        assert self.judged(0.6, 0.125).verdict == "holds"  # of 40% lost a quarter is 10%
        assert self.judged(0.6, 0.075).verdict == "undecided"

    def test_runs_must_be_twice_as_long_as_trained(self):
        assert [self.judged(0.7, 0.3, segments=n).verdict for n in (31, 32)] == ["undecided", "holds"]

    def test_solved_is_what_is_first_solved_by_the_trained_length(self):
        solved = [self.judged(0.7, 0.3, first_solved=n).controls[0].passed for n in (1, 16, 17)]
        assert solved == [True, True, False]
        assert [self.judged(0.7, 0.3, solved=n).controls[0].passed for n in (19, 20)] == [False, True]

    def test_each_claim_has_its_own_grids(self):
        both = {"masked": self.kept(0.7, 0.3), "given": self.kept(0.98, 0.0), "keeping_groups": None}
        assert keeping.judge_masked(both).verdict == "holds"
        assert keeping.judge_given(both).verdict == "does not hold"

    def test_puzzles_of_a_class_are_counted_together_but_not_taken_for_one(self):
        classes, lost = np.arange(80) // 4, np.ones(40, bool)
        found = self.kept(0.05, 1.0)  # all of ten classes are lost, and stay so
        sentence = keeping.judge_masked({"masked": found, "keeping_groups": classes}).sentence
        together = share(lost, groups=classes[:40], alike=CLASS_ALIKE)
        assert f"; {rounded(together)} are wrong" in sentence
        assert rounded(together) not in (rounded(share(lost)), rounded(share(lost, groups=classes[:40])))

    def test_groups_that_are_no_classes_are_taken_for_alike(self):
        groups, lost = np.arange(80) // 4, np.ones(40, bool)
        found = self.kept(0.05, 1.0, resampled="given groups")
        sentence = keeping.judge_masked({"masked": found, "keeping_groups": groups}).sentence
        assert f"; {rounded(share(lost, groups=groups[:40]))} are wrong" in sentence
