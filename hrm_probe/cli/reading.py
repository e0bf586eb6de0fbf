"""What ``--puzzles`` names, for commands that need no rules: Sudokus, or tasks that the released code built."""

import sys
from typing import TYPE_CHECKING

from hrm_probe.wording import counted, verb

if TYPE_CHECKING:
    from hrm_probe.models import Tasks
    from hrm_probe.sudoku import Puzzles


def read_puzzles_or_tasks(name_or_path: str, n: int | None, seed: int) -> "Puzzles | Tasks":
    """A puzzle set; from a published folder whose tasks do not have the cells of a board, Tasks."""
    import hrm_probe
    from hrm_probe.models.published.tasks import tasks_folder

    if (folder := tasks_folder(name_or_path)) is not None:
        return hrm_probe.load_tasks(folder, n, seed)
    return hrm_probe.load_puzzles(name_or_path, n, seed)


def remark_on_too_few(n: int | None, puzzles: "Puzzles | Tasks", named: str) -> None:
    """Say on stderr that a set does not hold the ``n`` puzzles that were asked for; None asks for no number."""
    if n is not None and n > len(puzzles):
        print(
            f"hrm-probe: --n is {n:,}, but {named} holds {counted(len(puzzles), 'puzzle')}; the whole set is taken.",
            file=sys.stderr,
        )


def remark_on_several_solutions(puzzles: "Puzzles | Tasks") -> None:
    """Say on stderr how many Sudokus have several solutions: only the one in the file counts as right."""
    from hrm_probe.sudoku import Puzzles, count_solutions

    if isinstance(puzzles, Puzzles) and (several := int((count_solutions(puzzles.grids) != 1).sum())):
        print(
            f"hrm-probe: {several:,} of {counted(len(puzzles), 'puzzle')} {verb(several, 'has', 'have')} more "
            "than one solution; any but the given one counts as wrong.",
            file=sys.stderr,
        )
