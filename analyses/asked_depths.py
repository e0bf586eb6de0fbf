"""A finished model asked at the depths that progressive depth goes through (arXiv 2511.08653)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hrm_probe.models import ModelConfig, RecursiveReasoner
from hrm_probe.training.curriculum import ProgressiveDepth


@dataclass(frozen=True)
class Depth:
    """Cycles of a segment, and the layers that a puzzle passes in it."""

    L_cycles: int
    H_cycles: int
    layers: int

    @property
    def cycles(self) -> dict[str, int]:
        return {"L_cycles": self.L_cycles, "H_cycles": self.H_cycles}


def depths_up_to(config: ModelConfig) -> list[Depth]:
    """The depths of the published schedule, the shallowest first, the model's own last, each of them once."""
    layers = config.L_layers, config.layers_of_H_update
    schedule = ProgressiveDepth.cgar(config.L_cycles, config.H_cycles, *layers)
    stages = [(stage.L_cycles, stage.H_cycles, schedule.effective_depth(stage)) for stage in schedule.stages]
    return [Depth(*stage) for stage in dict.fromkeys(stages)]


@contextmanager
def asked_at(model: RecursiveReasoner, depth: Depth) -> Iterator[None]:
    """The model runs at this depth as long as it lasts, and at its own again afterwards."""
    own = model.config
    model.config = own.replace(**depth.cycles)
    try:
        yield
    finally:
        model.config = own


def depth_in_words(config: ModelConfig, depths: list[dict[str, int]]) -> str:
    """A card's paragraph where a training ended shallower than its model is asked; nothing where it did not.

    Args:
        config: the model's, as it is asked.
        depths: those of its training, the last one last; each has ``L_cycles`` and ``H_cycles``.
    """
    trained, asked = ((last["L_cycles"], last["H_cycles"]) for last in (depths[-1], config.to_dict()))
    if trained == asked:
        return ""
    told = f"**Depth.** Trained at (L, H) = {trained} to the end, asked at {asked}"
    if trained[0] == asked[0] and asked[1] % trained[1] == 0 and config.architecture == "hrm":
        times = asked[1] // trained[1]
        most = config.max_segments // times
        told += f": one segment is {times} of training, where no run went beyond what is segment {most} here"
    return f"{told}.\n\n"
