"""Numbers of a JSON object as tables: none is lost that fits into a cell, and each stands under its name."""

import pytest

from hrm_probe.plots.tabulating import SEVERAL, number_tables

INTERVAL = {"estimate": 0.5, "low": 0.4, "high": 0.6, "level": 0.95, "n": 1234, "method": "wilson"}


def tables_of(numbers, title=""):
    return {table.title: table.rows.to_dict("records") for table in number_tables(numbers, title)}


def test_plain_values_and_intervals_are_rows_of_one_table():
    numbers = {"puzzles": 90, "kept": INTERVAL, "rule": "strict", "lost": None, "scale": 0.123456}
    assert tables_of(numbers, "hrm-6x6") == {
        "hrm-6x6": [
            {"number": "puzzles", "value": "90"},
            {"number": "kept", "value": "0.5 [0.4, 0.6] (wilson, n 1,234)"},
            {"number": "rule", "value": "strict"},
            {"number": "lost", "value": "–"},
            {"number": "scale", "value": "0.1235"},
        ]
    }


def test_an_interval_that_is_not_known_is_told_as_such():
    unknown = {"estimate": None, "low": None, "high": None}
    assert tables_of({"kept": unknown})["numbers"] == [{"number": "kept", "value": "– [–, –]"}]


def test_records_are_a_table_of_their_own():
    assert tables_of({"by_round": [{"round": 1, "right": 0.5}, {"round": 2, "right": None}]}) == {
        "by round": [
            {"round": 1, "right": 0.5},
            {"round": 2, "right": pytest.approx(float("nan"), nan_ok=True)},
        ]
    }


def test_objects_within_objects_join_their_names():
    found = tables_of({"models": {"hrm": {"n": 3}, "trm": {"n": 4}}})
    assert list(found) == ["models: hrm", "models: trm"]


def test_objects_within_records_are_spread_over_columns():
    (row,) = tables_of({"runs": [{"seed": 1, "end": {"jumps": INTERVAL, "long": 0.25}}]})["runs"]
    assert row == {"seed": 1, "end, jumps": "0.5 [0.4, 0.6] (wilson, n 1,234)", "end, long": 0.25}


def test_records_within_records_keep_what_names_their_record():
    runs = [
        {
            "arm": "hints",
            "seed": 0,
            "share": 0.5,
            "asked": [{"step": 25, "right": 0.1}, {"step": 50, "right": 0.2}],
        },
        {"arm": "none", "seed": 1, "share": 0.5, "asked": [{"step": 25, "right": 0.3}]},
        {"arm": "none", "seed": 2, "share": 0.5},
    ]
    found = tables_of({"runs": runs})
    assert [row["share"] for row in found["runs"]] == [0.5] * 3
    assert found["runs: asked"] == [
        {"arm": "hints", "seed": 0, "step": 25, "right": 0.1},
        {"arm": "hints", "seed": 0, "step": 50, "right": 0.2},
        {"arm": "none", "seed": 1, "step": 25, "right": 0.3},
    ]


def test_short_lists_fit_into_a_cell_and_long_ones_are_left_to_the_file():
    numbers = {"seeds": [0, 1, 2], "curve": [0.5] * (SEVERAL + 1), "grid": [[1, 2], [3, 4]]}
    assert tables_of(numbers)["numbers"] == [{"number": "seeds", "value": "0, 1, 2"}]


def test_nothing_gives_no_table():
    assert number_tables({}) == []
