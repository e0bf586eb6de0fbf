"""`hrm-probe compare`, as typed."""

import json
from pathlib import Path

import pandas as pd
import pytest
import torch

from hrm_probe.models import ModelConfig, build_model
from hrm_probe.reasoning import compare_answers, comparing
from hrm_probe.reasoning.compared_numbers import COMPARED
from hrm_probe.reasoning.result import group_labels
from hrm_probe.reasoning.storing import load_about, load_results, save_results
from hrm_probe.report import comparing_reports
from hrm_probe.sudoku import generate, load_puzzles

QUICK = {
    "attractors": ["starts=4", "plane_resolution=0"],
    "wandering": ["exponents=0", "horizons=6,8"],
    "traps": ["restarted=0", "long_segments=None"],
    "stability": ["horizons=6"],
    "row_masking": ["horizons=6"],
    "solved_grids": ["horizons=6"],
}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    config = ModelConfig(cells=36, vocab=8, d_model=32, n_heads=2, H_layers=1, L_layers=1, max_segments=6)
    paths = []
    for seed in range(2):
        torch.manual_seed(seed)
        paths.append(str(build_model(config).save(folder / f"seed{seed}")))
    return paths


@pytest.fixture(scope="module")
def puzzles(tmp_path_factory):
    path = tmp_path_factory.mktemp("puzzles") / "some.csv.gz"
    generate(60, "easy", "6x6", seed=0).to_csv(path)
    return str(path)


@pytest.fixture
def answers(models, puzzles, typed):
    """Both models' modes, in the folders a and b."""
    for model, out in zip(models, ("a", "b"), strict=True):
        assert typed("ask", "modes", model, "--puzzles", puzzles, "--n", 40, "--out", out).status == 0


def test_it_says_what_the_function_says_with_the_classes_kept_together(answers, puzzles, typed):
    said = typed("compare", "a", "b")
    found = [load_results(Path(out) / "answer.npz")["modes"] for out in ("a", "b")]
    labels, _ = group_labels(load_puzzles(puzzles, 40, 0), "class")
    assert said.out == f"{compare_answers(*found, ('seed0', 'seed1'), groups=labels)}\n"
    assert "From seed0 to seed1 (change: seed1 minus seed0), 40 rows of" in said.out


def test_the_seed_is_that_of_the_resampling(answers, typed, monkeypatch):
    compare, told = comparing.compare_answers, []

    def of_answers(*given, seed, **settings):
        told.append(seed)
        return compare(*given, seed=seed, **settings)

    def of_reports(*given, seed):
        told.append(seed)
        return {}

    monkeypatch.setattr(comparing, "compare_answers", of_answers)
    monkeypatch.setattr(comparing_reports, "compare_reports", of_reports)
    assert typed("compare", "a", "b", "--seed", 7).status == 0
    for name in ("first", "second"):
        Path(name).mkdir()
        Path(name, "results.npz").touch()
    assert typed("compare", "first", "second", "--seed", 8).status == 0
    assert told == [7, 8]


def test_groups_are_read_of_either_answer_where_the_other_holds_none(answers, typed):
    """Answers that an earlier version saved hold none."""
    said = typed("compare", "a", "b").out
    for older in ("a", "b"):
        file = Path(older, "answer.npz")
        whole = file.read_bytes()
        save_results(file, {"modes": load_results(file)["modes"]}, load_about(file))
        assert typed("compare", "a", "b").out == said
        file.write_bytes(whole)


def test_a_folder_gets_numbers_a_table_and_a_picture(answers, typed):
    assert typed("compare", "a", "b", "--out", "c").status == 0
    kept = {"comparison.html", "comparison.json", "modes.csv", "modes.png", "modes.pdf"}
    assert {file.name for file in Path("c").iterdir()} == kept
    page = Path("c/comparison.html").read_text()
    assert "<h1>From a to b</h1>" in page
    assert page.count("<svg ") == 1
    numbers = json.loads(Path("c/comparison.json").read_text())
    table = pd.read_csv("c/modes.csv")
    told = numbers["compared"]["modes"]["table"]
    assert [row["number"] for row in told] == list(table["number"])
    assert (numbers["first"], numbers["second"], numbers["seed"]) == ("a", "b", 0)
    assert numbers["provenance"]["torch"]
    assert typed("compare", "a", "b", "--out", "c").status == 0  # replaces its own
    assert "a holds answer.html" in typed("compare", "a", "b", "--out", "a").sentence
    assert "c holds the comparison of a and b" in typed("compare", "b", "a", "--out", "c").sentence
    assert "JSON a file of its own" in typed("compare", "a", "b", "--out", "d", "--json", "d").sentence


def test_json_alone_is_printed_for_scripts(answers, typed):
    told = json.loads(typed("compare", "a", "b", "--json", "-").out)
    assert told["compared"]["modes"]["rows"] == 40


def test_one_model_asked_in_two_ways(models, puzzles, typed):
    for question in ("stability", "row_masking"):
        asked = typed("ask", question, models[0], "--puzzles", puzzles, "--n", 8, "--out", question)
        assert asked.status == 0
    said = typed("compare", "stability", "row_masking")
    assert "From seed0, stability to seed0, row_masking (change" in said.out
    assert "They were asked differently: condition" in said.out


def test_one_question_with_two_settings_is_told_apart_by_its_folders(models, puzzles, typed):
    for row in (0, 3):
        words = ["--puzzles", puzzles, "--n", 8, "--set", f"index={row}", "--out", f"row{row}"]
        assert typed("ask", "row_masking", models[0], *words).status == 0
    said = typed("compare", "row0", "row3")
    assert "From row0 to row3 (change: row3 minus row0), 8 rows" in said.out
    assert "They were asked differently: index 0 and 3." in said.out


@pytest.mark.parametrize("question", [name for kind in COMPARED.values() for name in kind.questions])
def test_every_answer_that_can_be_compared_is(question, models, typed):
    words = ["--n", 60 if question in ("follow_through", "suppose") else 3]
    if question in QUICK:
        words += [word for setting in QUICK[question] for word in ("--set", setting)]
    for model, out in zip(models, ("a", "b"), strict=True):
        said = typed("ask", question, model, *words, "--out", out)
        assert said.status == 0, said.err
    assert typed("compare", "a", "b").out.startswith("From seed0 to seed1")


def test_what_cannot_be_compared_is_refused_in_a_sentence(answers, models, puzzles, typed):
    typed("ask", "modes", models[1], "--puzzles", puzzles, "--n", 40, "--seed", 1, "--out", "other")
    assert "about different puzzles; ask both" in typed("compare", "a", "other").sentence
    typed("ask", "jumps", models[1], "--puzzles", puzzles, "--n", 40, "--out", "jumps")
    assert "not Modes and Jumps" in typed("compare", "a", "jumps").sentence
    assert "nowhere holds neither an answer nor a report" in typed("compare", "a", "nowhere").sentence
    assert "leave out --puzzles" in typed("compare", "a", "b", "--puzzles", puzzles).sentence
    Path("report").mkdir()
    Path("report/results.npz").touch()
    assert "report is a report, the other is none" in typed("compare", "a", "report").sentence
    Path("b/answer.npz").write_bytes(Path("jumps/answer.npz").read_bytes())
    assert "b/answer.npz holds no answer to modes" in typed("compare", "a", "b").sentence
