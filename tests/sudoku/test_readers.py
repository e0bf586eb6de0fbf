import gzip

import numpy as np
import pandas as pd
import pytest

from hrm_probe.errors import InputError
from hrm_probe.sudoku import bundled_sets, draw_grid, format_grids, generate, load_puzzles, parse_grid
from hrm_probe.sudoku.puzzles import NOT_RATED, sample_rows

from .known import ANSWER, GRID_4X4, QUESTION, TWO_SOLUTIONS_4X4

MOST = 2**63 - 1
"""The largest rating that can be stored, which no float is."""


def test_puzzle_strings_are_solved():
    for given in (QUESTION, [QUESTION], (text for text in [QUESTION])):
        puzzles = load_puzzles(given)
        assert (puzzles.solutions == parse_grid(ANSWER)).all()
        assert puzzles.rating.tolist() == [0]


@pytest.mark.parametrize("given", [np.ones((2, 16), int), [1, 2], 5, None])
def test_arrays_are_no_puzzle_strings(given):
    with pytest.raises(InputError, match=r"puzzles as strings, not type .*Puzzles.from_grids"):
        load_puzzles(given)


def test_puzzle_strings_without_exactly_one_solution_are_bad_input():
    with pytest.raises(InputError, match="puzzle 2: several solutions"):
        load_puzzles([GRID_4X4, TWO_SOLUTIONS_4X4])
    with pytest.raises(InputError, match="puzzle 1: no solution"):
        load_puzzles(["11" + "." * 14])


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_text_file_has_one_puzzle_a_line(tmp_path, pack):
    path = tmp_path / ("puzzles.txt" if pack is bytes else "puzzles.txt.gz")
    path.write_bytes(pack(f"# from a list\n{QUESTION}\n\n{ANSWER}\n".encode()))
    puzzles = load_puzzles(path)
    assert len(puzzles) == 2
    assert (puzzles.solutions == parse_grid(ANSWER)).all()


def test_a_text_file_may_hold_grids_row_by_row(tmp_path):
    path, puzzles = tmp_path / "rows.txt", generate(3, "easy", "6x6", seed=0)
    path.write_text("\n\n".join(map(draw_grid, puzzles.grids)))
    assert (load_puzzles(path).grids == puzzles.grids).all()
    rows = [grid[first : first + 6] for grid in format_grids(puzzles.grids) for first in range(0, 36, 6)]
    path.write_text("\n".join(rows))
    assert (load_puzzles(path).grids == puzzles.grids).all()
    path.write_text("\n".join(rows[:-1]))
    with pytest.raises(InputError, match="6 characters where a grid has"):
        load_puzzles(path)


def test_the_official_build_is_read_as_it_is(tmp_path):
    tokens, answers = (
        np.array([[int(c) + 1 for c in text]] * 3) for text in (QUESTION.replace(".", "0"), ANSWER)
    )
    (tmp_path / "test").mkdir()
    np.save(tmp_path / "test" / "all__inputs.npy", tokens.astype(np.uint8))
    np.save(tmp_path / "test" / "all__labels.npy", answers.astype(np.uint8))
    puzzles = load_puzzles(tmp_path / "test", n=2)
    assert (puzzles.tokens == tokens[:2]).all()
    assert (puzzles.answers == answers[:2]).all()
    assert (puzzles.rating == NOT_RATED).all()
    with pytest.raises(InputError, match="one of its folders: test"):
        load_puzzles(tmp_path)


def test_what_an_official_build_lacks_or_holds_amiss_is_named(tmp_path):
    tokens = np.array([[int(c) + 1 for c in GRID_4X4]] * 3)
    inputs, labels = tmp_path / "all__inputs.npy", tmp_path / "all__labels.npy"
    np.save(inputs, tokens)
    with pytest.raises(InputError, match=r"lacks all__labels\.npy\."):
        load_puzzles(tmp_path)
    np.save(labels, tokens * 1.0)
    with pytest.raises(InputError, match=r"they hold int64 of \[3, 16\] and float64 of \[3, 16\]\."):
        load_puzzles(tmp_path)
    np.save(labels, tokens[:2])
    with pytest.raises(InputError, match=r"they hold int64 of \[3, 16\] and int64 of \[2, 16\]\."):
        load_puzzles(tmp_path)


def test_a_sample_is_that_of_the_whole_in_whatever_form_it_comes(tmp_path):
    puzzles = generate(20, "easy", "4x4", seed=0)
    texts = format_grids(puzzles.grids)
    (tmp_path / "set.txt").write_text("\n".join(texts))
    puzzles.to_csv(tmp_path / "set.csv")
    np.save(tmp_path / "all__inputs.npy", puzzles.tokens)
    np.save(tmp_path / "all__labels.npy", puzzles.answers)
    frame = pd.read_csv(tmp_path / "set.csv", dtype=str)
    for form in (puzzles, texts, tmp_path / "set.txt", tmp_path / "set.csv", frame, tmp_path):
        assert np.array_equal(load_puzzles(form, n=7, seed=3).tokens, puzzles.sample(7, seed=3).tokens)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("source,question,answer,rating\n", "holds no puzzles"),
        ("source,puzzle\nx,y\n", "lacks the columns answer and question"),
        ("source;question;answer\nx;y;z\n", "with commas between them"),
        ("question,answer\n1,2,3\n", "more fields in its rows than names in its header"),
        (
            f"question,answer\n{QUESTION},{ANSWER}\n{QUESTION[1:]},{ANSWER}\n",
            "question of row 2: 80 characters",
        ),
        (f"question,answer\n{QUESTION},{ANSWER[1:]}x\n", "answer of row 1: unknown character 'x'"),
        (f"question,answer\n{QUESTION},{GRID_4X4}\n", "both must be of one board"),
        *(
            (
                f"question,answer,rating\n{QUESTION},{ANSWER},3\n{QUESTION},{ANSWER},{rating}\n",
                f"rating of row 2: '{rating}' is not a number",
            )
            for rating in ("hard", "inf", "nan", "1e30", MOST + 1)
        ),
    ],
)
def test_a_faulty_csv_is_told_in_one_sentence(tmp_path, content, told):
    path = tmp_path / "set.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=told) as caught:
        load_puzzles(path)
    assert str(path) in str(caught.value)


def test_the_row_at_fault_is_that_of_the_file_even_in_a_sample(tmp_path):
    rows = [f"{QUESTION},{ANSWER}"] * 4 + [f"x{QUESTION[1:]},{ANSWER}"]
    (tmp_path / "set.csv").write_text("\n".join(["question,answer", *rows]))
    drawn_with_fault = next(seed for seed in range(100) if 4 in sample_rows(5, 2, seed))
    with pytest.raises(InputError, match="question of row 5"):
        load_puzzles(tmp_path / "set.csv", n=2, seed=drawn_with_fault)


def test_so_is_the_row_at_fault_of_an_official_build(tmp_path):
    tokens = np.array([[int(c) + 1 for c in GRID_4X4]] * 5)
    answers = tokens.copy()
    answers[4, 0] = 5
    np.save(tmp_path / "all__inputs.npy", tokens)
    np.save(tmp_path / "all__labels.npy", answers)
    drawn_with_fault = next(seed for seed in range(100) if 4 in sample_rows(5, 2, seed))
    with pytest.raises(InputError, match="row 5: the answer contradicts the question"):
        load_puzzles(tmp_path, n=2, seed=drawn_with_fault)


def test_an_unknown_name_is_told_with_the_names_there_are():
    with pytest.raises(InputError, match='no puzzle set "7x7-test"'):
        load_puzzles("7x7-test")
    for name in bundled_sets():
        with pytest.raises(InputError, match=name):
            load_puzzles("nowhere.csv")


def test_a_broken_archive_is_told(tmp_path):
    (tmp_path / "set.csv.gz").write_bytes(b"not gzip")
    with pytest.raises(InputError, match="could not be read"):
        load_puzzles(tmp_path / "set.csv.gz")


def test_an_empty_rating_means_not_rated(tmp_path) -> None:
    path = tmp_path / "unrated.csv"
    path.write_text(f"source,question,answer,rating\nsomewhere,{QUESTION},{ANSWER},\n")
    assert load_puzzles(path).rating.tolist() == [-1]


def test_a_rating_is_kept_as_its_whole_part(tmp_path):
    rows = [f"{QUESTION},{ANSWER},{rating}" for rating in ("7", "2.5", "1e3", "-1", MOST)]
    (tmp_path / "set.csv").write_text("\n".join(["question,answer,rating", *rows]))
    assert load_puzzles(tmp_path / "set.csv").rating.tolist() == [7, 2, 1000, -1, MOST]


@pytest.mark.parametrize("name", ["SET.CSV", "Set.Csv.GZ"])
def test_a_csv_is_known_by_its_ending_in_any_case(tmp_path, name):
    load_puzzles([QUESTION]).to_csv(tmp_path / name)
    assert (load_puzzles(tmp_path / name).solutions == parse_grid(ANSWER)).all()


@pytest.mark.parametrize(
    ("name", "content"), [("set.txt", QUESTION), ("set.csv", f"question,answer\n{QUESTION},{ANSWER}")]
)
def test_a_byte_order_mark_is_no_part_of_a_puzzle(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8-sig")
    assert (load_puzzles(tmp_path / name).solutions == parse_grid(ANSWER)).all()


def test_the_line_at_fault_of_a_text_file_is_named(tmp_path):
    (tmp_path / "set.txt").write_text(f"{QUESTION}\n{QUESTION[1:]}\n")
    with pytest.raises(InputError, match=r"In .*set\.txt, puzzle 2: 80 characters"):
        load_puzzles(tmp_path / "set.txt")


def test_a_set_without_puzzles_is_bad_input(tmp_path):
    (tmp_path / "set.txt").write_text("# nothing yet\n")
    for name in ("all__inputs.npy", "all__labels.npy"):
        np.save(tmp_path / name, np.zeros((0, 81), int))
    for path in (tmp_path / "set.txt", tmp_path):
        with pytest.raises(InputError, match="holds no puzzles"):
            load_puzzles(path)


@pytest.mark.parametrize("name", ["", " "])
def test_no_name_is_told_as_such(name):
    with pytest.raises(InputError, match="No puzzle set was named"):
        load_puzzles(name)


@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        ("1...............", "1234341221434.21", "row 2: the answer has blanks"),
        ("2...............", "1234341221434321", "row 2: the answer contradicts the question"),
    ],
)
def test_an_answer_that_cannot_be_one_is_told(tmp_path, question, answer, told):
    sound = "1...............,1234341221434321"
    path = tmp_path / "set.csv"
    path.write_text(f"question,answer\n{sound}\n{question},{answer}\n")
    with pytest.raises(InputError, match=told):
        load_puzzles(path)


def test_a_comment_may_be_indented(tmp_path):
    file = tmp_path / "puzzles.txt"
    file.write_text("# four by four\n   # and a remark\n\n  1...............  \n")
    with pytest.raises(InputError, match="several solutions"):  # the puzzle itself was read
        load_puzzles(file)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is empty; its first line must name the columns"),
        (b"question,answer\na,b\nc,d,e\n", "line 3 has 3 fields, but the header names 2; quote fields"),
        ("question,answer\n\u00fc,b\n".encode("latin-1"), "it is not UTF-8 text; save it as UTF-8"),
        (
            gzip.compress(b"question,answer\n", mtime=0),
            r"it is gzipped; give it a name that ends in \.csv\.gz",
        ),
        (b"a,b\n1,2\n", "lacks the columns answer and question"),
        (b"question,b\n1,2\n", "lacks the column answer;"),
        (b"question,answer,answer\n1,2,3\n", "names the column answer twice; keep one"),
    ],
)
def test_what_is_wrong_with_a_csv_is_told_with_a_way_out(tmp_path, content, sentence):
    (tmp_path / "p.csv").write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        load_puzzles(tmp_path / "p.csv")


def test_an_answer_that_breaks_the_rules_is_no_answer(tmp_path):
    easy = "1234341221434300"
    (tmp_path / "p.csv").write_text(f"question,answer\n{easy},1234341221434321\n{easy},1234341221434311\n")
    with pytest.raises(InputError, match="row 2: the answer is not a valid grid; see `hrm-probe data check`"):
        load_puzzles(tmp_path / "p.csv")


@pytest.mark.parametrize("settings", [{}, {"dtype": str}])
def test_a_dataframe_is_read_as_its_file_is(tmp_path, settings):
    """Without dtype pandas makes numbers of answers, whose digits it keeps; a missing rating is NaN."""
    (tmp_path / "set.csv").write_text(
        f"Source,question,answer,rating\na,{QUESTION},{ANSWER},3\n,{QUESTION},{ANSWER},\n"
    )
    frame = pd.read_csv(tmp_path / "set.csv", **settings)
    puzzles, expected = load_puzzles(frame), load_puzzles(tmp_path / "set.csv")
    for name in ("tokens", "answers", "source", "rating"):
        assert (getattr(puzzles, name) == getattr(expected, name)).all(), name
    assert len(load_puzzles(frame, n=1, seed=1)) == 1


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ({"question": [QUESTION]}, "DataFrame lacks the column answer; a puzzle set has the columns"),
        ({"question": [QUESTION], "answer": [1.5]}, "holds float64 in its column answer, .* dtype=str"),
        ({"question": [], "answer": []}, "DataFrame holds no puzzles"),
        (
            {"question": [QUESTION] * 2, "answer": [ANSWER, "12"]},
            "In DataFrame, answer of row 2: 2 characters",
        ),
        (
            {"question": [QUESTION], "answer": [ANSWER], "rating": ["hard"]},
            "rating of row 1: 'hard' is not a number",
        ),
    ],
)
def test_what_is_wrong_with_a_dataframe_is_told(frame, told):
    with pytest.raises(InputError, match=told):
        load_puzzles(pd.DataFrame(frame))


@pytest.mark.parametrize("path", ["/no/such/set.csv", "runs/cur-minute/held-out-of-them.csv"])
def test_a_missing_file_is_no_puzzle_however_long_its_name(path: str) -> None:
    assert len(path) in (16, 36)
    with pytest.raises(InputError, match="There is no puzzle set"):
        load_puzzles(path)
