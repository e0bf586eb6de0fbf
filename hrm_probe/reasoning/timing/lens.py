"""The logit lens: what would the model answer if it were read at every update, not only at a segment's end?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import Asked, check_asked, run_length
from hrm_probe.reasoning.result import Groups, Result, group_labels, percent, share_of
from hrm_probe.reasoning.runs.decoding import Decoded, Reads, decode_updates, sites_to_read
from hrm_probe.reasoning.statistics.means import mean_if_any
from hrm_probe.reasoning.timing.arriving import arrival_table, arrivals, arriving_cells
from hrm_probe.reasoning.timing.lens_tables import update_table, within_table
from hrm_probe.wording import counted


@dataclass(frozen=True)
class Lens(Result):
    """What the model's head reads at every update.

    An answer "comes in" the first segment whose end shows all of it.

    Attributes:
        table: one row per (site, update of the run): ``site`` ("z_H", "z_L", or the full name of a point in a block),
            ``segment``, ``H_cycle``, ``L_cycle`` (1-based; 0 is the H-update that ends a cycle). Then ``solved``,
            ``low``, ``high`` (share of puzzles whose whole grid is read right); of all blank cells the shares that are
            ``right``, ``as_end`` (read as the model answers at the end of this segment), ``as_final`` (as at the end of
            the last) and ``changed`` (since the site's read before; NaN at the first); means of ``loss``, ``entropy``
            (as in ``Curves``) and of the halting value, ``q_halt``.
        within: the segment that brings the answer, by update; one row per (``comes_in``, site, H_cycle, L_cycle):
            solved, low, high, right, of the puzzles whose answer comes in the "first segment", or "later".
        arrival: one row per group of these: ``puzzles``, and with ``_low`` and ``_high``:
            ``at_last``: share whose answer z_H reads nowhere before the last H-update of that segment. If arriving
            answers had no preference it would be 1 / H_cycles.
            ``before_last``: share of the cells still needed at the segment's beginning (on average ``needed`` cells;
            all blank ones in the first segment) that z_H reads right, for good, before that last update. An even
            build-up gives 1 - 1 / H_cycles.
            ``largest``: share of the needed cells that the fullest H-update brings; 1 if the answer comes at once.
            ``largest_if_independent`` is what it would be if every cell came by itself.
            ``in_z_L_first``: share whose answer z_L reads at an earlier update than z_H ever does.
            The first three are NaN for a single H-cycle, the last where z_L was not read.
        by_puzzle: one row per puzzle: these values, ``solved`` (at the last segment), ``first_solved`` (segment, 0 if
            none), ``first_z_H``, ``first_z_L`` (number of the first H- or L-update of the run at which the site reads
            the answer, 0 if none), ``between``, ``detours``.
        reads: by site, what was read of each puzzle: see :class:`hrm_probe.reasoning.runs.decoding.Reads`.
        solved: share of puzzles solved at the last segment.
        held: of the puzzles solved at the last two segments' ends, the share of which z_H reads the answer at every
            H-update between as well. None for a single H-cycle.
        missed: of the puzzles that no segment's end solves, the share that some H-update between does. None as above.
        between: mean share of blank cells whose answer differs from one segment's end to the next. None for a
            single segment.
        detours: mean share of blank cells whose answers at these two ends are the same but another at some H-update
            between: what reading at segments hides. None for a single segment or H-cycle.
        control: largest difference between the logits read from z_H at the last H-update of a segment and the model's
            own; it must be 0, or the instrument is broken (or a hook of yours replaces the logits).
        puzzles, segments, H_cycles: of the runs; ``resampled`` what the intervals resample.
    """

    table: pd.DataFrame
    within: pd.DataFrame
    arrival: pd.DataFrame
    by_puzzle: pd.DataFrame
    reads: dict[str, Reads]
    solved: Interval
    held: Interval | None
    missed: Interval | None
    between: Interval | None
    detours: Interval | None
    control: float
    puzzles: int
    segments: int
    H_cycles: int
    resampled: str

    _long = ("table", "by_puzzle", "reads")

    def __str__(self) -> str:
        lines = [
            f"{percent(self.solved)} of {counted(self.puzzles, 'puzzle')} solved at segment {self.segments}; what z_H "
            f"reads at segments' ends differs from the model's own logits by {self.control:.3g} (must be 0)."
        ]
        lines += [self._arriving(row) for _, row in self.arrival.iterrows()]
        if self.held is not None:
            lines.append(
                f"  Between the last two ends z_H keeps the answer at every H-update in {percent(self.held)} of "
                "the puzzles solved at both."
            )
        if self.missed is not None and not np.isnan(self.missed.estimate):
            lines.append(
                f"  Of puzzles that no end solves {percent(self.missed)} are solved at an H-update between."
            )
        if self.between is not None:
            line = f"  From end to end {percent(self.between)} of the blank cells change"
            back = "" if self.detours is None else f"; {percent(self.detours)} do so in between and return"
            lines.append(f"{line}{back}.")
        return "\n".join(lines)

    def _arriving(self, row: pd.Series) -> str:
        def told(name: str) -> str:
            return f"{row[name]:.0%} [{row[f'{name}_low']:.0%}, {row[f'{name}_high']:.0%}]"

        where = "in the first segment" if row["comes_in"] == "first segment" else "in a later segment"
        parts = []
        if self.H_cycles > 1:
            parts += [
                f"first read at its last H-update in {told('at_last')} (1 of {self.H_cycles} without preference)",
                f"{told('before_last')} of the {row['needed']:.1f} cells needed are there before",
                f"the fullest H-update brings {told('largest')} ({row['largest_if_independent']:.0%} if independent)",
            ]
        if not np.isnan(row["in_z_L_first"]):
            parts.append(f"in z_L before z_H in {told('in_z_L_first')}")
        come = "answer comes" if row["puzzles"] == 1 else "answers come"
        return f"  {row['puzzles']} {come} {where}: {', '.join(parts) or 'no more is known'}."


def lens(
    model: RecursiveReasoner,
    puzzles: Asked,
    *,
    sites: str | Sequence[str] = ("z_H", "z_L"),
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Lens:
    """When does the answer appear, update by update: at once or bit by bit, in z_L before z_H, and does it stay?

    >>> print(lens(load("trm-6x6"), load_puzzles("6x6-test", 100)))                  # doctest: +SKIP
    >>> lens(model, puzzles, sites=["z_H", "resid_post"]).table                      # doctest: +SKIP

    After each update the state is put to the model's own output head, its prefix positions dropped, as the model does
    with z_H at a segment's end: logits = W_U z, with no norm between, as states are normed already. The logit lens of
    nostalgebraist (2020, "interpreting GPT: the logit lens") along the recursion instead of along layers.

    Args:
        model: any; its hooks do the work.
        puzzles: what to solve, or ``Tasks``; the answers are used only to judge.
        sites: "z_H" (always among them), "z_L", and by full name, pattern or short name the residual streams inside
            blocks, ``resid_mid`` and ``resid_post``. A TRM passes its blocks in L- and in H-updates.
        segments: length of the run; the model's ``max_segments`` if None.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once.
        seed: for the resampling, and the draws behind ``largest_if_independent``.
        progress: show a bar.

    Raises:
        HookError: an unknown hook point.
        InputError: a hook point whose activation is not a normed d_model stream, or what :func:`follow` refuses.

    Known inaccuracy: the head was trained on z_H at segments' ends alone. That it reads nothing elsewhere does not show
    that nothing is there, only that it is not written as it is there: in z_L of ``hrm-6x6`` it reads 16% of the blank
    cells, chance, where a linear probe reads 84% (``probes``, 200 minimal puzzles, segment 16). A site whose reads are
    right tells that the answer can be read, not that the model uses it: see ``interventions``. z_L is read ``L_cycles``
    times as often as z_H, so it has more chances to be first.
    ``resid_mid`` of blocks that mix positions by an MLP is normed over positions, not over d_model. To the forward
    pass a segment's end is an update like any other: what sets it apart is training. Whole grids come late by nature:
    a grid that builds up evenly is right as a whole only with its last cell, so read ``at_last`` beside
    ``before_last``. Means over few puzzles that are all alike get an interval without width.

    Memory grows as puzzles x reads x cells, two bytes each; states are read as they pass, and none is kept.
    """
    check_asked(model, puzzles, batch_size, seed)
    segments = run_length(model, segments)
    names = sites_to_read(model, sites)
    labels, resampled = group_labels(puzzles, groups)
    decoded = decode_updates(model, puzzles, names, segments, batch_size=batch_size, progress=progress)
    by_puzzle = arrivals(decoded, puzzles)
    first_solved = by_puzzle["first_solved"].to_numpy()
    held, missed = _held_and_missed(decoded, puzzles, labels, seed)
    between, detours = (
        mean_if_any(by_puzzle[name].to_numpy(), labels, seed) for name in ("between", "detours")
    )
    return Lens(
        table=update_table(decoded, puzzles, labels, seed),
        within=within_table(decoded, puzzles, first_solved, labels, seed),
        arrival=arrival_table(by_puzzle, arriving_cells(decoded, puzzles, first_solved), labels, seed),
        by_puzzle=by_puzzle,
        reads=decoded.reads,
        solved=share_of(by_puzzle["solved"], labels, seed=seed),
        held=held,
        missed=missed,
        between=between,
        detours=detours,
        control=decoded.control,
        puzzles=len(puzzles),
        segments=segments,
        H_cycles=model.config.H_cycles,
        resampled=resampled,
    )


def _held_and_missed(
    decoded: Decoded, puzzles: Asked, labels: np.ndarray | None, seed: int
) -> tuple[Interval | None, Interval | None]:
    """Is the answer there between the ends that show it, and between ends that never do?"""
    read = (decoded.reads["z_H"].predictions == puzzles.answers[:, None, None]).all(
        -1
    )  # [puzzle, segment, H-cycle]
    if read.shape[2] < 2:
        return None, None
    ends = read[:, :, -1]
    missed = share_of(read.any((1, 2)), labels, ~ends.any(1), seed)
    if read.shape[1] < 2:
        return None, missed
    return share_of(read[:, -1].all(1), labels, ends[:, -1] & ends[:, -2], seed), missed
