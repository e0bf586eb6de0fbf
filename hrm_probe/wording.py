"""Numbers in sentences for people."""


def counted(number: int, thing: str) -> str:
    """A number and what it counts, in the plural where it takes one.

    >>> counted(1, "puzzle"), counted(1200, "puzzle")
    ('1 puzzle', '1,200 puzzles')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def size(number: float) -> str:
    """So many bytes, in the unit that suits.

    >>> size(512), size(3.2e6), size(4.1e10)
    ('512 bytes', '3.2 MB', '41.0 GB')
    """
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number:.0f} bytes"
