"""Four modes: the rarest decides, at the thresholds in force and at those near by."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hrm_probe.reasoning.trapping.modes import MODES
from hrm_probe.report.topics import modes


class TestFourModes:
    EARLY, THRESHOLD = 4, 0.02

    def judged(self, rarest, swept, puzzles=200):
        """With a sweep of (early, threshold, share of the rarest mode), the other modes sharing the rest."""
        others = (1 - rarest) / 3
        shares = [others, rarest, others, others]
        found = SimpleNamespace(
            shares=pd.DataFrame({"mode": MODES, "share": shares})
            .assign(low=lambda rows: rows["share"] - 0.02, high=lambda rows: rows["share"] + 0.02),
            sweep=pd.DataFrame(
                [
                    {"early": early, "threshold": threshold, **dict.fromkeys(MODES, 0.3), MODES[2]: share}
                    for early, threshold, share in swept
                ]
            ),
            early=self.EARLY, threshold=self.THRESHOLD, puzzles=puzzles,
        )  # fmt: skip
        return modes.judge_all_four({"modes": found})

    NEAR = ((2, 0.02), (8, 0.02), (4, 0.02 / 3.4), (4, 0.02 * 3.4))
    FAR = ((1, 0.02), (9, 0.02), (4, 0.02 / 3.6), (4, 0.02 * 3.6))

    def test_the_rarest_mode_decides_by_its_whole_interval(self):
        there, gone = [(4, 0.02, 0.2)], [(4, 0.02, 0.0)]
        assert self.judged(0.1, there).verdict == "holds"
        assert f"The rarest is {MODES[1]}" in self.judged(0.1, there).sentence
        assert self.judged(0.06, there).verdict == "undecided"
        assert self.judged(0.02, gone).verdict == "does not hold"

    def test_one_of_four_is_the_rarest_by_chance_too(self):
        gone = [(4, 0.02, 0.0)]
        assert self.judged(0.024, gone).verdict == "does not hold"
        assert self.judged(0.026, gone).verdict == "undecided"  # 2 points, times 1.27, reach beyond 5%

    @pytest.mark.parametrize(("early", "threshold"), NEAR)
    def test_it_must_be_so_at_thresholds_near_by(self, early, threshold):
        assert self.judged(0.1, [(4, 0.02, 0.2), (early, threshold, 0.05)]).verdict == "undecided"
        assert self.judged(0.02, [(4, 0.02, 0.0), (early, threshold, 0.06)]).verdict == "undecided"

    @pytest.mark.parametrize(("early", "threshold"), FAR)
    def test_and_need_not_be_so_at_others(self, early, threshold):
        assert self.judged(0.1, [(4, 0.02, 0.2), (early, threshold, 0.0)]).verdict == "holds"

    def test_a_hundred_puzzles_are_enough(self):
        there = [(4, 0.02, 0.2)]
        assert [self.judged(0.1, there, n).verdict for n in (99, 100)] == ["undecided", "holds"]

    def test_every_picture_shows_runs_of_its_mode(self, monkeypatch):
        shown = {}
        monkeypatch.setattr(
            modes, "mode_curves", lambda ax, errors, kind, **_: shown.update({kind: errors.tolist()})
        )
        monkeypatch.setattr(modes, "mode_shares", lambda ax, shares: None)
        found = SimpleNamespace(table=pd.DataFrame({"mode": [*MODES[::-1], MODES[0]]}), shares=None)
        modes.modes_picture(np.arange(5)[:, None], found)
        assert shown == {MODES[0]: [[3], [4]], MODES[1]: [[2]], MODES[2]: [[1]], MODES[3]: [[0]]}
