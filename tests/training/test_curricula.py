"""Curricula of our own: deepening when the loss rests, easy puzzles first, graphs made before the first step."""

import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch._dynamo.utils import counters

from hrm_probe.errors import InputError
from hrm_probe.sudoku import Puzzles, generate
from hrm_probe.training import Recipe, compiling, train
from hrm_probe.training.computation import Computation
from hrm_probe.training.curricula import EasyFirst, PlateauDepth
from hrm_probe.training.curriculum import ProgressiveDepth
from hrm_probe.training.data.stream import PuzzleStream
from hrm_probe.training.trainer import Trainer
from tests.training.tiny_runs import assert_bit_identical, rows, tiny, without_times

SHARES = [i / 100 for i in range(100)]


def plateau(**settings: float) -> PlateauDepth:
    return PlateauDepth(ProgressiveDepth.cgar(), **settings)


def switches(depth: PlateauDepth, loss: Any) -> list[float]:
    for share in SHARES:
        depth.observe(share, loss(share))
    return depth.switches


@pytest.mark.parametrize(
    ("curriculum", "told"),
    [
        (lambda: ProgressiveDepth.cgar("6"), "L_cycles is '6'"),  # type: ignore[arg-type]
        (lambda: EasyFirst(first=0), "first is 0; it must be a number above 0 and at most 1"),
        (lambda: EasyFirst(all_by="x"), "all_by is 'x'"),  # type: ignore[arg-type]
        (lambda: plateau(window=0), "window is 0; it must be a number above 0"),
        (lambda: plateau(latest=2), "latest is 2"),
        (lambda: plateau(fall=1), "fall is 1; it must be a number at least 0 and below 1"),
    ],
)
def test_a_curriculum_that_is_none_is_refused_by_the_name_of_what_is_wrong(
    curriculum: Any, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        curriculum()


def test_a_resting_loss_deepens_after_two_windows_in_each_stage() -> None:
    depth = plateau(window=0.1)
    assert switches(depth, lambda share: 1.0) == pytest.approx([0.2, 0.4], abs=0.011)
    assert depth.depth(0.5) == (6, 3)


def test_a_falling_loss_stays_shallow_until_full_depth_must_begin() -> None:
    depth = plateau(window=0.1, fall=0.05, latest=0.7)
    assert switches(depth, lambda share: 0.1**share) == []  # falls by a fifth in each window
    assert depth.depth(0.69) == (2, 1)
    assert depth.depth(0.7) == depth.depth(1.0) == (6, 3)


@pytest.mark.parametrize(("loss", "deepened"), [(0.5, []), (0.51, [0.25])])
def test_a_fall_of_just_the_least_is_a_fall(loss: float, deepened: list[float]) -> None:
    depth = plateau(fall=0.5, window=0.125)
    depth.observe(0.125, 1.0)
    depth.observe(0.25, loss)
    assert depth.switches == deepened


def test_it_deepens_where_the_fall_ends() -> None:
    first = switches(plateau(window=0.05), lambda share: max(0.01**share, 0.01**0.3))[0]
    assert 0.3 < first <= 0.41  # the fall has left the earlier of the two windows by then


def test_noise_below_the_threshold_is_no_fall_and_scale_does_not_matter() -> None:
    noise = np.random.default_rng(0).normal(1, 0.02, 100)
    found = switches(plateau(window=0.1), lambda share: noise[round(100 * share)])
    scaled = switches(plateau(window=0.1), lambda share: 1000 * noise[round(100 * share)])
    assert len(found) == 2
    assert found == scaled


def test_a_stage_taken_up_from_a_checkpoint_goes_on_alike() -> None:
    whole, half = plateau(window=0.07), plateau(window=0.07)
    losses = np.random.default_rng(1).uniform(0.9, 1.1, 100)
    for share, loss in zip(SHARES, losses, strict=True):
        whole.observe(share, loss)
        half.observe(share, loss)
        again = plateau(window=0.07)
        again.load_state_dict(json.loads(json.dumps(half.state_dict())))
        half = again
    assert half == whole
    assert len(whole.switches) == 2


def test_a_killed_plateau_run_goes_on_to_bit_identical_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tiny(
        depth="plateau", order="easy_first", L_cycles=2, H_cycles=2, log_every=1, warm_graphs=True, lr=1e-7
    )
    whole = train(recipe, tmp_path / "whole")
    depths = [(row["L_cycles"], row["H_cycles"]) for row in rows(tmp_path / "whole") if "loss" in row]
    assert set(depths) == {(2, 1), (2, 2)}
    assert depths == sorted(depths)
    assert depths.index((2, 2)) < 36  # at this rate nothing is learnt: the loss rests before 0.6 of 60 steps
    advance = Trainer.advance

    def die(trainer: Trainer, progress: float) -> None:
        if trainer.step == 17:
            raise KeyboardInterrupt
        advance(trainer, progress)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "advance", die)
        with pytest.raises(KeyboardInterrupt):
            train(recipe, tmp_path / "killed")
    resumed = train(recipe, tmp_path / "killed", resume=True)
    assert_bit_identical(resumed, whole)
    assert [without_times(r) for r in rows(tmp_path / "killed")] == [
        without_times(r) for r in rows(tmp_path / "whole")
    ]
    assert resumed.summary["depths"] == whole.summary["depths"]
    assert sum(row["steps"] for row in whole.summary["depths"]) == 60


def test_easy_puzzles_come_first_and_all_by_the_stated_share() -> None:
    puzzles = generate(100, "minimal", "4x4", seed=0)
    rating = np.random.default_rng(0).permutation(100)
    rated = Puzzles(puzzles.tokens, puzzles.answers, puzzles.source, rating)
    order = EasyFirst(first=0.2, all_by=0.5)
    stream = PuzzleStream(rated, 500, seed=0, augment=False, order=order)
    by_puzzle = {tuple(t): int(r) for t, r in zip(rated.tokens, rating, strict=True)}

    def drawn(progress: float) -> Counter[int]:
        return Counter(by_puzzle[tuple(row)] for row in stream.draw(progress).tokens.tolist())

    assert max(drawn(0.0)) == 19
    assert max(drawn(0.25)) == 59
    everything = drawn(0.5)
    assert max(everything) == 99
    assert len(everything) > 95  # of 100, in 500 draws
    assert drawn(0.0) != drawn(0.0)  # a draw is random ...
    again = PuzzleStream(rated, 500, seed=0, augment=False, order=order)
    assert torch.equal(
        again.draw(0.3).tokens, PuzzleStream(rated, 500, 0, augment=False, order=order).draw(0.3).tokens
    )


def test_equal_ratings_are_mixed_by_the_seed_and_missing_ones_refused() -> None:
    puzzles = generate(50, "minimal", "4x4", seed=0)
    same = Puzzles(puzzles.tokens, puzzles.answers, puzzles.source, np.zeros(50, int))
    first, again, other = (EasyFirst.arrange(same, seed).tokens for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    unrated = Puzzles(puzzles.tokens, puzzles.answers)
    with pytest.raises(InputError, match="order=uniform"):
        EasyFirst.arrange(unrated, 0)


def test_uniform_order_draws_as_ever() -> None:
    puzzles = generate(30, "minimal", "4x4", seed=0)
    one, two = (PuzzleStream(puzzles, 8, seed=4) for _ in range(2))
    assert torch.equal(one.draw().tokens, two.draw(0.1).tokens)


def snapshot(trainer: Trainer) -> list[torch.Tensor]:
    """Copies of everything that the next step depends on, in one order."""
    found: list[torch.Tensor] = [torch.get_rng_state()]

    def gather(value: Any) -> None:
        if isinstance(value, torch.Tensor):
            found.append(value.detach().clone())
        elif isinstance(value, dict):
            for key in sorted(value, key=str):
                gather(value[key])
        elif isinstance(value, list | tuple):
            for item in value:
                gather(item)
        elif isinstance(value, int | float):
            found.append(torch.tensor(value))

    gather(trainer.state_dict())
    return found


@pytest.mark.parametrize("settings", [{}, {"architecture": "trm", "mixer": "mlp", "positions": "none"}])
def test_warming_the_graphs_moves_nothing(settings: dict[str, str]) -> None:
    recipe = tiny(depth="cgar", L_cycles=3, H_cycles=3, **settings)
    puzzles = generate(20, "minimal", "4x4", seed=0)
    warmed, cold = Trainer(recipe, puzzles), Trainer(recipe, puzzles)
    depths = []
    run = warmed.run_segment

    class Watched:
        is_compiled = False

        def attempt(self, work: Any) -> Any:
            depths.append((warmed.model.config.L_cycles, warmed.model.config.H_cycles))
            return run.attempt(work)

        def __call__(self, *arguments: Any) -> Any:
            return run(*arguments)

    for step in range(4):
        before = snapshot(warmed)
        warmed.run_segment = Watched()  # type: ignore[assignment]
        warmed.warm_graphs()
        warmed.run_segment = run
        assert all(torch.equal(a, b) for a, b in zip(before, snapshot(warmed), strict=True))
        assert all(p.grad is None for p in warmed.model.parameters())
        for trainer in (warmed, cold):
            trainer.advance(step / 4)
    assert set(depths) == {(2, 1), (2, 2), (3, 3)}  # every stage's graph was run
    assert all(torch.equal(a, b) for a, b in zip(snapshot(warmed), snapshot(cold), strict=True))
    depths.clear()
    warmed.run_segment = Watched()  # type: ignore[assignment]
    warmed.warm_graphs(while_true=lambda: False)
    assert set(depths) == {(2, 1)}  # there is no time but for the first


@pytest.mark.parametrize(
    ("progress", "depths"), [(0.0, {(2, 1), (2, 2), (3, 3)}), (0.4, {(2, 2), (3, 3)}), (0.7, {(3, 3)})]
)
def test_stages_that_are_over_are_not_compiled_again(progress: float, depths: set[tuple[int, int]]) -> None:
    trainer = Trainer(tiny(depth="cgar", L_cycles=3, H_cycles=3), generate(20, "minimal", "4x4", seed=0))
    trainer.warm_graphs(progress)
    assert set(trainer._steps_at) == depths


def test_it_is_known_which_steps_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first two at each depth, if they were not run ahead."""
    trainer = Trainer(tiny(depth="cgar", L_cycles=3, H_cycles=3), generate(20, "minimal", "4x4", seed=0))
    assert not trainer.compiles_at(0.0)  # it runs as it is written
    monkeypatch.setattr(compiling.Compiled, "is_compiled", True)
    monkeypatch.setattr(compiling.Compiled, "attempt", lambda self, work: work())
    trainer.warm_graphs(0.0, while_true=lambda: False)
    compiles = []
    for step in range(10):
        compiles.append(trainer.compiles_at(step / 10))
        trainer.advance(step / 10)
    assert compiles == [False] * 3 + [True] * 2 + [False] + [True] * 2 + [False] * 2


def test_one_graph_a_stage_and_none_while_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tracing alone, without generating code: graphs are told apart before that."""
    monkeypatch.setattr(compiling, "missing_compiler", lambda device: None)
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="aot_eager"))
    torch.compiler.reset()
    graphs = counters["stats"]
    graphs.clear()
    trainer = Trainer(
        tiny(depth="cgar", L_cycles=3, H_cycles=3, compile="on"), generate(20, "minimal", "4x4", seed=0)
    )
    trainer.warm_graphs()
    assert graphs["unique_graphs"] == 3
    for step in range(12):
        trainer.advance(step / 12)
    assert graphs["unique_graphs"] == 3


def test_training_without_depth_keeps_a_model_of_full_depth() -> None:
    trainer = Trainer(tiny(depth="shallow", L_cycles=3, H_cycles=3), generate(20, "minimal", "4x4", seed=0))
    trainer.warm_graphs()
    for step in range(4):
        trainer.advance(step / 4)
    assert trainer.computation.steps == {(2, 1): 4}
    trainer.finish()
    assert (trainer.model.config.L_cycles, trainer.model.config.H_cycles) == (3, 3)


def test_blocks_are_counted_as_the_schedule_costs_them() -> None:
    computation = Computation()
    for step in range(100):
        computation.count(ProgressiveDepth.cgar().depth(step / 100))
    assert computation.steps == {(2, 1): 30, (4, 2): 30, (6, 3): 40}
    assert 1 - computation.blocks(2, 2) / (100 * 42) == pytest.approx(ProgressiveDepth.cgar().flops_saved())
    taken_up = Computation()
    taken_up.load_state_dict(json.loads(json.dumps(computation.state_dict())))
    assert taken_up.steps == computation.steps


def test_settings_of_a_recipe() -> None:
    assert Recipe(depth="plateau", order="easy_first", supervision="published").full_depth_by == 0.6
    with pytest.raises(InputError, match="one of full, cgar, plateau, shallow"):
        Recipe().replace({"depth": "deep"})
    with pytest.raises(InputError, match="one of uniform, easy_first"):
        Recipe().replace({"order": "hard_first"})
    with pytest.raises(InputError, match=r"full_depth_by .* 0\.\.1"):
        Recipe(full_depth_by=1.5)
