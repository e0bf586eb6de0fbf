"""Numbers in sentences for people."""

from collections.abc import Sequence


def counted(number: int, thing: str, things: str | None = None) -> str:
    """A number and what it counts, in the plural where it takes one.

    >>> counted(1, "puzzle"), counted(1200, "puzzle"), counted(2, "search", "searches")
    ('1 puzzle', '1,200 puzzles', '2 searches')
    """
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def verb(number: int, one: str = "is", several: str = "are") -> str:
    """The verb of so many.

    >>> [f"{counted(n, 'puzzle')} {verb(n, 'has', 'have')} one" for n in (1, 2)]
    ['1 puzzle has one', '2 puzzles have one']
    """
    return one if number == 1 else several


def blanks_in_words(count: int | str) -> str:
    """A number of blank cells, "all" for those of the puzzle as given.

    >>> blanks_in_words(1), blanks_in_words("4"), blanks_in_words("all")
    ('1 blank', '4 blanks', 'as given')
    """
    return "as given" if count == "all" else counted(int(count), "blank")


def listed(numbers: Sequence[int | float], most: int = 6) -> str:
    """Numbers with commas between them, the first few where there are many.

    >>> listed([12, 7, 0.51234]), listed(range(9), most=3), listed([])
    ('12, 7, 0.512', '0, 1, 2 and 6 more', 'none')
    """
    shown = ", ".join(
        f"{number:.3g}" if isinstance(number, float) else f"{number:,}" for number in numbers[:most]
    )
    more = len(numbers) - most
    return (f"{shown} and {more} more" if more > 0 else shown) or "none"


def joined_words(words: Sequence[str], last: str = "and") -> str:
    """Words as a sentence lists them.

    >>> joined_words(["rows"]), joined_words(["rows", "columns", "boxes"])
    ('rows', 'rows, columns and boxes')
    """
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def size(number: float) -> str:
    """So many bytes, in the unit that suits.

    >>> size(512), size(3.2e6), size(4.1e10)
    ('512 bytes', '3.2 MB', '41.0 GB')
    """
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number:.0f} bytes"
