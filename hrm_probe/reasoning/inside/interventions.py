"""Interventions: put another state in, disturb it, or leave a part out, and see what becomes of the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import finite_number
from hrm_probe.models import HookPoint, RecursiveReasoner, Tick
from hrm_probe.models.hooks import HookFunction
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.near_names import names_among
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import (
    Asked,
    check_asked,
    run_length,
    segments_to_look_at,
)
from hrm_probe.reasoning.result import Groups, Result, group_labels, percent, share_of
from hrm_probe.reasoning.runs.batches import even_batches
from hrm_probe.reasoning.runs.curves import where_asked
from hrm_probe.reasoning.runs.perturbing import another_for_each, noise_like
from hrm_probe.reasoning.statistics.changes import mean_change
from hrm_probe.wording import counted

KINDS = ("patch", "noise", "ablation")


@dataclass(frozen=True)
class Intervention:
    """What is done: hooks are added at ``ticks`` (all if None) of each point in ``points``; noise has a ``scale``."""

    kind: str
    site: str
    segment: int
    detail: str
    points: tuple[str, ...]
    ticks: tuple[Tick, ...] | None
    scale: float = 0.0


@dataclass(frozen=True)
class Interventions(Result):
    """What interventions change.

    Attributes:
        table: one row per condition. ``kind`` patch, noise or ablation; ``site`` the hook point, or both states;
            ``segment`` at whose end it was done (0: at every tick of the run); ``detail`` the donor ("itself" or
            "another"), the scale of the noise, "zero" or "mean". Then accuracy, low, high (of the last segment);
            change, change_low, change_high (from the plain run, by pairs of puzzles); kept (share of the puzzles
            solved by the plain run that are solved still: the recovery after noise); own and donor (share of
            blank cells answered as in the plain run of the puzzle itself, and of the donor, counting only cells
            where those two differ; NaN without another donor).
        plain: accuracy of the plain run.
        control: largest share of cells that a patch from the puzzle itself changes; it must be 0, or the
            instrument is broken. NaN where nothing was patched.
        puzzles, segments: of the runs; ``resampled`` what the intervals resample.
    """

    table: pd.DataFrame
    plain: Interval
    control: float
    puzzles: int
    segments: int
    resampled: str

    _long = ()

    def __str__(self) -> str:
        control = f"; a patch from the puzzle itself changes {self.control:.3g} (must be 0)"
        asked = "" if np.isnan(self.control) else control
        lines = [f"{percent(self.plain)} of {counted(self.puzzles, 'puzzle')} solved untouched{asked}."]
        for row in self.table[self.table["detail"] != "itself"].itertuples():
            line = (
                f"  {row.kind} {row.site} at {row.segment or 'every tick'!s}, {row.detail}: "
                f"{row.accuracy:.3g} ({row.change:+.3g} [{row.change_low:+.3g}, {row.change_high:+.3g}])"
            )
            if row.kind == "patch":
                line += f", disputed cells as in own run {row.own:.2f}, as in donor's {row.donor:.2f}"
            lines.append(line)
        return "\n".join(lines)


def interventions(
    model: RecursiveReasoner,
    puzzles: Asked,
    *,
    kinds: str | Sequence[str] = KINDS,
    at: int | Sequence[int] | None = None,
    scales: float | Sequence[float] = (0.5, 1.0, 2.0),
    ablate: str | Sequence[str] | None = None,
    ablate_at: Tick | Sequence[Tick] | None = None,
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Interventions:
    """Does the answer live in the state or come from the input, does it survive noise, and which parts make it?

    >>> print(interventions(load("hrm-6x6"), load_puzzles("6x6-test", 100)))         # doctest: +SKIP

    - patch: at the last update of a segment z_H, z_L or both are replaced by those of the same tick of another
      run: that of another puzzle (drawn once, never the puzzle itself), or, as control, of the puzzle itself.
      Where the plain answers of the two puzzles differ, which does the last segment give?
    - noise: normal noise of each scale is added there (states have root mean square 1), to z_H or z_L.
    - ablation: an activation is replaced by zero, or by its mean over the puzzles of the batch, in that very run.

    Args:
        model: any; its hooks do the work.
        puzzles: or ``Tasks``, whose cells asked for count as blank; at least two.
        kinds: which of "patch", "noise" and "ablation".
        at: segments (1-based) at whose end to patch and disturb; the first, a quarter and half of the run if None.
        scales: sizes of the noise.
        ablate: hook points, full names; the attention (or mixing) and MLP output of every block if None.
        ablate_at: tick or ticks to ablate at; all if None.
        segments: length of the runs; the model's ``max_segments`` if None.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once. Donors and means come from the batch.
        seed: for donors, noise and resampling.
        progress: show a bar.

    Raises:
        InputError: an unknown kind, a segment out of the run, a scale that is not finite, a bad tick, or fewer
            than two puzzles.
        HookError: an unknown hook point.

    Known inaccuracy: replacing one state leaves the other as it was, a pair the model never met; "both" does not.
    Changes of many conditions are read together, so expect one in twenty intervals to miss by chance.
    """
    check_asked(model, puzzles, batch_size, seed)
    segments, kinds = run_length(model, segments), names_among(kinds, KINDS, "intervention")
    if at is None:
        at = [1, max(1, segments // 4), max(1, segments // 2)]
    at = segments_to_look_at(at, segments)
    _check(puzzles, kinds, at)
    labels, resampled = group_labels(puzzles, groups)
    noise = [finite_number(scale, "scales") for scale in np.atleast_1d(scales)]
    wanted = _conditions(model, kinds, at, noise, ablate, _ticks(ablate_at))
    finals = {condition: np.zeros_like(puzzles.answers) for condition in wanted}
    plain, donors = np.zeros_like(puzzles.answers), np.zeros(len(puzzles), np.int64)
    generator = torch.Generator().manual_seed(int(seed))
    batches = even_batches(len(puzzles), batch_size, least=2)  # none without another to be its donor
    work = [(rows, condition) for rows in batches for condition in [None, *wanted]]
    recorded: dict[tuple[str, Tick], Tensor] = {}
    for rows, condition in track(work, "intervening", unit="runs", show=progress):
        some = puzzles[rows]
        if condition is None:
            local = another_for_each(len(rows), generator)
            donors[rows] = rows[local]
            rollout, recorded = _recorded_run(model, some, segments, at if "patch" in kinds else ())
            plain[rows] = rollout
            continue
        function = _function(condition, recorded, torch.from_numpy(local), generator)
        with model.hooks([(condition.points, function)], ticks=condition.ticks):
            finals[condition][rows] = _last_grids(model, some, segments)

    rows_ = [_row(c, finals[c], plain, donors, puzzles, labels, seed) for c in wanted]
    solved = (plain == puzzles.answers).all(-1)
    itself = [c for c in wanted if c.detail == "itself"]
    return Interventions(
        table=pd.DataFrame(rows_),
        plain=share_of(solved, labels, seed=seed),
        control=max((float((finals[c] != plain).mean()) for c in itself), default=float("nan")),
        puzzles=len(puzzles),
        segments=segments,
        resampled=resampled,
    )


def _conditions(
    model: RecursiveReasoner,
    kinds: Sequence[str],
    at: Sequence[int],
    scales: Sequence[float],
    ablate: str | Sequence[str] | None,
    ticks: tuple[Tick, ...] | None,
) -> list[Intervention]:
    H_cycles, L_cycles = model.config.H_cycles, model.config.L_cycles
    z_H, z_L = ("hook_z_H",), ("hook_z_L",)
    conditions = []
    for s in at:
        end_H, end_L = Tick(s, H_cycles, 0), Tick(s, H_cycles, L_cycles)
        if "patch" in kinds:
            for donor in ("itself", "another"):
                conditions += [
                    Intervention("patch", "z_H", s, donor, z_H, (end_H,)),
                    Intervention("patch", "z_L", s, donor, z_L, (end_L,)),
                    Intervention("patch", "both", s, donor, z_H + z_L, (end_H, end_L)),
                ]
        if "noise" in kinds:
            for scale in scales:
                conditions += [
                    Intervention("noise", "z_H", s, f"{scale:g}", z_H, (end_H,), scale),
                    Intervention("noise", "z_L", s, f"{scale:g}", z_L, (end_L,), scale),
                ]
    if "ablation" in kinds:
        outs = ("hook_attn_out", "hook_mix_out", "hook_mlp_out")
        names = model.hook_names(ablate or (lambda name: name.endswith(outs)))
        segment = 0 if ticks is None else min(tick.segment for tick in ticks)
        conditions += [
            Intervention("ablation", name, segment, how, (name,), ticks)
            for name in names
            for how in ("zero", "mean")
        ]
    return conditions


def _ticks(given: Tick | Sequence[Tick] | None) -> tuple[Tick, ...] | None:
    if given is None:
        return None
    try:
        return (given,) if isinstance(given, Tick) else tuple(Tick(*tick) for tick in given)
    except TypeError:
        raise InputError(
            f"ablate_at is {given!r}; give Tick(segment, H_cycle, L_cycle), or several of them."
        ) from None


def _function(
    condition: Intervention,
    recorded: dict[tuple[str, Tick], Tensor],
    donors: Tensor,
    generator: torch.Generator,
) -> HookFunction:
    if condition.kind == "patch":
        if condition.detail == "itself":
            return lambda z, hook: recorded[hook.name, hook.tick]
        return lambda z, hook: recorded[hook.name, hook.tick][donors]
    if condition.kind == "noise":
        return lambda z, hook: z + condition.scale * noise_like(z, generator)
    if condition.detail == "zero":
        return lambda z, hook: torch.zeros_like(z)
    return lambda z, hook: z.mean(0, keepdim=True).expand_as(z)


def _recorded_run(
    model: RecursiveReasoner, puzzles: Asked, segments: int, at: Sequence[int]
) -> tuple[np.ndarray, dict[tuple[str, Tick], Tensor]]:
    """Last grids of a plain run, and both states at the ends of some segments."""
    kept: dict[tuple[str, Tick], Tensor] = {}

    def keep(z: Tensor, hook: HookPoint) -> None:
        kept[hook.name, hook.tick] = z.detach().clone()

    H_cycles, L_cycles = model.config.H_cycles, model.config.L_cycles
    ticks = [Tick(s, H_cycles, L) for s in at for L in (0, L_cycles)]
    hooks = [(("hook_z_H", "hook_z_L"), keep)] if ticks else []
    with model.hooks(hooks, ticks=ticks):
        return _last_grids(model, puzzles, segments), kept


def _last_grids(model: RecursiveReasoner, puzzles: Asked, segments: int) -> np.ndarray:
    rollout = model.run(puzzles.tokens, segments, puzzle_ids_of(puzzles))
    return where_asked(rollout.predictions[-1].cpu().numpy(), puzzles.answers)


def _row(
    condition: Intervention,
    final: np.ndarray,
    plain: np.ndarray,
    donors: np.ndarray,
    puzzles: Asked,
    labels: np.ndarray | None,
    seed: int,
) -> dict[str, Any]:
    before, after = ((grids == puzzles.answers).all(-1) for grids in (plain, final))
    accuracy = share_of(after, labels, seed=seed)
    change = mean_change(before, after, labels, seed=seed)
    own = donor = float("nan")
    if condition.detail == "another":
        asked_of_both = puzzles.blanks & (puzzles.answers[donors] > 0)  # Sudokus have answers everywhere
        disputed = asked_of_both & (plain != plain[donors])
        if disputed.any():
            own = float((final == plain)[disputed].mean())
            donor = float((final == plain[donors])[disputed].mean())
    return {
        "kind": condition.kind,
        "site": condition.site,
        "segment": condition.segment,
        "detail": condition.detail,
        "accuracy": accuracy.estimate,
        "low": accuracy.low,
        "high": accuracy.high,
        "change": change.estimate,
        "change_low": change.low,
        "change_high": change.high,
        "kept": float(after[before].mean()) if before.any() else float("nan"),
        "own": own,
        "donor": donor,
    }


def _check(puzzles: Asked, kinds: Sequence[str], at: Sequence[int]) -> None:
    if not at and set(kinds) != {"ablation"}:
        raise InputError("Name at least one segment to intervene at.")
    if len(puzzles) < 2:
        raise InputError(
            "Interventions need at least two puzzles: one to disturb and another to be its donor."
        )
