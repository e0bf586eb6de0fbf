"""Easier puzzles among the hard ones: the analysis paper's data mixing."""

import torch
from torch import Tensor

from hrm_probe.sudoku.puzzles import BLANK


def add_hints(
    tokens: Tensor, answers: Tensor, fraction: float, generator: torch.Generator, min_blanks: int = 1
) -> Tensor:
    """Reveal further clues in some puzzles, so that a model also sees nearly solved ones.

    Each puzzle is chosen with probability ``fraction``. A chosen puzzle of b blanks gets k hints, k uniform in
    ``1..b - min_blanks``, in cells drawn uniformly from its blanks; a puzzle that has no blank to spare stays as
    it is. Hints keep the answer unique, since they come from it.

    Source: Ren and Liu, arXiv 2601.10679, who put one hinted copy beside every puzzle (a fraction of one half) and
    leave at least one blank (``min_blanks=1``). With ``min_blanks=0`` solved grids occur too.

    Args:
        tokens: [batch, cell], blank is 1.
        answers: [batch, cell].
        fraction: share of puzzles that get hints, 0..1.
        generator: on the device of ``tokens``.
        min_blanks: blanks that every hinted puzzle keeps.

    Returns:
        Tokens [batch, cell]; clues are never taken away.
    """
    device = tokens.device
    blank = tokens == BLANK
    chosen = torch.rand(len(tokens), generator=generator, device=device) < fraction
    most = (blank.sum(dim=1) - min_blanks).clamp_min(0)
    # floor(u * most) + 1 is uniform in 1..most; where there is none to spare the product with 0 asks for no hint.
    u = torch.rand(len(tokens), generator=generator, device=device)
    hints = ((u * most).floor().to(torch.long) + 1).clamp_max(most) * chosen
    # Blanks in random order, clues behind them: the first `hints` places are those revealed.
    order = torch.rand(tokens.shape, generator=generator, device=device).where(blank, 2.0).argsort(dim=1)
    rank = torch.empty_like(order).scatter_(
        1, order, torch.arange(order.shape[1], device=device).expand_as(order)
    )
    return answers.where(rank < hints[:, None], tokens)
