"""How many puzzles to ask a device at once."""

import torch


def puzzles_at_once(device: torch.device) -> int:
    """Enough to fill a GPU; on a CPU so few that what a segment computes stays in the cache.

    >>> puzzles_at_once(torch.device("cpu"))
    64
    """
    return 512 if device.type == "cuda" else 64
