"""What a mistyped name was meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches


def near_or_all(name: str, known: Iterable[str], all_told: Iterable[str] | None = None) -> str:
    """The known names near to one that is not known; all of them where none is near.

    >>> near_or_all("stepz", ["seed", "steps"]), near_or_all("width", ["seed", "steps"])
    ('near names are steps', 'there are seed, steps')

    Args:
        name: as it was given.
        known: the names that there are, in the order in which all are told.
        all_told: told instead of all the known ones, where these are too many.
    """
    names = list(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return f"near names are {', '.join(near)}"
    return f"there are {', '.join(names if all_told is None else all_told)}"


def with_near(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """A name that is not known, and in brackets the one that comes nearest, if one does.

    >>> with_near("num_head", ["hidden_size", "num_heads"]), with_near("dropout", ["hidden_size"])
    ('num_head (near num_heads)', 'dropout')
    """
    near = get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f"{name} (near {near[0]})" if near else name
