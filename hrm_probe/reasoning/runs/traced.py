"""The curves of a recorded rollout: questions that ask no more than these are put to a trace as to a model."""

from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from numpy.typing import NDArray

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner, Tasks
from hrm_probe.reasoning.asking import Asked, check_puzzles, check_settings, is_trace, run_length
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.curves import Curves, curves_of, joined, read_logits, root_mean_square
from hrm_probe.reasoning.runs.traced_states import last_of_segment
from hrm_probe.sudoku import Puzzles
from hrm_probe.sudoku.board import BOARDS
from hrm_probe.wording import counted

if TYPE_CHECKING:
    from hrm_probe.trace import Trace

STATES = {"z_H": "displacement", "z_L": "displacement_L"}


def traced_curves(trace: "Trace", puzzles: Asked | None = None, *, batch_size: int = 64) -> Curves:
    """What a recorded rollout says of each puzzle, segment by segment; no model is run.

    >>> trace = hrm_probe.record(model, puzzles, "traces/6x6")                       # doctest: +SKIP
    >>> jumps(trace, puzzles)                                # asks for them itself  # doctest: +SKIP

    Args:
        trace: recorded with answers, whole or as far as it is.
        puzzles: those that it is of, or ``Tasks``, as a check; its own if None.
        batch_size: puzzles read at once.

    Returns:
        Curves of the recorded puzzles. Where z_H or z_L was not recorded, their displacements are NaN.

    Raises:
        InputError: puzzles without answers, or others than those of the trace; a recording that has just begun.

    Known inaccuracy: states kept in float16 are rounded to one part in 2,000, so that movement of less than about 5e-4
    a segment is told as 0 or as 5e-4; all else is as :func:`hrm_probe.reasoning.follow` gives it.
    """
    answers = _answers(trace, puzzles)
    return joined([_of_rows(trace, answers, rows) for rows in in_batches(len(trace), batch_size)])


def puzzles_of(trace: "Trace") -> Asked:
    """The puzzles that a trace is of: Sudokus, or ``Tasks`` where their cells or the model's tokens fit no board.

    Raises:
        InputError: a recording without answers, or without a whole puzzle.
    """
    answers, own = _answers(trace, None), trace.puzzles
    if trace.model_config.vocab not in {b.vocab for b in BOARDS if b.cells == own.tokens.shape[1]}:
        kept = {name: trace[name].values for name in ("puzzle_ids", "group") if name in trace}
        return Tasks(own.tokens, answers, source=own.source, rating=own.rating, **kept)  # type: ignore[arg-type]
    unknown = np.full(len(answers), "unknown"), np.full(len(answers), -1)
    source, rating = (
        a if a is not None else b for a, b in zip((own.source, own.rating), unknown, strict=True)
    )
    return Puzzles(own.tokens, answers, source, rating)


def puzzles_asked_about(asked: "RecursiveReasoner | Trace | None", puzzles: Asked | None) -> Asked:
    """The puzzles that were given; where none were, those of the trace that is asked.

    Raises:
        InputError: no puzzles, and no trace that has some.
    """
    if puzzles is not None:
        return puzzles
    if not is_trace(asked):
        raise InputError("There are no puzzles to ask about; give some, such as hrm_probe.load_puzzles().")
    return puzzles_of(asked)


def curves_of_either(
    asked: "RecursiveReasoner | Trace | None",
    puzzles: Asked,
    segments: int | None = None,
    curves: Curves | None = None,
    *,
    least: int = 1,
    batch_size: int = 128,
    progress: bool = False,
) -> Curves:
    """As :func:`hrm_probe.reasoning.runs.curves.curves_of`, for questions that a trace answers as well as a model."""
    if curves is None and is_trace(asked):
        return curves_of(None, puzzles, segments, traced_curves(asked, puzzles), least=least)
    model = cast("RecursiveReasoner | None", asked)
    return curves_of(model, puzzles, segments, curves, least=least, batch_size=batch_size, progress=progress)


def check_traced(
    trace: "Trace", puzzles: Asked, segments: int | None, batch_size: int = 1, seed: int = 0
) -> None:
    """Raise an InputError where a trace is not of these puzzles or not of so many segments; None is its own."""
    check_puzzles(puzzles)
    check_settings(batch_size, seed)
    _answers(trace, puzzles)
    recorded = int(trace.dataset.sizes["segment"])
    if segments is not None and segments != recorded:
        raise InputError(
            f"This trace has {counted(recorded, 'segment')}, not {segments}; leave segments out."
        )


def length_asked(
    asked: "RecursiveReasoner | Trace | None", segments: int | None, curves: Curves | None
) -> int | None:
    """How many segments :func:`curves_of_either` will give, before it runs; None if nothing says so."""
    if curves is not None:
        return curves.segments
    if is_trace(asked):
        return int(asked.dataset.sizes["segment"])
    return run_length(cast(RecursiveReasoner, asked), segments) if hasattr(asked, "config") else None


def _answers(trace: "Trace", puzzles: Asked | None) -> NDArray[np.int64]:
    if not len(trace):
        raise InputError("This trace holds no complete puzzle yet; go on recording with resume=True.")
    own = trace.puzzles
    if own.answers is None:
        raise InputError(
            "This trace was recorded without answers, by which its grids are judged; record Puzzles."
        )
    if puzzles is not None and not (
        np.array_equal(own.tokens, puzzles.tokens) and np.array_equal(own.answers, puzzles.answers)
    ):
        own_again = "hrm_probe.sudoku.Puzzles(*trace.puzzles)"
        if isinstance(puzzles, Tasks):
            own_again = "Tasks(trace.puzzles.tokens, trace.puzzles.answers)"
        raise InputError(
            f"This trace is of {counted(len(trace), 'puzzle')}, not of these; {own_again} gives its own."
        )
    return own.answers


def _of_rows(trace: "Trace", answers: NDArray[np.int64], rows: slice) -> Curves:
    logits, right = torch.from_numpy(trace["logits"][rows].values), torch.from_numpy(answers[rows])
    told = [read_logits(of_segment, right) for of_segment in logits.unbind(1)]
    return Curves(
        **{name: torch.stack([segment[name] for segment in told], 1).numpy() for name in told[0]},
        **{name: _moves(trace, site, rows) for site, name in STATES.items()},
        **{name: trace[name][rows].values for name in ("q_halt", "q_continue", "halted_at")},
    )


def _moves(trace: "Trace", site: str, rows: slice) -> NDArray[np.float32]:
    """How far a state moves in each segment, [puzzle, segment]; the first from the model's initial state."""
    puzzles, segments = trace["predictions"][rows].shape[:2]
    initial = trace.initial_state.get(site)
    if site not in trace or initial is None:
        return np.full((puzzles, segments), np.nan, np.float32)
    last = last_of_segment(trace[site][rows]).values
    before, moves = torch.from_numpy(initial).float(), []
    for after in torch.from_numpy(last).float().unbind(1):
        moves.append(root_mean_square(after - before))
        before = after
    return torch.stack(moves, 1).numpy()
