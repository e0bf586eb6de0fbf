"""Attractors: which numbers decide of rivals, of rescue and of traps, and which only guard them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from hrm_probe.report.topics import attractors
from tests.report.topics.by_hand import UNKNOWN, around, ruled

FOUND = {
    "attractors": SimpleNamespace(
        puzzles=12, starts=8, plane_resolution=2, rivals=around(0.5), several=around(0.6), wandering=around(0.1),
        right_stable=around(0.9), wrong_stable=around(0.7), wrong_believed=around(0.3), confirmed=around(0.9),
        several_stable=around(0.4), rescued=around(0.8), lost=around(0.1), right_basin=around(0.3),
        by_tolerance=pd.DataFrame({"rivals": [0.3, 0.6]}),
        points=pd.DataFrame(
            {"right": [True, False, False, False], "distance_right": [0.0, 0.5, 0.9, np.nan]}
        ),
        table=pd.DataFrame({"solved": [False] * 6 + [True] * 6}),
    )
}  # fmt: skip


class TestAttractors:
    def test_rivals_decide(self):
        def of(**changes):
            return ruled(attractors.judge_rivals, FOUND, **changes)

        assert of() == "holds"
        none = {"rivals": around(0.05, 0.02), "by_tolerance": pd.DataFrame({"rivals": [0.1, 0.0]})}
        assert of(**none) == "does not hold"
        assert of(by_tolerance=pd.DataFrame({"rivals": [0.1, 0.6]})) == "undecided"
        assert of(confirmed=around(0.4)) == "undecided"
        assert of(confirmed=around(0.4), **none) == "does not hold"
        assert of(confirmed=UNKNOWN) == "holds"
        assert [of(puzzles=n) for n in (7, 8)] == ["undecided", "holds"]

    def test_the_distance_is_that_of_wrong_attractors(self):
        assert "A wrong one lies 0.70 from" in attractors.judge_rivals(FOUND).sentence

    def test_failures_solved_from_some_start_decide(self):
        def of(**changes):
            return ruled(attractors.judge_rescue, FOUND, **changes)

        assert of() == "holds"
        assert of(rescued=around(0.2), right_basin=around(0.9)) == "does not hold"
        assert of(table=pd.DataFrame({"solved": [False] * 5 + [True] * 9})) == "undecided"
        assert of(table=pd.DataFrame({"solved": [True] * 9})) == "not testable"

    def trapped(self, *shares, n=20, leaving=None):
        table = pd.DataFrame({"trap_segment": [3] * n + [0] * 30, "escaped": False})
        stays = zip(attractors.DWELLS, shares, strict=True)
        return {
            f"traps_{dwell}": SimpleNamespace(
                table=table, dwell=dwell, puzzles=60, trapped=around(0.5), first_is_last=around(share),
                escape_rate=leaving, escape_right=leaving, segments=16,
            )
            for dwell, share in stays
        }  # fmt: skip

    def test_runs_that_never_leave_decide_for_all_lengths_of_stay(self):
        judge = attractors.judge_trapped
        assert judge(self.trapped(0.8, 0.7, 0.9)).verdict == "holds"
        assert judge(self.trapped(0.2, 0.3, 0.4)).verdict == "does not hold"
        assert judge(self.trapped(0.8, 0.4, 0.9)).verdict == "undecided"
        assert judge(self.trapped(0.8, 0.7, 0.4)).verdict == "undecided"
        assert judge(self.trapped(0.8, 0.7, 0.9, n=19)).verdict == "undecided"
        assert judge(self.trapped(0.8, 0.7, 0.9, n=0)).verdict == "not testable"

    def test_the_puzzle_that_is_drawn_divides_most_evenly(self):
        table = pd.DataFrame(
            {
                "puzzle": [4, 7, 9, 2],
                "right_starts": [0.0, 0.6, 0.9, 1.0],
                "right_plane": [0.1, 0.5, 0.9, 1.0],
            }
        )
        assert attractors.most_divided(SimpleNamespace(table=table)) == 7

    def longer(self, changed, n=20):
        flags = [
            *map(float, changed),
            *[np.nan] * (n - len(changed)),
            *[1.0] * 30,
        ]  # of other runs nothing is asked
        return SimpleNamespace(table=pd.DataFrame({"grid_changed": flags}), horizons=(64, 256))

    def test_who_leaves_slowly_does_not_stay(self):
        def of(leaving, **longer):
            results = self.trapped(0.8, 0.7, 0.9, leaving=leaving)
            return attractors.judge_trapped({**results, **longer})

        assert of(around(0.01, 0.01)).verdict == "holds"
        slowly = around(0.04, 0.02)  # half of the rest are gone in 11 segments
        assert of(slowly).verdict == "undecided"
        assert "still there later" in of(slowly).reason
        # Runs that went on know better, either way, where there are five.
        assert of(slowly, wandering=self.longer([0, 0, 0, 1, 0])).verdict == "holds"
        assert of(around(0.01, 0.01), wandering=self.longer([1, 1, 1, 0, 0])).verdict == "undecided"
        assert of(around(0.01, 0.01), wandering=self.longer([1, 1, 1, 0])).verdict == "holds"

    def test_where_no_run_goes_on_the_chance_of_leaving_tells(self):
        results = self.trapped(0.8, 0.7, 0.9, leaving=around(0.01, 0.01))
        short = SimpleNamespace(table=pd.DataFrame({"solved": [False] * 50}), horizons=(16,))
        assert attractors.judge_trapped({**results, "wandering": short}).verdict == "holds"

    def test_runs_that_had_left_before_are_not_asked_whether_they_stay(self):
        table = pd.DataFrame({"trap_segment": 3, "escaped": [False] * 6 + [True] * 44})
        found = SimpleNamespace(table=table, escape_rate=None, segments=16)
        control = attractors.stays_on(found, self.longer([0] * 6 + [1] * 14))
        assert control.passed
        assert control.sentence.startswith("Of 6 runs")

    def test_who_leaves_is_not_said_to_stay_whatever_comes_later(self):
        results = self.trapped(0.2, 0.3, 0.4, leaving=around(0.3))
        assert attractors.judge_trapped(results).verdict == "does not hold"
