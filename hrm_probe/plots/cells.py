"""One number for every cell of a board."""

from typing import TYPE_CHECKING

import numpy as np

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def cell_map(
    ax: "Axes", values: np.ndarray, *, title: str = "", box: tuple[int, int] | None = None
) -> "Axes":
    """Shares as shades on a board, with the number in each cell; cells without one are crossed out.

    Args:
        ax: where to draw.
        values: [side, side], from 0 to 1; NaN where nothing is known.
        title: above the picture.
        box: rows and columns of a box; that of the board with that many cells a side if None.
    """
    side = len(values)
    rows, columns = box or {4: (2, 2), 6: (2, 3), 9: (3, 3)}.get(side, (side, side))
    known = np.isfinite(values)
    ax.imshow(np.where(known, values, 0), cmap=style.share_colours(), vmin=0, vmax=1)
    for (row, column), value in np.ndenumerate(values):
        text = "×" if not known[row, column] else f"{100 * value:.0f}"
        ink = style.PAPER if known[row, column] and value > 0.6 else style.INK
        ax.text(column, row, text, ha="center", va="center", color=ink, fontsize=6.5 if side > 6 else 7.5)
    for line in range(side + 1):
        ax.axhline(line - 0.5, color=style.INK, linewidth=1.2 if line % rows == 0 else 0.3)
        ax.axvline(line - 0.5, color=style.INK, linewidth=1.2 if line % columns == 0 else 0.3)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_title(title)
    ax.set_xlabel("% right")
    return ax
