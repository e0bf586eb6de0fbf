"""Reading puzzle sets, whatever form they come in."""

import gzip
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.files import path_of
from hrm_probe.sudoku.board import Board, is_board
from hrm_probe.sudoku.conflicts import conflicts
from hrm_probe.sudoku.notation import grids_of_rows, parse_grids
from hrm_probe.sudoku.puzzles import NOT_RATED, Puzzles, first_unsound, sample_rows
from hrm_probe.sudoku.solver import rate, solve_and_count

if TYPE_CHECKING:
    from pandas import DataFrame

BUNDLED = Path(__file__).parent / "data"
INPUTS, LABELS = "all__inputs.npy", "all__labels.npy"
NO_PUZZLES = "holds no puzzles"
LETTERS = frozenset(".0123456789")
"""What puzzles are typed with."""
PATH_LETTERS = frozenset("/\\")
"""What no puzzle is typed with, and many a path has."""


def bundled_sets() -> list[str]:
    """Names of the puzzle sets that travel with the package."""
    return sorted(path.name.removesuffix(".csv.gz") for path in BUNDLED.glob("*.csv.gz"))


def load_puzzles(
    name_or_path: "str | Path | Iterable[str] | DataFrame | Puzzles", n: int | None = None, seed: int = 0
) -> Puzzles:
    """Load a puzzle set.

    >>> load_puzzles("6x6-test", n=100).board.name          # doctest: +SKIP
    '6x6'

    Args:
        name_or_path: one of

            - a bundled set: "6x6-train", "6x6-test", "9x9-train", "9x9-test";
            - a CSV file, plain or gzipped, with Sudoku-Extreme's columns source,question,answer,rating
              (source and rating may be missing);
            - a pandas DataFrame with these columns;
            - a folder of Sudokus that the official HRM or TRM code built, with ``all__inputs.npy`` and
              ``all__labels.npy`` (``hrm_probe.load_tasks`` reads those of other tasks);
            - a text file with one puzzle a line, or all of them row by row (``#`` begins a comment line);
            - one puzzle as a string, or several as a list. These and text files are solved here;
            - a ``Puzzles``, to draw from.
        n: take a random sample of this many, in the order of the file.
        seed: for that sample.

    Returns:
        Puzzles. The rating is the file's; for puzzles that are solved here it is ``rate``; where a file has
        none it is -1.

    Raises:
        InputError: nothing there, or not a puzzle set; the message names the first row at fault. Whether
            a puzzle has no other answer is not tested: that is what ``check`` does.
    """
    if isinstance(name_or_path, Puzzles):
        return name_or_path if n is None else name_or_path.sample(n, seed)
    if _is_frame(name_or_path):
        return read_frame(name_or_path, n, seed)
    if not isinstance(name_or_path, str | Path):
        return from_strings(_strings(name_or_path), n, seed)
    if isinstance(name_or_path, str) and is_puzzle(name_or_path):
        return from_strings([name_or_path], n, seed)
    path = locate(name_or_path)
    if path.is_dir():
        return read_official_build(path, n, seed)
    if is_csv(path):
        return read_csv(path, n, seed)
    lines = read_lines(path)
    if not lines:
        raise InputError(f"{path} {NO_PUZZLES}.")
    return from_strings(lines, n, seed, f"{path}, puzzle")


def _strings(texts: Any) -> list[str]:
    """Puzzles as a list of strings, where that is what they are."""
    listed = list(texts) if isinstance(texts, Iterable) else None
    if listed is None or not all(isinstance(text, str) for text in listed):
        raise InputError(
            f"load_puzzles() takes a name, a path, a table or puzzles as strings, not type {type(texts).__name__}; "
            "Puzzles.from_grids() takes arrays of digits."
        )
    return listed


def _is_frame(given: Any) -> "TypeGuard[DataFrame]":
    """Is this a DataFrame of pandas? (Importing pandas to look at the type would take longer than to read a file.)"""
    return hasattr(given, "columns") and hasattr(given, "iloc")


def is_puzzle(text: str) -> bool:
    return is_board(len(text)) and set(text) <= LETTERS


def is_csv(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").endswith(".csv")


def locate(name_or_path: str | Path) -> Path:
    """The file or folder of a bundled name or a path."""
    if str(name_or_path) in bundled_sets():
        return BUNDLED / f"{name_or_path}.csv.gz"
    path = path_of(name_or_path)
    named = str(name_or_path).strip() != ""
    if not named or not path.exists():
        text = str(name_or_path)
        if is_board(len(text)) and not set(text) & PATH_LETTERS:
            strange = next(letter for letter in text if letter not in LETTERS)
            raise InputError(
                f'"{text}" is neither a file nor a puzzle: {strange!r} is neither a digit nor a blank (. or 0).'
            )
        fault = f'There is no puzzle set "{name_or_path}"' if named else "No puzzle set was named"
        raise InputError(f"{fault}: name a file, a folder or a bundled set ({', '.join(bundled_sets())}).")
    return path


def read_table(path: Path) -> dict[str, list[str]]:
    """The columns of a CSV as strings, by lower-case name."""
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True)
    except (OSError, EOFError, UnicodeDecodeError, ValueError) as fault:
        raise InputError(f"{path} could not be read as CSV: {_why_unread(path, fault)}.") from None
    # Where rows have more fields than the header, pandas takes the first ones for names of rows.
    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(
            f"{path} has more fields in its rows than names in its header; name every column, and quote fields that "
            "hold commas."
        )
    columns = {str(name).strip().lower(): table[name].tolist() for name in table.columns}
    _check_columns(columns, str(path), ", with commas between them")
    twice = [name for name in columns if f"{name}.1" in columns]  # so pandas calls the second one
    if twice or len(columns) < len(table.columns):
        raise InputError(
            f"{path} names the column {' and '.join(twice) or 'of one name'} twice; keep one of them."
        )
    return columns


def _check_columns(columns: Iterable[str], what: str, form: str = "") -> None:
    missing = {"question", "answer"} - set(columns)
    if missing:
        raise InputError(
            f"{what} lacks the column{'s' * (len(missing) > 1)} {' and '.join(sorted(missing))}; "
            f"a puzzle set has the columns source,question,answer,rating{form}."
        )


def _why_unread(path: Path, fault: Exception) -> str:
    """What pandas, or a codec, could not read, and what to do."""
    import pandas as pd

    if isinstance(fault, pd.errors.EmptyDataError):
        return "it is empty; its first line must name the columns source,question,answer,rating"
    counted = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(fault))
    if counted:
        named, line, there = counted.groups()
        return f"line {line} has {there} fields, but the header names {named}; quote fields that hold commas"
    if isinstance(fault, UnicodeDecodeError):
        zipped = path.read_bytes()[:2] == b"\x1f\x8b"
        return (
            "it is gzipped; give it a name that ends in .csv.gz"
            if zipped
            else "it is not UTF-8 text; save it as UTF-8"
        )
    return str(fault).splitlines()[0]


def read_csv(path: Path, n: int | None = None, seed: int = 0) -> Puzzles:
    """A CSV with Sudoku-Extreme's columns; of a sample, only the rows drawn are looked at."""
    return _from_columns(read_table(path), str(path), n, seed)


def read_frame(frame: "DataFrame", n: int | None = None, seed: int = 0) -> Puzzles:
    """A DataFrame with Sudoku-Extreme's columns, as ``pandas.read_csv`` gives it; rows are counted from 1."""
    what = "DataFrame"
    columns = {str(name).strip().lower(): values for name, values in frame.items()}
    _check_columns(columns, what)
    for name in ("question", "answer"):
        if not all(isinstance(value, str | int | np.integer) for value in columns[name]):
            raise InputError(
                f"{what} holds {columns[name].dtype} in its column {name}, where puzzles are strings; read the file "
                "with dtype=str, or give load_puzzles() its path."
            )
    # What is not there is an empty string in a file.
    texts = {name: values.astype(object).where(values.notna(), "") for name, values in columns.items()}
    return _from_columns({name: [str(v) for v in values] for name, values in texts.items()}, what, n, seed)


def _from_columns(columns: dict[str, list[str]], what: str, n: int | None, seed: int) -> Puzzles:
    size = len(columns["question"])
    if size == 0:
        raise InputError(f"{what} {NO_PUZZLES}, only a header.")
    rows = sample_rows(size, n, seed)
    drawn = {name: [values[row] for row in rows] for name, values in columns.items()}
    numbers = (rows + 1).tolist()
    grids = parse_grids(drawn["question"], f"{what}, question of row", numbers)
    solutions = parse_grids(drawn["answer"], f"{what}, answer of row", numbers)
    if solutions.shape != grids.shape:
        raise InputError(
            f"{what} has questions of {grids.shape[1]} cells and answers of {solutions.shape[1]}; "
            "both must be of one board."
        )
    _refuse_unsound(grids + 1, solutions + 1, f"{what}, row", numbers)
    rating = _read_ratings(drawn["rating"], f"{what}, rating of row", numbers) if "rating" in drawn else None
    return Puzzles.from_grids(grids, solutions, drawn.get("source", ""), rating)


def _refuse_unsound(tokens: np.ndarray, answers: np.ndarray, what: str, numbers: Sequence[int]) -> None:
    """What ``Puzzles`` refuses too, and answers that break the rules, by the number that a row has in its file.

    That an answer is the only one, `hrm-probe data check` tells.
    """
    unsound = first_unsound(tokens, answers)
    if unsound is None:
        lawless = conflicts(Board.of(answers.shape[1]), answers - 1) > 0
        unsound = (int(lawless.argmax()), "the answer is not a valid grid") if lawless.any() else None
    if unsound:
        row, fault = unsound
        raise InputError(f"In {what} {numbers[row]}: {fault}; see `hrm-probe data check`.")


def _read_ratings(texts: Sequence[str], what: str, numbers: Sequence[int]) -> np.ndarray:
    ratings = [read_rating(text) for text in texts]
    if None in ratings:
        at = ratings.index(None)
        raise InputError(f"In {what} {numbers[at]}: {wrong_rating(texts[at])}.")
    return np.array(ratings, np.int64)


def read_rating(text: str) -> int | None:
    """The whole part of a rating; None if it is not a number, or does not fit in 64 bits."""
    if not text.strip():
        return NOT_RATED
    try:
        is_whole = text.strip().lstrip("+-").isdecimal()
        rating = int(text) if is_whole else int(float(text))  # floats skip whole numbers above 2^53
    except (ValueError, OverflowError):
        return None
    return rating if abs(rating) < 2**63 else None


def wrong_rating(text: str) -> str:
    return f"{text!r} is not a number that can be stored; give one below 2^63, or leave it empty"


def read_lines(path: Path) -> list[str]:
    """The puzzles of a text file, plain or gzipped, one a line or row by row, without comments and empty lines."""
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix.lower() == ".gz" else content).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError):
        raise InputError(
            f"{path} could not be read as text, plain or gzipped; a puzzle set is a CSV, a list of puzzles "
            f"or a folder with {INPUTS}."
        ) from None
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
    return grids_of_rows(lines)


def from_strings(texts: Sequence[str], n: int | None = None, seed: int = 0, what: str = "puzzle") -> Puzzles:
    """Puzzles from strings, with the answers that the solver finds; each must have exactly one."""
    rows = sample_rows(len(texts), n, seed)
    numbers = (rows + 1).tolist()
    grids = parse_grids([texts[row] for row in rows], what, numbers)
    answers, counts = solve_and_count(grids)
    if (counts != 1).any():
        at = int(np.argmax(counts != 1))
        fault = "no solution" if counts[at] == 0 else "several solutions"
        raise InputError(f"In {what} {numbers[at]}: {fault}; a puzzle has exactly one.")
    return Puzzles.from_grids(grids, answers, rating=rate(grids))


def read_official_build(folder: Path, n: int | None = None, seed: int = 0) -> Puzzles:
    """A folder built by the official HRM or TRM code, whose tokens are this package's own."""
    tokens, answers = read_official_arrays(folder)
    if len(tokens) == 0:
        raise InputError(f"{folder} {NO_PUZZLES}.")
    if not is_board(tokens.shape[1]):
        raise InputError(
            f"{folder} holds tasks of {tokens.shape[1]} cells, which are not Sudokus; "
            "hrm_probe.load_tasks() reads them."
        )
    rows = sample_rows(len(tokens), n, seed)
    drawn = tokens[rows], answers[rows]
    _refuse_unsound(*drawn, f"{folder}, row", (rows + 1).tolist())
    return Puzzles(*drawn)


def read_official_arrays(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Tokens and answers [puzzle, cell] of such a folder, left on disk until they are indexed."""
    inputs, labels = folder / INPUTS, folder / LABELS
    if not (inputs.exists() and labels.exists()):
        inside = [path.parent.name for path in sorted(folder.glob(f"*/{INPUTS}"))]
        hint = f"; name one of its folders: {', '.join(inside)}" if inside else ""
        lacking = " and ".join(file.name for file in (inputs, labels) if not file.exists())
        raise InputError(f"{folder} lacks {lacking}{hint}.")
    try:
        tokens, answers = (np.load(file, mmap_mode="r") for file in (inputs, labels))
    except (OSError, EOFError, ValueError):
        raise InputError(f"{INPUTS} and {LABELS} in {folder} could not be read as numpy arrays.") from None
    whole = all(array.dtype.kind in "iu" for array in (tokens, answers))
    if tokens.ndim != 2 or tokens.shape != answers.shape or not whole:
        held = " and ".join(f"{array.dtype} of {list(array.shape)}" for array in (tokens, answers))
        raise InputError(
            f"{INPUTS} and {LABELS} in {folder} must be whole numbers of one shape [puzzle, cell]; they hold {held}."
        )
    return tokens, answers
