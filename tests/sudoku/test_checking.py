import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.sudoku import check, generate

from .known import ANSWER, GRID_4X4, QUESTION, TWO_SOLUTIONS_4X4


def put(text, cell, character):
    return text[:cell] + character + text[cell + 1 :]


FAULTY = [
    (QUESTION[:-1], ANSWER, "length", "80 characters"),
    (put(QUESTION, 10, "x"), ANSWER, "character", "'x' in row 2, column 2"),
    (put(QUESTION, 8, "5"), ANSWER, "clash", "digit 5 appears more than once in row 1"),
    (put(QUESTION, 72, "5"), ANSWER, "clash", "digit 5 appears more than once in column 1"),
    (put(QUESTION, 11, "3"), ANSWER, "clash", "digit 3 appears more than once in box 1"),
    (put(QUESTION, 2, "1"), ANSWER, "no solution", "no solution"),
    (put(QUESTION, 0, "."), ANSWER, "sound", ""),
    ("." * 81, ANSWER, "several solutions", "several solutions"),
    (QUESTION, ANSWER[1:], "answer", "in the answer, 80 characters"),
    (QUESTION, put(ANSWER, 2, "."), "answer", "blank in row 1, column 3"),
    (QUESTION, put(ANSWER, 0, "1"), "answer", "has 1 where the clue is 5, in row 1, column 1"),
    (QUESTION, put(put(ANSWER, 2, "6"), 3, "4"), "answer", "digit 6 appears more than once in column 3"),
]


def write(path, rows):
    path.write_text("question,answer\n" + "".join(f"{question},{answer}\n" for question, answer, *_ in rows))
    return path


def test_every_kind_of_fault_is_found_in_its_row(tmp_path):
    report = check(write(tmp_path / "set.csv", [(QUESTION, ANSWER), *FAULTY]))
    assert report.puzzles == len(FAULTY) + 1
    assert report.board == "9x9"
    expected = [
        (row, fault, told) for row, (_, _, fault, told) in enumerate(FAULTY, start=2) if fault != "sound"
    ]
    assert [(fault.row, fault.fault) for fault in report.faults] == [
        (row, fault) for row, fault, _ in expected
    ]
    for fault, (_, _, told) in zip(report.faults, expected, strict=True):
        assert told in fault.detail
        assert str(fault) == f"row {fault.row}: {fault.detail}"


def test_a_generated_set_is_sound(tmp_path):
    generate(30, "minimal", "6x6").to_csv(tmp_path / "set.csv.gz")
    report = check(tmp_path / "set.csv.gz")
    assert report.sound
    assert report.to_dict()["puzzles"] == 30


def test_a_text_file_is_checked_without_answers(tmp_path):
    (tmp_path / "set.txt").write_text(f"{GRID_4X4}\n{TWO_SOLUTIONS_4X4}\n")
    assert [(fault.row, fault.fault) for fault in check(tmp_path / "set.txt").faults] == [
        (2, "several solutions")
    ]


def test_an_official_build_is_checked_by_its_tokens(tmp_path):
    tokens = np.array([[int(c) + 1 for c in QUESTION.replace(".", "0")]] * 3)
    answers = np.array([[int(c) + 1 for c in ANSWER]] * 3)
    tokens[1, 0], answers[2, 5] = 0, 11
    np.save(tmp_path / "all__inputs.npy", tokens)
    np.save(tmp_path / "all__labels.npy", answers)
    assert [(fault.row, fault.fault) for fault in check(tmp_path).faults] == [(2, "character"), (3, "answer")]


def test_a_file_of_no_board_is_faulty_in_every_row(tmp_path):
    (tmp_path / "set.txt").write_text("123\n45\n")
    report = check(tmp_path / "set.txt")
    assert report.board is None
    assert [fault.fault for fault in report.faults] == ["length", "length"]


def test_a_missing_file_is_bad_input():
    with pytest.raises(InputError, match="no puzzle set"):
        check("nowhere.csv")


def test_a_rating_that_cannot_be_kept_is_a_fault_of_a_row_that_is_sound_otherwise(tmp_path):
    clash = "55" + QUESTION[2:]
    ratings = {"3": QUESTION, "": QUESTION, "hard": QUESTION, "nan": clash, "inf": QUESTION, "1e30": QUESTION}
    rows = "".join(f"{question},{ANSWER},{rating}\n" for rating, question in ratings.items())
    (tmp_path / "set.csv").write_text("question,answer,rating\n" + rows)
    report = check(tmp_path / "set.csv")
    assert [(fault.row, fault.fault) for fault in report.faults] == [
        (3, "rating"), (4, "clash"), (5, "rating"), (6, "rating"),
    ]  # fmt: skip
    assert "'hard' is not a number" in str(report.faults[0])
    assert report.sound_puzzles == 2


@pytest.mark.parametrize(("name", "content"), [("set.csv", "question,answer\n"), ("set.txt", "")])
def test_a_set_without_puzzles_is_faulty_as_a_whole(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    report = check(tmp_path / name)
    assert not report.sound
    assert (report.puzzles, report.sound_puzzles) == (0, 0)
    assert [(fault.fault, str(fault)) for fault in report.faults] == [("empty", "it holds no puzzles")]


def test_of_a_puzzle_with_several_solutions_the_answer_is_looked_at_too(tmp_path):
    lawless = ANSWER[:80] + ANSWER[79]
    (tmp_path / "p.csv").write_text(f"question,answer\n{'.' * 81},{ANSWER}\n{'.' * 81},{lawless}\n")
    first, second = check(tmp_path / "p.csv").faults
    assert first.detail == "the puzzle has several solutions"
    assert second.detail.startswith(
        "the puzzle has several solutions, and the answer is not a valid grid: digit "
    )
