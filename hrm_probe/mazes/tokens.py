"""What the tokens of a maze stand for, as in the data of the published checkpoints (0 is padding)."""

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.models.turning import side_of

WALL, SPACE, START, GOAL, PATH = 1, 2, 3, 4, 5
VOCAB = 6
SIGNS = ".# SGo"  # how each is printed


def picture(tokens: np.ndarray) -> str:
    """A maze as text, a line a row: # wall, S start, G goal, o path.

    >>> print(picture(np.array([3, 5, 4, 1, 1, 1, 1, 1, 1])))
    SoG
    ###
    ###

    Args:
        tokens: [cell], of a square.

    Raises:
        InputError: not the tokens of a square maze.
    """
    row = np.asarray(tokens)
    if row.ndim != 1 or row.dtype.kind not in "iu" or not ((row >= 0) & (row < VOCAB)).all():
        raise InputError(f"A maze is one row of tokens from 0 to {VOCAB - 1}; show one at a time.")
    signs = np.array(list(SIGNS))[row].reshape(side_of(len(row)), -1)
    return "\n".join("".join(line) for line in signs)
