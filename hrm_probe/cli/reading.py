"""What ``--puzzles`` names, for commands that need no rules: Sudokus, or tasks that the released code built."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hrm_probe.models import Tasks
    from hrm_probe.sudoku import Puzzles


def read_puzzles_or_tasks(name_or_path: str, n: int | None, seed: int) -> "Puzzles | Tasks":
    """A puzzle set; from a published folder whose tasks have not the cells of a board, Tasks."""
    import hrm_probe
    from hrm_probe.sudoku.readers import is_board, is_puzzle, locate, read_official_arrays

    if not is_puzzle(name_or_path) and (folder := locate(name_or_path)).is_dir():
        tokens, _ = read_official_arrays(folder)
        if not is_board(tokens.shape[1]):
            return hrm_probe.load_tasks(folder, n, seed)
    return hrm_probe.load_puzzles(name_or_path, n, seed)
