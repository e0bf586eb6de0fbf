"""What a training has computed so far, counted step by step on the host."""

from collections.abc import Mapping
from typing import Any

Depth = tuple[int, int]


class Computation:
    """Steps taken at each depth (L_cycles, H_cycles).

    >>> computation = Computation()
    >>> computation.count((2, 1)); computation.count((6, 3)); computation.count((6, 3))
    >>> computation.steps
    {(2, 1): 1, (6, 3): 2}
    """

    def __init__(self, steps: Mapping[Depth, int] | None = None) -> None:
        self.steps: dict[Depth, int] = dict(steps or {})

    def count(self, depth: Depth) -> None:
        """One more step at ``depth``."""
        self.steps[depth] = self.steps.get(depth, 0) + 1

    def blocks(self, L_layers: int, H_layers: int) -> int:
        """Blocks that each row has passed in forward passes: ``H (L L_layers + H_layers)``, summed over the steps.

        Look-ahead passes of Q-learning, backward passes, embedding, head and optimiser are left out.
        """
        return sum(n * H * (L * L_layers + H_layers) for (L, H), n in self.steps.items())

    def table(self) -> list[dict[str, int]]:
        """One row per depth, in the order of first use, ready for JSON."""
        return [{"L_cycles": L, "H_cycles": H, "steps": n} for (L, H), n in self.steps.items()]

    def state_dict(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"table": self.table()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what :meth:`state_dict` returned."""
        self.steps = {(row["L_cycles"], row["H_cycles"]): row["steps"] for row in state["table"]}
