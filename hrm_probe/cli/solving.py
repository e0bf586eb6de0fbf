"""``hrm-probe solve PUZZLE...``: what a model makes of your own puzzles, segment by segment."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrm_probe.cli.options import STANDARD_OUTPUT, Device, ForwardDtypeName, JsonFile, at_least_one
from hrm_probe.cli.output import emit_json
from hrm_probe.errors import InputError
from hrm_probe.wording import counted

if TYPE_CHECKING:
    import numpy as np

    from hrm_probe.models import RecursiveReasoner
    from hrm_probe.sudoku import Puzzles

    Grid = np.ndarray

Told = dict[str, Any]
APART = " " * 6


def solve_command(
    puzzles: Annotated[
        list[str],
        typer.Argument(help="Puzzles as strings, row by row, . or 0 for a blank; or one file of puzzles."),
    ],
    model: Annotated[
        str | None,
        typer.Option(help="A shipped model's name, or a model folder; the best shipped one if not given."),
    ] = None,
    segments: Annotated[
        int | None,
        typer.Option(
            callback=at_least_one,
            help="Segments of each run; the model's own number if not given.",
        ),
    ] = None,
    copies: Annotated[
        int,
        typer.Option(
            min=0, help="Where the run fails, ask up to this many symmetric copies, until a grid is lawful."
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the copies.")] = 0,
    device: Device = None,
    dtype: ForwardDtypeName = None,
    json: JsonFile = None,
) -> None:
    """Let a model solve your own puzzles, and watch it: the answer, and the wrong cells after every segment."""
    import hrm_probe
    from hrm_probe.provenance import provenance
    from hrm_probe.sudoku.readers import LETTERS

    typed = [set(text) <= LETTERS for text in puzzles]
    if len(puzzles) > 1 and not all(typed):
        raise InputError(
            "Give puzzles as strings, or one file of puzzles: not both, and no more than one file."
        )
    asked = hrm_probe.load_puzzles(puzzles if all(typed) else puzzles[0])
    name = hrm_probe.default_model(asked.board.name) if model is None else model
    reasoner = hrm_probe.load(name, device, dtype)
    length = reasoner.config.max_segments if segments is None else segments
    told = []
    for i in range(len(asked)):
        told.append(_solve(reasoner, asked[i], length, copies, seed))
        if json != STANDARD_OUTPUT:
            print(_in_words(told[-1], name, i + 1, len(asked)), flush=True)
    if json is not None:
        settings = {"model": name, "segments": length, "copies": copies, "seed": seed}
        emit_json(json, {**settings, "puzzles": told, "provenance": provenance()})


def _solve(reasoner: "RecursiveReasoner", puzzle: "Puzzles", segments: int, copies: int, seed: int) -> Told:
    """One puzzle's run, and its copies where the run ends without a lawful grid."""
    from hrm_probe.models.checking import check_board
    from hrm_probe.sudoku import conflicts, format_grids

    check_board(puzzle.tokens.shape[1], reasoner.config)
    rollout = reasoner.run(puzzle.tokens, segments)
    shown = rollout.predictions[:, 0].cpu().numpy()
    wrong = (shown != puzzle.answers).sum(1)
    answer, asked = shown[-1:], 0
    if copies and not _lawful(puzzle, answer):
        answer, asked = _first_lawful(reasoner, puzzle, shown, copies, seed)
    return {
        "question": format_grids(puzzle.grids)[0],
        "answer": format_grids(answer - 1)[0],
        "right_answer": format_grids(puzzle.answers - 1)[0],
        "solved": bool((answer == puzzle.answers).all()),
        "lawful": _lawful(puzzle, answer),
        "wrong_by_segment": wrong.tolist(),
        "conflicts": int(conflicts(puzzle.board, shown[-1] - 1)),
        "halted_at": int(rollout.halted_at[0]),
        "copies_asked": asked,
    }


def _first_lawful(
    reasoner: "RecursiveReasoner", puzzle: "Puzzles", shown: "Grid", copies: int, seed: int
) -> "tuple[Grid, int]":
    """The first lawful grid of a run, [segment, cell], or else of its copies'; its last where there is none.

    Beside it, how many copies were asked.
    """
    import numpy as np

    from hrm_probe.sudoku import symmetric_copies

    rng = np.random.default_rng(seed)
    grids = shown[:, None]
    for number in range(copies + 1):
        if number:
            copy = symmetric_copies(puzzle, rng)
            answered = reasoner.run(copy.puzzles.tokens, len(shown)).predictions.cpu().numpy()
            grids = np.stack([copy.map_back(grid) for grid in answered])
        for grid in grids:
            if _lawful(puzzle, grid):
                return grid, number
    return shown[-1:], copies


def _lawful(puzzle: "Puzzles", grid: "Grid") -> bool:
    from hrm_probe.reasoning.runs.lawful import keeps_the_rules

    return bool(keeps_the_rules(puzzle, grid)[0])


def _in_words(told: Told, name: str, number: int, of: int) -> str:
    """Both grids side by side, the wrong cells after each segment, and what became of it."""
    from hrm_probe.sudoku import draw_grid, parse_grid

    drawn = (
        draw_grid(parse_grid(told[key].replace("?", "."))).splitlines() for key in ("question", "answer")
    )
    head = [f"Puzzle {number} of {of}"] if of > 1 else []
    grids = [given + APART + answered for given, answered in zip(*drawn, strict=True)]
    wrong = " ".join(map(str, told["wrong_by_segment"]))
    return "\n".join([*head, *grids, f"wrong cells after each segment: {wrong}", _verdict(told, name), ""])


def _verdict(told: Told, name: str) -> str:
    wrong, at = told["wrong_by_segment"], told["halted_at"]
    segments = counted(len(wrong), "segment")
    halted = (
        "by itself it would not stop sooner"
        if at == len(wrong)
        else f"by itself it would stop at segment {at}"
    )
    if not wrong[-1]:
        since = max((i + 1 for i, cells in enumerate(wrong) if cells), default=0) + 1
        return f"{name} solves it at segment {since} and keeps the answer; {halted}."
    lost = f" It had the answer at segment {wrong.index(0) + 1} and lost it." if 0 in wrong else ""
    failed = (
        f"{name} does not solve it in {segments}: {counted(wrong[-1], 'cell')} wrong in the end, "
        f"{counted(told['conflicts'], 'conflict')} in rows, columns and boxes; {halted}.{lost}"
    )
    copies = told["copies_asked"]
    if told["lawful"]:
        which = (
            "which is the answer" if told["solved"] else "but not the answer given: the puzzle has several"
        )
        if copies:
            return f"{failed} Symmetric copy {copies} gives a lawful grid, {which}."
        return f"{failed} That grid is lawful, {'so no copy was asked' if told['solved'] else which}."
    if copies:
        return f"{failed} Nor does it solve the symmetric {'copy' if copies == 1 else 'copies'} ({copies} asked)."
    return f"{failed} --copies 8 asks symmetric copies of it."
