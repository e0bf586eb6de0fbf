"""Two answers to one question about the same puzzles: what differs, puzzle by puzzle?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.reasoning.compared_numbers import COMPARED, Kind, Number
from hrm_probe.reasoning.result import ClassLabels, Result, ends
from hrm_probe.reasoning.statistics.change_of_shares import change_of_shares
from hrm_probe.reasoning.statistics.changes import mean_change
from hrm_probe.wording import counted, joined_words

SETTINGS = (
    "segments", "condition", "curve", "alpha", "gradual_width", "early", "threshold", "rule", "dwell", "tolerance",
    "at_segment", "long_segments", "horizons", "starts", "scale", "site", "lent", "since", "reads", "seed",
)  # fmt: skip

AMONG = {"all": "", "each": " (of each model's own)", "both": " (of those of both)"}
"""Which rows count, in words."""


@dataclass(frozen=True)
class ComparedAnswers(Result):
    """Two answers to one question, number by number.

    Attributes:
        table: one row a number, or two where the answers count different rows: ``number``; ``told``, what it is;
            ``among``, whether it counts "all" rows, those that "each" answer counts, or those that "both" count;
            ``rows_first`` and ``rows_second``, how many those are; ``share`` (of rows, or else a mean over them);
            ``first``, ``second``; and ``change``, second minus first, with ends.
        first, second: the answers' names.
        kind: the class of both.
        rows: that the two have in common.
        differing: settings that are not the same in both, and their values.
        resampled: what the intervals resample.
    """

    table: pd.DataFrame
    first: str
    second: str
    kind: str
    rows: int
    differing: dict[str, list[Any]]
    resampled: str
    _long = ()

    def __str__(self) -> str:
        table = self.table[self.table["change"].notna()]
        told = [name + AMONG[among] for name, among in zip(table["told"], table["among"], strict=True)]
        wide = max(map(len, told), default=0)
        lines = [
            f"{self.second} beside {self.first}, {counted(self.rows, 'row')} in common, resampled by {self.resampled}:"
        ]
        for name, row in zip(told, table.to_dict("records"), strict=True):
            lines.append(f"  {name:<{wide}}  {_in_words(row)}")
        missing = self.table.loc[self.table["change"].isna(), "told"].unique()
        if len(missing):
            lines.append(f"Of nothing in at least one of the two: {'; '.join(missing)}.")
        for name, (one, other) in self.differing.items():
            lines.append(f"They were asked differently: {name} {_shown(one)} and {_shown(other)}.")
        apart = int(((table["change_low"] > 0) | (table["change_high"] < 0)).sum())
        lines.append(
            f"* {apart} of {len(table)} intervals leave out 0; where nothing differs, one of twenty does so by chance."
        )
        return "\n".join(lines)


def compare_answers(
    first: Any,
    second: Any,
    names: tuple[str, str] = ("first", "second"),
    *,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> ComparedAnswers:
    """What differs between two answers to one question, with intervals over the puzzles that both are about?

    >>> puzzles = load_puzzles("6x6-test", 300)                                      # doctest: +SKIP
    >>> found = [modes(load(name), puzzles) for name in ("hrm-6x6", "trm-6x6")]      # doctest: +SKIP
    >>> print(compare_answers(*found, ("hrm-6x6", "trm-6x6")))                       # doctest: +SKIP

    Two models, or one model asked in two ways, such as a plain and a masked set made from the same grids. Each
    difference is taken puzzle by puzzle, so that puzzles which are hard for both add nothing to its width: intervals of
    the two answers that overlap do not say that the answers agree. A share among some of the puzzles is compared twice:
    among those that "each" answer counts (the late answers of either model, say), which is the difference of the two
    headline numbers, and among those that "both" count, where the puzzles are the same.

    Args:
        first, second: answers of :mod:`hrm_probe.reasoning` to the same question, of which single puzzles are told.
        names: what to call them.
        groups: labels [puzzle] of the puzzles asked about, for those that belong together in the intervals; None: each
            puzzle for itself, its runs always together.
        seed: for the resampling.

    Raises:
        InputError: answers to different questions, to one that tells nothing of single puzzles, or about different
            puzzles.

    Source: shares of all rows and of those that both count, and means, by a paired bootstrap
    (:func:`hrm_probe.reasoning.statistics.changes.mean_change`); shares of those that each counts by
    :func:`hrm_probe.reasoning.statistics.change_of_shares.change_of_shares`.
    Known inaccuracy: answers are told to be about the same puzzles by what their tables say of them (source, rating,
    blanks); tables without such columns are taken to be in the same order. The intervals are not corrected for how many
    numbers are compared.
    """
    kind = _kind(first, second)
    one, other = _matched(first.table, second.table, kind)
    labels, resampled = _labels(one, groups)
    rows: list[dict[str, Any]] = []
    for name, number in kind.numbers.items():
        rows += [
            {"number": name, "told": number.told, **row}
            for row in _compared(number, one, other, labels, seed)
        ]
    return ComparedAnswers(
        table=pd.DataFrame(rows),
        first=names[0],
        second=names[1],
        kind=type(first).__name__,
        rows=len(one),
        differing=_differing(first, second),
        resampled=resampled,
    )


def _kind(first: Any, second: Any) -> Kind:
    """How answers of this kind are compared."""
    called = [type(answer).__name__ for answer in (first, second)]
    if called[0] != called[1]:
        raise InputError(f"Answers to one question are compared, not {called[0]} and {called[1]}.")
    if called[0] not in COMPARED:
        raise InputError(
            f"{called[0]} tells nothing of single puzzles, so that two of it are compared by their own intervals only; "
            f"compared are {joined_words(list(COMPARED))}."
        )
    return COMPARED[called[0]]


def _matched(first: pd.DataFrame, second: pd.DataFrame, kind: Kind) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that both have, in one order."""
    if kind.rows:
        one, other = (pd.MultiIndex.from_frame(table[list(kind.rows)]) for table in (first, second))
        common = one[one.isin(other)]
        first, second = first.iloc[one.get_indexer(common)], second.iloc[other.get_indexer(common)]
    elif len(first) != len(second):
        raise InputError(
            f"The answers are about {len(first)} and {len(second)} puzzles; ask both about the same ones."
        )
    first, second = first.reset_index(drop=True), second.reset_index(drop=True)
    for name in kind.same:
        if (differ := first[name] != second[name]).any():
            row = int(np.argmax(differ))
            raise InputError(
                f"The answers are about different puzzles: {name} of row {row} is {first[name][row]} in the one and "
                f"{second[name][row]} in the other; ask both about the same ones."
            )
    if not len(first):
        raise InputError("The answers have no puzzle in common; ask both about the same ones.")
    return first, second


def _labels(table: pd.DataFrame, groups: np.ndarray | None) -> tuple[np.ndarray | None, str]:
    """A label for each row, None where each stands for itself; and what is resampled."""
    puzzle = table["puzzle"].to_numpy() if "puzzle" in table else np.arange(len(table))
    if groups is None:
        return (puzzle if len(np.unique(puzzle)) < len(puzzle) else None), "puzzle"
    asked = int(puzzle.max()) + 1
    if np.ndim(groups) != 1 or len(groups) < asked or (len(groups) > asked and "puzzle" not in table):
        raise InputError(f"groups must give a label for each puzzle asked about, {asked} at least.")
    return groups[puzzle], "class" if isinstance(groups, ClassLabels) else "given groups"


def _compared(
    number: Number, one: pd.DataFrame, other: pd.DataFrame, labels: np.ndarray | None, seed: int
) -> list[dict[str, Any]]:
    """The rows of one number."""
    values = [_evaluated(table, number.of) for table in (one, other)]
    everyone = np.ones(len(one), bool)
    among = [_evaluated(table, number.among) if number.among else everyone for table in (one, other)]
    is_share = values[0].dtype == bool
    if not is_share:
        among = [rows & np.isfinite(of) for rows, of in zip(among, values, strict=True)]
    both = among[0] & among[1]
    which = "both" if number.among else "all"
    found = [_row(which, values, [both, both], is_share, _paired(values, both, labels, seed))]
    if number.among and is_share:
        change = change_of_shares((values[0], among[0]), (values[1], among[1]), labels, seed=seed)
        found.insert(0, _row("each", values, among, is_share, change))
    return found


def _evaluated(table: pd.DataFrame, expression: str) -> np.ndarray:
    """Flags or numbers, one a row."""
    values = np.asarray(table.eval(expression))
    return values if values.dtype == bool else values.astype(float)


def _paired(values: list[np.ndarray], both: np.ndarray, labels: np.ndarray | None, seed: int) -> Interval:
    if not both.any():
        return Interval(float("nan"), float("nan"), float("nan"), 0.95, 0, "bootstrap")
    kept = None if labels is None else labels[both]
    return mean_change(values[0][both], values[1][both], kept, seed=seed)


def _row(
    among: str, values: list[np.ndarray], rows: list[np.ndarray], is_share: bool, change: Interval
) -> dict[str, Any]:
    first, second = (
        float(of[counts].mean()) if counts.any() else float("nan")
        for of, counts in zip(values, rows, strict=True)
    )
    return {
        "among": among,
        "rows_first": int(rows[0].sum()),
        "rows_second": int(rows[1].sum()),
        "share": bool(is_share),
        "first": first,
        "second": second,
        **ends("change", change),
    }


def _differing(first: Any, second: Any) -> dict[str, list[Any]]:
    """Settings that are not the same in both."""
    pairs = {name: [getattr(first, name), getattr(second, name)] for name in SETTINGS if hasattr(first, name)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _in_words(row: Mapping[Any, Any]) -> str:
    """ "37.2% to 81.0%: +43.8 [38.2, 49.0] points (840 and 512 rows) *"."""
    scale, unit = (100, " points") if row["share"] else (1, "")
    form = ".1f" if row["share"] else ".3g"
    change, low, high = (scale * row[name] for name in ("change", "change_low", "change_high"))
    first, second = (
        f"{scale * row[name]:{form}}{'%' if row['share'] else ''}" for name in ("first", "second")
    )
    count = f"{row['rows_first']:,}"
    if row["rows_first"] != row["rows_second"]:
        count += f" and {row['rows_second']:,}"
    star = " *" if low > 0 or high < 0 else ""
    return f"{first} to {second}: {change:+{form}} [{low:+{form}}, {high:+{form}}]{unit} (of {count}){star}"
