"""Training data: symmetries keep puzzles puzzles, hints follow the published rule, nothing leaks unseen."""

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.sudoku import (
    BOARDS,
    Board,
    Puzzles,
    apply_symmetries,
    canonical_form,
    complete_grids,
    generate,
)
from hrm_probe.training.data import PuzzleStream, Symmetries, add_hints, load_data
from hrm_probe.training.data.drawing import draw_mixed, source_shares
from hrm_probe.training.recipe import Recipe


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def solved_grids(board: Board, n: int) -> torch.Tensor:
    return torch.as_tensor(complete_grids(n, board, 0)).long() + 1


def with_blanks(answers: torch.Tensor, share: float) -> torch.Tensor:
    return answers.where(torch.rand(answers.shape, generator=seeded(1)) > share, 1)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_symmetries_keep_grids_valid_and_move_clues_with_their_answers(board: Board) -> None:
    answers = solved_grids(board, 32)
    tokens = with_blanks(answers, 0.5)
    moved, moved_answers = Symmetries(board).apply(tokens, answers, generator=seeded())
    units = moved_answers[:, torch.tensor(board.units)]  # [batch, unit, side]
    assert (units.sort(dim=-1).values == torch.arange(2, board.side + 2)).all()
    assert ((moved == 1) | (moved == moved_answers)).all()
    assert ((moved == 1).sum(1) == (tokens == 1).sum(1)).all()
    assert (moved_answers != answers).any(dim=1).all()


def test_symmetries_stay_in_the_class_of_the_grid() -> None:
    answers = solved_grids(Board.of("6x6"), 20)
    (moved,) = Symmetries("6x6").apply(answers, generator=seeded())
    np.testing.assert_array_equal(canonical_form(moved.numpy()), canonical_form(answers.numpy()))


def test_drawn_tables_mean_the_same_as_the_sudoku_rooms() -> None:
    answers = solved_grids(Board.of("4x4"), 8)
    cells, names = Symmetries("4x4").draw(8, seeded(3))
    (moved,) = Symmetries("4x4").apply(answers, generator=seeded(3))
    np.testing.assert_array_equal(
        apply_symmetries(answers.numpy(), cells.numpy(), names.numpy()), moved.numpy()
    )


def test_the_whole_group_is_drawn_from() -> None:
    cells, _ = Symmetries("4x4").draw(4000, seeded())
    seen, times = cells.unique(dim=0, return_counts=True)
    assert len(seen) == 128
    assert times.min() > 8  # expected 31 each; 8 or fewer has probability below 1e-5 in all


def test_digits_are_renamed_in_every_way_alike() -> None:
    _, names = Symmetries("4x4").draw(4800, seeded())
    seen, times = names.unique(dim=0, return_counts=True)
    assert (seen[:, :2] == torch.tensor([0, 1])).all()
    assert len(seen) == 24
    assert times.min() > 140  # expected 200 each, with a deviation of 14


def test_padding_keeps_its_token() -> None:
    tokens = torch.zeros(5, 16, dtype=torch.long)
    (moved,) = Symmetries("4x4").apply(tokens, generator=seeded())
    assert (moved == 0).all()


def hinted(blanks: int, fraction: float = 1.0, min_blanks: int = 1, n: int = 4000) -> torch.Tensor:
    """Blanks left in many copies of one puzzle."""
    answers = solved_grids(Board.of("4x4"), 1).expand(n, 16)
    tokens = answers.clone()
    tokens[:, :blanks] = 1
    eased = add_hints(tokens, answers, fraction, seeded(), min_blanks)
    assert ((eased == 1) | (eased == answers)).all()
    assert (eased[:, blanks:] == tokens[:, blanks:]).all()
    return (eased == 1).sum(dim=1)


def test_hints_are_uniform_in_number_and_leave_a_blank() -> None:
    left = hinted(5)
    values, times = left.unique(return_counts=True)
    assert values.tolist() == [1, 2, 3, 4]  # 1 to 4 hints in 5 blanks
    assert (times - 1000).abs().max() < 150  # 5.5 standard deviations


def test_hints_may_solve_a_puzzle_if_asked_to() -> None:
    assert hinted(3, min_blanks=0).unique().tolist() == [0, 1, 2]


def test_every_blank_is_as_likely_to_be_revealed() -> None:
    answers = solved_grids(Board.of("4x4"), 1).expand(6000, 16)
    tokens = answers.clone()
    tokens[:, 4:8] = 1
    revealed = (add_hints(tokens, answers, 1.0, seeded()) != 1)[:, 4:8].float().mean(dim=0)
    assert (revealed - 0.5).abs().max() < 0.035  # mean of 1, 2, 3 hints in 4 blanks


def test_hints_go_to_the_stated_share_of_puzzles() -> None:
    untouched = (hinted(6, fraction=0.25) == 6).float().mean().item()
    assert untouched == pytest.approx(0.75, abs=0.04)
    assert (hinted(6, fraction=0.0) == 6).all()


@pytest.mark.parametrize("blanks", [0, 1])
def test_a_puzzle_with_no_blank_to_spare_stays_as_it_is(blanks: int) -> None:
    assert (hinted(blanks) == blanks).all()


def test_a_stream_goes_on_where_it_was_saved() -> None:
    answers = solved_grids(Board.of("4x4"), 10).numpy()
    puzzles = Puzzles(with_blanks(torch.as_tensor(answers), 0.6).numpy(), answers)
    stream = PuzzleStream(puzzles, batch_size=4, seed=7, hint_fraction=0.5)
    stream.draw()
    state = stream.state_dict()
    expected = [stream.draw() for _ in range(3)]
    other = PuzzleStream(puzzles, batch_size=4, seed=0, hint_fraction=0.5)
    for known in (state, {"generator": state["generator"]}):  # no device: of the same kind
        other.load_state_dict(known)
        for batch in expected:
            assert all(torch.equal(a, b) for a, b in zip(batch, other.draw(), strict=True))


def test_a_stream_is_decided_by_its_seed() -> None:
    puzzles = Puzzles(*[solved_grids(Board.of("4x4"), 10).numpy()] * 2)
    one, again, other = (PuzzleStream(puzzles, 8, seed).draw().tokens for seed in (5, 5, 6))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_on_another_kind_of_device_a_stream_goes_on_with_draws_of_its_own() -> None:
    answers = solved_grids(Board.of("4x4"), 10).numpy()
    puzzles = Puzzles(answers, answers)
    on_a_gpu = {"generator": torch.arange(16, dtype=torch.uint8), "device": "cuda"}  # means nothing to a CPU
    drawn = []
    for seed in (0, 1):
        stream = PuzzleStream(puzzles, batch_size=8, seed=seed)
        stream.load_state_dict(on_a_gpu)
        drawn.append(stream.draw().tokens)
    assert torch.equal(*drawn)  # decided by what was saved
    assert not torch.equal(drawn[0], PuzzleStream(puzzles, batch_size=8, seed=0).draw().tokens)


def test_hints_of_a_stream_leave_the_blanks_it_is_told_to() -> None:
    puzzles = generate(20, "minimal", "4x4", seed=0)
    stream = PuzzleStream(puzzles, batch_size=200, seed=0, hint_fraction=1.0, hint_min_blanks=6)
    batch = stream.draw()
    assert (batch.tokens == 1).sum(dim=1).min() == 6
    assert ((batch.tokens == 1) | (batch.tokens == batch.answers)).all()


def test_a_leak_is_refused_unless_allowed() -> None:
    recipe = Recipe(train_set="generate 4x4 minimal 30", test_set="generate 4x4 minimal 10")
    with pytest.raises(InputError, match="allow_leak=true"):
        load_data(recipe)
    data = load_data(recipe.replace({"allow_leak": True}))
    assert (len(data.train), len(data.test), len(data.leak)) == (30, 10, 10)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"train_set": "generate 4x4 minimal"}, "generate BOARD KIND COUNT"),
        ({"train_set": "generate 4x4 minimal 20 20"}, "generate BOARD KIND COUNT"),
        ({"train_set": "generate 4x4 minimal many"}, "generate BOARD KIND COUNT"),
        ({"train_set": "nowhere.csv"}, "nowhere"),
        ({"test_set": "generate 6x6 minimal 3"}, "choose two sets that are alike"),
        ({"train_sources": "magic"}, "no source"),
    ],
)
def test_sets_that_do_not_fit_are_named(settings: dict[str, str], sentence: str) -> None:
    sets = {"train_set": "generate 4x4 minimal 20", "test_set": "generate 4x4 minimal 5", **settings}
    with pytest.raises(InputError, match=sentence):
        load_data(Recipe(allow_leak=True).replace(sets))


def of_sources(**counts: int) -> Puzzles:
    """Solved 4x4 grids, so many of each source."""
    answers = solved_grids(Board.of("4x4"), sum(counts.values())).numpy()
    return Puzzles(answers, answers, np.repeat(list(counts), list(counts.values())))


def test_a_small_set_is_drawn_in_the_mix_that_is_asked_for() -> None:
    large, test = of_sources(hard=200, easy=100, odd=50), of_sources(easy=30, hard=10)
    drawn = draw_mixed(large, 41, source_shares(test), seed=3)
    assert source_shares(drawn) == pytest.approx({"easy": 31 / 41, "hard": 10 / 41})
    again, other = (draw_mixed(large, 41, source_shares(test), seed) for seed in (3, 4))
    assert np.array_equal(drawn.tokens, again.tokens)
    assert not np.array_equal(drawn.tokens, other.tokens)


def test_a_source_with_too_few_puzzles_for_its_share_is_named() -> None:
    with pytest.raises(InputError, match='of source "odd" must be drawn, but the training set has 5'):
        draw_mixed(of_sources(hard=100, odd=5), 40, {"hard": 0.5, "odd": 0.5}, seed=0)
    with pytest.raises(InputError, match="train_size is 106, but the training set has 105 puzzles"):
        draw_mixed(of_sources(hard=100, odd=5), 106, {"hard": 0.9, "odd": 0.1}, seed=0)


def test_the_size_of_the_training_set_is_a_setting() -> None:
    recipe = Recipe(train_set="generate 4x4 minimal 30", test_set="generate 4x4 easy 10", allow_leak=True)
    assert len(load_data(recipe.replace({"train_size": 12})).train) == 12
    with pytest.raises(InputError, match="has 0"):
        load_data(recipe.replace({"train_size": 12, "train_mix": "test"}))
