import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from hrm_probe.plots import style


def lightness(colour: str) -> float:
    """CIE L*, what remains of a colour in print without colour."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    y = float(np.dot([0.2126, 0.7152, 0.0722], linear))
    return 116 * y ** (1 / 3) - 16


def test_the_first_series_differ_in_lightness_and_not_in_hue_alone() -> None:
    first = [lightness(colour) for colour in style.SERIES[:3]]
    assert min(abs(a - b) for i, a in enumerate(first) for b in first[:i]) > 20


def test_no_two_of_many_series_look_alike() -> None:
    looks = [style.series(number) for number in range(36)]
    assert len(set(looks)) == 36
    assert looks[0] == (style.SERIES[0], style.MARKERS[0], style.DASHES[0])


def test_successes_and_failures_of_like_lightness_differ_in_hatching() -> None:
    for a in style.MODES:
        for b in style.MODES:
            alike = abs(lightness(style.MODE_COLOURS[a]) - lightness(style.MODE_COLOURS[b])) < 15
            if a < b and alike:
                assert style.MODE_HATCHES[a] != style.MODE_HATCHES[b], (a, b)


def test_the_error_scale_darkens_steadily() -> None:
    shades = [lightness(colour) for colour in style.ERROR_STOPS]
    assert (np.diff(shades) < -5).all()


def test_wrong_cells_are_light_enough_for_black_digits() -> None:
    assert lightness(style.WRONG_FILL) > 75


@pytest.mark.parametrize("segments", [1, 2, 3, 5, 8, 16, 64, 100])
def test_segment_ticks_are_few_and_include_both_ends(segments: int) -> None:
    ticks = style.segment_ticks(segments)
    assert ticks[0] == 1
    assert ticks[-1] == segments
    assert len(ticks) <= 6
    assert ticks == sorted(set(ticks))


def test_the_style_leaves_the_users_own_settings_alone() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with style.style():
        assert mpl.rcParams["font.size"] == 8
    assert dict(mpl.rcParams) == before


def test_error_bars_reach_from_end_to_end_and_never_backwards():
    rows = pd.DataFrame({"x": [0.5, 1.0], "x_low": [0.25, 0.75], "x_high": [1.0, 1.0 - 1e-12]})
    assert style.reach_of(rows, "x").tolist() == [[0.25, 0.25], [0.5, 0.0]]
    assert style.reach([2], [1], [4]).tolist() == [[1], [2]]
