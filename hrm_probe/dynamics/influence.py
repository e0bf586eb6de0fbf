"""Which parts of a state a disturbance of one part reaches."""

from collections.abc import Callable

import torch
from torch import Tensor

from hrm_probe.errors import InputError

PartsStep = Callable[[Tensor], Tensor]
"""A map of states in parts, [n, part, d] to [..., n, part, d]; several states that it passes come first."""


@torch.no_grad()
def influences(step: PartsStep, points: Tensor, disturbance: Tensor) -> Tensor:
    """How much each part of a state changes after a step, for each part that is disturbed before it.

    >>> coupled = torch.tensor([[0.5, 0.0], [0.2, 1.0]])                   # what a part takes from each
    >>> influences(lambda z: coupled @ z, torch.zeros(1, 2, 3), torch.ones(1, 2, 3))[0]
    tensor([[0.5000, 0.2000],
            [0.0000, 1.0000]])

    Args:
        step: the map; always called with all n rows in their order.
        points: [n, part, d], the states.
        disturbance: [n, part, d], what is added, to one part at a time.

    Returns:
        [..., n, part disturbed, part changed]: norm of the change over norm of the disturbance.

    Raises:
        InputError: shapes that differ, or a part that is not disturbed at all.

    Formula: |f(z + e_j)_i - f(z)_i| / |e_j|. Small disturbances give the norms of blocks of the Jacobian along one
    direction each; larger ones reach into what is not linear.
    Known inaccuracy: one direction of each part is tried; means over many points say more than one entry.
    """
    if points.ndim != 3 or points.shape != disturbance.shape:
        raise InputError(
            f"Points and disturbances have one shape, [n, part, d]; these have {list(points.shape)} and "
            f"{list(disturbance.shape)}."
        )
    sizes = disturbance.norm(dim=-1)  # [n, part]
    if not (sizes > 0).all():
        raise InputError("A part whose disturbance is 0 tells nothing; give every part some.")
    undisturbed = step(points)
    changes = []
    for part in range(points.shape[1]):
        disturbed = points.clone()
        disturbed[:, part] += disturbance[:, part]
        changes.append((step(disturbed) - undisturbed).norm(dim=-1) / sizes[:, part, None])
    return torch.stack(changes, dim=-2)
