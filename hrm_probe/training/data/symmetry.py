"""Fresh symmetries for every puzzle drawn, without leaving the device."""

import torch
from torch import Tensor

from hrm_probe.models.turning import turnings
from hrm_probe.sudoku import Board, column_arrangements, row_arrangements


class Symmetries:
    """Uniformly random symmetries of a board: lines and bands change places, digits are renamed.

    Where boxes are square, half of the boards are also mirrored, rows for columns.

    Small index tables (48 by 72 arrangements for 6x6, 1,296 by 1,296 for 9x9) stand for the whole group.

    >>> generator = torch.Generator().manual_seed(0)
    >>> moved, moved_answers = Symmetries("6x6").apply(tokens, answers, generator=generator)   # doctest: +SKIP

    Args:
        board: a board or its name.
        device: where the puzzles are.
    """

    def __init__(self, board: Board | str, device: torch.device | str = "cpu") -> None:
        self.board = Board.of(board)
        self.rows = torch.tensor(row_arrangements(self.board), device=device)  # [arrangement, side]
        self.columns = torch.tensor(column_arrangements(self.board), device=device)
        self.fixed = torch.tensor([0, 1], device=device)  # padding and blank are never renamed

    def draw(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Where each new cell comes from, [n, cell], and what each token becomes, [n, vocab]."""
        device, side = self.rows.device, self.board.side
        rows = self.rows[_choose(len(self.rows), n, generator, device)]
        columns = self.columns[_choose(len(self.columns), n, generator, device)]
        cells = rows[:, :, None] * side + columns[:, None, :]
        if self.board.rows == self.board.cols:
            mirrored = _choose(2, n, generator, device).bool()
            cells = torch.where(mirrored[:, None, None], cells.mT, cells)
        digits = torch.rand(n, side, generator=generator, device=device).argsort(dim=1) + 2
        return cells.flatten(1), torch.cat([self.fixed.expand(n, 2), digits], dim=1)

    def apply(self, *tokens: Tensor, generator: torch.Generator) -> tuple[Tensor, ...]:
        """The same random symmetry for row i of every argument; each is tokens [n, cell], none ignored (-100)."""
        cells, names = self.draw(len(tokens[0]), generator)
        return tuple(names.gather(1, t.gather(1, cells)) for t in tokens)


class Turnings:
    """Uniformly random ways to put a square down: turned by quarters, half of the time mirrored, too.

    >>> generator = torch.Generator().manual_seed(0)
    >>> Turnings(4).apply(torch.tensor([[1, 2, 3, 4]]), generator=generator)[0].shape
    torch.Size([1, 4])

    Args:
        cells: of the square.
        device: where the tasks are.

    Raises:
        InputError: the cells make no square.
    """

    def __init__(self, cells: int, device: torch.device | str = "cpu") -> None:
        self.ways = torch.tensor(turnings(cells), device=device)  # [way, cell]

    def apply(self, *tokens: Tensor, generator: torch.Generator) -> tuple[Tensor, ...]:
        """The same random way for row i of every argument; each is tokens [n, cell]."""
        cells = self.ways[_choose(len(self.ways), len(tokens[0]), generator, self.ways.device)]
        return tuple(t.gather(1, cells) for t in tokens)


def _choose(options: int, n: int, generator: torch.Generator, device: torch.device) -> Tensor:
    return torch.randint(options, (n,), generator=generator, device=device)
