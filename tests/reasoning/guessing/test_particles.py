"""Steering helps where the guide knows which runs will be right and not elsewhere; foresight tells which it is."""

import json

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.mazes import generate as generate_mazes
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.reasoning import particles
from hrm_probe.reasoning.guessing.steering import GUIDES, broken_rules, systematic
from hrm_probe.sudoku import generate
from tests.reasoning.planted_updates import Planted, follows_input, stuck

PUZZLES = generate(60, "minimal", "4x4", seed=0)
REACHED = 2.5  # by a random walk of noise, when the answer is found; then it stays
SHORT = {"segments": 6, "particles": 4, "noise": 1.0}


def _walk(s):
    s.memory = torch.where(s.memory > REACHED, torch.full_like(s.memory, 100.0), s.memory)
    return s.memory > REACHED


def hidden_walk(s):
    """What is shown says nothing of how far the walk has come."""
    return torch.where(_walk(s)[:, None], s.answers, s.renamed(1))


def open_walk(s):
    """The farther it has come the more cells are right."""
    found = _walk(s)
    wrong = (2 * (REACHED - s.memory)).ceil().clamp(1, 12).long()
    shown = torch.where(torch.arange(16) < wrong[:, None], s.renamed(1), s.answers)
    return torch.where(found[:, None], s.answers, shown)


class Judging(Planted):
    """Its halting value is a function of how far the walk has come; of runs that are right it is large."""

    def __init__(self, plan, judge):
        super().__init__(plan)
        self.judge = judge

    def update_L(self, state, x):
        z_L = super().update_L(state, x)
        memory = z_L[:, 1, 6]
        z_L[:, 0, 7] = torch.where(memory > REACHED, 9.0, self.judge(memory))
        return z_L


def knows(memory):
    return 2 * memory - 6


def knows_nothing(memory):
    return 0 * memory - 6


def mistakes(memory):
    return -2 * memory - 6


def solved(found):
    return found.guides.set_index("guide")["solved"].to_dict()


def foreseen(found, segment=2):
    rows = found.foresight[found.foresight["segment"] == segment]
    return rows.set_index("sign")["auc"].to_dict()


# ---------------------------------------------------------------- what was planted


def test_steering_by_a_halting_value_that_knows_solves_more():
    found = particles(Judging(hidden_walk, knows), PUZZLES, **SHORT)
    by = solved(found)
    walks = np.random.default_rng(0).normal(size=(5000, 4, 6)).cumsum(-1)
    assert by["nothing"] == pytest.approx((walks > REACHED).any((1, 2)).mean(), abs=0.15)
    assert by["halting"] > by["nothing"] + 0.15
    gains = found.gains.set_index(["guide", "over"])
    assert gains.loc[("halting", "nothing"), "gain_low"] > 0
    assert abs(by["chance"] - by["nothing"]) < 0.2
    assert by["rules"] == by["nothing"]  # all grids break as many


def test_steering_by_one_that_knows_nothing_changes_nothing():
    found = particles(Judging(hidden_walk, knows_nothing), PUZZLES, **SHORT, guides=["nothing", "halting"])
    # Runs that are right weigh more, and only what weighs equally stays as it was.
    rows = found.table.pivot(index="segment", columns="guide", values="any")
    assert rows["halting"].iloc[0] == rows["nothing"].iloc[0]
    assert abs(rows["halting"].iloc[-1] - rows["nothing"].iloc[-1]) < 0.1
    assert foreseen(found)["halting"] == 0.5


def test_steering_by_one_that_is_mistaken_solves_less():
    by = solved(particles(Judging(hidden_walk, mistakes), PUZZLES, **SHORT, guides=["nothing", "halting"]))
    assert by["halting"] < by["nothing"] - 0.15


def test_rules_and_answer_steer_where_grids_show_how_far_a_run_is():
    found = particles(Judging(open_walk, knows_nothing), PUZZLES, **SHORT)
    by = solved(found)
    assert by["answer"] > by["nothing"] + 0.15
    assert by["rules"] > by["nothing"] + 0.15


@pytest.mark.parametrize(
    ("plan", "judge", "halting", "answer"),
    [
        (hidden_walk, knows, (0.7, 1.0), (0.5, 0.5)),
        (hidden_walk, mistakes, (0.0, 0.3), (0.5, 0.5)),
        (open_walk, knows_nothing, (0.5, 0.5), (0.65, 1.0)),
    ],
)
def test_foresight_is_of_runs_that_are_not_right_yet(plan, judge, halting, answer):
    found = particles(Judging(plan, judge), PUZZLES, segments=8, particles=8, noise=1.0, guides="nothing")
    by = foreseen(found)
    assert halting[0] <= by["halting"] <= halting[1]
    assert answer[0] <= by["answer"] <= answer[1]
    assert set(found.foresight["segment"]) == set(range(1, 8))  # after the last nothing is left to foresee
    counted = found.foresight[found.foresight["sign"] == "halting"].set_index("segment")["runs"]
    assert counted[1] > counted[7]


def test_runs_that_are_all_right_or_never_leave_nothing_to_foresee():
    for plan, share in ((follows_input, 1.0), (stuck, 0.0)):
        found = particles(Planted(plan), PUZZLES[:6], **SHORT)
        assert set(solved(found).values()) == {share}
        assert found.single.estimate == share
        assert found.foresight["auc"].isna().all()
        assert (found.foresight["runs"] == 0).all()
        assert np.isnan(found.doubt.estimate)
        assert "no foresight" not in str(found)


def test_the_surest_run_is_taken_and_not_the_right_one():
    """Right runs have the smallest halting value."""

    class Ashamed(Judging):
        def update_L(self, state, x):
            z_L = super().update_L(state, x)
            z_L[:, 0, 7] = torch.where(z_L[:, 1, 6] > REACHED, -9.0, 0.0)
            return z_L

    found = particles(Ashamed(hidden_walk, knows), PUZZLES, **SHORT, guides="nothing")
    (row,) = found.guides.to_dict("records")
    assert row["any"] > 0.4
    assert row["solved"] < 0.05


def test_a_cloud_that_disagrees_is_one_to_doubt():
    even = (PUZZLES.tokens * np.arange(1, 17)).sum(1) % 2 == 0
    assert 10 < even.sum() < 50

    def torn(s):
        sure = (s.tokens * torch.arange(1, 17)).sum(1) % 2 == 0
        return torch.where(sure[:, None], s.answers, s.renamed(1 + (s.memory > 0).long()))

    found = particles(Planted(torn), PUZZLES, segments=3, particles=8, guides="nothing")
    assert found.doubt.estimate == 1.0
    assert found.doubt.low > 0.8
    assert solved(found) == {"nothing": even.mean()}
    entropy = found.table["entropy"].iloc[-1]
    assert 0.5 * np.log(2) * (~even).mean() < entropy <= np.log(2) * (~even).mean() + 1e-9


# ---------------------------------------------------------------- how it is done


def test_without_noise_all_runs_are_one_run():
    found = particles(Planted(stuck), PUZZLES[:5], segments=3, particles=3, noise=0)
    assert (found.table[["entropy", "spread"]] == 0).all(axis=None)
    assert (found.table["lineages"] == 3).all()
    for grids in found.grids.values():
        assert grids.shape == (3, 5, 16)
        assert (grids == grids[:1]).all()


def test_all_guides_see_the_same_first_segment_and_lineages_only_die_out():
    found = particles(Judging(open_walk, knows), PUZZLES, **SHORT)
    first = found.table[found.table["segment"] == 1].drop(columns="guide")
    assert (first.nunique() == 1).all()
    for guide, rows in found.table.groupby("guide"):
        left = rows["lineages"].to_numpy()
        assert left[0] == 4
        assert (np.diff(left) <= 0).all()
        assert (left[-1] < 4) == (guide != "nothing")


def test_nobody_gives_way_after_the_last_segment_or_between_the_times_set():
    late = particles(Judging(open_walk, knows), PUZZLES, **SHORT, every=6)
    assert (late.table["lineages"] == 4).all()
    assert (late.gains["gain"] == 0).all()
    half = particles(Judging(open_walk, knows), PUZZLES, **SHORT, every=3, guides="answer")
    assert (half.table.set_index("segment")["lineages"][[1, 2, 3]] == 4).all()
    assert half.table.set_index("segment")["lineages"][4] < 4


def test_no_sharpness_weighs_all_alike_and_more_of_it_selects_more():
    left = {}
    for sharpness in (0.0, 0.3, 3.0):
        found = particles(Judging(open_walk, knows), PUZZLES, **SHORT, guides="answer", sharpness=sharpness)
        left[sharpness] = found.table["lineages"].iloc[-1]
    assert left[0.0] == 4
    assert left[0.0] > left[0.3] > left[3.0]


def test_systematic_resampling_gives_each_run_its_share_to_one_more_or_less():
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.ones(8), size=200)
    parents = systematic(np.log(weights) + rng.normal(size=(200, 1)), rng.random(200))
    counts = (parents[:, :, None] == np.arange(8)).sum(1)
    assert (np.abs(counts - 8 * weights) < 1).all()
    assert (np.diff(parents, axis=1) >= 0).all()
    assert (systematic(np.full((200, 7), -3.0), rng.random(200)) == np.arange(7)).all()
    often = systematic(np.log(np.tile([[0.3, 0.7]], (4000, 1))), rng.random(4000))
    assert (often == 0).mean() == pytest.approx(0.3, abs=0.02)


def test_systematic_resampling_bears_weights_that_vanish():
    assert (systematic(np.array([[-2000.0, 0.0, -900.0]]), np.array([0.999])) == 1).all()


def test_broken_rules_are_repeated_digits_and_clues_that_are_not_kept():
    puzzle = PUZZLES[:1]
    renamed = (puzzle.answers - 1) % 4 + 2
    shown = np.stack([puzzle.answers, renamed], axis=1)
    assert broken_rules(puzzle, shown).tolist() == [[0, int((puzzle.tokens > 1).sum())]]


def test_equal_seeds_give_equal_answers_and_puzzles_go_some_at_a_time():
    model = Judging(open_walk, knows)
    one, same, other = (particles(model, PUZZLES[:10], **SHORT, seed=seed) for seed in (0, 0, 1))
    assert one.table.equals(same.table)
    assert not one.table.equals(other.table)
    assert len(particles(model, PUZZLES[:10], **SHORT, batch_size=1).grids["halting"][0]) == 10


def test_the_answer_in_words_and_for_json():
    found = particles(Judging(hidden_walk, knows), PUZZLES, **SHORT, groups="class")
    told = str(found)
    assert "the surest of 4 runs with noise of 1 solves, steered by" in told
    assert all(f"  {guide:<8} " in told for guide in GUIDES)
    assert "Of two runs left to themselves, neither right by segment" in told
    summary = json.loads(json.dumps(found.summary()))
    assert (summary["puzzles"], summary["particles"], summary["resampled"]) == (60, 4, "class")
    assert {row["guide"] for row in summary["guides"]} == set(GUIDES)
    assert "grids" not in summary


# ---------------------------------------------------------------- other puzzles, and what is refused


def test_tasks_are_steered_by_all_that_needs_no_rules():
    mazes = generate_mazes(4, "maze", "5x5")
    model = build_model(
        ModelConfig(cells=25, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=3)
    )
    found = particles(model, mazes, particles=2)
    assert found.guides["guide"].tolist() == ["nothing", "halting", "chance", "answer"]
    assert (found.grids["answer"][:, mazes.answers == 0] == 0).all()
    assert "rules" not in set(found.foresight["sign"])
    with pytest.raises(InputError, match=r'The guide "rules" counts broken ones, by rules of Sudoku'):
        particles(model, mazes, guides="rules")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"particles": 1}, "particles is 1; it must be at least 2"),
        ({"noise": -0.1}, "noise is -0.1; it must be a number at least 0"),
        ({"noise": float("inf")}, "noise is inf; it must be a finite number"),
        ({"sharpness": -1}, "sharpness is -1; it must be a number at least 0"),
        ({"every": 0}, "every is 0; it must be at least 1"),
        ({"segments": 0}, "segments is 0"),
        ({"guides": "luck"}, "There is no guide 'luck'"),
        ({"guides": []}, "No guide was named"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        particles(Planted(stuck), PUZZLES[:2], **wrong)
