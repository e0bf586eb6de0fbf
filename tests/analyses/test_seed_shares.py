"""The share of the variance that is the seed's, where it was planted."""

import numpy as np
import pytest
from seed_shares import seed_share

from hrm_probe.errors import InputError


def drawn(rng: np.random.Generator, between: float, within: float, seeds: int, twins: int) -> np.ndarray:
    """Trainings with a planted spread of seeds and of twins."""
    return rng.normal(0, between, (seeds, 1)) + rng.normal(0, within, (seeds, twins))


@pytest.mark.parametrize(("between", "within"), [(0.0, 1.0), (1.0, 1.0), (3.0, 1.0)])
def test_a_planted_share_is_found(between: float, within: float) -> None:
    found = seed_share(drawn(np.random.default_rng(0), between, within, seeds=2000, twins=3))
    truth = between**2 / (between**2 + within**2)
    assert found["share"] == pytest.approx(truth, abs=0.03)
    assert found["within"] == pytest.approx(within, rel=0.03)
    assert found["between"] == pytest.approx(between, abs=0.15)


@pytest.mark.parametrize("between", [0.0, 1.0])
def test_its_interval_covers_the_truth_as_often_as_it_says(between: float) -> None:
    rng = np.random.default_rng(1)
    truth = between**2 / (between**2 + 1)
    covers = spread = 0
    for _ in range(400):
        found = seed_share(drawn(rng, between, 1.0, seeds=4, twins=3))
        assert found["low"] is not None
        assert found["high"] is not None
        covers += found["low"] <= truth <= found["high"]
        spread += found["within_low"] <= 1.0 <= found["within_high"]
    assert 0.92 < covers / 400 < 0.98
    assert 0.92 < spread / 400 < 0.98


def test_the_book_example_of_judges() -> None:
    """Six targets rated by four judges, Shrout and Fleiss (1979), table 2: ICC(1) is .17."""
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    assert seed_share(ratings)["share"] == pytest.approx(0.166, abs=0.001)


def test_where_nothing_varies_there_is_nothing_to_share_out() -> None:
    assert seed_share([[0.5, 0.5], [0.5, 0.5]])["share"] is None
    assert seed_share([[0.1, 0.1], [0.5, 0.5]])["share"] == 1


def test_gaps_and_single_trainings_are_refused() -> None:
    for table in ([[1.0, 2.0]], [[1.0], [2.0]], [[1.0, np.nan], [2.0, 3.0]], [1.0, 2.0]):
        with pytest.raises(InputError, match="two or more of each"):
            seed_share(table)
