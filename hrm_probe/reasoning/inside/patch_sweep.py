"""Activation patching, swept over ticks, sites and positions: which activation carries the answer, where and when?"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner, Tasks, Tick
from hrm_probe.models.hooks import NamesFilter
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import Asked, check_asked, run_length
from hrm_probe.reasoning.inside.patched_effects import (
    EFFECTS,
    SHARES,
    Ends,
    effects,
    largest_change,
    means_over_pairs,
)
from hrm_probe.reasoning.inside.patched_positions import Positions, names_of_sets, position_masks
from hrm_probe.reasoning.inside.patched_runs import (
    Condition,
    Key,
    Read,
    Ticks,
    conditions_at,
    patched_runs,
    plain_end,
    segments_to_run,
)
from hrm_probe.reasoning.result import Groups, Result, columns, group_labels, labels_of, percent, share_of
from hrm_probe.reasoning.runs.batches import even_batches
from hrm_probe.reasoning.runs.curves import where_asked
from hrm_probe.reasoning.runs.perturbing import another_for_each
from hrm_probe.wording import counted


@dataclass(frozen=True)
class PatchSweep(Result):
    """What each patch moves.

    Attributes:
        table: one row per condition. ``site``; ``positions``; ``segment``, ``H_cycle``, ``L_cycle`` of the tick, and
            ``tick`` in a word ("3.2.L1", "3.2.H"; "3" for what happens once a segment); ``pairs`` it is measured on
            (those that have such positions); ``patched``, how many positions on average. Then means over pairs, each
            with ``_low`` and ``_high``: ``recovered`` (logit difference in the disputed cells: 0 as without the patch,
            1 as in the donor's run; it may leave that range), ``donor`` and ``own`` (share of disputed cells answered
            as by the donor, as by the receiver itself), ``solved`` (the receiver's answer), ``changed`` (another grid
            than the receiver's own).
        by_pair: the effects unaveraged, each float [condition, pair], NaN for a pair without such positions.
        rows: int [pair], which rows of those given the pairs are: the ones with a disputed cell.
        plain: share of these receivers that are solved without a patch.
        disputed: blank cells a pair, on average, where the two plain runs end differently; of tasks, cells asked for.
        control: the largest change of a logit when activations are replaced by those of the very same run; it must be
            0, or the instrument is broken (on a GPU fused attention may leave rounding).
        whole: smallest share of a pair's disputed cells answered as by the donor when the last z_H is the donor's; it
            must be 1.
        given, segments: pairs that were given, and length of the runs; ``runs`` how many patched runs of a batch;
            ``resampled`` what the intervals resample.
    """

    table: pd.DataFrame
    by_pair: dict[str, np.ndarray]
    rows: np.ndarray
    plain: Interval
    disputed: float
    control: float
    whole: float
    given: int
    segments: int
    runs: int
    resampled: str

    _long = ("by_pair",)

    def __str__(self) -> str:
        lines = [
            f"{counted(len(self.rows), 'pair')} of {self.given} end differently, in {self.disputed:.1f} blank cells on "
            f"average; {percent(self.plain)} of them solved unpatched. Controls: a patch from itself changes "
            f"{self.control:.3g} (must be 0), the donor's last z_H gives {self.whole:.3g} of its cells (must be 1).",
            f"Logit difference recovered after {self.segments} segments (disputed cells answered as by the donor):",
        ]
        for (site, positions), table in self.table.groupby(["site", "positions"], sort=False):
            shown = table if len(table) <= 6 else table.loc[_telling_rows(table)]
            told = ", ".join(
                f"{row.tick}: {row.recovered:.2f} [{row.recovered_low:.2f}, {row.recovered_high:.2f}] ({row.donor:.0%})"
                for row in shown.itertuples()
            )
            fewer = (
                "" if len(shown) == len(table) else f" ({len(table)} ticks; first, largest and last shown)"
            )
            lines.append(f"  {site}, {positions}{fewer}: {told}")
        return "\n".join(lines)


def patch_sweep(
    model: RecursiveReasoner,
    receivers: Asked,
    donors: Asked | None = None,
    *,
    sites: NamesFilter = ("z_H", "z_L", "state"),
    ticks: Ticks | None = None,
    positions: Positions = None,
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> PatchSweep:
    """Replace one activation of a run by that of another run, site by site and update by update, and read the end.

    >>> receivers, donors = one_clue_changed(load_puzzles("6x6-test", 100))           # doctest: +SKIP
    >>> early = lambda tick: tick.segment <= 2                                        # doctest: +SKIP
    >>> sweep = patch_sweep(model, receivers, donors, ticks=early, positions=("changed", "elsewhere"))  # doctest: +SKIP
    >>> sweep.table.nlargest(3, "recovered")[["site", "positions", "tick", "recovered"]]  # doctest: +SKIP

    The receiver goes on with its own tokens, which it reads again at every L-update: what a patch moves at the end is
    what the state still carried there, against that input. Pairs whose plain runs end alike in all blank cells of the
    receiver are left out. In tasks the cells asked for, in the receiver and in the donor, stand in place of the blanks,
    and nothing said elsewhere counts; each run has the puzzle embedding of its own task, a patched one its receiver's.

    Args:
        model: any; its hooks do the work.
        receivers: the puzzles that are run, or ``Tasks``.
        donors: as many of the same kind on the same board, row by row their partners: another puzzle, the same with a
            clue changed (:func:`hrm_probe.reasoning.one_clue_changed`), hidden or added. If None each receiver gets
            another one, by a cyclic shift of a random order.
        sites: hook points, as in ``model.hook_names`` ("z_H", "pattern", "L.blocks.0.hook_mlp_out", a predicate), and
            "state": z_H and z_L together, as they stand after the update.
        ticks: where each site is patched: a Tick or several, or a predicate of a tick
            (``lambda tick: tick.segment <= 4``); every update of the first segment, and of those at a quarter and half
            of the run, if None.
        positions: sets of positions, each patched on its own: names, one or several, among "all", "prefix", "cells",
            "clues", "blanks", "changed", "peers", "disputed", "elsewhere" and "each cell"; or masks by name, bool
            [puzzle, cell] or [puzzle, pos]. They are explained in
            :mod:`hrm_probe.reasoning.inside.patched_positions`; all positions if None. Tasks have no "clues" and no
            "peers". Of attention patterns they are the queries.
        segments: length of the runs; the model's ``max_segments`` if None.
        groups: receivers that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: pairs at once.
        seed: for the draw of donors and the resampling.
        progress: tell how much there is to run, and show a bar.

    Returns:
        PatchSweep. A run is taken up at the segment of its patch, from the state that the plain run has there: a patch
        at segment s costs ``segments - s + 1`` segments. Sites x ticks x sets of positions make the conditions.

    Raises:
        InputError: sets of unlike length, board or kind, ticks that are not reached, positions that tasks or a site
            lack or that are empty in all pairs; or no pair that ends differently.
        HookError: an unknown hook point.

    Formula: recovered = (d_patched - d_receiver) / (d_donor - d_receiver), d the sum over a pair's disputed cells of
    the last segment's logit of the donor's token minus that of the receiver's own; its mean over pairs, with a
    bootstrap over pairs (or groups of receivers). Sources: Meng et al. 2022 (ROME, arXiv 2202.05262; causal tracing),
    Wang et al. 2022 (IOI, arXiv 2211.00593; normalised logit difference), Zhang and Nanda 2024 (arXiv 2309.16042;
    corrupting by another input instead of noise).

    Known inaccuracy: an activation put among others of another run makes a pair that the model never met, "state" in
    all positions excepted. A patch near the end moves the answer because nothing has time to move it back, not because
    it holds the answer: compare with patches as far from the end in longer runs. Many conditions are read together, so
    that one in twenty intervals misses by chance; donors that share receivers' groups make them a little too narrow.
    """
    check_asked(model, receivers, batch_size, seed)
    segments, prefix = run_length(model, segments), model.config.prefix
    donors = _partners(model, receivers, donors, seed)
    labels, resampled = group_labels(receivers, groups)
    ticks = _in_a_few_segments(segments) if ticks is None else ticks
    sets = names_of_sets(positions, receivers, prefix)
    conditions = conditions_at(model, sites, ticks, sets, segments)

    ends = _plain_ends(model, receivers, donors, segments, batch_size)
    rows, given = np.flatnonzero(ends.disputed.any(1)), len(receivers)
    if not len(rows):
        where = (
            "cell that is asked for in both" if isinstance(receivers, Tasks) else "blank cell of the receiver"
        )
        raise InputError(
            f"No pair ends differently after {segments} segments in a {where}, so that nothing can be moved; take "
            "other donors, or more puzzles."
        )
    masks = _masks_of(position_masks(positions, receivers, donors, ends.disputed, prefix), rows)
    receivers, donors = receivers[rows], donors[rows]
    labels = labels_of(labels, rows)
    # Once more: in other batches, as the patched runs go, rounding may differ.
    ends = _plain_ends(model, receivers, donors, segments, batch_size)
    values, control, whole = _sweep(
        model, receivers, donors, conditions, masks, ends, segments, batch_size, progress
    )
    for i, condition in enumerate(conditions):
        without = ~masks[condition.positions].any(1)
        for effect in EFFECTS:
            values[effect][i, without] = np.nan
    return PatchSweep(
        table=_table(conditions, values, masks, labels, seed),
        by_pair=values,
        rows=rows,
        plain=share_of(
            (where_asked(ends.own.argmax(-1).numpy(), ends.answers) == ends.answers).all(-1),
            labels,
            seed=seed,
        ),
        disputed=float(ends.disputed.sum(1).mean()),
        control=control,
        whole=whole,
        given=given,
        segments=segments,
        runs=len(conditions) * len(even_batches(len(rows), batch_size)),
        resampled=resampled,
    )


def _in_a_few_segments(segments: int) -> Ticks:
    few = {1, max(1, segments // 4), max(1, segments // 2)}
    return lambda tick: tick.segment in few


def _partners(model: RecursiveReasoner, receivers: Asked, donors: Asked | None, seed: int) -> Asked:
    if donors is not None:
        check_asked(model, donors)
        if isinstance(donors, Tasks) != isinstance(receivers, Tasks):
            raise InputError(
                f"The receivers are {type(receivers).__name__} and the donors {type(donors).__name__}; give donors of "
                "the receivers' kind."
            )
        if len(donors) != len(receivers):
            raise InputError(
                f"There are {len(receivers):,} receivers and {len(donors):,} donors; give one donor for each receiver."
            )
        return donors
    if len(receivers) < 2:
        raise InputError("Give at least two puzzles, or donors: no puzzle is its own donor.")
    return receivers[another_for_each(len(receivers), torch.Generator().manual_seed(int(seed)))]


def _masks_of(masks: dict[str, np.ndarray], rows: np.ndarray) -> dict[str, np.ndarray]:
    chosen = {name: mask[rows] for name, mask in masks.items()}
    for name, mask in chosen.items():
        if not mask.any():
            raise InputError(
                f"No pair that ends differently has any position in the set {name!r}; leave it out."
            )
    return chosen


def _plain_ends(
    model: RecursiveReasoner, receivers: Asked, donors: Asked, segments: int, batch_size: int
) -> Ends:
    batches = even_batches(len(receivers), batch_size)
    own, donor = (
        torch.cat([plain_end(model, Read.of(model, p[rows]), segments).cpu() for rows in batches])
        for p in (receivers, donors)
    )
    asked_of_both = receivers.blanks & (donors.answers > 0)  # Sudokus have answers everywhere
    return Ends.of(own, donor, asked_of_both, receivers.answers)


def _sweep(
    model: RecursiveReasoner,
    receivers: Asked,
    donors: Asked,
    conditions: list[Condition],
    masks: dict[str, np.ndarray],
    ends: Ends,
    segments: int,
    batch_size: int,
    progress: bool,
) -> tuple[dict[str, np.ndarray], float, float]:
    """Effects by name, each [condition, pair]; then the two controls."""
    batches = even_batches(len(receivers), batch_size)
    values = {effect: np.full((len(conditions), len(receivers)), np.nan) for effect in EFFECTS}
    total = len(batches) * segments_to_run(conditions, segments)
    control, whole = 0.0, 1.0

    def runs() -> Iterator[tuple[np.ndarray, Key, Tensor | None]]:
        for rows in batches:
            own, donor = (Read.of(model, p[rows]) for p in (receivers, donors))
            on_device = {name: torch.from_numpy(mask[rows]).to(model.device) for name, mask in masks.items()}
            for key, logits in patched_runs(model, own, donor, conditions, on_device, segments):
                yield rows, key, logits

    work = runs()
    if progress:
        patched, size = counted(len(conditions) * len(batches), "patched run"), len(batches[0])
        print(f"{patched} of {counted(size, 'pair')}, {total:,} segments in all", file=sys.stderr)
        work = track(work, "patching", total, unit="segments")
    for rows, key, logits in work:
        if logits is None:
            continue
        if key == "itself":
            control = max(control, largest_change(logits.cpu(), ends.own[rows]))
            continue
        found = effects(logits.cpu(), ends[rows])
        if key == "whole":
            whole = min(whole, float(np.nanmin(found["donor"])))
            continue
        for effect, of_pairs in found.items():
            values[effect][key, rows] = of_pairs
    return values, control, whole


def _table(
    conditions: list[Condition],
    values: dict[str, np.ndarray],
    masks: dict[str, np.ndarray],
    labels: np.ndarray | None,
    seed: int,
) -> pd.DataFrame:
    told = pd.DataFrame(
        {
            "site": [c.site for c in conditions],
            "positions": [c.positions for c in conditions],
            "tick": [tick_name(c.tick) for c in conditions],
            **{name: [getattr(c.tick, name) for c in conditions] for name in Tick._fields},
            "pairs": [int(masks[c.positions].any(1).sum()) for c in conditions],
            "patched": [
                float(masks[c.positions].sum(1)[masks[c.positions].any(1)].mean()) for c in conditions
            ],
        }
    )
    for effect in EFFECTS:
        means = means_over_pairs(values[effect], labels, shares=effect in SHARES, seed=seed)
        told = told.assign(**columns(effect, means))
    return told


def tick_name(tick: Tick) -> str:
    """A tick in a word: "3.2.L1", "3.2.H" (segment, H-cycle, update); "3" for what happens once a segment."""
    if not tick.H_cycle:
        return f"{tick.segment}"
    return f"{tick.segment}.{tick.H_cycle}.{f'L{tick.L_cycle}' if tick.L_cycle else 'H'}"


def _telling_rows(table: pd.DataFrame) -> list[int]:
    """First, largest and last, each once, in order."""
    return sorted({table.index[0], table["recovered"].fillna(-np.inf).idxmax(), table.index[-1]})
