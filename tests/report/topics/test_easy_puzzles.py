"""Easy puzzles: failing at the last segment decides, in a model that solves real puzzles."""

from types import SimpleNamespace

import pytest

from hrm_probe.report.topics import easy_puzzles
from tests.report.topics.by_hand import around


class TestEasyPuzzles:
    EASY = SimpleNamespace(
        runs=400, last=around(0.7), ever=around(0.99, 0.01), at_halt=around(0.8), segments=16
    )

    def judged(self, skill=0.5, **changes):
        singles = SimpleNamespace(**{**vars(self.EASY), **changes})
        return easy_puzzles.judge_failing(
            {"singles": singles, "blanks": SimpleNamespace(original=around(skill))}
        )

    def test_failing_at_the_last_segment_decides(self):
        assert self.judged().verdict == "holds"
        assert self.judged().effect.estimate == pytest.approx(0.3)
        assert self.judged(last=around(0.98, 0.01)).verdict == "does not hold"
        assert self.judged(last=around(0.92, 0.02)).verdict == "holds"  # 6% fail at least

    def test_who_solves_few_real_puzzles_is_not_asked(self):
        assert self.judged(skill=0.14).verdict == "not testable"  # 9% at least
        assert self.judged(skill=0.16).verdict == "holds"

    def test_twenty_grids_are_enough(self):
        assert [self.judged(runs=runs).verdict for runs in (19, 20)] == ["undecided", "holds"]
