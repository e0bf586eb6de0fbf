"""The compiled inner loops of solver and generator.

A grid is int8 [cell] with 0 for a blank. Singles are filled in until none is left: a cell with one candidate
(naked single), a digit with one place in a row, column or box (hidden single). Then the search guesses: it
takes the first cell with the fewest candidates and tries them one by one, each followed by singles again.

Everything that calls ``search`` from compiled code is in this file: numba renews its cache when the file that a
function stands in changes, not when a function that it calls does.

Import this module only where it runs: it loads numba.
"""

import numpy as np

from hrm_probe.sudoku.compiled import compiled


@compiled
def taken_at(used, memberships, cell):  # type: ignore[no-untyped-def]
    """The digits that a cell's row, column and box hold, as bits."""
    row, column, box = memberships[cell]
    return used[row] | used[column] | used[box]


@compiled
def place(grid, used, trail, filled, memberships, cell, digit):  # type: ignore[no-untyped-def]
    """Write a digit and remember it on the trail; the new length of the trail."""
    grid[cell] = digit
    for unit in memberships[cell]:
        used[unit] |= 1 << digit
    trail[filled] = cell
    return filled + 1


@compiled
def take_back(grid, used, trail, filled, memberships, left):  # type: ignore[no-untyped-def]
    """Blank the cells written last until ``left`` are on the trail; its new length."""
    while filled > left:
        filled -= 1
        cell = trail[filled]
        for unit in memberships[cell]:
            used[unit] &= ~(1 << grid[cell])
        grid[cell] = 0
    return filled


@compiled
def fill_singles(grid, used, trail, filled, units, memberships):  # type: ignore[no-untyped-def]
    """Fill in singles until none is left: (new length of the trail, whether the grid is still consistent)."""
    side = units.shape[1]
    every_digit = (1 << (side + 1)) - 2
    progress = True
    while progress:
        progress = False
        for unit in range(units.shape[0]):
            if used[unit] == every_digit:
                continue
            once, twice = 0, 0
            for cell in units[unit]:
                if grid[cell] != 0:
                    continue
                row, column, box = memberships[cell]
                candidates = every_digit & ~(used[row] | used[column] | used[box])
                if candidates == 0:
                    return filled, False
                if candidates & (candidates - 1) == 0:
                    digit = 0
                    while candidates >> digit != 1:
                        digit += 1
                    filled = place(grid, used, trail, filled, memberships, cell, digit)
                    progress = True
                else:
                    twice |= once & candidates
                    once |= candidates
            if (once | used[unit]) != every_digit:
                return filled, False
            hidden = once & ~twice & ~used[unit]
            for digit in range(1, side + 1):
                if not (hidden >> digit) & 1:
                    continue
                home = -1
                for cell in units[unit]:
                    if grid[cell] == 0:
                        row, column, box = memberships[cell]
                        if not ((used[row] | used[column] | used[box]) >> digit) & 1:
                            home = cell
                if home < 0:  # another hidden single of this unit has just taken the cell
                    return filled, False
                filled = place(grid, used, trail, filled, memberships, home, digit)
                progress = True
    return filled, True


@compiled
def narrowest_blank(grid, used, memberships, side):  # type: ignore[no-untyped-def]
    """The first blank cell with the fewest candidates. After singles there are two at least, so two are enough."""
    fewest, narrowest = side + 1, -1
    for cell in range(grid.shape[0]):
        if grid[cell] == 0:
            taken = taken_at(used, memberships, cell)
            candidates = 0
            for digit in range(1, side + 1):
                candidates += 1 - ((taken >> digit) & 1)
            if candidates < fewest:
                fewest, narrowest = candidates, cell
                if fewest == 2:
                    break
    return narrowest


@compiled
def next_candidate(used, memberships, cell, preference, choice):  # type: ignore[no-untyped-def]
    """The next preference of a cell, from ``choice`` on, that it may hold: (the digit or 0, the choice after it)."""
    taken = taken_at(used, memberships, cell)
    while choice < preference.shape[1]:
        digit = preference[cell, choice]
        choice += 1
        if not (taken >> digit) & 1:
            return digit, choice
    return 0, choice


@compiled
def place_clues(clues, grid, used, trail, memberships):  # type: ignore[no-untyped-def]
    """Write the clues into an empty grid: (length of the trail, whether none of them clash)."""
    filled = 0
    for cell in range(clues.shape[0]):
        digit = clues[cell]
        if digit != 0:
            if (taken_at(used, memberships, cell) >> digit) & 1:
                return filled, False
            filled = place(grid, used, trail, filled, memberships, cell, digit)
    return filled, True


@compiled
def search(clues, units, memberships, preference, limit, solutions):  # type: ignore[no-untyped-def]
    """Search until ``limit`` solutions are found or none is left.

    Args:
        clues: int8 [cell], 0 for a blank.
        units, memberships: the board's.
        preference: int8 [cell, side], the order in which a cell's candidates are tried.
        limit: stop at this many solutions.
        solutions: int8 [room, cell], filled with the first solutions found.

    Returns:
        (solutions found, guesses made). A guess is one candidate tried in a cell that has several.
    """
    cells, side = units.shape[1] ** 2, units.shape[1]
    grid = np.zeros(cells, np.int8)
    used = np.zeros(units.shape[0], np.int64)
    trail = np.empty(cells, np.int64)
    filled, consistent = place_clues(clues, grid, used, trail, memberships)
    if not consistent:
        return 0, 0

    guessed_cell = np.empty(cells, np.int64)  # by depth: the cell, the next preference, the trail before
    next_choice = np.empty(cells, np.int64)
    trail_before = np.empty(cells, np.int64)
    depth, found, guesses = -1, 0, 0
    while True:
        filled, consistent = fill_singles(grid, used, trail, filled, units, memberships)
        if consistent and filled == cells:
            if found < solutions.shape[0]:
                solutions[found] = grid
            found += 1
            if found >= limit:
                return found, guesses
        elif consistent:
            depth += 1
            guessed_cell[depth] = narrowest_blank(grid, used, memberships, side)
            next_choice[depth], trail_before[depth] = 0, filled
        # Take back to the deepest guess that has a candidate left, and try that.
        digit = 0
        while depth >= 0 and digit == 0:
            filled = take_back(grid, used, trail, filled, memberships, trail_before[depth])
            home = guessed_cell[depth]
            digit, next_choice[depth] = next_candidate(
                used, memberships, home, preference, next_choice[depth]
            )
            if digit == 0:
                depth -= 1
        if digit == 0:
            return found, guesses
        filled = place(grid, used, trail, filled, memberships, home, digit)
        guesses += 1


@compiled
def search_all(grids, units, memberships, preference, limit, solutions, counts, guesses):  # type: ignore[no-untyped-def]
    """``search`` for every grid [n, cell]; ``solutions`` [n, cell] gets the first one found, or stays as it is."""
    for i in range(grids.shape[0]):
        counts[i], guesses[i] = search(grids[i], units, memberships, preference, limit, solutions[i : i + 1])


@compiled
def carve(grid, order, units, memberships, preference, nowhere):  # type: ignore[no-untyped-def]
    """Take clues away in the given order of cells, each only while the solution stays unique.

    What is left is minimal: a clue that could not go then cannot go later, when there are fewer.
    """
    for cell in order:
        digit = grid[cell]
        if digit != 0:
            grid[cell] = 0
            found, _ = search(grid, units, memberships, preference, 2, nowhere)
            if found > 1:
                grid[cell] = digit


@compiled
def carve_all(grids, orders, units, memberships, preference):  # type: ignore[no-untyped-def]
    """``carve`` every grid [n, cell] in place, in its own order [n, cell]."""
    nowhere = np.empty((0, grids.shape[1]), np.int8)
    for i in range(grids.shape[0]):
        carve(grids[i], orders[i], units, memberships, preference, nowhere)


@compiled
def climb_all(grids, solutions, orders, given_back, units, memberships, preference):  # type: ignore[no-untyped-def]
    """Make every minimal puzzle [n, cell] harder in place, by hill climbing.

    In round r puzzle i gets the clues of the last ``given_back[i, r]`` blanks in ``orders[i, r]`` back and is
    carved again in that order, so those clues tend to stay and others go. The new puzzle is kept unless it
    takes fewer guesses to show that its solution is the only one.
    """
    n, cells = grids.shape
    nowhere = np.empty((0, cells), np.int8)
    for i in range(n):
        _, hardness = search(grids[i], units, memberships, preference, 2, nowhere)
        for r in range(orders.shape[1]):
            trial = grids[i].copy()
            left = given_back[i, r]
            for cell in orders[i, r, ::-1]:
                if left > 0 and trial[cell] == 0:
                    trial[cell] = solutions[i, cell]
                    left -= 1
            carve(trial, orders[i, r], units, memberships, preference, nowhere)
            _, guesses = search(trial, units, memberships, preference, 2, nowhere)
            if guesses >= hardness:
                grids[i] = trial
                hardness = guesses
