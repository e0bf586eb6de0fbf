"""Settling: which numbers decide of rest, of separation and of what exponents add, and which only guard them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hrm_probe.report.topics import settling
from tests.report.topics.by_hand import UNKNOWN, around, ruled

FOUND = {
    "wandering": SimpleNamespace(
        horizons=(16, 64), threshold=0.02, rule="given", spread=(0.7, 0.9), creeping=around(0.1),
        failures_settle=around(0.8), failures_settle_short=around(0.6), successes_settle=around(0.9),
        successes_settle_short=around(0.9), exponent_error=0.1, exponent_puzzles=60, leading_adds=around(0.0, 0.01),
        exponents_add=around(0.0, 0.01), leading_adds_auc=around(0.0), no_models=None,
        settled=pd.DataFrame(
            {
                "segments": [16, 64, 64, 64],
                "outcome": ["failures", "failures", "still failures", "successes"],
                "n": [30, 20, 10, 99],
            }
        ),
        auc=pd.DataFrame(
            {
                "among": ["all", "exponent sample", "exponent sample"],
                "score": ["leading_exponent", "leading_exponent", "late_drift"],
                "n": [60, 60, 60], "failures": [30, 30, 30], "auc": [0.5, 0.97, 0.9], "low": [0.4, 0.93, 0.8],
                "high": [0.6, 1.0, 0.95],
            }
        ),
        models=pd.DataFrame({"model": [settling.BASE, "with"], "auc": [0.7, 0.5], "log_loss": [0.3, 0.01]}),
        table=pd.DataFrame({"exponent_1": [-0.4, 0.4, np.nan]}), planted=None,
    )
}  # fmt: skip


class TestSettling:
    def settling(self, **changes):
        return ruled(settling.judge_settling, FOUND, **changes)

    def test_failures_that_settle_decide(self):
        assert self.settling() == "holds"
        assert self.settling(failures_settle=around(0.2), spread=(0.1, 0.3)) == "does not hold"

    @pytest.mark.parametrize("spread", [(0.4, 0.9), (0.7, 0.4), (0.4, 0.45)])
    def test_other_thresholds_must_agree_with_each_other_and_with_it(self, spread):
        assert self.settling(spread=spread) == "undecided"

    def test_what_creeps_on_has_not_settled(self):
        assert self.settling(creeping=around(0.3)) == "undecided"
        assert self.settling(creeping=UNKNOWN) == "holds"
        away = {"failures_settle": around(0.2), "spread": (0.1, 0.3)}
        assert self.settling(creeping=around(0.3), **away) == "does not hold"

    def test_failures_that_last_are_those_wrong_at_both_ends(self):
        table = FOUND["wandering"].settled
        assert "Of 10 puzzles wrong" in settling.judge_settling(FOUND).sentence
        assert self.settling(settled=table.replace(10, 9)) == "undecided"
        assert self.settling(settled=table[table["segments"] == 16]) == "not testable"

    def separation(self, **changes):
        return ruled(settling.judge_separation, FOUND, **changes)

    def test_the_exponent_of_the_sample_decides(self):
        auc = FOUND["wandering"].auc
        assert self.separation() == "holds"
        assert self.separation(auc=auc.replace({0.97: 0.7, 0.93: 0.6, 1.0: 0.8})) == "does not hold"
        assert self.separation(auc=auc[auc["score"] == "late_drift"]) == "not testable"

    def test_ten_failures_and_as_many_successes_are_enough(self):
        auc = FOUND["wandering"].auc
        found = [self.separation(auc=auc.assign(failures=n)) for n in (9, 10, 50, 51)]
        assert found == ["undecided", "holds", "holds", "undecided"]

    def test_exponents_that_are_noise_could_have_hidden_it(self):
        low = FOUND["wandering"].auc.replace({0.97: 0.7, 0.93: 0.6, 1.0: 0.8})
        assert self.separation(exponent_error=0.9) == "holds"  # they spread by 0.57
        assert self.separation(exponent_error=0.9, auc=low) == "undecided"
        assert self.separation(exponent_error=0.5, auc=low) == "does not hold"

    def adding(self, **changes):
        return ruled(settling.judge_nothing_added, FOUND, **changes)

    @pytest.mark.parametrize(("missed", "verdict"), [(0, "holds"), (2, "holds"), (3, "undecided")])
    def test_what_would_have_been_missed_is_not_said_to_be_nothing(self, missed, verdict):
        planted = pd.DataFrame({"high": [0.01] * missed + [0.05] * (20 - missed)})
        assert self.adding(planted=planted) == verdict
        assert self.adding(planted=planted, leading_adds=around(0.3)) == "does not hold"

    def test_what_the_leading_exponent_adds_decides(self):
        assert self.adding(exponents_add=around(0.3)) == "holds"
        assert self.adding(leading_adds=around(0.3)) == "does not hold"
        assert self.adding(leading_adds=None) == self.adding(exponents_add=None) == "not testable"

    def test_there_must_be_something_to_explain_and_a_classifier_that_works(self):
        models = FOUND["wandering"].models
        assert self.adding(models=models.replace(0.3, 0.04)) == "undecided"
        assert self.adding(models=models.replace(0.3, 0.05)) == "holds"
        assert self.adding(models=models.replace(0.3, 0.04), leading_adds=around(0.3)) == "does not hold"
        assert self.adding(models=models.replace(0.7, 0.6)) == "undecided"
        assert self.adding(models=models.replace(0.7, 0.61)) == "holds"
