"""Does a solved state stay solved? Puzzles as given, grids with one masked unit, and solved grids themselves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number, whole_numbers
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import Asked, check_asked, check_sudoku, is_trace
from hrm_probe.reasoning.easy.easy_puzzles import Unit, blanked, with_masked
from hrm_probe.reasoning.easy.keeping import Keeping, keeping
from hrm_probe.reasoning.result import Groups
from hrm_probe.reasoning.runs.curves import Curves, follow, runnable
from hrm_probe.reasoning.runs.traced import curves_of_either, length_asked, puzzles_asked_about
from hrm_probe.sudoku import Puzzles

if TYPE_CHECKING:
    from hrm_probe.trace import Trace

LENGTH = 64  # segments: four times as many as the published models are trained for


def stability(
    model: "RecursiveReasoner | Trace | None",
    puzzles: Asked | None = None,
    segments: int | None = None,
    *,
    at: int | None = None,
    horizons: Sequence[int] = (16, 32, 64),
    groups: Groups = None,
    curves: Curves | None = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Keeping:
    """Of the puzzles that the model has solved, how many stay solved when recursion goes on?

    The fixed-point property asks that a solved state maps to a solved state; losses violate it.

    >>> result = stability(model, puzzles, segments=64)                         # doctest: +SKIP
    >>> result.kept, result.lost                                                # doctest: +SKIP
    >>> result.survival.plot("age", "survival")                                 # doctest: +SKIP

    Args:
        model: any recursive reasoner for the board, or a trace of these puzzles.
        puzzles: as they are, or ``Tasks``; :func:`row_masking` and :func:`solved_grids` ask the same of easier ones.
            Those of the trace if None.
        segments: length of the run, 64 or that of the trace if None; beyond the trained length it is the fixed point
            alone that is judged.
        at: the segment that "solved at" refers to; the model's ``max_segments``, or the last of a shorter run, if
            None.
        horizons: segments to which keeping is judged; those beyond the run are left out.
        groups: what is resampled together, see :func:`hrm_probe.reasoning.result.group_labels`.
        curves: those of the same model and puzzles, if already computed; ``segments`` is then None or theirs.
        batch_size, progress: as in :func:`hrm_probe.reasoning.follow`.
        seed: for the intervals.

    Returns:
        Keeping, with intervals at 95%.

    Raises:
        InputError: ``at`` is not a segment of the run, or curves of other puzzles or of another length.

    Source: claim 2 of Ren and Liu, arXiv 2601.10679, "violation of the fixed point property".
    Known inaccuracy: an answer can be lost for one segment by one undecided cell; ``retention`` shows beside the
    unbroken share how many are solved at the horizon itself.
    """
    whole_number(seed, "seed", 0)
    puzzles = puzzles_asked_about(model, puzzles)
    if curves is None and not is_trace(model):
        model = runnable(cast("RecursiveReasoner | None", model), puzzles, batch_size)
        segments = _length(segments)
    length = length_asked(model, segments, curves)
    assert length is not None
    at, horizons = _solved_at(at, model, length), whole_numbers(horizons, "horizons")
    curves = curves_of_either(model, puzzles, segments, curves, batch_size=batch_size, progress=progress)
    return keeping(curves, puzzles, "puzzles as given", at=at, horizons=horizons, groups=groups, seed=seed)


def row_masking(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    unit: Unit = "row",
    index: int | np.ndarray | None = None,
    segments: int | None = None,
    *,
    at: int | None = None,
    horizons: Sequence[int] = (16, 32, 64),
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Keeping:
    """Solved grids with one row, column or box masked: solved, and kept to 16, 32, 64 segments?

    Published for HRM on 9x9: about 75% of puzzles with one masked row stay stable (arXiv 2601.10679).

    >>> row_masking(load("hrm-6x6"), load_puzzles("6x6-test", 200)).kept                # doctest: +SKIP

    Args:
        model: any recursive reasoner for the board.
        puzzles: their answers are the grids.
        unit: "row", "column" or "box".
        index: which one, from 0, for all puzzles or for each; drawn for each puzzle if None.
        segments, at, horizons, groups, batch_size, progress: as in :func:`stability`.
        seed: for that draw and the intervals.

    Returns:
        Keeping; its table's ``source`` names the masked unit.

    Raises:
        InputError: puzzles that are not Sudokus, a unit or index that the board lacks, or ``at`` out of the run.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "row_masking() masks a row, column or box of a solved grid")
    segments = _length(segments)
    at, horizons = _solved_at(at, model, segments), whole_numbers(horizons, "horizons")
    masked = with_masked(puzzles, unit, index, seed)
    curves = follow(model, masked, segments, batch_size=batch_size, progress=progress)
    return keeping(
        curves, masked, f"grids with one masked {unit}", at=at, horizons=horizons, groups=groups, seed=seed
    )


def solved_grids(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    segments: int | None = None,
    *,
    at: int | None = None,
    horizons: Sequence[int] = (16, 32, 64),
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Keeping:
    """The solved grid itself, without a blank: does the model repeat it, and go on repeating it?

    >>> print(solved_grids(load("hrm-6x6"), load_puzzles("6x6-test", 100)))            # doctest: +SKIP

    Args:
        model: any recursive reasoner for the board.
        puzzles: their answers are the grids.
        segments, at, horizons, groups, batch_size, progress: as in :func:`stability`.
        seed: for the intervals.

    Returns:
        Keeping, with intervals at 95%.

    Raises:
        InputError: puzzles that are not Sudokus, or what :func:`stability` refuses.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "solved_grids() gives solved grids as puzzles")
    segments = _length(segments)
    at, horizons = _solved_at(at, model, segments), whole_numbers(horizons, "horizons")
    full = blanked(puzzles, 0)
    curves = follow(model, full, segments, batch_size=batch_size, progress=progress)
    return keeping(curves, full, "solved grids", at=at, horizons=horizons, groups=groups, seed=seed)


def _length(segments: int | None) -> int:
    return LENGTH if segments is None else whole_number(segments, "segments")


def _solved_at(at: int | None, model: "RecursiveReasoner | Trace | None", segments: int) -> int:
    """The segment given; else the last that the model was trained for, or the last of a shorter run."""
    if at is not None:
        return whole_number(at, "at", 1, segments)
    if model is None:
        raise InputError("Without a model, say at which segment a puzzle counts as solved, such as at=16.")
    config = model.model_config if is_trace(model) else cast(RecursiveReasoner, model).config
    return min(config.max_segments, segments)
