"""A guess that is put into one cell leads to its conclusions where a model draws them, and to nothing elsewhere."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, Tasks, build_model
from hrm_probe.reasoning import suppose
from hrm_probe.reasoning.deducing.forks import forks, most_telling
from hrm_probe.sudoku import candidates, deduce, generate
from tests.reasoning.planted_grids import Showing
from tests.reasoning.planted_propagation import Propagating

GIVEN = generate(60, "minimal", "9x9", seed=1)
CHOSEN = most_telling(forks(GIVEN))
PUZZLES = GIVEN[CHOSEN.puzzle]
ANSWERS = PUZZLES.answers - 1
BOARD = PUZZLES.board
LONG = 16  # segments of two rounds each: enough for every chain
ALL = {"batch_size": len(PUZZLES)}


@pytest.fixture(scope="module")
def found():
    return suppose(Propagating(BOARD, LONG), PUZZLES)


# ---------------------------------------------------------------- which cell


def test_the_fork_with_most_conclusions_is_chosen():
    every = forks(GIVEN)
    follows = every.statements[every.statements["round"] > 0]
    counts = np.bincount(follows["fork"].to_numpy(int), minlength=len(every))
    own = CHOSEN.statements[CHOSEN.statements["round"] > 0].groupby("fork").size()
    assert len(CHOSEN) == len(np.unique(CHOSEN.puzzle)) > 25
    for row, puzzle in enumerate(CHOSEN.puzzle):
        of_puzzle = np.flatnonzero(every.puzzle == puzzle)
        best = of_puzzle[counts[of_puzzle].argmax()]
        assert (own[row], CHOSEN.cell[row]) == (counts[best], every.cell[best])
        assert (CHOSEN.wrong[row], CHOSEN.refuted_in[row]) == (every.wrong[best], every.refuted_in[best])


# ---------------------------------------------------------------- what was planted


def test_a_model_that_propagates_draws_the_conclusions_of_its_guess(found):
    assert (found.table["taken"] == 1).all()
    assert (found.table["taken_right"] == 1).all()
    assert (found.table[["following_right", "others_right"]] == 0).all(axis=None)
    # From the clues a wrong digit may go round the place where it contradicts itself, and reach a little more.
    assert found.effects["others_wrong"].iloc[0] < 0.03
    assert found.difference.low > 0.6
    assert (found.by_round["difference"] > 0.3).all()


def test_round_by_round(found):
    """What follows in a later round is shown from a later read on; nothing of it in the other runs."""
    begins = found.in_time.groupby("round")["wrong"].mean()
    assert (np.diff(begins.loc[1:4]) < 0).all()
    assert (found.in_time[["plain", "right"]] == 0).all(axis=None)


def test_what_one_right_guess_is_worth_is_told(found):
    supposed = CHOSEN.stuck[CHOSEN.puzzle]
    supposed[np.arange(len(CHOSEN)), CHOSEN.cell] = CHOSEN.right
    solved = (deduce(supposed).grids == ANSWERS).all(1)
    assert not found.table["solved"].any()
    assert 0 < solved.mean() < 1
    assert found.rescued.estimate == solved.mean()
    assert "of the puzzles that it does not solve by itself" in str(found)


def test_the_states_of_another_puzzle_say_as_much(found):
    itself = suppose(Propagating(BOARD, LONG), PUZZLES, states_of="itself")
    assert itself.difference == found.difference


def test_a_model_that_concludes_nothing_takes_the_guess_and_leaves_it():
    found = suppose(Propagating(BOARD, LONG, concludes=False), PUZZLES)
    assert found.taken.estimate == 1
    assert found.difference.estimate == found.effects["following_wrong"].iloc[0] == 0


def test_a_model_that_does_not_look_at_its_states_takes_no_guess():
    found = suppose(Showing(PUZZLES, PUZZLES.answers[:, None], 4), PUZZLES, **ALL)
    assert found.taken.estimate == found.difference.estimate == 0
    assert found.difference_unsolved is None
    assert np.isnan(found.rescued.estimate)
    assert found.effects["puzzles_of"].tolist() == ["all", "solved"]


def test_a_guess_that_is_let_go_stays_where_the_state_keeps_it_and_goes_where_it_does_not():
    """A propagating model holds what it has once concluded; one that shows its clues alone has nothing left."""
    kept = suppose(Propagating(BOARD, LONG), PUZZLES, held=1)
    assert kept.table["kept"].all()
    assert (kept.effects["kept"] == 1).all()
    assert kept.taken.estimate == 1
    assert kept.difference.low > 0.5
    last = kept.in_time[kept.in_time["read"] == 2 * LONG].set_index("round")
    assert last.loc[1, "wrong"] > 0.6  # the conclusions are drawn in segments without the guess
    gone = suppose(Forgetting(BOARD, LONG), PUZZLES, held=3)
    assert gone.taken.estimate == 1
    assert (gone.effects["kept"] == 0).all()
    assert gone.in_time.query("read > 7")["wrong"].max() == 0
    assert gone.in_time.query("read in (5, 6) and round == 1")["wrong"].min() > 0


class Forgetting(Propagating):
    """Two rounds of singles from its clues, among them what is put into its state now; it keeps nothing."""

    def update_H(self, state):
        grid = (state.z_L[:, 1:].argmax(-1).numpy() - 1).clip(0)
        for _ in range(2):
            found = deduce(grid)
            grid = grid + (found.rounds == 1) * found.grids
        return F.pad(8 * F.one_hot(torch.from_numpy(grid) + 1, self.config.vocab).float(), (0, 0, 1, 0))


class Spoilt(Propagating):
    """Shows the answers, and wrong candidates at random in all cells beyond as soon as one digit is wrong."""

    def __init__(self) -> None:
        super().__init__(BOARD, 4)
        open_ = candidates(CHOSEN.stuck[CHOSEN.puzzle])
        wrong = open_ & (np.arange(1, 10) != ANSWERS[..., None])
        drawn = (np.random.default_rng(0).random(wrong.shape) * wrong).argmax(-1) + 1
        self.spoilt = np.where(wrong.any(-1), drawn, ANSWERS)

    def update_H(self, state):
        clues = (state.z_L[:, 1:].argmax(-1).numpy() - 1).clip(0)
        astray = ((clues > 0) & (clues != ANSWERS)).any(1)[:, None]
        grid = np.where(clues > 0, clues, np.where(astray, self.spoilt, ANSWERS))
        return F.pad(8 * F.one_hot(torch.from_numpy(grid) + 1, self.config.vocab).float(), (0, 0, 1, 0))


def test_a_guess_that_spoils_everything_is_told_from_one_that_is_followed():
    found = suppose(Spoilt(), PUZZLES, **ALL)
    row = found.effects.iloc[0]
    assert found.taken.estimate == 1
    assert row["following_wrong"] - row["following_right"] > 0.3
    assert found.difference.low < 0 < found.difference.high


# ---------------------------------------------------------------- how it is done


def test_batches_are_of_no_consequence():
    config = ModelConfig(cells=81, vocab=11, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=2)
    model = build_model(config, seed=3)
    whole, parts = (suppose(model, GIVEN[:30], batch_size=size, groups="class") for size in (128, 3))
    assert whole.table.drop(columns="puzzle").equals(parts.table.drop(columns="puzzle"))
    assert whole.summary() == parts.summary()
    assert (whole.puzzles, whole.segments, whole.reads, whole.resampled) == (30, 2, config.H_cycles, "class")


def test_what_cannot_be_asked_is_said():
    model = Propagating(BOARD, 1)
    with pytest.raises(InputError, match=r'states_of is .other.; give "another" or "itself"'):
        suppose(model, PUZZLES, states_of="other")
    with pytest.raises(InputError, match=r"1 has a cell .* so that there are 2"):
        suppose(model, PUZZLES[:1])
    assert suppose(model, PUZZLES[:1], states_of="itself").compared == 1
    with pytest.raises(InputError, match="held"):
        suppose(model, PUZZLES, held=2)
    with pytest.raises(InputError, match="rules of Sudoku"):
        suppose(model, Tasks(GIVEN.tokens, GIVEN.answers, GIVEN.tokens == 1))
