"""What exponents add: nothing where they know nothing, and what was planted would have been seen."""

import numpy as np
import pandas as pd
import pytest

from hrm_probe.reasoning.resting.foretelling_failure import PLANTED, WORTH, foretold


def runs(n: int, knows: float, exponent: float = 0.0) -> pd.DataFrame:
    """Puzzles of which half fail; the halting value foretells it so far, and the leading exponent."""
    rng = np.random.default_rng(0)
    solved = rng.random(n) < 0.5
    sides = solved - 0.5
    return pd.DataFrame(
        {
            "solved": solved,
            "late_drift": np.exp(rng.standard_normal(n)),
            "q_halt": knows * sides + rng.standard_normal(n),
            "exponent_1": -exponent * sides + rng.standard_normal(n),
            "exponent_2": rng.standard_normal(n),
        }
    )


def told(table: pd.DataFrame, repeats: int = 2) -> dict:
    return foretold(table, np.arange(len(table)), None, folds=5, repeats=repeats, seed=0)


def test_planted_numbers_are_found_to_be_worth_what_they_are() -> None:
    planted = told(runs(500, 1.0))["planted"]
    assert len(planted) == PLANTED
    assert planted["gain"].mean() == pytest.approx(WORTH, abs=0.012)
    assert (planted["low"] < planted["gain"]).all()
    assert (planted["gain"] < planted["high"]).all()


def test_of_few_puzzles_they_are_missed_more_often() -> None:
    few, many = (told(runs(n, 1.0))["planted"] for n in (60, 500))
    assert (few["low"] > 0).mean() < (many["low"] > 0).mean()
    width = (few["high"] - few["low"]).mean()
    assert width > 2 * (many["high"] - many["low"]).mean()


def test_where_all_is_known_already_nothing_can_be_planted() -> None:
    assert told(runs(300, 60.0))["planted"] is None


def test_an_exponent_that_knows_adds_and_one_that_does_not_adds_nothing() -> None:
    assert told(runs(400, 1.0, exponent=1.0))["leading_adds"].low > 0
    assert told(runs(400, 1.0))["leading_adds"].low <= 0


def test_who_cannot_be_fitted_has_no_models_and_says_why() -> None:
    table = runs(60, 1.0).assign(solved=True)
    found = told(table)
    assert found["no_models"] == "0 failures are too few for 5 folds"
    assert found["leading_adds"] is found["planted"] is None
    assert not len(found["models"])
