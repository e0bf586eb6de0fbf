"""Numbers as they are kept in JSON, as tables for people: an interval in one cell, records as rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from hrm_probe.plots.plain_page import Table

INTERVAL = {"estimate", "low", "high"}
HEADLINE = "numbers"
SEVERAL = 20
"""Values of a list that still fit into a cell."""


def number_tables(numbers: Mapping[str, Any], title: str = "") -> list[Table]:
    """Every number of a JSON object, in as few tables as its structure allows.

    >>> kept = {"estimate": 0.5, "low": 0.4, "high": 0.6}
    >>> found = {"puzzles": 90, "kept": kept, "table": [{"kind": "row", "right": 3}]}
    >>> [(table.title, len(table.rows)) for table in number_tables(found, "hrm-6x6")]
    [('hrm-6x6', 2), ('hrm-6x6: table', 1)]

    Plain values and intervals that stand beside one another are rows of one table; a list of records is a table of its
    own, in which objects within a record are spread over columns, and lists of records within records one more, whose
    rows begin with what names their record; objects within objects follow, their names joined. Lists of lists, and
    lists of more than ``SEVERAL`` values, are left to the file.

    Args:
        numbers: as :func:`hrm_probe.json_text.as_json` makes it.
        title: what the outermost table is called.
    """
    return list(_tables(numbers, title))


def _tables(numbers: Mapping[str, Any], title: str) -> Iterator[Table]:
    plain = [(name, cell) for name, value in numbers.items() if (cell := _in_a_cell(value)) is not None]
    if plain:
        yield Table(title or HEADLINE, pd.DataFrame(plain, columns=["number", "value"]), "")
    for name, value in numbers.items():
        below = f"{title}: {_spaced(name)}" if title else _spaced(name)
        if _is_records(value):
            yield from _tables_of_records(value, below)
        elif isinstance(value, Mapping) and not _is_interval(value):
            yield from _tables(value, below)


def _tables_of_records(records: Sequence[Mapping[str, Any]], title: str) -> Iterator[Table]:
    yield Table(title, pd.DataFrame([dict(_spread(record)) for record in records]), "")
    for name in dict.fromkeys(name for record in records for name in record if _is_records(record[name])):
        within = [
            {**_naming(record), **item}
            for record in records
            for item in record.get(name) or ()
            if _is_records(record[name])
        ]
        yield from _tables_of_records(within, f"{title}: {_spaced(name)}")


def _naming(record: Mapping[str, Any]) -> dict[str, Any]:
    """What tells a record from its neighbours: its words and counts, not what was measured."""
    return {name: value for name, value in record.items() if isinstance(value, bool | int | str)}


def _spread(record: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The columns of a record."""
    for name, value in record.items():
        if isinstance(value, Mapping) and not _is_interval(value):
            yield from _spread(value, f"{before}{name}, ")
        elif isinstance(value, bool | int | float) or value is None:
            yield before + name, value
        elif (cell := _in_a_cell(value)) is not None:
            yield before + name, cell


def _in_a_cell(value: Any) -> str | None:
    """A value, an interval or a short list of values in words; None for what is none of these."""
    if _is_interval(value):
        return _interval_in_words(value)
    if isinstance(value, Mapping):
        return None
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) > SEVERAL or any(isinstance(item, Mapping | list) for item in value):
            return None
        return ", ".join(map(_in_words, value))
    return _in_words(value)


def _in_words(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _interval_in_words(value: Mapping[str, Any]) -> str:
    """ "0.5 [0.4, 0.6] (wilson, n 90)": of so many rows, or groups, by this method."""
    told = "{} [{}, {}]".format(*(_in_words(value[end]) for end in ("estimate", "low", "high")))
    how = [str(value["method"])] if value.get("method") else []
    how += [f"n {value['n']:,}"] if isinstance(value.get("n"), int) else []
    return f"{told} ({', '.join(how)})" if how else told


def _is_interval(value: Any) -> bool:
    return (
        isinstance(value, Mapping) and set(value) >= INTERVAL and not isinstance(value["estimate"], Mapping)
    )


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _spaced(name: str) -> str:
    return name.replace("_", " ")
