"""What the tests of hooks share."""

from torch import Tensor

from hrm_probe.models import HookPoint, RecursiveReasoner


def nothing(activation: Tensor, hook: HookPoint) -> None:
    """A hook that only looks."""


def n_attached(model: RecursiveReasoner) -> int:
    counted = sum(len(point.attached) for point in model.hook_dict.values())
    assert counted == model.clock.listeners  # what decides whether hooks cost anything
    return counted
