"""Deduction: when an order counts, and when a guess counts as followed."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hrm_probe.dynamics.intervals import share
from hrm_probe.reasoning.deducing.deduction_tables import ORDERS
from hrm_probe.report.topics import deduction
from tests.report.topics.by_hand import around


def failed(judgement) -> set[str]:
    return {control.name for control in judgement.controls if not control.passed}


class TestOrder:
    def ordered(self, equal, plain=None, width=0.05, puzzles=40, shuffled=0.5, control=0.0):
        plain = equal if plain is None else plain
        orders = pd.DataFrame(
            {
                "order": ORDERS,
                "share": [plain, equal, 0.5, 0.5],
                "low": [plain - width, equal - width, 0.4, 0.4],
                "high": [plain + width, equal + width, 0.6, 0.6],
                "shuffled": shuffled,
                "puzzles": puzzles,
                "together": 0.2,
            }
        )
        return SimpleNamespace(orders=orders, pace=None, control=control)

    def judged(self, *arguments, **changes):
        return deduction.judge_order({"deduction": self.ordered(*arguments, **changes)})

    @pytest.mark.parametrize(
        ("share_in_order", "verdict"),
        [(0.8, "holds"), (0.62, "undecided"), (0.5, "does not hold"), (0.2, "does not hold")],
    )
    def test_the_share_is_held_against_three_fifths(self, share_in_order, verdict):
        assert self.judged(share_in_order).verdict == verdict

    def test_an_order_of_easier_cells_alone_is_undecided(self):
        """In general the earlier round is first, but not where cells are equally constrained."""
        assert self.judged(0.5, plain=0.8).verdict == "undecided"

    @pytest.mark.parametrize(
        ("changes", "control"),
        [({"puzzles": 10}, "enough cases"), ({"shuffled": 0.7}, "shuffled"), ({"control": 1e-3}, "reading")],
    )
    def test_what_must_be_so_beside(self, changes, control):
        found = self.judged(0.8, **changes)
        assert found.verdict == "undecided"
        assert failed(found) == {control}

    def test_without_an_order_or_without_rules_nothing_is_said(self):
        assert self.judged(np.nan, puzzles=0).verdict == "not testable"
        none = deduction.judge_order({"deduction": None})
        assert (none.verdict, none.reason[:21]) == ("not testable", "These are not Sudokus")


class TestFollowing:
    def supposed(self, difference, early=None, taken=0.9, compared=40, rescued=(3, 10)):
        rows = {f"{kind}_{at}": [0.5] for kind in ("following", "others") for at in ("wrong", "right")}
        early = (difference, difference) if early is None else early
        return SimpleNamespace(
            effects=pd.DataFrame({"puzzles_of": ["all"], **rows}),
            by_round=pd.DataFrame({"round": [1, 2, 3], "difference": [*early, -1.0]}),
            difference=around(difference),
            taken=around(taken),
            compared=compared,
            rescued=share(np.arange(rescued[1]) < rescued[0]),
        )

    def judged(self, *arguments, **changes):
        found = self.supposed(*arguments, **changes)
        return deduction.judge_following({"deduction": object(), "supposed": found})

    def test_the_difference_is_held_against_ten_points(self):
        assert self.judged(0.4).verdict == "holds"
        assert self.judged(0.0).verdict == "does not hold"
        assert self.judged(0.4).unit == "points"

    def test_a_guess_that_is_not_taken_over_is_not_left_either(self):
        found = self.judged(0.0, taken=0.2)
        assert found.verdict == "undecided"
        assert failed(found) == {"taken over"}
        assert self.judged(0.4, taken=0.2).verdict == "holds"

    def test_conclusions_of_the_first_round_alone_are_undecided(self):
        assert self.judged(0.4, early=(0.6, 0.0)).verdict == "undecided"

    def test_few_puzzles_are_undecided(self):
        assert failed(self.judged(0.4, compared=8)) == {"enough cases"}

    def test_what_one_right_guess_solves_is_told(self):
        assert "The right one solves 30%" in self.judged(0.4).sentence
        assert "The right one solves" not in self.judged(0.4, rescued=(0, 0)).sentence

    def test_nothing_to_guess_and_no_rules_are_told_apart(self):
        nothing = deduction.judge_following({"deduction": object(), "supposed": None})
        no_rules = deduction.judge_following({"deduction": None, "supposed": None})
        assert nothing.verdict == no_rules.verdict == "not testable"
        assert nothing.reason != no_rules.reason
