"""`hrm-probe solve`, as typed."""

import json

import pytest

import hrm_probe
from hrm_probe.models import RecursiveReasoner
from hrm_probe.sudoku import conflicts, format_grids

MINE = "4....1..5.2...........34.1......25.."


@pytest.fixture(scope="module")
def puzzles():
    """Of 6x6: one that hrm-6x6 solves and keeps, one that it fails, one that it had and lost, one that it had twice."""
    asked = hrm_probe.load_puzzles("6x6-test").sample(150, seed=0)
    right = (hrm_probe.load("hrm-6x6").run(asked.tokens).predictions.numpy() == asked.answers).all(-1)
    lost = (right[:-1] & ~right[1:]).any(0)
    kinds = right[-1], ~right.any(0), right.any(0) & ~right[-1], right[-1] & lost
    assert all(flags.any() for flags in kinds)
    return [format_grids(asked.grids)[int(flags.argmax())] for flags in kinds]


@pytest.mark.parametrize("kind", [0, 3], ids=["had once", "had twice"])
def test_the_answer_stands_beside_the_puzzle_and_every_segment_is_counted(typed, puzzles, kind) -> None:
    said = typed("solve", puzzles[kind], "--model", "hrm-6x6")
    assert said.status == 0
    *grids, counts, verdict, _ = said.out.splitlines()
    (puzzle,) = [hrm_probe.load_puzzles(puzzles[kind])]
    given = "".join(row[:13] for row in grids)
    answered = "".join(row[19:] for row in grids)
    assert "".join(c for c in given if c in ".123456") == puzzles[kind]
    assert "".join(c for c in answered if c.isdigit()) == format_grids(puzzle.answers - 1)[0]
    wrong = counts.removeprefix("wrong cells after each segment: ").split()
    assert (len(wrong), wrong[-1]) == (16, "0")
    since = 16 - wrong[::-1].index(next(n for n in wrong[::-1] if n != "0")) + 1 if set(wrong) != {"0"} else 1
    assert verdict.startswith(
        f"hrm-6x6 solves it at segment {since} and keeps the answer; by itself it would"
    )


def test_what_fails_says_how_and_what_to_do(typed, puzzles) -> None:
    said = typed("solve", puzzles[1], "--model", "hrm-6x6")
    assert said.status == 0
    assert "hrm-6x6 does not solve it in 16 segments" in said.out
    assert "--copies 8 asks symmetric copies of it" in said.out
    assert "lost it" not in said.out


def test_what_was_found_and_lost_is_said(typed, puzzles) -> None:
    said = typed("solve", puzzles[2], "--model", "hrm-6x6")
    assert "It had the answer at segment" in said.out
    assert "and lost it." in said.out
    again = typed("solve", puzzles[2], "--model", "hrm-6x6", "--copies", "2")
    assert "That grid is lawful, so no copy was asked." in again.out


def test_copies_are_asked_where_the_run_fails(typed, puzzles) -> None:
    said = typed("solve", *puzzles[:2], "--model", "hrm-6x6", "--copies", "8", "--json", "-")
    assert said.status == 0
    found = json.loads(said.out)
    kept, failed = found["puzzles"]
    assert (kept["solved"], kept["copies_asked"]) == (True, 0)
    assert failed["solved"]
    assert 1 <= failed["copies_asked"] <= 8
    assert failed["answer"] == failed["right_answer"]
    assert failed["wrong_by_segment"][-1] > 0
    asked = hrm_probe.load_puzzles(puzzles[1])
    own_answer = hrm_probe.load("hrm-6x6").run(asked.tokens).predictions[-1].numpy()
    assert failed["conflicts"] == conflicts(asked.board, own_answer - 1)[0] > 0
    assert "provenance" in found
    words = typed("solve", puzzles[1], "--model", "hrm-6x6", "--copies", "8").out
    assert f"Symmetric copy {failed['copies_asked']} gives a lawful grid, which is the answer." in words


def test_copies_run_as_long_as_the_puzzle_and_are_drawn_by_the_seed(typed, puzzles, monkeypatch) -> None:
    run, runs = RecursiveReasoner.run, []

    def watched(model, tokens, *settings):
        rollout = run(model, tokens, *settings)
        runs.append((tokens.tolist(), len(rollout.predictions)))
        return rollout

    monkeypatch.setattr(RecursiveReasoner, "run", watched)
    for seed in range(2):
        typed("solve", puzzles[1], "--model", "hrm-6x6", "--segments", 3, "--copies", 1, "--seed", seed)
    (given, copy, again, other), lengths = zip(*runs, strict=True)
    assert lengths == (3, 3, 3, 3)
    assert given == again
    assert given != copy != other


def test_copies_that_do_not_help_are_counted(typed, puzzles) -> None:
    said = typed("solve", puzzles[1], "--model", "hrm-6x6", "--segments", "1", "--copies", "1")
    assert "Nor does it solve the symmetric copy (1 asked)." in said.out


def test_a_file_of_puzzles_and_the_model_that_suits_the_board(typed, tmp_path, puzzles) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("\n".join(puzzles[:2]) + "\n")
    said = typed("solve", file)
    assert said.out.startswith("Puzzle 1 of 2\n")
    assert f"{hrm_probe.default_model('6x6')} solves it" in said.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["123"], "In puzzle 1: 3 characters where a grid has 16 (4x4), 36 (6x6) or 81 (9x9)."),
        (["." * 36], "several solutions"),
        (["nothing.txt"], 'There is no puzzle set "nothing.txt"'),
        (["." * 36, "nothing.txt"], "Give puzzles as strings, or one file of puzzles"),
        ([MINE, "--model", "trm-9x9-shallow"], "the model is for 81"),
        ([MINE, "--segments", "0"], "--segments"),
        (["12341" + "." * 11], "no solution"),
    ],
)
def test_bad_puzzles_get_one_sentence(typed, words, sentence) -> None:
    assert sentence in typed("solve", *words).sentence


def test_another_lawful_grid_than_the_files_is_called_lawful(typed, tmp_path) -> None:
    answer = "123456456123231564564231312645645312"
    question = answer.translate(str.maketrans("14", ".."))  # these two digits may change names
    file = tmp_path / "several.csv"
    verdicts = []
    for given in (answer, answer.translate(str.maketrans("14", "41"))):
        file.write_text(f"source,question,answer,rating\nmine,{question},{given},0\n")
        verdicts.append(typed("solve", file, "--model", "trm-6x6").out.splitlines()[-2])
    assert sum("solves it at segment" in verdict for verdict in verdicts) == 1
    several = "That grid is lawful, but not the answer given: the puzzle has several."
    assert sum(several in verdict for verdict in verdicts) == 1
