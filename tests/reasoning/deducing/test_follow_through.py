"""Guesses that are followed through are told from mixtures, from coherence without logic, and from having none."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, Tasks, build_model
from hrm_probe.reasoning import follow_through, lens
from hrm_probe.reasoning.deducing.forks import forks
from hrm_probe.sudoku import Puzzles, candidates, deduction_rounds, generate
from tests.reasoning.planted_grids import Showing

GIVEN = generate(50, "minimal", "9x9", seed=0)
PUZZLES = GIVEN[(deduction_rounds(GIVEN.grids) < 0).any(1)]
FOUND = forks(PUZZLES)
OPEN = candidates(FOUND.stuck)
UPDATES = 16  # two a segment
RIGHT = np.repeat(PUZZLES.answers[:, None], UPDATES, axis=1)  # [puzzle, update, cell]
MOST = np.array(  # of each puzzle, the fork with most conclusions
    [
        max(
            np.flatnonzero(FOUND.puzzle == puzzle),
            key=lambda fork: (FOUND.statements.query("fork == @fork")["round"] > 0).sum(),
        )
        for puzzle in np.unique(FOUND.puzzle)
    ]
)
WRONG_DIGITS = np.where(
    OPEN, np.arange(1, 10) != (PUZZLES.answers - 1)[..., None], False
)  # [puzzle, cell, digit - 1]


def asked(grids: np.ndarray, **arguments):
    return follow_through(Showing(PUZZLES, grids, UPDATES // 2), PUZZLES, **arguments)


def some_wrong_candidate(rng: np.random.Generator, updates: int) -> np.ndarray:
    """A token of a wrong candidate for every cell beyond, the answer elsewhere: [puzzle, update, cell]."""
    keys = rng.random((len(PUZZLES), updates, *WRONG_DIGITS.shape[1:])) * WRONG_DIGITS[:, None]
    return np.where(WRONG_DIGITS.any(-1)[:, None], keys.argmax(-1) + 2, PUZZLES.answers[:, None])


def followed(rounds: int = 99) -> np.ndarray:
    """In the first half, one fork of each puzzle shows its wrong digit, and so do its conclusions of these rounds."""
    grids = RIGHT.copy()
    for fork in MOST:
        puzzle = FOUND.puzzle[fork]
        rows = FOUND.statements.query("fork == @fork and 0 < round <= @rounds")
        grids[puzzle, : UPDATES // 2, FOUND.cell[fork]] = FOUND.wrong[fork] + 1
        grids[puzzle, : UPDATES // 2, rows["cell"]] = rows["digit"].to_numpy()[:, None] + 1
    return grids


# ---------------------------------------------------------------- what was planted


def test_a_guess_that_is_followed_through_is_found():
    found = asked(followed())
    row = found.effects.iloc[0]
    assert found.difference.low > 0.3
    assert row["following_wrong"] > 0.5
    assert (found.effects["following_right"] < 0.05).all()
    assert (found.table["solved"]).all()
    assert found.effects["puzzles_of"].tolist() == ["all", "solved"]


def test_and_only_as_far_as_it_is_followed():
    by_round = asked(followed(rounds=1)).by_round.set_index("round")
    assert by_round.loc[1, "difference"] > 0.5
    assert by_round.loc[3, "difference"] < by_round.loc[2, "difference"] < 0.35


def test_a_guess_without_conclusions_is_not_followed():
    """One fork is wrong at a time, and nothing else."""
    found = asked(followed(rounds=0))
    assert found.difference.estimate == found.effects["following_wrong"].iloc[0] == 0


def test_cells_that_go_astray_one_by_one_follow_nothing():
    rng = np.random.default_rng(0)
    found = asked(np.where(rng.random(RIGHT.shape) < 0.5, some_wrong_candidate(rng, UPDATES), RIGHT))
    assert found.difference.estimate == pytest.approx(0, abs=0.04)
    assert found.difference.low < 0 < found.difference.high
    assert found.shown.estimate == pytest.approx(0.5, abs=0.05)


def test_what_goes_astray_together_without_logic_is_told_by_the_others():
    """All cells beyond are wrong at once: the conclusions are shown beside the guess, but so is all else."""
    wrong = some_wrong_candidate(np.random.default_rng(0), UPDATES)
    found = asked(np.where(np.arange(UPDATES)[:, None] % 4 < 2, wrong, RIGHT))
    row = found.effects.iloc[0]
    assert row["following_wrong"] - row["following_right"] > 0.3
    assert found.difference.estimate == pytest.approx(0, abs=0.04)


def test_a_model_that_never_guesses_has_nothing_to_tell():
    found = asked(RIGHT)
    assert found.difference is None
    assert found.shown.estimate == found.compared == 0
    assert found.sooner_refuted_less_shown is None
    assert found.kept_refuted is None
    assert "No such cell shows both in turn" in str(found)


def shown_for(times: np.ndarray) -> np.ndarray:
    """Every fork shows its wrong digit in so many of the first updates."""
    grids = RIGHT.copy()
    for fork, updates in enumerate(times):
        grids[FOUND.puzzle[fork], :updates, FOUND.cell[fork]] = FOUND.wrong[fork] + 1
    return grids


def test_what_is_refuted_late_is_shown_for_longer_where_that_was_planted():
    late = np.where(FOUND.refuted_in > 0, np.minimum(FOUND.refuted_in, UPDATES - 2), UPDATES - 1)
    found = asked(shown_for(late))
    assert found.sooner_refuted_less_shown.estimate == 1
    table = found.by_refutation.set_index("refuted_in")
    for number in range(1, 7):
        assert table.loc[number, "shown"] == pytest.approx(number / UPDATES)
    assert table.loc[0, "shown"] == pytest.approx((UPDATES - 1) / UPDATES)
    assert asked(shown_for(UPDATES - late)).sooner_refuted_less_shown.estimate == 0


def test_refutation_plays_no_part_where_times_are_random():
    found = asked(shown_for(np.random.default_rng(0).integers(1, UPDATES, len(FOUND))))
    assert found.sooner_refuted_less_shown.estimate == pytest.approx(0.5, abs=0.06)
    assert found.sooner_refuted_less_shown.low < 0.5 < found.sooner_refuted_less_shown.high


def test_what_failures_end_with():
    """Half of the puzzles end with those wrong digits that singles refute, the others are solved."""
    failing = np.arange(len(PUZZLES)) % 2 == 0
    kept = (FOUND.refuted_in > 0) & failing[FOUND.puzzle]
    found = asked(shown_for(np.where(kept, UPDATES, 1)))
    has_refuted = np.isin(np.arange(len(PUZZLES)), FOUND.puzzle[kept])
    assert (found.table.set_index("puzzle")["solved"] == ~has_refuted).all()
    assert found.kept_refuted.estimate == 1
    table = found.by_refutation.set_index("refuted_in")
    assert (table.loc[1:6, "kept"] == 1).all()
    assert table.loc[0, "kept"] == 0
    assert 0.5 < found.refuted.estimate < 1


# ---------------------------------------------------------------- what is counted


def test_only_puzzles_beyond_singles_are_run():
    model = Showing(PUZZLES, followed(), UPDATES // 2)  # it answers by row: those of the puzzles that are run
    found, alone = follow_through(model, GIVEN), follow_through(model, PUZZLES)
    assert (found.puzzles, found.beyond, found.forks) == (50, len(PUZZLES), len(FOUND))
    assert found.difference.estimate == alone.difference.estimate
    assert (GIVEN.tokens[found.table["puzzle"]] == PUZZLES.tokens).all()


def test_forks_that_show_one_digit_only_are_not_compared():
    grids = followed()
    grids[FOUND.puzzle[MOST][::2]] = grids[FOUND.puzzle[MOST][::2], :1]  # wrong for ever
    found = asked(grids)
    changing = np.setdiff1d(np.arange(len(PUZZLES)), FOUND.puzzle[MOST][::2])
    assert found.compared <= len(changing)
    assert not found.table["solved"].iloc[FOUND.puzzle[MOST][::2]].any()


@pytest.mark.parametrize("kind", ["hrm", "trm"])
def test_a_real_model_is_read_as_the_lens_reads_it(kind):
    config = ModelConfig(
        architecture=kind, cells=81, vocab=11, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=3
    )
    model = build_model(config, seed=1)
    found = follow_through(model, GIVEN, batch_size=7, groups="class")
    shown = lens(model, PUZZLES).reads["z_H"].in_time() - 1
    wrong = shown[FOUND.puzzle, :, FOUND.cell] == FOUND.wrong[:, None]
    assert found.shown.estimate == pytest.approx(wrong.mean())
    assert (found.segments, found.reads, found.resampled) == (3, config.H_cycles, "class")
    assert found.summary()["difference"] is None or "low" in found.summary()["difference"]
    assert "need more than singles" in str(found)


def test_what_cannot_be_asked_is_said():
    config = ModelConfig(cells=81, vocab=11, d_model=16, n_heads=2, H_layers=1, L_layers=1)
    model, easy = build_model(config), GIVEN[(deduction_rounds(GIVEN.grids) >= 0).all(1)]
    with pytest.raises(InputError, match=r"Singles solve all of the puzzles .* give harder ones"):
        follow_through(model, easy)
    empty = Puzzles(np.ones_like(GIVEN.tokens[:3]), GIVEN.answers[:3])
    with pytest.raises(InputError, match="no cell has two candidates"):
        follow_through(model, empty)
    tasks = Tasks(GIVEN.tokens, GIVEN.answers, GIVEN.tokens == 1)
    with pytest.raises(InputError, match="rules of Sudoku"):
        follow_through(model, tasks)
