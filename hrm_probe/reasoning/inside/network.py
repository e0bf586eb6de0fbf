"""Whose states are asked about: the model's, or those of a network that nothing was taught."""

from typing import NamedTuple


class Network(NamedTuple):
    """Whose they are: "trained", or "untrained" with the seed that it was drawn with (0 if trained)."""

    network: str
    draw: int


TRAINED = Network("trained", 0)
