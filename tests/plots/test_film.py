import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from hrm_probe.errors import InputError
from hrm_probe.plots import style
from hrm_probe.plots.film import draw_board, film_strip

BOX = (2, 2)
ANSWERS = np.array([1, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1]) + 1
TOKENS = np.where(np.arange(16) % 2 == 0, ANSWERS, 1)


def cells(ax: Axes) -> list[str]:
    return [to_hex(patch.get_facecolor()).upper() for patch in ax.patches]


def test_givens_answers_and_errors_look_different(ax: Axes) -> None:
    said = ANSWERS.copy()
    said[1] = 5
    assert draw_board(ax, TOKENS, ANSWERS, said, BOX) is ax
    assert cells(ax)[:4] == ["#E3E3E3", style.WRONG_FILL, "#E3E3E3", style.PAPER]
    assert [text.get_fontweight() for text in ax.texts[:4]] == ["bold", "normal", "bold", "normal"]
    assert [text.get_text() for text in ax.texts[:4]] == ["1", "4", "3", "4"]


def test_a_wrong_cell_is_struck_through(ax: Axes) -> None:
    draw_board(ax, TOKENS, ANSWERS, ANSWERS, BOX)
    frame = len(ax.lines)
    said = ANSWERS.copy()
    said[[1, 2]] = 5
    draw_board(ax, TOKENS, ANSWERS, said, BOX)
    assert len(ax.lines) - frame == frame + 2


def test_an_overwritten_given_counts_as_wrong(ax: Axes) -> None:
    said = ANSWERS.copy()
    said[0] = 3
    draw_board(ax, TOKENS, ANSWERS, said, BOX)
    assert cells(ax)[0] == style.WRONG_FILL


def test_padding_and_blank_tokens_are_drawn_empty(ax: Axes) -> None:
    draw_board(ax, TOKENS, ANSWERS, np.zeros(16, int), BOX)
    assert {text.get_text() for text in ax.texts} == {""}


@pytest.mark.parametrize("count", [1, 3, 9])
def test_the_strip_numbers_segments_and_counts_errors(ax: Axes, count: int) -> None:
    predictions = np.repeat(ANSWERS[None], count, 0)
    predictions[0, 1] = 5
    film_strip(ax, TOKENS, ANSWERS, predictions, BOX, columns=4)
    said = [text.get_text() for text in ax.texts]
    assert said.count("1 wrong") == 1
    assert said.count("solved") == count - 1
    assert len(ax.patches) == 16 * count


def test_only_chosen_segments(ax: Axes) -> None:
    film_strip(ax, TOKENS, ANSWERS, np.repeat(ANSWERS[None], 9, 0), BOX, segments=[1, 9])
    assert len(ax.patches) == 32
    assert [text.get_text() for text in ax.texts].count("9") == 1
    assert [text.get_text() for text in ax.texts].count("solved") == 2


@pytest.mark.parametrize(
    ("segments", "told"), [([0], "segments is 0"), ([10], "segments is 10"), ([1.5], "whole")]
)
def test_a_segment_that_was_not_run_is_not_drawn(ax: Axes, segments: list[float], told: str) -> None:
    with pytest.raises(InputError, match=told):
        film_strip(ax, TOKENS, ANSWERS, np.repeat(ANSWERS[None], 9, 0), BOX, segments=segments)
