"""An empty pair of axes in the common style, and small made-up data."""

from collections.abc import Iterator

import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import style


@pytest.fixture
def ax() -> Iterator[Axes]:
    with style.style():
        yield style.new_figure(4, 3).subplots()
