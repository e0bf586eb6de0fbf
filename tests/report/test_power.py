"""Power beside the counting of every outcome, and at thresholds that no share lies beyond."""

import pytest
from scipy import stats

from hrm_probe.dynamics import wilson
from hrm_probe.report.power import power


@pytest.mark.parametrize(("threshold", "alternative"), [(0.5, 0.75), (0.01, 0.1), (0.9, 0.5)])
def test_power_is_the_chance_of_the_counts_whose_interval_lies_beyond(
    threshold: float, alternative: float
) -> None:
    found = [wilson(k, 40) for k in range(41)]
    if alternative > threshold:
        beyond = [k for k in range(41) if found[k].low > threshold]
    else:
        beyond = [k for k in range(41) if found[k].high < threshold]
    assert power(40, threshold, alternative) == pytest.approx(stats.binom.pmf(beyond, 40, alternative).sum())


@pytest.mark.parametrize("n", [27, 41])
def test_a_count_of_none_tells_nothing_from_a_share_of_zero(n: int) -> None:
    assert power(n, 0.0, 0.1) == pytest.approx(1 - 0.9**n)
    assert power(n, 1.0, 0.9) == pytest.approx(1 - 0.9**n)
