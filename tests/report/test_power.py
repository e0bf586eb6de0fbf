"""Power beside the counting of every outcome, and at thresholds that no share lies beyond."""

import pytest
from scipy import stats

from hrm_probe.dynamics import wilson
from hrm_probe.errors import InputError
from hrm_probe.report.power import power, sample_size


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


@pytest.mark.parametrize(("threshold", "alternative"), [(0.5, 0.75), (0.1, 0.25), (0.05, 0.2), (0.9, 0.5)])
@pytest.mark.parametrize("wanted", [0.5, 0.9, 0.99])
def test_the_sample_size_is_the_fewest_from_which_on_the_power_stays(
    threshold: float, alternative: float, wanted: float
) -> None:
    below = [n for n in range(1, 200) if power(n, threshold, alternative) < wanted]
    assert sample_size(threshold, alternative, wanted) == below[-1] + 1


def test_no_more_cases_are_tried_than_asked_for() -> None:
    assert sample_size(0.5, 0.75, most=64) == 41
    with pytest.raises(InputError, match="More than 32 cases are needed"):
        sample_size(0.5, 0.75, most=32)


def test_a_narrower_interval_tells_more() -> None:
    beyond = [k for k in range(41) if wilson(k, 40, level=0.5).low > 0.5]
    assert power(40, 0.5, 0.75, level=0.5) == pytest.approx(stats.binom.pmf(beyond, 40, 0.75).sum())
