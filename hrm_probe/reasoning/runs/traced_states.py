"""The states of a recorded rollout: questions that read states, and run nothing, are put to a trace as to a model."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models import State
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.wording import joined_words

if TYPE_CHECKING:
    from xarray import DataArray

    from hrm_probe.trace import Trace


class Updates(NamedTuple):
    """What the updates of one segment leave, and the grids that it ends with.

    Attributes:
        z_H: [H-cycle, puzzle, pos, d_model].
        z_L: [H-cycle, L-cycle, puzzle, pos, d_model].
        predictions: tokens [puzzle, cell].
    """

    z_H: Tensor
    z_L: Tensor
    predictions: Tensor


def check_recorded(trace: "Trace", sites: Sequence[str], every_update: bool = False) -> None:
    """Raise an InputError where a trace lacks one of these sites, or the updates within its segments."""
    held = [site for site in State._fields if site in trace]
    if missing := [site for site in sites if site not in held]:
        there = f"of the states it holds {joined_words(held)}" if held else "it holds no states"
        raise InputError(
            f"This trace was recorded without {joined_words(missing)}; {there}. Record it with sites={tuple(sites)!r}."
        )
    if every_update and trace.attributes["settings"]["every"] != "cycle":
        raise InputError(
            "This trace holds the states after each segment alone; record every update with every='cycle'."
        )


def last_of_segment(states: "DataArray") -> "DataArray":
    """What the last update of each segment leaves, [puzzle, segment, pos, d_model]."""
    return states.isel({axis: -1 for axis in ("H_cycle", "L_cycle") if axis in states.dims})


def states_after(trace: "Trace", site: str, segments: Sequence[int], batch_size: int) -> Tensor:
    """z_H or z_L of all puzzles after some segments (1-based), float32 [segment, puzzle, pos, d_model].

    Puzzles are read some at a time and once for all segments, for a trace is stored by puzzles.
    """
    states = last_of_segment(trace[site].sel(segment=list(segments)))
    parts = [torch.from_numpy(states[rows].values) for rows in in_batches(len(trace), batch_size)]
    return torch.cat(parts).transpose(0, 1).float()


def initial_state_of(trace: "Trace", puzzles: int) -> State:
    """What the recording began with, [puzzle, pos, d_model] each.

    Raises:
        InputError: a trace of a version that did not keep it.
    """
    kept = trace.initial_state
    if not kept:
        raise InputError(
            "This trace does not say from which state it began, as those of 0.1.0; record it anew."
        )
    shape = (puzzles, trace.model_config.pos, -1)
    return State(*(torch.from_numpy(kept[site]).float().expand(shape) for site in State._fields))


def updates_of(trace: "Trace", numbers: np.ndarray) -> Iterator[Updates]:
    """Every state of the puzzles with these numbers, a segment at a time, in float32."""
    names = (*State._fields, "predictions")
    read = (torch.from_numpy(trace[name].isel(puzzle=numbers).values).unbind(1) for name in names)
    for z_H, z_L, predictions in zip(*read, strict=True):
        yield Updates(z_H.transpose(0, 1).float(), z_L.permute(1, 2, 0, 3, 4).float(), predictions)
