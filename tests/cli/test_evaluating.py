"""`hrm-probe evaluate` and `hrm-probe import`, as typed."""

import json
import subprocess
import sys

import pytest

from hrm_probe import load, load_puzzles
from hrm_probe.errors import InputError
from tests.cli.tiny import saved_model, saved_puzzles


def hrm_probe(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hrm_probe", *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return saved_model(tmp_path_factory.mktemp("models"), max_segments=4)


@pytest.fixture(scope="module")
def puzzles(tmp_path_factory):
    return saved_puzzles(tmp_path_factory.mktemp("puzzles"), 5)


def test_json_on_standard_output_is_nothing_but_json(model, puzzles):
    done = hrm_probe("evaluate", model, "--puzzles", puzzles, "--segments", "3", "--json", "-")
    assert done.returncode == 0, done.stderr
    numbers = json.loads(done.stdout)
    assert numbers["counts"]["puzzles"] == 5
    assert len(numbers["accuracy_by_segment"]) == 3
    assert 0 <= numbers["exact_accuracy"] <= numbers["cell_accuracy"] <= 1
    assert numbers["provenance"]["torch"]


def test_without_json_it_says_the_result_in_words(model, puzzles, typed):
    assert (
        "of 5 puzzles solved at segment 9"
        in typed("evaluate", model, "--puzzles", puzzles, "--segments", 9).out
    )


def test_a_model_runs_for_as_long_as_it_was_trained(model, puzzles, typed):
    assert "of 5 puzzles solved at segment 4" in typed("evaluate", model, "--puzzles", puzzles).out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["evaluate", "nosuch", "--puzzles", "6x6-test"], "no model 'nosuch'"),
        (["evaluate", "MODEL", "--puzzles", "nosuch.csv"], "nosuch.csv"),
        (["evaluate", "MODEL", "--puzzles", "6x6-test", "--n", "3"], "36 cells, but the model is for 16"),
        (["evaluate", "MODEL", "--puzzles", "6x6-test", "--segments", "0"], "--segments is 0"),
        (["evaluate", "MODEL", "--puzzles", ""], "No puzzle set was named"),
        (["evaluate", "MODEL", "--puzzles", "6x6-test", "--dtype", "half"], "--dtype is 'half'"),
        (["report", "MODEL", "--dtype", "half"], "--dtype is 'half'"),
        (["import", "nosuch.pt", "--out", "there"], "nosuch.pt"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(arguments, told, model, typed):
    assert told in typed(*[model if argument == "MODEL" else argument for argument in arguments]).sentence


@pytest.mark.parametrize(
    ("flags", "place"),
    [([], "accuracy.evaluate"), (["--at-halt"], "at_halt.evaluate_at_halt")],
    ids=["at the end", "at halt"],
)
def test_every_option_reaches_the_evaluation(model, puzzles, typed, monkeypatch, flags, place):
    asked = []

    def judge(reasoner, chosen, segments, *, batch_size, progress):
        asked.append((str(reasoner.forward_dtype), chosen.tokens.tolist(), segments, batch_size))
        raise InputError("That is all.")

    monkeypatch.setattr(f"hrm_probe.reasoning.solving.{place}", judge)
    words = ["--n", "3", "--seed", "2", "--segments", "7", "--batch-size", "5", "--dtype", "bfloat16"]
    typed("evaluate", model, "--puzzles", puzzles, *words, *flags)
    assert asked == [("torch.bfloat16", load_puzzles(puzzles, 3, seed=2).tokens.tolist(), 7, 5)]


def test_at_halt_says_where_and_how_fast(model, puzzles, typed):
    done = typed("evaluate", model, "--puzzles", puzzles, "--at-halt", "--segments", "3", "--json", "-")
    assert done.status == 0, done.err
    numbers = json.loads(done.out)
    low, high = numbers["accuracy_at_halt_interval"]
    assert low <= numbers["accuracy_at_halt"] <= high
    assert 1 <= numbers["mean_halting_segment"] <= 3
    assert numbers["puzzles_per_second"] > 0
    assert sum(part["puzzles"] for part in numbers["by_source"].values()) == 5


def test_puzzles_of_several_solutions_are_remarked_on(model, typed, tmp_path):
    answer = "1234341221434321"
    rows = [f"a,{question},{answer},0" for question in ("." * 16, f"{answer[:12]}....")]
    (tmp_path / "two.csv").write_text("\n".join(["source,question,answer,rating", *rows]))
    told = typed("evaluate", model, "--puzzles", "two.csv")
    assert told.status == 0
    assert "1 of 2 puzzles has more than one solution; any but the given one counts as wrong." in told.err


def test_a_model_that_was_trained_with_hooks_is_told_in_one_sentence(model, puzzles, typed, tmp_path):
    hooked = load(model)
    hooked.trained_with_hooks = ("H.blocks.0.hook_mlp_out",)
    hooked.save(tmp_path / "hooked")
    err = typed("evaluate", tmp_path / "hooked", "--puzzles", puzzles).err
    (said,) = [line for line in err.splitlines() if "hooks" in line]
    assert said.startswith("hrm-probe: ")
    assert "was trained with hooks at H.blocks.0.hook_mlp_out" in said
