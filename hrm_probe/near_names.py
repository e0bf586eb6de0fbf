"""Names that users give: known ones, and what a mistyped one was meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches

from hrm_probe.errors import InputError

FEW = 8  # names that are all told, near or not


def name_among(name: str, known: Iterable[str], what: str) -> str:
    """A name, if it is known.

    >>> name_among("loss", ["loss", "errors"], "curve")
    'loss'

    Args:
        name: as it was given.
        known: the names that there are.
        what: they are names of, in words.

    Raises:
        InputError: there is no such name; those near to it are told.
    """
    names = list(known)
    if name not in names:
        raise InputError(f"There is no {what} {name!r}; {near_or_all(str(name), names)}.")
    return name


def names_among(names: str | Iterable[str], known: Iterable[str], what: str) -> list[str]:
    """One name or several, each once, if all are known.

    >>> names_among(["errors", "loss", "errors"], ["loss", "errors"], "curve")
    ['errors', 'loss']

    Raises:
        InputError: no name, or one that is not known.
    """
    there_are = list(known)
    asked = [name_among(name, there_are, what) for name in ([names] if isinstance(names, str) else names)]
    if not asked:
        raise InputError(f"No {what} was named; choose among {', '.join(there_are)}.")
    return list(dict.fromkeys(asked))


def near_or_all(name: str, known: Iterable[str], all_told: Iterable[str] | None = None) -> str:
    """The known names near to one that is not known; all of them where these are few, or none is near.

    >>> near_or_all("z_h", ["z_H", "z_L"])
    'choose among z_H, z_L'
    >>> near_or_all("stepz", ["steps", "lr", "seed", "ema", "name", "order", "depth", "dtype", "device"])
    'near names are steps'

    Args:
        name: as it was given.
        known: the names that there are, in the order in which all are told.
        all_told: told instead of all the known ones, where these are too many.
    """
    names = list(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    if near and len(names) > FEW:
        return f"near names are {', '.join(near)}"
    return f"choose among {', '.join(names if all_told is None else all_told)}"


def with_near(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """A name that is not known, and in brackets the one that comes nearest, if one does.

    >>> with_near("num_head", ["hidden_size", "num_heads"]), with_near("dropout", ["hidden_size"])
    ('num_head (near num_heads)', 'dropout')
    """
    near = get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f"{name} (near {near[0]})" if near else name
