"""`hrm-probe ask`, as typed."""

import json
from pathlib import Path

import pandas as pd
import pytest

import hrm_probe
from hrm_probe.errors import InputError
from hrm_probe.reasoning import stability
from hrm_probe.reasoning.catalogue import QUESTIONS, Question
from hrm_probe.reasoning.storing import load_results
from hrm_probe.sudoku import generate
from tests.cli.tiny import saved_model, saved_puzzles


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return saved_model(tmp_path_factory.mktemp("models"), max_segments=6)


@pytest.fixture(scope="module")
def puzzles(tmp_path_factory):
    return saved_puzzles(tmp_path_factory.mktemp("puzzles"), 8)


def test_without_a_question_all_are_listed(typed):
    told = typed("ask").out
    assert all(f"  {name} " in told for name in QUESTIONS)


def test_without_a_model_the_question_is_explained(typed):
    told = typed("ask", "fixed_points").out
    assert QUESTIONS["fixed_points"].sentence in told
    assert "--n 8" in told
    assert "copies=2, spread=0.1: how many starts" in told
    assert "`" not in told


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_can_be_explained(question, typed):
    said = typed("ask", question)
    assert (said.status, said.err) == (0, "")
    assert all(len(line) <= 120 for line in said.out.splitlines())


def test_json_holds_what_the_function_returns(model, puzzles, typed):
    words = ["--puzzles", puzzles, "--n", 5, "--seed", 3, "--set", "segments=4", "--set", "horizons=1,2"]
    numbers = json.loads(typed("ask", "stability", model, *words, "--json", "-").out)
    asked = hrm_probe.load_puzzles(puzzles, 5, 3)
    found = stability(hrm_probe.load(model), asked, 4, horizons=(1, 2), seed=3)
    assert numbers["answer"]["retention"] == json.loads(json.dumps(found.summary()))["retention"]
    assert (numbers["question"], numbers["n"], numbers["settings"]["horizons"]) == ("stability", 5, [1, 2])
    assert numbers["provenance"]["torch"]


def test_the_seed_and_the_batch_reach_the_question(model, puzzles, typed, monkeypatch):
    asked = []

    def ask(question, model, puzzles, *, batch_size, seed, **settings):
        asked.append((question.name, batch_size, seed, settings["segments"]))
        raise InputError("That is all.")

    monkeypatch.setattr(Question, "ask", ask)
    typed("ask", "nudges", model, "--puzzles", puzzles, "--seed", 3, "--batch-size", 5, "--set", "segments=7")
    assert asked == [("nudges", 5, 3, 7)]


def test_a_folder_gets_numbers_tables_the_whole_answer_and_its_picture(model, puzzles, typed):
    said = typed("ask", "stability", model, "--puzzles", puzzles, "--out", "kept")
    assert "solved" in said.out
    assert "kept" in said.out.splitlines()[-1]
    assert {file.name for file in Path("kept").iterdir()} >= {
        "answer.html", "answer.json", "answer.npz", "answer.png", "answer.pdf", "table.csv", "by_segment.csv",
    }  # fmt: skip
    whole = load_results("kept/answer.npz")["stability"]
    assert len(pd.read_csv("kept/by_segment.csv")) == len(whole.by_segment) == 64


def test_an_answer_replaces_none_but_its_own(model, puzzles, typed):
    ask = ["--puzzles", puzzles, "--out", "there"]
    assert typed("ask", "residuals", model, *ask).status == 0
    assert typed("ask", "residuals", model, *ask).status == 0
    assert (
        f"there holds the answer of {model} to residuals" in typed("ask", "stability", model, *ask).sentence
    )
    Path("there/mine.csv").write_text("mine")
    assert "there holds mine.csv" in typed("ask", "residuals", model, *ask).sentence
    assert Path("there/mine.csv").read_text() == "mine"


def test_it_replaces_an_earlier_one_as_a_whole(model, puzzles, typed):
    ask = ["ask", "attention", model, "--puzzles", puzzles, "--out", "heads"]
    typed(*ask)
    assert Path("heads/edges.csv").exists()
    typed(*ask, "--set", "parts=looks")
    assert not Path("heads/edges.csv").exists()
    assert json.loads(Path("heads/answer.json").read_text())["settings"]["parts"] == "looks"


@pytest.mark.parametrize("file", ["answer.json", "table.csv"])
def test_foreign_files_are_not_replaced(model, file, typed):
    Path("there").mkdir()
    Path("there", file).write_text("[42]")
    assert f"there holds {file}" in typed("ask", "residuals", model, "--out", "there").sentence
    assert Path("there", file).read_text() == "[42]"


def test_the_folder_one_is_in_is_not_replaced(model, typed):
    assert "is the folder you are in" in typed("ask", "residuals", model, "--out", ".").sentence


def test_its_numbers_say_how_it_was_made(model, puzzles, typed):
    words = ["--puzzles", puzzles, "--n", 3, "--dtype", "bfloat16", "--json", "-"]
    told = json.loads(typed("ask", "residuals", model, *words).out)
    assert told["n"] == told["answer"]["puzzles"] == 3
    assert told["settings"] == {"segments": None, "n": 3}
    origin = told["provenance"]
    assert origin["settings"] == {"device": "cpu", "dtype": "bfloat16"}
    assert len(origin["models"]["tiny"]["weights_sha256"]) == 64
    assert len(origin["data"][puzzles]["tokens_sha256"]) == 64


def test_a_question_that_draws_its_puzzles_draws_as_many_as_are_asked_for(model, puzzles, typed):
    said = typed("ask", "residuals", model, "--puzzles", puzzles, "--n", 3, "--json", "-")
    assert json.loads(said.out)["answer"]["puzzles"] == 3


@pytest.mark.parametrize("question", ["residuals", "solved_grids"])  # the first draws its puzzles itself
def test_a_set_of_fewer_puzzles_than_asked_for_is_taken_whole_and_remarked_on(
    question, model, puzzles, typed
):
    enough, too_many = (
        typed("ask", question, model, "--puzzles", puzzles, "--n", n, "--json", "-") for n in (8, 9)
    )
    told = f"hrm-probe: --n is 9, but {puzzles} holds 8 puzzles; the whole set is taken."
    assert [told in said.err.splitlines() for said in (enough, too_many)] == [False, True]
    assert [json.loads(said.out)["n"] for said in (enough, too_many)] == [8, 8]


def test_a_trace_is_asked_about_its_own_puzzles(model, puzzles, typed):
    typed("record", model, "--puzzles", puzzles, "--out", "trace")
    asked = json.loads(typed("ask", "jumps", "trace", "--json", "-").out)
    ran = json.loads(
        typed("ask", "jumps", model, "--puzzles", puzzles, "--set", "segments=16", "--json", "-").out
    )
    assert asked["answer"]["late"] == ran["answer"]["late"]
    for question in ("probes", "residuals", "stability"):
        said = json.loads(typed("ask", question, "trace", "--json", "-").out)
        assert said["answer"]["puzzles"] == said["n"] == ran["n"]
    assert "runs the model" in typed("ask", "traps", "trace").sentence
    assert (
        "leave out --n and --dtype" in typed("ask", "jumps", "trace", "--n", 3, "--dtype", "float64").sentence
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["stabilty", "MODEL"], "no question 'stabilty'; near names are stability"),
        (["stability", "nosuch"], "no model 'nosuch'"),
        (
            ["stability", "MODEL", "--set", "segment=4"],
            "no setting 'segment'; it has segments, at and horizons",
        ),
        (["stability", "MODEL", "--set", "segments=four"], "segments takes none or a whole number"),
        (["stability", "MODEL", "--set", "segments"], "--set takes key=value"),
        (["stability", "MODEL", "--n", "0"], "--n is 0"),
        (["stability", "--n", "5"], "--n needs a model to ask"),
        (["stability", "MODEL", "--out", "one", "--json", "one"], "--out and --json are both one"),
        (["state_landscape", "MODEL", "--n", "3"], "looks at one puzzle, which --seed draws"),
        (["stability", "MODEL"], "No 4x4 puzzles are bundled"),
        (["stability", "MODEL", "--puzzles", "6x6-test"], "36 cells, but the model is for 16"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(words, told, model, typed):
    assert told in typed("ask", *[model if word == "MODEL" else word for word in words]).sentence


def test_a_number_that_is_the_default_changes_nothing(model, tmp_path, typed):
    """residuals draws 32 of its puzzles itself: asked for 32, it draws the same ones."""
    path = tmp_path / "more.csv.gz"
    generate(60, "minimal", "4x4", seed=0).to_csv(path)
    words = ["ask", "residuals", model, "--puzzles", path, "--set", "segments=2", "--json", "-"]
    usual, same = (json.loads(typed(*words, *n).out)["answer"] for n in ([], ["--n", 32]))
    assert usual == same
