"""The eight ways to put a square down."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models.turning import turned_alike, turnings

SQUARE = np.arange(9)


def test_the_eight_ways_are_those_of_a_square() -> None:
    ways = {tuple(SQUARE[way]) for way in turnings(9)}
    square = SQUARE.reshape(3, 3)
    assert ways == {
        tuple(np.rot90(one, quarters).ravel()) for one in (square, np.fliplr(square)) for quarters in range(4)
    }
    assert len(ways) == 8


def test_neighbours_stay_neighbours() -> None:
    places = np.stack(np.divmod(SQUARE, 3), axis=1)
    apart = np.abs(places[:, None] - places[None]).sum(-1)
    for way in turnings(9):
        assert (apart[np.ix_(way, way)] == apart).all()


def test_the_first_way_leaves_all_as_it_is() -> None:
    assert turnings(16)[0].tolist() == list(range(16))


def test_copies_have_one_form_and_others_another() -> None:
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, 5, (6, 16))
    for row in tokens:
        forms = turned_alike(row[turnings(16)])
        assert (forms == forms[0]).all()
        assert (row[turnings(16)] == forms[0]).all(1).any()
    assert len(np.unique(turned_alike(tokens), axis=0)) == 6


def test_no_square_cannot_be_turned() -> None:
    with pytest.raises(InputError, match="72 cells make no square"):
        turnings(72)
