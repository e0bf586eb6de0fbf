"""Each nudge helps the model that was made for it, no other, and only in the rounds that follow it."""

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import Tasks
from hrm_probe.reasoning import nudges
from hrm_probe.reasoning.guessing.nudge_kinds import NUDGES
from hrm_probe.sudoku import Puzzles, candidates, generate
from tests.reasoning.planted_updates import Planted, follows_input, jumps_at, stuck, two_attractors

PUZZLES = generate(40, "minimal", "4x4", seed=0)
CLUES = (PUZZLES.tokens > 1).sum(1)
TELLING = ("clue", "other_clue", "standoff", "other_standoff")


def solved(found):
    return {kind: int((at > 0).sum()) for kind, at in found.solved_at.items()}


def needs_another_clue(s):
    """Right while there is a clue more than the puzzle has, and from then on."""
    told = (s.tokens > 1).sum(1) > int(CLUES.max())
    s.memory = (told | (s.memory > 0.5)).float()
    return torch.where(s.memory[:, None] > 0, s.answers, s.renamed(1))


EVEN = PUZZLES[CLUES.max() == CLUES]
"""Puzzles of equally many clues, so that one more can be counted."""


# ---------------------------------------------------------------- what was planted


def test_a_model_that_needs_none_is_not_nudged():
    found = nudges(Planted(follows_input), PUZZLES, segments=12, every=4)
    assert all((at == 1).all() for at in found.solved_at.values())
    assert found.kinds["spent"].tolist() == [1.0] * len(NUDGES)
    assert found.first.estimate == 1
    assert (found.gains["gain"] == 0).all()
    assert found.kinds["rescued"].isna().all()


def test_a_model_that_is_stuck_for_good_is_rescued_by_nothing():
    found = nudges(Planted(stuck), PUZZLES, segments=12, every=4)
    assert solved(found) == dict.fromkeys(NUDGES, 0)
    assert found.kinds["spent"].tolist() == [12.0] * len(NUDGES)
    assert found.kinds["rescued"].tolist() == [0.0] * len(NUDGES)


def test_who_only_needs_time_has_it_where_runs_go_on_and_not_where_they_begin_again():
    found = nudges(Planted(jumps_at(10)), PUZZLES, kinds=["nothing", "copy", "clue"], segments=16, every=4)
    assert solved(found) == {"nothing": 40, "copy": 0, "clue": 40}
    assert (found.solved_at["nothing"] == 10).all()
    table = found.table[found.table["kind"] == "nothing"]
    assert table["segment"].tolist() == [4, 8, 12, 16]
    assert table["solved"].tolist() == [0, 0, 1, 1]


def test_what_is_solved_before_the_first_nudge_is_not_rescued():
    """Solved at the last segment of the first round, or never."""
    sums = (PUZZLES.tokens * np.arange(1, 17)).sum(1) % 2
    assert 0 < sums.sum() < 40

    def in_time_or_never(s):
        in_time = (s.tokens * torch.arange(1, 17)).sum(1) % 2 == 0
        return torch.where((in_time & (s.number >= 4))[:, None], s.answers, s.renamed(1))

    found = nudges(Planted(in_time_or_never), PUZZLES, kinds="nothing", segments=12, every=4)
    assert set(found.solved_at["nothing"]) == {0, 4}
    assert found.kinds["solved"].item() == found.first.estimate == (sums == 0).mean()
    assert found.kinds["rescued"].item() == 0


def test_who_needs_another_start_gets_it_from_noise_alone():
    found = nudges(Planted(two_attractors), PUZZLES, segments=64, every=2, scale=1.0)
    by_noise = {kind for kind, n in solved(found).items() if n}
    assert by_noise == {"noise", "start"}
    assert solved(found)["start"] == 40
    begun = np.mean(found.solved_at["start"] == 3)
    assert begun == pytest.approx(0.31, abs=0.2)  # a normal number is above 0.5


def test_who_needs_one_more_clue_gets_it_from_every_kind_that_tells_one():
    found = nudges(Planted(needs_another_clue), EVEN, segments=8, every=4, held=1, scale=0.01)
    assert solved(found) == {kind: len(EVEN) if kind in TELLING else 0 for kind in NUDGES}
    at = np.stack([found.solved_at[kind] for kind in TELLING])
    assert set(at.ravel()) <= {5, 6}  # with a wrong clue too many there is no answer until it is taken back
    assert (found.solved_at["clue"] == 6).all()
    rows = found.gains.set_index(["kind", "over"])["gain"]
    assert rows["clue", "nothing"] == 1
    assert rows["standoff", "clue"] == 0


def test_copies_are_asked_and_their_answers_brought_back():
    def lucky(s):
        right = (s.tokens * torch.arange(1, 17)).sum(1) % 3 == 0
        return torch.where(right[:, None], s.answers, s.renamed(1))

    found = nudges(Planted(lucky), PUZZLES, kinds=["nothing", "copy"], segments=60, every=2)
    assert solved(found)["copy"] == 40
    assert (found.solved_at["nothing"] > 0).sum() == (found.solved_at["copy"] == 1).sum() < 40
    assert (found.grids["copy"] == PUZZLES.answers).all()
    unsolved = found.solved_at["nothing"] == 0
    assert (found.grids["nothing"][unsolved] == (PUZZLES.answers[unsolved] - 1) % 4 + 2).all()


# ---------------------------------------------------------------- what is told, and when


def clashing():
    """The answers, but in the first blank cell the digit of a blank peer: digits [puzzle, cell]."""
    answers, every = PUZZLES.answers - 1, np.arange(len(PUZZLES))
    first = PUZZLES.blanks.argmax(1)
    peer = (PUZZLES.blanks & PUZZLES.board.peers[first]).argmax(1)
    shown = answers.copy()
    shown[every, first] = answers[every, peer]
    return shown


CLASHING = clashing()


class Overheard(Planted):
    """Keeps every input it was given; shows ``CLASHING`` always."""

    def __init__(self):
        self.heard = []

        def plan(s):
            self.heard.append(s.tokens.numpy())
            return torch.tensor(CLASHING + 1)

        super().__init__(plan)


@pytest.fixture(scope="module", params=TELLING)
def told(request):
    """Per kind: the inputs of one round, [segment, puzzle, cell]."""
    model = Overheard()
    nudges(model, PUZZLES, kinds=request.param, segments=8, every=4, held=3)
    return request.param, np.stack(model.heard[-4:])


def test_one_clue_is_told_as_long_as_it_is_held_and_then_taken_back(told):
    _, inputs = told
    more = (inputs > 1).sum(2) - (PUZZLES.tokens > 1).sum(1)
    assert (more == [[1], [1], [1], [0]]).all()
    assert (inputs[0] == inputs[2]).all()
    assert (inputs[3] == PUZZLES.tokens).all()


def test_the_clue_is_what_the_cell_shows_or_another_candidate_in_a_standoff_or_anywhere(told):
    kind, inputs = told
    rows, cells = np.nonzero(inputs[0] != PUZZLES.tokens)
    digits = inputs[0][rows, cells] - 1
    own = digits == CLASHING[rows, cells]
    if kind.startswith("other"):
        open_ = candidates(PUZZLES.grids)[rows, cells]
        assert (~own | (open_.sum(1) == 1)).all()
        assert open_[np.arange(len(rows)), digits - 1][~own].all()
    else:
        assert own.all()
    alike = CLASHING[rows] == CLASHING[rows, cells][:, None]
    clash = (alike & PUZZLES.blanks[rows] & PUZZLES.board.peers[cells]).any(1)
    assert clash.all() == kind.endswith("standoff")


def test_a_full_grid_is_told_nothing_and_keeps_its_clues():
    full = Puzzles(PUZZLES.answers, PUZZLES.answers, PUZZLES.source, PUZZLES.rating)
    seen = []

    def wrong(s):
        seen.append(s.tokens.numpy())
        return s.renamed(1)

    nudges(Planted(wrong), full, kinds=TELLING, segments=4, every=2)
    assert all((tokens == full.tokens).all() for tokens in seen)


# ---------------------------------------------------------------- honest numbers


def test_a_lawful_grid_that_is_not_the_answer_ends_a_run_and_solves_nothing():
    """Of a puzzle with several solutions the check finds one, and the answer that judges may be another."""
    other = np.zeros_like(PUZZLES.tokens[:1]) + 1
    loose = Puzzles(other, PUZZLES.answers[:1], PUZZLES.source[:1], PUZZLES.rating[:1])

    def another(s):
        return torch.as_tensor((PUZZLES.answers[:1] - 1) % 4 + 2)

    found = nudges(Planted(another), loose, kinds="nothing", segments=4, every=2)
    assert found.kinds["spent"].item() == 1
    assert found.kinds["solved"].item() == 0


def test_draws_of_a_kind_do_not_depend_on_which_others_are_asked():
    model = Planted(two_attractors)
    alone = nudges(model, PUZZLES, kinds="noise", segments=12, every=4, seed=3)
    among = nudges(model, PUZZLES, segments=12, every=4, seed=3)
    assert (alone.solved_at["noise"] == among.solved_at["noise"]).all()
    assert alone.gains.empty
    other = nudges(model, PUZZLES, kinds="noise", segments=12, every=4, seed=4)
    assert (alone.solved_at["noise"] != other.solved_at["noise"]).any()


def test_runs_end_where_they_should_also_between_rounds():
    found = nudges(Planted(jumps_at(11)), PUZZLES, kinds="nothing", segments=10, every=4)
    assert solved(found) == {"nothing": 0}
    assert found.table["segment"].tolist() == [4, 8, 10]


def test_it_says_what_was_done():
    text = str(
        nudges(Planted(stuck), PUZZLES, kinds=["nothing", "copy"], segments=12, every=4, groups="class")
    )
    assert text.splitlines()[0] == (
        "After 4 segments 0.0% [0.0%, 17.6%] of 40 puzzles are solved. After 12, where runs without a lawful grid are "
        "nudged every 4 by:"
    )
    assert "copy" in text.splitlines()[2]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kinds": "pray"}, "There is no nudge 'pray'; choose among nothing, noise"),
        ({"kinds": []}, "No nudge was named; choose among"),
        ({"segments": 1}, "segments"),
        ({"every": 64}, "every"),
        ({"held": 9}, "held"),
        ({"scale": float("nan")}, "scale"),
    ],
)
def test_bad_questions_get_a_sentence(wrong, message):
    with pytest.raises(InputError, match=message):
        nudges(Planted(stuck), PUZZLES, **wrong)


def test_tasks_have_no_lawful_grids():
    tasks = Tasks(PUZZLES.tokens, PUZZLES.answers)
    with pytest.raises(InputError, match="rules of Sudoku"):
        nudges(Planted(stuck), tasks)
