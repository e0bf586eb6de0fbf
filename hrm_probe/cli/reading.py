"""What ``--puzzles`` names, for commands that need no rules: Sudokus, or tasks that the released code built."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hrm_probe.models import Tasks
    from hrm_probe.sudoku import Puzzles


def read_puzzles_or_tasks(name_or_path: str, n: int | None, seed: int) -> "Puzzles | Tasks":
    """A puzzle set; from a published folder whose tasks have not the cells of a board, Tasks."""
    import hrm_probe
    from hrm_probe.models.published_tasks import tasks_folder

    if (folder := tasks_folder(name_or_path)) is not None:
        return hrm_probe.load_tasks(folder, n, seed)
    return hrm_probe.load_puzzles(name_or_path, n, seed)
