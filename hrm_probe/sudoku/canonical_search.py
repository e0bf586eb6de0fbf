"""The compiled search for the smallest symmetric copy. Import it only where it runs: it loads numba."""

import numpy as np

from hrm_probe.sudoku.compiled import compiled


@compiled
def lower_all(grids, height, column_arrangements, best):  # type: ignore[no-untyped-def]
    """``lower`` every ``best[i]`` by ``grids[i]``, both int8 [n, side, side]."""
    trial = np.empty((grids.shape[1], grids.shape[1]), np.int8)
    for i in range(grids.shape[0]):
        lower(grids[i], height, column_arrangements, best[i], trial)


@compiled
def lower(grid, height, column_arrangements, best, trial):  # type: ignore[no-untyped-def]
    """Lower ``best`` [side, side] to the smallest copy of ``grid`` that needs no mirroring.

    The smallest copy has the first row 1, 2, 3, ...: whichever row comes first and however the columns stand,
    that fixes the names of the digits. The second row settles nearly every comparison. Below the first
    band nothing is left to choose: rows ascend by their first cell, and so do bands.
    """
    side = grid.shape[0]
    name = np.empty(side + 1, np.int8)
    in_band = np.empty(height, np.int64)
    for top in range(side):
        band = top // height
        for second in range(band * height, (band + 1) * height):
            if second == top:
                continue
            in_band[0], in_band[1] = top, second
            for row in range(band * height, (band + 1) * height):
                if row != top and row != second:
                    in_band[2] = row  # boxes are 2 or 3 high: at most one row remains
            for columns in column_arrangements:
                for column in range(side):
                    name[grid[top, columns[column]]] = column + 1
                order, column = 0, 0
                while order == 0 and column < side:
                    order = name[grid[second, columns[column]]] - best[1, column]
                    column += 1
                if order <= 0:
                    arrange(grid, height, band, in_band, columns, name, trial)
                    if smaller(trial, best):
                        for row in range(side):
                            for column in range(side):
                                best[row, column] = trial[row, column]


@compiled
def arrange(grid, height, first_band, in_band, columns, name, trial):  # type: ignore[no-untyped-def]
    """Write the copy whose first band holds the rows ``in_band``; the other rows and bands ascend."""
    side = grid.shape[0]
    for row in range(height):
        for column in range(side):
            trial[row, column] = name[grid[in_band[row], columns[column]]]
    # First cells are distinct: the row that begins with k is where k stands in the first column.
    row_of = np.empty(side + 1, np.int64)
    for row in range(side):
        row_of[name[grid[row, columns[0]]]] = row
    done = np.zeros(side // height, np.bool_)
    done[first_band] = True
    at = height
    for start in range(1, side + 1):
        band = row_of[start] // height
        if done[band]:
            continue
        done[band] = True
        for first in range(start, side + 1):
            if row_of[first] // height == band:
                for column in range(side):
                    trial[at, column] = name[grid[row_of[first], columns[column]]]
                at += 1


@compiled
def smaller(trial, best):  # type: ignore[no-untyped-def]
    """Whether ``trial`` comes before ``best``, cell by cell."""
    for row in range(trial.shape[0]):
        for column in range(trial.shape[1]):
            if trial[row, column] != best[row, column]:
                return trial[row, column] < best[row, column]
    return False
