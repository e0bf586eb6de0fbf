"""Sudoku: boards, puzzles, solving, generating, symmetry, and sets that leak nothing."""

from hrm_probe.sudoku.board import BOARDS, Board
from hrm_probe.sudoku.canonical import canonical_form
from hrm_probe.sudoku.checking import CheckReport, Fault, check
from hrm_probe.sudoku.conflicts import conflicts, overwritten
from hrm_probe.sudoku.copies import Copies, symmetric_copies
from hrm_probe.sudoku.deduction import Deduction, candidates, deduce, deduction_rounds
from hrm_probe.sudoku.generator import KINDS, complete_grids, generate
from hrm_probe.sudoku.notation import draw_grid, format_grids, parse_grid, parse_grids
from hrm_probe.sudoku.puzzles import Puzzles
from hrm_probe.sudoku.readers import bundled_sets, load_puzzles
from hrm_probe.sudoku.solver import all_solutions, count_solutions, rate, solve
from hrm_probe.sudoku.splits import Leaks, leaks, split
from hrm_probe.sudoku.symmetry import (
    MOVES,
    apply_symmetries,
    cell_permutations,
    column_arrangements,
    random_symmetries,
    row_arrangements,
)

__all__ = [
    "BOARDS",
    "KINDS",
    "MOVES",
    "Board",
    "CheckReport",
    "Copies",
    "Deduction",
    "Fault",
    "Leaks",
    "Puzzles",
    "all_solutions",
    "apply_symmetries",
    "bundled_sets",
    "candidates",
    "canonical_form",
    "cell_permutations",
    "check",
    "column_arrangements",
    "complete_grids",
    "conflicts",
    "count_solutions",
    "deduce",
    "deduction_rounds",
    "draw_grid",
    "format_grids",
    "generate",
    "leaks",
    "load_puzzles",
    "overwritten",
    "parse_grid",
    "parse_grids",
    "random_symmetries",
    "rate",
    "row_arrangements",
    "solve",
    "split",
    "symmetric_copies",
]
