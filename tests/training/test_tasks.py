"""Training on tasks that are no Sudokus: with their own tokens, embeddings and symmetries, and without rules."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hrm_probe import load_tasks, mazes, save_tasks
from hrm_probe.errors import InputError
from hrm_probe.models import Tasks
from hrm_probe.models.turning import turnings
from hrm_probe.reasoning import evaluate
from hrm_probe.training import train
from hrm_probe.training.curricula.easy_first import EasyFirst
from hrm_probe.training.data import (
    DataSets,
    PuzzleStream,
    Turnings,
    load_data,
    model_config_for,
    named_set,
    sets,
)
from hrm_probe.training.data.leaking import task_leaks
from hrm_probe.training.data.sets import hashes_of
from hrm_probe.training.distributed import Group
from hrm_probe.training.evaluate import solved_by_group
from hrm_probe.training.remarks import remarks
from tests.training.tiny_runs import assert_bit_identical, rows, tiny

MAZES: dict[str, Any] = {
    "train_set": "generate 5x5 maze 60", "test_set": "generate 5x5 maze 12", "hint_fraction": 0.0, "steps": 12,
}  # fmt: skip


def numbered(n: int, embeddings: int = 1, first: int = 0) -> Tasks:
    """Tasks of four cells that all differ, of which the last cell is not asked for."""
    tokens = 1 + np.stack(np.unravel_index(np.arange(first, first + n), (5, 5, 5, 5)), axis=1)
    answers = np.concatenate([tokens[:, :3], np.zeros((n, 1), int)], axis=1)
    return Tasks(tokens, answers, puzzle_ids=np.arange(n) % embeddings, rating=np.arange(n))


def folders(tmp_path: Path, train_tasks: Tasks, test_tasks: Tasks) -> dict[str, Any]:
    """Settings that name both as folders."""
    sets = {"train_set": train_tasks, "test_set": test_tasks}
    return {name: str(save_tasks(tasks, tmp_path / name)) for name, tasks in sets.items()} | {
        "hint_fraction": 0.0
    }


def test_a_model_for_mazes_trains_and_tells_how_many_it_solves(tmp_path: Path) -> None:
    result = train(tiny(**MAZES, turns=True), tmp_path / "run")
    assert result.model.config.cells == 25
    assert result.model.config.vocab == mazes.tokens.VOCAB
    accuracy = result.summary["accuracy"]
    assert accuracy["all"]["puzzles"] == 12
    assert list(accuracy["by_source"]) == ["maze"]
    assert sum(part["puzzles"] for part in accuracy["by_rating"].values()) == 12
    assert result.summary["leak_check"]["test_puzzles"] == 12


def test_mazes_are_learned(tmp_path: Path) -> None:
    """Not by a little: of walls, spaces and ways most cells are right after a minute's training."""
    result = train(tiny(**MAZES | {"steps": 150, "d_model": 32}, lr=3e-3), tmp_path / "run")
    losses = [row["lm_loss"] for row in rows(tmp_path / "run") if "lm_loss" in row]
    assert losses[-1] < 0.6 * losses[0]
    tested = named_set("generate 5x5 maze 40", seed=9)
    assert isinstance(tested, Tasks)
    assert evaluate(result.model, tested).cell > 0.7


def test_the_run_of_a_folder_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    recipe = tiny(**MAZES)
    whole = train(recipe, tmp_path / "whole")

    def killed(trainer: object, progress: float) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        train(recipe.replace(evaluate_every=8, checkpoint_every=4), tmp_path / "killed", watch=killed)
    resumed = train(recipe.replace(evaluate_every=8, checkpoint_every=4), tmp_path / "killed", resume=True)
    assert_bit_identical(whole, resumed)


@pytest.mark.parametrize("changed", ["puzzle_ids", "group"])
def test_a_run_does_not_go_on_with_other_embeddings_or_groups(tmp_path: Path, changed: str) -> None:
    """Not even where tokens and answers are the same."""
    tasks = numbered(20, embeddings=3)
    recipe = tiny(**folders(tmp_path, tasks, numbered(10, embeddings=3, first=100)), steps=3)
    train(recipe, tmp_path / "run")
    other = {"puzzle_ids": tasks.puzzle_ids, "group": np.arange(20)} | {changed: np.arange(20) // 7}
    save_tasks(Tasks(tasks.tokens, tasks.answers, **other), tmp_path / "train_set")
    with pytest.raises(InputError, match="The puzzles of train_set are no longer those that the run in"):
        train(recipe, tmp_path / "run", resume=True)


def test_tokens_and_embeddings_are_those_of_both_sets(tmp_path: Path) -> None:
    settings = folders(tmp_path, numbered(20, embeddings=3), numbered(10, embeddings=5, first=100))
    recipe = tiny(**settings)
    data = load_data(recipe)
    config = data.model_config(recipe)
    assert (config.cells, config.vocab, config.puzzles) == (4, 6, 5)
    assert model_config_for(recipe, data.train).puzzles == 3
    unasked = Tasks(np.array([[1, 2, 3, 9]]), np.array([[1, 2, 3, 0]]))  # the largest token is no answer
    assert model_config_for(recipe, unasked).vocab == 10


def test_each_task_is_drawn_with_its_embedding_and_only_those_learn(tmp_path: Path) -> None:
    tasks = numbered(20, embeddings=3)
    batch = PuzzleStream(tasks, batch_size=64, seed=0).draw()
    ids = {
        tuple(row): which for row, which in zip(tasks.tokens.tolist(), tasks.puzzle_ids.tolist(), strict=True)
    }
    assert [ids[tuple(row)] for row in batch.tokens.tolist()] == batch.puzzle_ids.tolist()
    assert len(set(batch.puzzle_ids.tolist())) == 3

    settings = folders(tmp_path, numbered(20, embeddings=3), numbered(10, embeddings=5, first=100))
    begun, trained = (
        train(tiny(**settings, steps=steps, puzzle_lr=0.1), tmp_path / str(steps)).model for steps in (1, 30)
    )
    moved = (begun.state_dict()["puzzle_emb"] != trained.state_dict()["puzzle_emb"]).any(dim=1)
    assert moved.tolist() == [True, True, True, False, False]


def test_a_group_comes_as_often_as_another_however_many_it_holds() -> None:
    group = np.array([3] * 30 + [1] * 8 + [3] * 10 + [7] * 2)
    tasks = Tasks(numbered(50).tokens, numbered(50).answers, group=group)
    row_of = {tuple(row): i for i, row in enumerate(tasks.tokens.tolist())}
    drawn = PuzzleStream(tasks, batch_size=6000, seed=0).draw().tokens
    rows = np.array([row_of[tuple(row)] for row in drawn.tolist()])
    times = np.bincount(rows, minlength=50)
    for number in (1, 3, 7):
        of_group = times[group == number]
        assert of_group.sum() == pytest.approx(2000, abs=150)  # four standard deviations
        assert of_group == pytest.approx(2000 / len(of_group), rel=0.6)


def test_tasks_that_are_groups_of_their_own_come_alike() -> None:
    tasks = numbered(50)
    drawn = PuzzleStream(tasks, batch_size=5000, seed=0).draw().tokens
    _, times = drawn.unique(dim=0, return_counts=True)
    assert len(times) == 50
    assert times.min() > 55  # expected 100 each, with a deviation of 10


def test_of_tasks_on_disk_no_more_are_read_than_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = folders(tmp_path, numbered(40, embeddings=7), numbered(5, first=200))
    read = []
    monkeypatch.setattr(sets, "load_tasks", lambda *given: read.append(given) or load_tasks(*given))
    recipe = tiny(**settings, train_size=12, data_seed=3)
    drawn = load_data(recipe).train
    assert drawn.tokens.tolist() == numbered(40).sample(12, seed=3).tokens.tolist()
    assert [given[1:] for given in read] == [(12, 3), ()]
    with pytest.raises(InputError, match="41"):
        load_data(recipe.replace(train_size=41))


@pytest.mark.parametrize("data_seed", [0, 1, 2])
def test_of_tasks_on_disk_each_source_makes_up_its_share(tmp_path: Path, data_seed: int) -> None:
    mixed = replace(numbered(40), source=["near"] * 4 + ["far"] * 36)
    recipe = tiny(**folders(tmp_path, mixed, numbered(5, first=200)), train_size=10, data_seed=data_seed)
    assert load_data(recipe).train.source.tolist() == ["near"] + ["far"] * 9
    of_one = load_data(recipe.replace(train_sources="near", train_size=4)).train
    assert of_one.tokens.tolist() == mixed.tokens[:4].tolist()
    both = load_data(recipe.replace(train_sources="near, far", train_size=0)).train
    assert both.tokens.tolist() == mixed.tokens.tolist()


def test_a_set_is_known_again_by_its_tokens_and_answers() -> None:
    tasks, test = numbered(9), numbered(4, first=100)
    held = hashes_of(DataSets(tasks, test, task_leaks(tasks, test, False)))
    for name in ("tokens", "answers"):
        changed = getattr(tasks, name).copy()
        changed[5, 2] += 1
        other = hashes_of(DataSets(replace(tasks, **{name: changed}), test, task_leaks(tasks, test, False)))
        assert other["train"] != held["train"]
        assert other["test"] == held["test"]
    assert held["train"] != held["test"]


def test_a_set_is_known_by_its_ratings_only_to_a_training_that_follows_them() -> None:
    tasks, test = numbered(9), numbered(4, first=100)
    rated = replace(tasks, rating=tasks.rating + 1)
    unlike = [DataSets(of, test, task_leaks(of, test, False)) for of in (tasks, rated)]
    assert hashes_of(unlike[0]) == hashes_of(unlike[1])
    before, after = (hashes_of(data, by_rating=True) for data in unlike)
    assert {name for name in after if after[name] != before[name]} == {"ratings"}


def test_cells_that_are_not_asked_for_do_not_count() -> None:
    """A model that is always wrong where nothing is asked solves all the same."""
    tasks = numbered(6)

    class Knows:
        device = torch.device("cpu")

        def run(self, tokens: np.ndarray, puzzle_ids: np.ndarray | None = None) -> Any:
            assert puzzle_ids is not None
            said = torch.as_tensor(tokens).clone()
            said[:, 3] = 5 - said[:, 3]
            said[0, 0] += 1
            return type("Rollout", (), {"predictions": torch.stack([said, said])})

    solved = solved_by_group(Group(), Knows(), tasks)  # type: ignore[arg-type]
    assert solved.tolist() == [[False] + [True] * 5] * 2


@pytest.mark.parametrize("turns", [True, False])
def test_turns_move_clues_with_their_answers_and_only_where_they_are_wanted(turns: bool) -> None:
    made = mazes.generate(30, "maze", 7, seed=2)
    batch = PuzzleStream(made, batch_size=200, seed=0, turns=turns).draw()
    pairs = {(tuple(t), tuple(a)) for t, a in zip(made.tokens.tolist(), made.answers.tolist(), strict=True)}
    drawn = list(zip(batch.tokens.tolist(), batch.answers.tolist(), strict=True))
    as_they_stand = sum((tuple(t), tuple(a)) in pairs for t, a in drawn)
    assert as_they_stand == 200 if not turns else 10 < as_they_stand < 45  # one in eight
    copies = {(tuple(np.array(t)[way]), tuple(np.array(a)[way])) for t, a in pairs for way in turnings(49)}
    assert all((tuple(t), tuple(a)) in copies for t, a in drawn)


def test_all_eight_ways_are_drawn_equally_often() -> None:
    (moved,) = Turnings(9).apply(torch.arange(9).expand(4000, 9), generator=torch.Generator().manual_seed(0))
    ways, times = moved.unique(dim=0, return_counts=True)
    assert {tuple(way) for way in ways.tolist()} == {tuple(way) for way in turnings(9).tolist()}
    assert times.min() > 400  # expected 500 each, with a deviation of 21


def test_easy_ones_come_first_by_their_ratings(tmp_path: Path) -> None:
    train(
        tiny(**folders(tmp_path, numbered(40), numbered(5, first=200)), order="easy_first"), tmp_path / "run"
    )
    unrated = Tasks(numbered(40).tokens, numbered(40).answers)
    with pytest.raises(InputError, match="order=easy_first needs a rating"):
        train(
            tiny(**folders(tmp_path, unrated, numbered(5, first=200)), order="easy_first"), tmp_path / "other"
        )


class TestEasyOnesFirst:
    TASKS = replace(numbered(20), rating=np.repeat([1, 2], 10), group=np.arange(20) // 4)
    ORDER = EasyFirst(first=0.25, all_by=1.0)

    def drawn(self, *progress: float, seed: int = 0) -> set[tuple[int, ...]]:
        stream = PuzzleStream(self.TASKS, batch_size=400, seed=seed, order=self.ORDER)
        return {tuple(row) for row in stream.draw(*progress).tokens.tolist()}

    def test_groups_do_not_matter(self) -> None:
        assert len(self.drawn(0.0)) == 5
        assert self.drawn(0.0) < {tuple(row) for row in self.TASKS.tokens[:10].tolist()}

    def test_equally_easy_ones_come_in_an_order_of_the_seed(self) -> None:
        assert self.drawn(0.0, seed=0) != self.drawn(0.0, seed=1)

    def test_all_are_drawn_from_where_no_progress_is_told(self) -> None:
        assert len(self.drawn()) == 20


class TestLeaks:
    def test_the_very_task_is_found(self) -> None:
        made = mazes.generate(30, "maze", 7)
        found = task_leaks(made[:20], made[15:], turns=False)
        assert found.test_rows.tolist() == [0, 1, 2, 3, 4]
        assert found.train_rows.tolist() == [15, 16, 17, 18, 19]
        assert found.exact.all()
        assert str(found) == (
            "5 of 15 test tasks are in the training set. The first is task 1, which is training task 16."
        )

    def test_a_turned_copy_is_one_only_where_tasks_are_turned(self) -> None:
        made = mazes.generate(10, "maze", 7)
        way = turnings(49)[5]
        turned = Tasks(made.tokens[2:4, way], made.answers[2:4, way])
        assert len(task_leaks(made, turned, turns=False)) == 0
        found = task_leaks(made, turned, turns=True)
        assert found.train_rows.tolist() == [2, 3]
        assert "2 of 2 test tasks are in the training set, 2 of them turned or mirrored." in str(found)

    def test_the_first_of_several_that_are_the_same_is_named(self) -> None:
        found = task_leaks(numbered(5)[[2, 3, 1, 3]], numbered(5)[3:4], turns=False)
        assert found.train_rows.tolist() == [1]
        assert str(found) == (
            "1 of 1 test task is in the training set. The first is task 1, which is training task 2."
        )

    def test_copies_as_they_stand_are_told_from_turned_ones(self) -> None:
        made = mazes.generate(10, "maze", 7)
        way = turnings(49)[5]
        test = Tasks(
            np.stack([made.tokens[4], made.tokens[2, way]]), np.stack([made.answers[4], made.answers[2, way]])
        )
        found = task_leaks(made, test, turns=True)
        assert found.exact.tolist() == [True, False]
        assert "2 of 2 test tasks are in the training set, 1 of them turned or mirrored." in str(found)

    def test_a_turned_copy_is_refused_only_where_training_turns(self, tmp_path: Path) -> None:
        made, way = mazes.generate(10, "maze", 7), turnings(49)[5]
        test = Tasks(made.tokens[2:4, way], made.answers[2:4, way])
        settings = folders(tmp_path, made, test) | {"allow_leak": False}
        assert len(load_data(tiny(**settings)).leak) == 0
        with pytest.raises(InputError, match="2 of them turned or mirrored"):
            load_data(tiny(**settings, turns=True))

    def test_sets_that_share_nothing_leak_nothing(self) -> None:
        found = task_leaks(numbered(20), numbered(20, first=20), turns=False)
        assert len(found) == 0
        assert found.of == 20
        assert str(found) == "0 of 20 test tasks are in the training set."

    def test_training_is_refused_unless_it_is_allowed(self, tmp_path: Path) -> None:
        settings = folders(tmp_path, numbered(20), numbered(10, first=15)) | {"allow_leak": False}
        with pytest.raises(
            InputError, match="would give the test away: 5 of 10 test tasks are in the training set"
        ):
            load_data(tiny(**settings))
        assert len(load_data(tiny(**settings | {"allow_leak": True})).leak) == 5

    def test_a_single_one_is_refused_too(self, tmp_path: Path) -> None:
        settings = folders(tmp_path, numbered(20), numbered(10, first=19)) | {"allow_leak": False}
        with pytest.raises(InputError, match="give the test away: 1 of 10 test tasks is in the training set"):
            load_data(tiny(**settings))

    def test_what_is_not_drawn_leaks_nothing(self, tmp_path: Path) -> None:
        drawn = numbered(20).sample(6, seed=3)
        left = [row for row in numbered(20).rating.tolist() if row not in drawn.rating]
        settings = folders(tmp_path, numbered(20), numbered(20)[left]) | {"allow_leak": False}
        data = load_data(tiny(**settings, train_size=6, data_seed=3, train_mix="test"))
        assert data.train.tokens.tolist() == drawn.tokens.tolist()


class TestWhatIsRefused:
    @pytest.mark.parametrize(("setting", "value"), [("hint_fraction", 0.5), ("keep_answers", 3)])
    def test_what_needs_rules(self, setting: str, value: float) -> None:
        with pytest.raises(InputError, match=f"{setting}={value:g} needs Sudokus"):
            load_data(tiny(**MAZES | {setting: value}))

    def test_sets_of_two_kinds(self) -> None:
        with pytest.raises(InputError, match="train_set holds tasks of 25 cells and test_set 4x4 puzzles"):
            load_data(tiny(**MAZES | {"test_set": "generate 4x4 minimal 10"}))
        with pytest.raises(
            InputError, match="train_set holds tasks of 25 cells and test_set tasks of 49 cells"
        ):
            load_data(tiny(**MAZES | {"test_set": "generate 7x7 maze 10"}))

    def test_a_source_where_tasks_have_none(self, tmp_path: Path) -> None:
        settings = folders(tmp_path, numbered(20), numbered(10, first=100))
        with pytest.raises(
            InputError, match=r'no source "minimal"; none of it has one\. Set train_sources= to'
        ):
            load_data(tiny(**settings, train_sources="minimal"))

    def test_turning_what_is_no_square(self, tmp_path: Path) -> None:
        long = Tasks(np.ones((5, 6), int) + np.arange(5)[:, None], np.ones((5, 6), int))
        with pytest.raises(InputError, match="6 cells make no square"):
            load_data(tiny(**folders(tmp_path, long, long), turns=True))


def test_turning_sudokus_is_said_to_have_no_effect() -> None:
    sudokus = named_set("generate 4x4 minimal 20", seed=0)
    said = "turns=true has no effect: it is of tasks that are no Sudokus; those have augment."
    assert said in remarks(tiny(turns=True), sudokus)
    assert remarks(tiny(**MAZES, turns=True), named_set("generate 5x5 maze 20", seed=0)) == []


def test_a_training_set_is_made_with_the_seed_of_the_data() -> None:
    made = load_data(tiny(**MAZES, data_seed=3)).train
    assert made.tokens.tolist() == mazes.generate(60, "maze", "5x5", seed=3).tokens.tolist()


def test_answers_of_bits_are_said_to_ask_for_the_ones_alone() -> None:
    """Half of them would be padding, and a model that always says 1 would solve every task."""
    bits = np.array([[0, 1, 1, 0], [1, 1, 0, 1]])
    parity = bits.cumsum(1) % 2
    (said,) = remarks(tiny(steps=3, hint_fraction=0.0), Tasks(bits, parity))
    assert said.startswith(
        "train_set asks for no other token than 1: a model that always says so solves every task."
    )
    assert remarks(tiny(steps=3, hint_fraction=0.0), Tasks(bits + 1, parity + 1)) == []


def test_a_set_may_be_asked_for_in_part() -> None:
    for name in ("generate 5x5 maze 20", "generate 4x4 minimal 20", "6x6-test"):
        whole = named_set(name, seed=1)
        assert named_set(name, seed=1, n=5).tokens.tolist() == whole.tokens[:5].tolist()
        assert len(named_set(name, seed=1, n=10**6)) == len(whole)
