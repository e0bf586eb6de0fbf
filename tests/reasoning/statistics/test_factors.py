"""Which factors foretell failure, tested with the grids kept whole and corrected for their number."""

import numpy as np
import pandas as pd
import pytest

from hrm_probe.reasoning.statistics.factors import factor_tests, holm


def test_holm_corrects_as_in_the_textbook():
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_runs_of_one_grid_do_not_pass_for_independent_evidence():
    # Grids fail as a whole and each has one rating: 8 grids of 50 runs are 8 observations, not 400.
    rng = np.random.default_rng(0)
    p_values = []
    for seed in range(40):
        fails, rating = np.repeat(rng.random(8) < 0.5, 50), np.repeat(rng.permutation(8) % 2, 50)
        table = pd.DataFrame({"rating": rating})
        p_values.append(factor_tests(table, fails, ["rating"], 50, 99, seed)["p_value"][0])
    assert np.mean(np.array(p_values) <= 0.05) <= 0.15
