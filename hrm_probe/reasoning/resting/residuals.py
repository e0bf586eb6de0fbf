"""How far each update moves the state: between segments, and inside them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hrm_probe.dynamics.intervals import Interval, bootstrap
from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, RecursiveReasoner, State
from hrm_probe.models.cache import Recorder
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.reasoning.asking import Asked, check_asked, is_trace, run_length
from hrm_probe.reasoning.result import Groups, Result, labels_of, sample_and_labels
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.curves import root_mean_square, where_asked
from hrm_probe.reasoning.runs.flattening import in_precision
from hrm_probe.reasoning.runs.traced import check_traced, puzzles_asked_about
from hrm_probe.reasoning.runs.traced_states import Updates, check_recorded, initial_state_of, updates_of
from hrm_probe.sudoku.puzzles import sample_rows
from hrm_probe.wording import counted

if TYPE_CHECKING:
    from hrm_probe.trace import Trace


@dataclass(frozen=True)
class Residuals(Result):
    """Residuals of a run; all are root mean squares over positions and d_model, of states of size about 1.

    Attributes:
        table: one row per puzzle, segment and update: ``puzzle``, ``segment``, ``H_cycle``, ``L_cycle`` (1-based; 0
            is the H-update that ends a cycle), ``level`` ("L" or "H"), ``residual`` (change of that level's state
            by this update, from its value before it), and ``solved`` (at the last segment).
        by_update: one row per update of a segment and outcome: ``segment``, ``H_cycle``, ``L_cycle``, ``level``,
            ``solved``, ``puzzles``, ``median``, and the quartiles ``lower``, ``upper``.
        last_H, last_L: median residual of the last H- and L-update of the last segment.
        last_H_solved, last_H_unsolved: the same of z_H, of the puzzles solved at the last segment and of the others;
            None where there are none.
        reset: median ratio, in the last segment, of the residual of each later cycle's first L-update to that of
            the L-update before it, that is across an H-update. Above 1 the H-update sets L going again, as the HRM
            paper describes ("hierarchical convergence"). None for a single H-cycle.
        puzzles, segments, dtype, seed, resampled: what was done.
    """

    table: pd.DataFrame
    by_update: pd.DataFrame
    last_H: Interval
    last_L: Interval
    last_H_solved: Interval | None
    last_H_unsolved: Interval | None
    reset: Interval | None
    puzzles: int
    segments: int
    dtype: str
    seed: int
    resampled: str
    _long = ("table", "by_update")

    def __str__(self) -> str:
        text = (
            f"Residuals of {counted(self.puzzles, 'puzzle')} in segment {self.segments} (medians): z_H moves by "
            f"{self.last_H} in its last update, z_L by {self.last_L}."
        )
        if self.last_H_solved is not None and self.last_H_unsolved is not None:
            text += f" z_H of solved puzzles: {self.last_H_solved}, of the others: {self.last_H_unsolved}."
        if self.reset is not None:
            text += f" After an H-update z_L moves {self.reset} times as far as before it."
        return text


def residuals(
    model: "RecursiveReasoner | Trace",
    puzzles: Asked | None = None,
    segments: int | None = None,
    *,
    n: int | None = 32,
    dtype: torch.dtype | None = None,
    groups: Groups = None,
    batch_size: int = 64,
    seed: int = 0,
    progress: bool = False,
) -> Residuals:
    """How far does every update of every segment move its state?

    At a fixed point of the recursion all residuals are 0 and stay so. Residuals that are small between segments
    and large inside them belong to a cycle that closes with the segment.

    >>> residuals(model, puzzles).by_update                                     # doctest: +SKIP

    Args:
        model: any recursive reasoner for the board, or a trace of every update (``every="cycle"``).
        puzzles: or ``Tasks``; a sample of ``n`` is used. Those of the trace if None.
        segments: length of the run; the model's ``max_segments``, or that of the trace, if None.
        n: how many puzzles to take, drawn with ``seed``; all if None or there are fewer.
        dtype: for the arithmetic, see :func:`hrm_probe.reasoning.runs.flattening.in_precision`: a model in bfloat16 is
            followed in float32, because residuals below 0.01 would be its rounding. A trace has its own.
        groups: what is resampled together, see :func:`hrm_probe.reasoning.result.group_labels`.
        batch_size: puzzles at once; the states of one segment of them are in memory, of a trace those of all.
        seed: for the draw and the intervals.
        progress: show a bar.

    Returns:
        Residuals, with bootstrap intervals of the medians at 95%.

    Raises:
        InputError: a trace without z_H, z_L or the updates within segments, or a ``dtype`` for one.

    Source: "forward residuals" of arXiv 2506.21734, figure 3, with each level's own previous state.
    Known inaccuracy: a trace in float16, as ``record`` keeps it by default, rounds states to one part in 2,000, and
    residuals below about 5e-4 are that rounding; record in float32 where they matter.
    """
    everyone = puzzles_asked_about(model, puzzles)
    run = (
        _recorded(model, everyone, segments, dtype, batch_size, seed)
        if is_trace(model)
        else _followed(cast(RecursiveReasoner, model), everyone, segments, dtype, batch_size, seed)
    )
    chosen, labels, resampled = sample_and_labels(everyone, n, groups, seed)
    numbers, segments, config = sample_rows(len(everyone), len(chosen), seed), run.segments, run.config
    parts = [
        _residuals(run, chosen.answers[rows], numbers[rows], rows.start)
        for rows in in_batches(len(chosen), batch_size, "following updates", progress)
    ]
    table = pd.concat(parts, ignore_index=True)
    time = ["segment", "H_cycle", "L_cycle", "level"]
    grouped = table.groupby([*time, "solved"], sort=False)["residual"]
    by_update = grouped.agg(
        puzzles="size", median="median", lower=lambda r: r.quantile(0.25), upper=lambda r: r.quantile(0.75)
    ).reset_index()

    end = table[table["segment"] == segments]
    wide = end.pivot(index="puzzle", columns=["H_cycle", "L_cycle"], values="residual")
    last_H, last_L = wide[(config.H_cycles, 0)], wide[(config.H_cycles, config.L_cycles)]
    solved = end.groupby("puzzle")["solved"].first()

    def median(values: pd.Series) -> Interval | None:
        values = values.dropna()
        rows = values.index.to_numpy()
        if not len(rows):
            return None
        found = bootstrap(np.median, values.to_numpy(), groups=labels_of(labels, rows), seed=seed)
        return replace(found, low=max(found.low, 0.0))  # where groups are few, ends are moved outwards

    ratios = [wide[(c + 1, 1)] / wide[(c, config.L_cycles)] for c in range(1, config.H_cycles)]
    finite = pd.concat(ratios, axis=1).replace([np.inf, -np.inf], np.nan).median(axis=1) if ratios else None
    all_H, all_L = median(last_H), median(last_L)
    assert all_H is not None
    assert all_L is not None
    return Residuals(
        table,
        by_update,
        last_H=all_H,
        last_L=all_L,
        last_H_solved=median(last_H[solved]),
        last_H_unsolved=median(last_H[~solved]),
        reset=None if finite is None else median(finite),
        puzzles=len(chosen),
        segments=segments,
        dtype=run.dtype,
        seed=seed,
        resampled=resampled,
    )


class _Run(NamedTuple):
    """A run whose updates can be seen.

    Attributes:
        begin: how many puzzles -> the state before the first segment.
        updates: numbers of puzzles -> what each segment does to them.
    """

    config: ModelConfig
    segments: int
    dtype: str
    begin: Callable[[int], State]
    updates: Callable[[np.ndarray], Iterator[Updates]]


def _followed(
    model: RecursiveReasoner,
    puzzles: Asked,
    segments: int | None,
    dtype: torch.dtype | None,
    batch_size: int,
    seed: int,
) -> _Run:
    """The run that a model makes."""
    check_asked(model, puzzles, batch_size, seed)
    segments = run_length(model, segments)
    exact = in_precision(model, dtype)

    def updates(numbers: np.ndarray) -> Iterator[Updates]:
        some, recorder = puzzles[numbers], Recorder(exact.config.levels)
        with exact.hooks([("z_H", recorder), ("z_L", recorder)]):
            for _, output in exact.unroll(exact.check_tokens(some.tokens), segments, puzzle_ids_of(some)):
                cache = recorder.to_cache()  # of this segment alone: only its own states are ever held
                yield Updates(cache["z_H"][0], cache["z_L"][0], output.logits.argmax(-1))

    name = str(exact.forward_dtype).removeprefix("torch.")
    return _Run(exact.config, segments, name, exact.initial_state, updates)


def _recorded(
    trace: "Trace",
    puzzles: Asked,
    segments: int | None,
    dtype: torch.dtype | None,
    batch_size: int,
    seed: int,
) -> _Run:
    """The run that a trace holds."""
    check_traced(trace, puzzles, segments, batch_size, seed)
    check_recorded(trace, State._fields, every_update=True)
    if dtype is not None:
        raise InputError("dtype is for the arithmetic of a run, and a trace has been run; leave it out.")
    return _Run(
        trace.model_config,
        int(trace.dataset.sizes["segment"]),
        trace.attributes["settings"]["dtype"],
        lambda n: initial_state_of(trace, n),
        lambda numbers: updates_of(trace, numbers),
    )


def _residuals(run: _Run, answers: np.ndarray, numbers: np.ndarray, first: int) -> pd.DataFrame:
    """A row a puzzle and update, of the puzzles with these numbers, which are told from ``first`` on."""
    state, rows = run.begin(len(numbers)), []
    for segment, (z_H, z_L, predictions) in enumerate(run.updates(numbers), start=1):
        for H_cycle, L_cycle, residual in _moves(state, z_H, z_L):
            rows.append(
                pd.DataFrame(
                    {
                        "puzzle": first + np.arange(len(numbers)),
                        "segment": segment,
                        "H_cycle": H_cycle,
                        "L_cycle": L_cycle,
                        "level": "L" if L_cycle else "H",
                        "residual": residual.cpu().numpy(),
                    }
                )
            )
        state, shown = State(z_H[-1], z_L[-1, -1]), predictions.cpu().numpy()
    solved = (where_asked(shown, answers) == answers).all(-1)
    table = pd.concat(rows, ignore_index=True)
    table["solved"] = solved[table["puzzle"] - first]
    return table


def _moves(state: State, z_H: Tensor, z_L: Tensor) -> Iterator[tuple[int, int, Tensor]]:
    """(H-cycle, L-cycle, residual [batch]) of every update; z_H [H-cycle, ...], z_L [H-cycle, L-cycle, ...]."""
    H, L = state
    for H_cycle in range(len(z_H)):
        for L_cycle in range(z_L.shape[1]):
            yield H_cycle + 1, L_cycle + 1, root_mean_square(z_L[H_cycle, L_cycle] - L)
            L = z_L[H_cycle, L_cycle]
        yield H_cycle + 1, 0, root_mean_square(z_H[H_cycle] - H)
        H = z_H[H_cycle]
