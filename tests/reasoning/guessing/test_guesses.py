"""Votes elect whom they should, and guesses help exactly the models that guess."""

import json

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.reasoning.guessing.guesses import guesses
from hrm_probe.reasoning.guessing.votes import VOTES, solved_by_vote
from hrm_probe.sudoku import generate
from tests.reasoning.planted_updates import Planted, follows_input, stuck, two_attractors

puzzles = generate(60, "easy", "4x4", seed=0)
WRONG = (puzzles.answers - 1) % 4 + 2


def lucky(parity: int = 0):
    """Right where the sum of the tokens, weighted by place, has this parity; copies are judged anew."""
    places = np.arange(1, 17)

    def plan(s):
        right = (s.tokens.numpy() * places).sum(1) % 3 != parity
        other = s.renamed(1 + s.tokens[:, 0] % 3)
        return s.answers.where(np_to_torch(right)[:, None], other)

    return plan


def np_to_torch(flags):
    return torch.from_numpy(flags)


def elect(vote, grids, halting=None):
    predictions = np.stack(grids)
    q_halt = np.zeros(predictions.shape[:2]) if halting is None else np.array(halting)[:, None] + np.zeros(60)
    return solved_by_vote(vote, puzzles, predictions, q_halt).mean()


def test_the_majority_wins_and_the_first_breaks_ties():
    right, wrong = puzzles.answers, WRONG
    assert elect("majority", [wrong, right, right]) == 1
    assert elect("majority", [wrong, wrong, right]) == 0
    assert elect("majority", [right, wrong]) == 1
    assert elect("majority", [wrong, right]) == 0


def test_cells_may_elect_a_grid_that_nobody_gave():
    spoilt = [np.where(np.arange(16) % 3 == i, WRONG, puzzles.answers) for i in range(3)]
    assert elect("majority of cells", spoilt) == 1
    assert elect("majority", spoilt) == 0


@pytest.mark.parametrize("digit", [2, 5])
def test_a_cell_on_which_guesses_are_even_is_as_the_first_of_them_has_it(digit):
    other = np.where(puzzles.answers == digit, 7 - digit, puzzles.answers)
    assert elect("majority of cells", [puzzles.answers, other]) == 1
    assert elect("majority of cells", [other, puzzles.answers]) == 0


def test_halting_outweighs_numbers():
    right, wrong = puzzles.answers, WRONG
    assert elect("halting", [wrong, wrong, right], [-5, -5, 5]) == 1
    assert elect("halting", [wrong, wrong, right], [5, 5, 5]) == 0
    # Probabilities are summed, not values: 0.62 and 0.62 of doubt are more than 0.95 of certainty.
    assert elect("halting", [wrong, wrong, right], [0.5, 0.5, 3]) == 0
    assert elect("halting", [wrong, wrong, right], [-0.5, -0.5, 3]) == 1


def test_the_surest_guess_wins_alone_however_many_are_of_another_mind():
    right, wrong = puzzles.answers, WRONG
    assert elect("surest", [wrong, wrong, right], [2, 2, 3]) == 1  # where sums would elect the two
    assert elect("halting", [wrong, wrong, right], [2, 2, 3]) == 0
    assert elect("surest", [right, wrong, wrong], [-1, -2, -0.5]) == 0
    assert elect("surest", [right, wrong], [7, 7]) == 1  # the first of equals


def test_the_law_finds_the_answer_without_knowing_it_and_any_is_a_ceiling():
    right, wrong = puzzles.answers, WRONG
    assert elect("first lawful", [wrong, wrong, right]) == 1
    assert elect("any, by the answer", [wrong, wrong, right]) == 1
    assert elect("first lawful", [wrong, wrong, wrong]) == 0


@pytest.fixture(scope="module")
def guessing():
    return guesses(Planted(lucky(), 2), puzzles, n_guesses=8)


def accuracy(found, source, vote, k):
    table = found.table.set_index(["source", "vote", "guesses"])
    return table.loc[(source, vote, k), "accuracy"]


def test_relabelling_helps_a_model_that_guesses(guessing):
    assert 0.5 < guessing.single.estimate < 0.85
    assert accuracy(guessing, "relabelling", "majority", 1) == guessing.single.estimate
    assert accuracy(guessing, "relabelling", "majority", 8) > 0.9
    assert accuracy(guessing, "relabelling", "any, by the answer", 8) == 1
    gain = guessing.gains.set_index(["source", "vote"]).loc[("relabelling", "majority")]
    assert gain["low"] > 0


def test_other_starts_do_not_help_a_model_that_forgets_its_start(guessing):
    for vote in VOTES:
        assert accuracy(guessing, "start", vote, 8) == guessing.single.estimate


def test_other_starts_help_where_the_start_decides():
    found = guesses(Planted(two_attractors, 2), puzzles, sources=["start"], n_guesses=8)
    assert found.single.estimate == 0
    # A start is beyond the ridge with probability 0.309, and there are seven beside the plain one.
    assert accuracy(found, "start", "any, by the answer", 8) == pytest.approx(1 - 0.691**7, abs=0.08)
    assert accuracy(found, "start", "first lawful", 8) == accuracy(found, "start", "any, by the answer", 8)
    assert accuracy(found, "start", "halting", 8) > accuracy(found, "start", "majority", 8)


def remembers_shaking(s):
    """Right once noise has come to its memory, which the plain run never sees, in the second segment or later."""
    s.memory = torch.where(s.number >= 2, s.memory.abs(), 0 * s.memory)
    return torch.where((s.memory > 0.2)[:, None], s.answers, s.renamed(1))


def test_noise_helps_where_it_comes_while_a_run_goes_on():
    found = guesses(
        Planted(remembers_shaking, 3), puzzles, sources=["start", "noise"], n_guesses=4, scale=1e-6, noise=0.3
    )
    assert found.single.estimate == 0
    assert accuracy(found, "start", "any, by the answer", 4) == 0
    assert accuracy(found, "noise", "any, by the answer", 4) > 0.8
    assert accuracy(found, "noise", "surest", 4) == accuracy(found, "noise", "any, by the answer", 4)


def test_no_noise_is_no_other_guess():
    found = guesses(Planted(two_attractors, 2), puzzles[:10], sources=["noise"], n_guesses=3, noise=0.0)
    grids = found.predictions["noise"]
    assert (grids == grids[:1]).all()


def test_guesses_do_not_help_a_model_that_is_sure_of_itself():
    found = guesses(Planted(stuck, 2), puzzles[:10], n_guesses=4)
    assert (found.table["accuracy"] == 0).all()
    assert (found.gains["gain"] == 0).all()


def test_models_are_guesses_too_and_cost_is_counted():
    models = [Planted(plan, 2) for plan in (stuck, follows_input, follows_input)]
    found = guesses(models, puzzles[:10], sources=["models"])
    assert accuracy(found, "models", "majority", 1) == 0
    assert accuracy(found, "models", "majority", 3) == 1
    assert found.table.set_index("guesses").loc[3, "segments"].tolist() == [6] * len(VOTES)


def test_the_answer_can_be_printed_and_written(guessing):
    assert "8 guesses by relabelling" in str(guessing)
    summary = json.loads(json.dumps(guessing.summary()))
    assert set(summary["votes"]) == set(VOTES)
    assert "predictions" not in summary


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="at least two models"):
        guesses(Planted(stuck), puzzles, sources=["models"])
    with pytest.raises(InputError, match="noise"):
        guesses(Planted(stuck), puzzles, noise=float("nan"))
    with pytest.raises(InputError, match="no source of guesses 'luck'"):
        guesses(Planted(stuck), puzzles, sources=["luck"])
