"""Which positions of a pair of puzzles or tasks are patched: all, single cells, or what a cell is to the pair."""

from collections.abc import Iterable, Mapping

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.reasoning.asking import Asked, check_sudoku
from hrm_probe.sudoku import Puzzles

Positions = str | Iterable[str] | Mapping[str, np.ndarray] | None

NAMED = ("all", "prefix", "cells", "clues", "blanks", "changed", "peers", "disputed", "elsewhere")
EACH = "each cell"
BY_RULES = {"clues": "are cells that are given", "peers": "share a row, column or box with a changed cell"}
"""Those that only Sudokus have, and why."""


def position_masks(
    positions: Positions, receivers: Asked, donors: Asked, disputed: np.ndarray, prefix: int
) -> dict[str, np.ndarray]:
    """Positions by name: bool [pair, pos], in the order asked for.

    - "all": every position; "prefix": those before the cells; "cells": the cells.
    - "clues", "blanks": cells given, and cells blank, in the receiver. Of tasks the blanks are the cells asked for.
    - "changed": cells whose tokens differ between the two, and of tasks the first position of the prefix where their
      puzzle embeddings differ; "peers": other cells in a row, column or box of one.
    - "disputed": blank cells of the receiver where the plain answers differ; of tasks, cells asked for in both.
    - "elsewhere": every position that is neither changed nor disputed, the rest of the prefix included.
    - "each cell": one set a cell, named "row 1, column 1" and so on; of tasks "cell 0" and so on.

    Tasks have no clues and no peers.

    Args:
        positions: names, one or several; or masks by name, bool [pair, cell] (without prefix) or [pair, pos], or one
            row of them for all pairs; every position if None.
        receivers, donors: pairs, row by row.
        disputed: bool [pair, cell].
        prefix: positions before the cells.

    Raises:
        InputError: an unknown name, one that tasks do not have, a mask of another shape or type, or no set at all.
    """
    n, cells = receivers.tokens.shape
    names = names_of_sets(positions, receivers, prefix)
    if isinstance(positions, Mapping):
        given = (_given(name, mask, n, cells, prefix) for name, mask in positions.items())
        return dict(zip(names, given, strict=True))
    known = _named(receivers, donors, disputed, prefix)
    single = np.eye(prefix + cells, dtype=bool)[prefix:]
    known |= {
        name: np.broadcast_to(mask, (n, prefix + cells))
        for name, mask in zip(_cell_names(receivers), single, strict=True)
    }
    return {name: known[name] for name in names}


def names_of_sets(positions: Positions, receivers: Asked, prefix: int) -> list[str]:
    """What the sets are called, each once, without a look at how any run ends.

    Raises:
        InputError: as for :func:`position_masks`.
    """
    n, cells = receivers.tokens.shape
    if isinstance(positions, Mapping):
        for name, mask in positions.items():
            _given(name, mask, n, cells, prefix)
        asked = list(positions)
    else:
        asked = (
            ["all"] if positions is None else [positions] if isinstance(positions, str) else list(positions)
        )
        for name in asked:
            if name not in (*NAMED, EACH):
                raise InputError(
                    f"There are no positions {name!r}; choose among {', '.join(NAMED)} and {EACH}, or give masks by "
                    "name."
                )
            if name in BY_RULES:
                others = [other for other in (*NAMED, EACH) if other not in BY_RULES]
                instead = f"choose among {', '.join(others)}, or give masks by name"
                check_sudoku(receivers, f"The positions {name!r} {BY_RULES[name]}", instead)
    if not asked:
        raise InputError("Name at least one set of positions; None stands for all of them.")
    names: list[str] = []
    for name in asked:
        expands = name == EACH and not isinstance(positions, Mapping)
        names += _cell_names(receivers) if expands else [str(name)]
    return list(dict.fromkeys(names))


def _cell_names(receivers: Asked) -> list[str]:
    cells = range(receivers.tokens.shape[1])
    if isinstance(receivers, Puzzles):
        return [receivers.board.cell_name(cell) for cell in cells]
    return [f"cell {cell}" for cell in cells]


def _named(receivers: Asked, donors: Asked, disputed: np.ndarray, prefix: int) -> dict[str, np.ndarray]:
    changed = receivers.tokens != donors.tokens
    before = np.zeros((len(receivers), prefix), bool)

    def of_cells(mask: np.ndarray) -> np.ndarray:
        return np.concatenate((before, mask), axis=1)

    everywhere = np.ones_like(changed)
    masks = {
        "all": np.concatenate((~before, everywhere), axis=1),
        "prefix": np.concatenate((~before, ~everywhere), axis=1),
        "cells": of_cells(everywhere),
        "blanks": of_cells(receivers.blanks),
        "changed": of_cells(changed),
        "disputed": of_cells(disputed),
    }
    own, other = puzzle_ids_of(receivers), puzzle_ids_of(donors)
    if own is not None and other is not None:
        masks["changed"][:, : min(prefix, 1)] = (own != other)[:, None]
    if isinstance(receivers, Puzzles):
        masks |= {
            "clues": of_cells(~receivers.blanks),
            "peers": of_cells((changed @ receivers.board.peers) & ~changed),
        }
    return masks | {"elsewhere": ~(masks["changed"] | masks["disputed"])}


def _given(name: str, mask: np.ndarray, n: int, cells: int, prefix: int) -> np.ndarray:
    mask = np.asarray(mask)
    if mask.dtype != bool or mask.ndim not in (1, 2) or mask.shape[-1] not in (cells, prefix + cells):
        raise InputError(
            f"The positions {name!r} are {mask.dtype} of shape {list(mask.shape)}; give a mask of true and false, "
            f"[{n}, {cells}] for cells or [{n}, {prefix + cells}] with the prefix, or one row of it."
        )
    if mask.ndim == 2 and len(mask) != n:
        raise InputError(f"The positions {name!r} have {len(mask)} rows; give one for each of the {n} pairs.")
    mask = np.broadcast_to(mask, (n, mask.shape[-1]))
    if mask.shape[1] == cells:
        mask = np.concatenate((np.zeros((n, prefix), bool), mask), axis=1)
    return mask
