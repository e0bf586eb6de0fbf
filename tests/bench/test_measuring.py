"""Timing recipes: what is counted, and what is told of it. How long things take is never asserted."""

import json

import pytest
import torch

from hrm_probe.bench import running
from hrm_probe.bench.measuring import CEILING, EAGER, TRAINING, RecipeBench, bench_recipe, some_puzzles
from hrm_probe.bench.running import bench, table, to_json
from hrm_probe.errors import InputError
from hrm_probe.models.cost import segment_cost, state_bytes, training_cost
from hrm_probe.training.recipe import Recipe, bundled_recipes, load_recipe
from hrm_probe.training.trainer import Trainer

QUICK = 0.02


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    """The toy model runs fastest on one thread."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def toy():
    return bench_recipe(load_recipe("toy-4x4"), seconds=QUICK, batch_size=24)


def test_a_recipe_has_a_step_a_segment_and_a_ceiling(toy) -> None:
    assert set(toy.timings) == {TRAINING, EAGER, CEILING}  # the toy recipe is not compiled
    assert all((timing.wall > 0).all() for timing in toy.timings.values())


def test_rates_follow_from_seconds_and_counts(toy) -> None:
    rates, seconds = toy.rates(TRAINING), toy.timings[TRAINING].seconds
    flops = training_cost(toy.config, 24).total.flops
    assert rates["puzzle_segments_per_second"] == pytest.approx(24 / seconds)
    assert rates["flops_per_second"] == pytest.approx(flops / seconds)
    assert rates["utilisation"] == pytest.approx(flops / seconds / toy.ceiling)
    assert toy.costs[EAGER] == segment_cost(toy.config, 24)
    assert toy.to_dict()["bytes"]["state"] == state_bytes(toy.config, 24)
    assert toy.recipe_batch_size != 24


def test_a_batch_too_large_for_the_time_is_halved_and_both_are_told() -> None:
    huge = load_recipe("toy-4x4", {"batch_size": 2**20})
    result = bench_recipe(huge, seconds=1e-3).to_dict()
    assert result["recipe_batch_size"] == 2**20
    assert result["batch_size"] < 2**20
    assert 2**20 % result["batch_size"] == 0


def test_a_batch_that_was_asked_for_is_kept() -> None:
    assert bench_recipe(load_recipe("toy-4x4"), seconds=1e-6, batch_size=5).batch_size == 5


def of_depth(depth: str) -> RecipeBench:
    recipe = load_recipe("toy-4x4", {"depth": depth, "L_cycles": 6, "H_cycles": 3})
    return bench_recipe(recipe, seconds=QUICK, batch_size=2)


FIRST, SECOND = f"{TRAINING}, (L, H) = (2, 1)", f"{TRAINING}, (L, H) = (4, 2)"


@pytest.mark.parametrize(
    ("depth", "shares"),
    [
        ("full", {TRAINING: 1.0}),
        ("shallow", {TRAINING: 0.0, FIRST: 1.0}),
        ("cgar", {TRAINING: 0.4, FIRST: 0.3, SECOND: 0.3}),
    ],
)
def test_a_step_is_timed_at_every_depth_of_the_curriculum_and_at_the_full_one(
    depth: str, shares: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    trained, advance = set(), Trainer.advance

    def watched(trainer: Trainer, progress: float) -> None:
        advance(trainer, progress)
        trained.update(trainer.computation.steps)

    monkeypatch.setattr(Trainer, "advance", watched)
    result = of_depth(depth)
    depths = {TRAINING: (6, 3), FIRST: (2, 1), SECOND: (4, 2)}
    assert trained == {depths[name] for name in shares}
    assert result.shares == pytest.approx(shares)
    for name in shares:
        L_cycles, H_cycles = depths[name]
        config = result.config.replace(L_cycles=L_cycles, H_cycles=H_cycles)
        assert result.costs[name] == training_cost(config, 2).total
    mean = sum(share * result.timings[name].seconds for name, share in shares.items())
    assert result.to_dict()["mean_step_s"] == pytest.approx(mean)
    assert ("its steps on average" in table([result])) == (depth != "full")


def test_where_the_loss_decides_nobody_knows_how_many_steps_are_shallow() -> None:
    result = of_depth("plateau")
    assert {TRAINING, FIRST, SECOND} < set(result.timings)
    assert result.mean_step is None
    assert "on average" not in table([result])


def test_puzzles_are_of_the_recipes_board() -> None:
    assert some_puzzles(load_recipe("toy-4x4")).board.name == "4x4"


def test_the_table_has_a_line_for_every_work_and_says_what_was_used(toy) -> None:
    text = table([toy])
    assert [line.split()[0] for line in text.splitlines()[1:4]] == ["toy-4x4"] * 3
    assert "not compiled" in text
    assert "float32 on cpu" in text


def test_the_json_is_json_and_names_machine_and_versions(toy) -> None:
    content = json.loads(json.dumps(to_json([toy], {"other": "no puzzles"})))
    assert content["provenance"]["machine"]
    assert content["left_out"] == {"other": "no puzzles"}
    works = content["recipes"]["toy-4x4"]["works"]
    assert works[TRAINING]["flops"] > works[EAGER]["flops"]
    assert content["recipes"]["toy-4x4"]["bytes"]["peak_measured"] is None  # torch does not tell on a CPU


def test_after_the_time_limit_no_further_recipe_is_begun() -> None:
    done, left_out = bench(["toy-4x4", "toy-4x4"], seconds=1e-3, minutes=1e-6, say=lambda line: None)
    assert len(done) <= 1
    assert "minutes were over" in left_out["toy-4x4"]


@pytest.mark.parametrize("name", ["seconds", "batch_size", "minutes"])
def test_numbers_that_make_no_sense_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is 0"):
        bench(["toy-4x4"], **{name: 0})


def test_recipes_are_timed_as_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def time(recipe: Recipe, seconds: float, batch_size: int, say: object) -> None:
        asked.append((recipe.name, recipe.dtype, seconds, batch_size))

    monkeypatch.setattr(running, "bench_recipe", time)
    bench(["toy-4x4"], seconds=2, batch_size=5, overrides={"dtype": "bfloat16"}, say=lambda line: None)
    assert asked == [("toy-4x4", "bfloat16", 2, 5)]


def test_a_recipe_that_is_named_must_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no recipe"):
        bench(["no-such"], say=lambda line: None)

    def refuse(*_: object) -> None:
        raise InputError("Its puzzles are not here.")

    monkeypatch.setattr(running, "bench_recipe", refuse)
    with pytest.raises(InputError, match="Its puzzles are not here"):
        bench(["toy-4x4"], say=lambda line: None)
    assert bench(say=lambda line: None) == ([], dict.fromkeys(bundled_recipes(), "Its puzzles are not here."))
