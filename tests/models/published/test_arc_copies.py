"""Grids among tokens, and copies undone: all symmetries, permuted colours, crops that are known."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models.published.arc_copies import Copy, cropped, grid_bytes, grid_of
from tests.models.published.arc_folders import AS_IT_IS, SIDE, as_tokens, copied, grid

LOPSIDED = grid("123", "456")
COPIES = (  # what the released code makes of LOPSIDED, written down by hand
    ("123", "456"), ("36", "25", "14"), ("654", "321"), ("41", "52", "63"),
    ("321", "654"), ("456", "123"), ("14", "25", "36"), ("63", "52", "41"),
)  # fmt: skip


@pytest.mark.parametrize("symmetry", range(8))
def test_each_symmetry_is_undone(symmetry: int) -> None:
    made = grid(*COPIES[symmetry])
    assert (copied(LOPSIDED, (symmetry, AS_IT_IS)) == made).all()
    undone = Copy.of(f"task|||t{symmetry}|||{AS_IT_IS}").undo(made)
    assert undone.dtype == np.uint8
    assert undone.tolist() == LOPSIDED.tolist()


@pytest.mark.parametrize("by", ["|||", "_"])
def test_permuted_colours_are_undone_with_any_symmetry(by: str) -> None:
    rng = np.random.default_rng(0)
    for number in range(80):
        original = rng.integers(10, size=rng.integers(1, 7, size=2)).astype(np.uint8)
        plan = (number % 8, "0" + "".join(map(str, rng.permutation(np.arange(1, 10)))))
        copy = Copy.of(f"task{by}t{plan[0]}{by}{plan[1]}")
        assert copy.undo(copied(original, plan)).tolist() == original.tolist()
        assert not copy.is_original


def test_black_may_be_permuted_too() -> None:
    """The released builders keep colour 0; a name that does not is still undone as it says."""
    plan = (0, "1203456789")
    assert Copy.of(f"task|||t0|||{plan[1]}").undo(grid("120")).tolist() == [[0, 1, 2]]


def test_names() -> None:
    assert Copy.of("007bbfb7") == Copy("007bbfb7")
    assert Copy.of("007bbfb7").is_original
    assert Copy.of("Above_Below1").is_original
    told = Copy.of("Above_Below1_t6_0213456789")
    assert (told.task, told.symmetry, told.colours[:3]) == ("Above_Below1", 6, (0, 2, 1))


@pytest.mark.parametrize(
    "name", ["a|||t8|||0123456789", "a_t1_-77123", "a|||t1|||0113456789", "a|||t1|||012345678"]
)
def test_names_that_tell_no_copy_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="cannot be undone: its name must end in a symmetry, t0 to t7"):
        Copy.of(name)


def test_a_grid_is_cropped_where_it_was_written() -> None:
    rng = np.random.default_rng(1)
    grids = [
        rng.integers(10, size=(n, m)).astype(np.uint8) for n in range(1, SIDE + 1) for m in range(1, SIDE + 1)
    ]
    found = cropped(np.array([as_tokens(colours) for colours in grids]))
    assert [f.tolist() for f in found] == [colours.tolist() for colours in grids]


def brute_force(square: np.ndarray) -> list[list[int]]:
    """The largest rectangle of colours at the top left, of equal ones the one with the fewest rows."""
    best = square[:0, :0]
    for high in range(1, len(square) + 1):
        for wide in range(1, len(square) + 1):
            part = square[:high, :wide]
            if ((part >= 2) & (part <= 11)).all() and part.size > best.size:
                best = part
    return (best - 2).tolist()


def test_any_tokens_are_cropped_to_the_largest_rectangle_of_colours() -> None:
    rng = np.random.default_rng(2)
    tokens = np.where(
        rng.random((400, 25)) < 0.2, rng.choice([0, 1, 12], (400, 25)), rng.integers(2, 12, (400, 25))
    )
    found = [colours.tolist() for colours in cropped(tokens)]
    assert found == [brute_force(row.reshape(5, 5)) for row in tokens]
    assert len({len(colours) for colours in found}) == 6


def test_where_the_first_token_is_no_colour_the_grid_is_empty() -> None:
    (empty,) = cropped(np.array([[1, 5, 5, 5]]))
    assert empty.shape == (0, 0)
    assert Copy.of("a|||t3|||0213456789").undo(empty).shape == (0, 0)


def test_grids_are_told_apart_by_shape_and_come_back_from_their_bytes() -> None:
    row, column = grid("12"), grid("1", "2")
    assert grid_bytes(row) != grid_bytes(column)
    assert grid_bytes(column) == grid_bytes(row.T)  # a view is written as it reads
    for colours in (row, column, LOPSIDED, np.zeros((0, 0), np.uint8)):
        back = grid_of(grid_bytes(colours))
        assert back.shape == colours.shape
        assert (back == colours).all()
