"""Two answers to one question about the same puzzles: what differs, puzzle by puzzle?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.reasoning.compared_numbers import COMPARED, Kind, Number
from hrm_probe.reasoning.result import ClassLabels, Result, ends, labels_of, plain_labels
from hrm_probe.reasoning.statistics.change_of_shares import change_of_shares
from hrm_probe.reasoning.statistics.changes import mean_change
from hrm_probe.wording import counted, joined_words

SETTINGS = (
    "segments", "condition", "curve", "alpha", "gradual_width", "early", "dwell", "at_segment", "long_segments",
    "horizons", "starts", "scale", "plane_resolution", "lent", "since", "seed",
)  # fmt: skip
"""What was asked, as answers tell it."""
FOUND = ("threshold", "rule", "tolerance")
"""What each answer found for itself, unless it was told."""
FEWEST = 6
"""Rows of either answer, and groups, below which no difference is called one: 5 pairs that all change may be chance."""
AMONG = {"all": "", "each": " (each one's own)", "both": " (the same rows)"}
"""Which rows count, in words."""
GROUPS = {"class": "solution classes", "puzzle": "puzzles"}
"""What is resampled, in words."""


@dataclass(frozen=True)
class ComparedAnswers(Result):
    """Two answers to one question, number by number.

    Attributes:
        table: one row a number, or two where the answers count different rows: ``number``; ``told``, what it is;
            ``among``, whether it counts "all" rows, those that "each" answer counts, or those that "both" count;
            ``rows_first`` and ``rows_second``, how many those are; ``percent``, whether it is a share, or a mean of
            shares; ``first``, ``second``; ``change``, second minus first, with ends; and ``change_n``, how many rows,
            or groups, these resample, and ``change_method``, how; ``differs``, whether the interval leaves out 0 and
            there are ``FEWEST`` or more of all.
        first, second: the answers' names.
        kind: the class of both.
        rows: that the two have in common, of so many ``groups``.
        differing: settings that are not the same in both, and their values; ``own`` what each has found for itself.
        resampled: what the intervals resample.
    """

    table: pd.DataFrame
    first: str
    second: str
    kind: str
    rows: int
    groups: int
    differing: dict[str, list[Any]]
    own: dict[str, list[Any]]
    resampled: str
    _long = ()

    @property
    def unstarred(self) -> int:
        """Intervals that leave out 0 without a star: too few rows or groups stand behind them."""
        low, high = (self.table[name].to_numpy(float) for name in ("change_low", "change_high"))
        away = np.isfinite(low) & np.isfinite(high) & ((low > 0) | (high < 0))
        return int((away & ~self.table["differs"].to_numpy(bool)).sum())

    def __str__(self) -> str:
        table = self.table[self.table["change"].notna()]
        told = [name + AMONG[among] for name, among in zip(table["told"], table["among"], strict=True)]
        wide = max(map(len, told), default=0)
        rows = counted(self.rows, "row")
        if self.groups != self.rows:
            rows += f" of {self.groups:,} {GROUPS.get(self.resampled, 'groups')}"
        lines = [f"From {self.first} to {self.second} (change: {self.second} minus {self.first}), {rows}:"]
        for name, row in zip(told, table.to_dict("records"), strict=True):
            lines.append(f"  {name:<{wide}}  {_in_words(row)}")
        if missing := list(self.table.loc[self.table["change"].isna(), "told"].unique()):
            lines.append(f"Not compared, as one of the answers has no such rows: {'; '.join(missing)}.")
        for what, pairs in (("They were asked differently", self.differing), ("Each has its own", self.own)):
            if pairs:
                shown = [f"{name} {_shown(one)} and {_shown(other)}" for name, (one, other) in pairs.items()]
                lines.append(f"{what}: {'; '.join(shown)}.")
        lines.append(
            f"* The 95% interval leaves out 0: {table['differs'].sum()} of {len(table)} rows, which are related to "
            "one another. Where nothing differs, about one in twenty does so by chance."
        )
        if self.unstarred:
            lines.append(
                f"{counted(self.unstarred, 'interval')} without a star although 0 is left out: fewer than {FEWEST} "
                "rows or groups stand behind each."
            )
        return "\n".join(lines)


def compare_answers(
    first: Any,
    second: Any,
    names: tuple[str, str] = ("first", "second"),
    *,
    groups: ArrayLike | None = None,
    seed: int = 0,
) -> ComparedAnswers:
    """What differs between two answers to one question, with intervals over the puzzles that both are about?

    >>> puzzles = load_puzzles("6x6-test", 300)                                      # doctest: +SKIP
    >>> found = [modes(load(name), puzzles) for name in ("hrm-6x6", "trm-6x6")]      # doctest: +SKIP
    >>> print(compare_answers(*found, ("hrm-6x6", "trm-6x6")))                       # doctest: +SKIP

    Two models, or one model asked in two ways, such as ``stability`` and ``row_masking`` of the same puzzles. Each
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
        InputError: answers to different questions, to one that tells nothing of single puzzles, or about puzzles that
            their tables show to be different.

    Source: shares of all rows and of those that both count, and means, by a paired bootstrap
    (:func:`hrm_probe.reasoning.statistics.changes.mean_change`); shares of those that each counts by
    :func:`hrm_probe.reasoning.statistics.change_of_shares.change_of_shares`.
    Known inaccuracy: answers are known to be about the same puzzles by the sum of their tokens (``jumps``, ``modes``,
    ``traps``, ``wandering``; not those that an earlier version saved) or by what their tables say of them: source,
    rating, blanks, which other puzzles may share. The intervals are not corrected for how many numbers are compared.
    """
    kind = _kind(first, second)
    same = kind.same if getattr(first, "condition", None) == getattr(second, "condition", None) else ()
    one, other = _matched(first.table, second.table, kind.rows, same)
    if not may_be_about_the_same(getattr(first, "asked_of", ""), getattr(second, "asked_of", "")):
        raise InputError(
            "The answers are about different puzzles; ask both about the same ones, in the same order."
        )
    labels, resampled = _labels(one, None if groups is None else np.asanyarray(groups))
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
        groups=len(one) if labels is None else len(np.unique(labels)),
        differing=_differing(first, second, SETTINGS),
        own=_differing(first, second, FOUND),
        resampled=resampled,
    )


def may_be_about_the_same(first: str, second: str) -> bool:
    """Nothing is known of the puzzles of an answer that an earlier version saved."""
    return first == second or not (first and second)


def _kind(first: Any, second: Any) -> Kind:
    """How answers of this kind are compared."""
    called = [type(answer).__name__ for answer in (first, second)]
    if called[0] != called[1]:
        raise InputError(f"Answers to one question are compared, not {called[0]} and {called[1]}.")
    if called[0] not in COMPARED:
        questions = [question for kind in COMPARED.values() for question in kind.questions]
        raise InputError(
            f"{called[0]} has no rows of single puzzles, by which answers are compared; the answers to these questions "
            f"have them: {joined_words(questions)}."
        )
    return COMPARED[called[0]]


def _matched(
    first: pd.DataFrame, second: pd.DataFrame, rows: tuple[str, ...], same: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that both have, in one order."""
    if rows:
        one, other = (pd.MultiIndex.from_frame(table[list(rows)]) for table in (first, second))
        common = one[one.isin(other)]
        first, second = first.iloc[one.get_indexer(common)], second.iloc[other.get_indexer(common)]
    elif len(first) != len(second):
        raise InputError(
            f"The answers are about {len(first)} and {len(second)} puzzles; ask both about the same ones."
        )
    first, second = first.reset_index(drop=True), second.reset_index(drop=True)
    for name in same:
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
    own, several = groups[puzzle], len(np.unique(puzzle)) < len(puzzle)
    told = "class" if isinstance(groups, ClassLabels) else "given groups"
    # Rows of one puzzle are more alike than puzzles of one class.
    return plain_labels(own, len(own)) if several else own, told


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
    in_percent = is_share or number.percent
    which = "both" if number.among else "all"
    found = [_row(which, values, [both, both], in_percent, _paired(values, both, labels, seed))]
    if number.among and is_share:
        change = change_of_shares((values[0], among[0]), (values[1], among[1]), labels, seed=seed)
        found.insert(0, _row("each", values, among, in_percent, change))
    return found


def _evaluated(table: pd.DataFrame, expression: str) -> np.ndarray:
    """Flags or numbers, one a row."""
    values = np.asarray(table.eval(expression))
    return values if values.dtype == bool else values.astype(float)


def _paired(values: list[np.ndarray], both: np.ndarray, labels: np.ndarray | None, seed: int) -> Interval:
    if not both.any():
        return Interval(float("nan"), float("nan"), float("nan"), 0.95, 0, "bootstrap")
    return mean_change(values[0][both], values[1][both], labels_of(labels, both), seed=seed)


def _row(
    among: str, values: list[np.ndarray], rows: list[np.ndarray], in_percent: bool, change: Interval
) -> dict[str, Any]:
    first, second = (
        float(of[counts].mean()) if counts.any() else float("nan")
        for of, counts in zip(values, rows, strict=True)
    )
    enough = min(*(int(counts.sum()) for counts in rows), change.n) >= FEWEST
    return {
        "among": among,
        "rows_first": int(rows[0].sum()),
        "rows_second": int(rows[1].sum()),
        "percent": bool(in_percent),
        "first": first,
        "second": second,
        **ends("change", change),
        "change_n": change.n,
        "change_method": change.method,
        "differs": enough and not change.low <= 0 <= change.high,
    }


def _differing(first: Any, second: Any, names: tuple[str, ...]) -> dict[str, list[Any]]:
    """Fields of these names that are not the same in both."""
    pairs = {
        name: [_as_kept(getattr(of, name)) for of in (first, second)]
        for name in names
        if hasattr(first, name)
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _as_kept(value: Any) -> Any:
    """As it comes back from a file, where tuples are lists."""
    return list(value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _in_words(row: Mapping[Any, Any]) -> str:
    """ "37.2% to 81.0%: +43.8 [38.2, 49.0] points (of 840 and 512) *"."""
    scale, unit = (100, " points") if row["percent"] else (1, "")
    form, sign = (".1f", "%") if row["percent"] else (".3g", "")
    change, low, high = (scale * row[name] for name in ("change", "change_low", "change_high"))
    first, second = (f"{scale * row[name]:{form}}{sign}" for name in ("first", "second"))
    count = f"{row['rows_first']:,}"
    if row["rows_first"] != row["rows_second"]:
        count += f" and {row['rows_second']:,}"
    if low == high == 0:
        return f"{first} to {second}: the same in every row (of {count})"
    between = (
        f"[{low:+{form}}, {high:+{form}}]" if np.isfinite([low, high]).all() else "[any: too few groups]"
    )
    star = " *" if row["differs"] else ""
    return f"{first} to {second}: {change:+{form}} {between}{unit} (of {count}){star}"
