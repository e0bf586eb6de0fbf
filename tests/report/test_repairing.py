"""Hints: a twin must be better than the model, where there is something to be better at."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hrm_probe.report.topics import easy_puzzles, keeping


@pytest.mark.parametrize(
    ("topic", "plain", "column", "groups", "threshold"),
    [
        (keeping, "masked", "kept", "keeping_groups", keeping.UNSTABLE),
        (easy_puzzles, "singles", "solved_last", "singles_groups", easy_puzzles.FAILING),
    ],
)
class TestHints:
    def judged(self, topic, plain, column, groups, before, after):
        def model(share):
            flags = np.arange(100) < 100 * share
            return SimpleNamespace(
                table=pd.DataFrame({column: flags}),
                seed=0,
                puzzles=100,
                runs=100,
                segments=32,
                resampled="class",
            )

        return topic.judge_hints(
            {plain: model(before), f"twin_{plain}": model(after), "twin": "twin", groups: None}
        )

    def test_the_twin_must_be_the_better_one(self, topic, plain, column, groups, threshold):
        judged = {
            verdict: self.judged(topic, plain, column, groups, *shares)
            for verdict, shares in (("holds", (0.5, 0.8)), ("does not hold", (0.8, 0.5)), ("undecided", (0.5, 0.5)))
        }  # fmt: skip
        assert {verdict: of.verdict for verdict, of in judged.items()} == {
            verdict: verdict for verdict in judged
        }
        assert "80%" in judged["holds"].sentence.split("this model")[0]
        assert "+30 [" in judged["holds"].sentence

    def test_there_must_be_something_left_to_gain(self, topic, plain, column, groups, threshold):
        assert self.judged(topic, plain, column, groups, 1 - threshold, 1.0).verdict == "not testable"
        assert self.judged(topic, plain, column, groups, 1 - threshold - 0.01, 1.0).verdict == "holds"
