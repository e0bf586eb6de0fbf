"""Planted ways of finding a way are told apart, and what grows at random has no order."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.mazes import PATH, Anatomy, anatomy, generate
from hrm_probe.models import ModelConfig, RecursiveReasoner, Tasks, build_model
from hrm_probe.reasoning import path_growth
from hrm_probe.reasoning.deducing import path_growth as module
from hrm_probe.reasoning.deducing.path_growth import PathGrowth
from hrm_probe.reasoning.result import share_of
from hrm_probe.reasoning.runs.decoding import Decoded, Reads
from hrm_probe.reasoning.statistics.means import mean_over_puzzles
from hrm_probe.reasoning.statistics.ordered_pairs import Pairs
from hrm_probe.sudoku import load_puzzles

SEGMENTS, CYCLES = 12, 2
MAZES = generate(40, "maze", "11x11", seed=4)
PARTS = anatomy(MAZES)
Planted = Callable[[Anatomy], np.ndarray]
"""Which cells are shown as path at each read: bool [maze, read, row, column]."""


def model_for(mazes: Tasks) -> RecursiveReasoner:
    side = mazes.tokens.shape[1]
    return build_model(
        ModelConfig(cells=side, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=SEGMENTS)
    )


def by_read(when: np.ndarray) -> np.ndarray:
    """Shown from the read on that is told of each cell, never where that is -1."""
    reads = np.arange(1, SEGMENTS * CYCLES + 1)[None, :, None, None]
    return (when[:, None] > 0) & (when[:, None] <= reads)


def asked(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, mazes: Tasks = MAZES, groups: np.ndarray | None = None
) -> PathGrowth:
    """What is found of a model that shows what was planted."""
    shown = planted(anatomy(mazes)).reshape(len(mazes), SEGMENTS * CYCLES, -1)
    tokens = np.where(shown, PATH, mazes.tokens[:, None]).astype(np.int16)
    grids = tokens.reshape(len(mazes), SEGMENTS, CYCLES, -1)
    nothing = np.zeros(grids.shape[:3])
    reads = Reads(((1, 0), (2, 0)), predictions=grids, loss=nothing, entropy=nothing, q_halt=nothing)
    decoded = Decoded({"z_H": reads}, grids[:, :, -1], 0.0)
    monkeypatch.setattr(module, "decode_updates", lambda *_, **__: decoded)
    return path_growth(model_for(mazes), mazes, groups=groups)


def drawn(*rows: str) -> Tasks:
    signs = {"#": 1, " ": 2, "S": 3, "G": 4, "o": PATH}
    answers = np.array([[signs[sign] for row in rows for sign in row]])
    return Tasks(np.where(answers == PATH, 2, answers), answers)


# At the second cell of the way a branch of one cell, at the fourth one of two, and from the fifth to the seventh a
# detour of five.
FORKED = drawn(
    "#########", "#########", "#####   #", "##### # #", "SoooooooG", "## # ####", "#### ####", "#########", "#########"
)  # fmt: skip


def from_the_start(parts: Anatomy) -> np.ndarray:
    """Two cells a read."""
    return by_read(np.where(parts.way, (parts.steps + 1) // 2, -1))


def too_slowly(parts: Anatomy) -> np.ndarray:
    """A cell a read from the tenth on: ways of more than 15 cells are not found in time."""
    return by_read(np.where(parts.way, parts.steps + 9, -1))


def from_both_ends(parts: Anatomy) -> np.ndarray:
    last = parts.way.sum((1, 2))[:, None, None] + 1
    return by_read(np.where(parts.way, np.minimum(parts.steps, last - parts.steps), -1))


def by_filling_dead_ends(parts: Anatomy) -> np.ndarray:
    latest = parts.opened.max((1, 2))[:, None, None] + 1
    return by_read(np.where(parts.way, 1 + np.where(parts.opened < 0, latest, parts.opened), -1))


def at_random(parts: Anatomy) -> np.ndarray:
    drawn = np.random.default_rng(0).integers(1, 20, parts.way.shape)
    return by_read(np.where(parts.way, drawn, -1))


def all_ways_at_once(parts: Anatomy) -> np.ndarray:
    """The way and all detours from the first read on; those vanish in the fourth segment."""
    shown = np.repeat((parts.way | parts.detours)[:, None], SEGMENTS * CYCLES, axis=1)
    shown[:, 3 * CYCLES :] &= parts.way[:, None]
    return shown


def share(found: PathGrowth, order: str) -> float:
    return float(found.orders.set_index("order").loc[order, "share"])


def test_a_way_that_grows_from_the_start_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(from_the_start, monkeypatch)
    assert share(found, module.FROM_START) == 1
    assert found.orders["shuffled"].iloc[:2].sub(0.5).abs().max() < 0.1  # of forks there are few pairs
    first = found.orders.iloc[0]
    assert f"{first['together']:.0%} arrive together" in str(found)
    assert f"is first in 100% [{first['low']:.0%}, 100%] ({first['shuffled']:.0%} when shuffled)" in str(
        found
    )
    assert (found.by_read["joined"].dropna() == 1).all()
    assert found.by_read["way"].is_monotonic_increasing


def test_one_that_grows_from_both_ends_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(from_both_ends, monkeypatch)
    assert share(found, module.FROM_ENDS) == 1
    assert (found.by_read["joined"].dropna() == 1).all()
    assert share(found, module.FROM_START) == pytest.approx(0.5, abs=0.02)
    assert share(found, module.BY_FILLING_ALONE) == 0


def test_filling_dead_ends_is_a_third(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(by_filling_dead_ends, monkeypatch)
    assert share(found, module.BY_FILLING) == 1
    assert share(found, module.BY_FILLING_ALONE) == 1
    assert share(found, module.FROM_START) == pytest.approx(0.5, abs=0.08)


def test_what_comes_at_random_has_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(at_random, monkeypatch)
    for row in found.orders.itertuples():
        assert row.low < 0.5 < row.high, row.order
    assert found.by_read["joined"].iloc[3] < 0.9


def test_ways_that_are_given_up_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(all_ways_at_once, monkeypatch)
    assert found.solved.estimate == 1
    assert (found.by_read["way"] == 1).all()
    assert (found.by_read["dead_ends"] == 0).all()
    assert found.by_read["detours"].tolist() == [1.0] * 3 * CYCLES + [0.0] * (SEGMENTS - 3) * CYCLES
    has_some = PARTS.detours.any((1, 2))
    assert (found.table["strays"].to_numpy()[has_some] > 0).all()
    assert (found.table["strays_last"] == 0).all()
    assert found.orders["pairs"].fillna(0).sum() == 0
    assert (found.table["together"] == 1).all()
    assert "Read 1 (segment 1) shows as path 100% of the way, 0.0% of dead ends, 100.0% of detours." in str(
        found
    )


def test_only_solved_mazes_have_an_order(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(too_slowly, monkeypatch)
    late = MAZES.rating > 16
    assert 10 < late.sum() < 30
    assert found.table["solved"].tolist() == (~late).tolist()
    assert found.table[module.FROM_START].isna().tolist() == late.tolist()
    failures = found.failures.set_index("failure")
    assert (failures.loc["in pieces", "count"], failures.loc["in pieces", "share"]) == (late.sum(), 1)


def test_where_nothing_branches_no_forks_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    corridor = drawn("#########", "SoooooooG", *["#########"] * 7)
    told = str(asked(from_the_start, monkeypatch, corridor))
    assert "No two forks arrive apart." in told
    assert "branches" not in told
    assert "Of forks the one" in str(asked(from_the_start, monkeypatch))


class TestPairs:
    """Of FORKED, whose forks are the second, fourth, fifth and seventh cells of its way."""

    def counted(self, *arrival: int, solved: bool = True, seed: int = 0) -> tuple[list[Pairs], list[Pairs]]:
        """By order: as the cells of the way arrive, and shuffled. 0 never does."""
        parts = anatomy(FORKED)
        when = np.zeros(parts.way.shape, int)
        when[parts.way] = arrival
        counts, shuffled = module.orders_of(by_read(when), np.array([solved]), parts, seed)
        return [counts[order][0] for order in module.ORDERS], [shuffled[order][0] for order in module.ORDERS]

    def test_a_detour_is_filled_after_all_branches(self) -> None:
        (_, _, filled, alone), _ = self.counted(9, 1, 9, 2, 3, 9, 3)
        assert filled == (5, 0, 0)  # all but that of fifth and seventh
        assert alone == (3, 0, 0)  # second and seventh, fourth and fifth, fourth and seventh

    def test_the_goal_is_one_step_beyond_the_way(self) -> None:
        (_, ends, _, _), _ = self.counted(1, 2, 3, 4, 3, 2, 1)
        assert ends == (18, 0, 0)  # of 21 pairs three are as near

    def test_the_shuffling_has_a_seed(self) -> None:
        one, again, other = (self.counted(*range(1, 8), seed=seed)[1] for seed in (0, 0, 1))
        assert one == again != other

    def test_none_are_counted_of_a_maze_that_is_not_solved_or_a_way_that_is_not_there_at_the_end(
        self,
    ) -> None:
        for found in (self.counted(*range(1, 8), solved=False), self.counted(0, *range(1, 7))):
            assert {pairs for counts in found for pairs in counts} == {(0, 0, 0)}


def test_a_table_tells_of_each_maze_and_each_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """First nothing is shown, then a detour and the ends of it, then the way and one cell of a dead end."""
    parts = anatomy(FORKED)
    shown = np.repeat(parts.way[:, None], SEGMENTS * CYCLES, axis=1)
    shown[0, :, 5, 2] = True
    shown[:, 0] = False
    shown[:, 1] = parts.detours | np.isin(parts.steps, (5, 7))
    found = asked(lambda _: shown, monkeypatch, FORKED)
    (row,) = found.table.to_dict("records")
    assert (row["steps"], row["dead_ends"], row["detours"]) == (8, 3, 5)
    assert (row["strays"], row["strays_last"]) == (5 / 8, 1 / 8)
    assert row["failure"] == "more than a way"
    assert found.by_read["joined"].iloc[:3].tolist() == pytest.approx([np.nan, 1 / 2, 1], nan_ok=True)
    assert "Read 2 (segment 1) shows as path 29% of the way, 0.0% of dead ends, 100.0% of detours." in str(
        found
    )


def test_mazes_of_a_group_are_resampled_together(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = np.arange(40) // 4
    found = asked(too_slowly, monkeypatch, groups=groups)
    table, last = found.table, found.by_read.iloc[-1]
    solved = table["solved"].to_numpy()
    pieces = found.failures.set_index("failure").loc["in pieces"]
    shown = np.minimum(15 / PARTS.way.sum((1, 2)), 1)
    for row, values in (
        (found.orders.iloc[1], table[module.FROM_ENDS].to_numpy()),
        (last.filter(like="way"), shown),
    ):
        expected = mean_over_puzzles(values, groups, 0)
        assert row.filter(regex="(^|_)(low|high)$").tolist() == [expected.low, expected.high]
    assert found.solved == share_of(solved, groups, seed=0)
    assert pieces["low"] == share_of(~solved, groups, ~solved, 0).low


class TestFailures:
    def shown(self, kind: str) -> np.ndarray:
        way = PARTS.way.copy()
        for i in range(len(way)):
            row, column = np.argwhere(way[i])[2]
            if kind == "in pieces":
                way[i, row, column] = False
            elif kind == "through a wall":
                way[i][tuple(np.argwhere(~PARTS.free[i])[0])] = True
            else:
                way[i] |= PARTS.dead_ends[i]
        return way

    @pytest.mark.parametrize("kind", ["in pieces", "through a wall", "more than a way"])
    def test_each_kind_is_known(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        shown = self.shown(kind)
        found = asked(lambda _: np.repeat(shown[:, None], SEGMENTS * CYCLES, axis=1), monkeypatch)
        assert found.solved.estimate == 0
        failures = found.failures.set_index("failure")
        assert failures.loc[kind, "count"] == len(MAZES)
        assert failures["count"].sum() == len(MAZES)
        assert f"Failures: {kind} 100%." in str(found)
        assert "No maze is solved whose way arrives bit by bit." in str(found)

    def test_a_right_way_among_wrong_walls_is_no_other_way(self) -> None:
        kinds = module.kinds_of_failure(PARTS.way, PARTS)
        assert set(kinds) == {"the way, other cells wrong"}

    def test_a_right_way_that_is_shown_over_an_end_is_no_other_way(self) -> None:
        for end in (PARTS.start, PARTS.goal):
            assert set(module.kinds_of_failure(PARTS.way | end, PARTS)) == {"the way, other cells wrong"}

    def test_a_way_in_pieces_through_a_wall_goes_through_a_wall(self) -> None:
        shown = self.shown("in pieces") | self.shown("through a wall") & ~PARTS.free
        assert set(module.kinds_of_failure(shown, PARTS)) == {"through a wall"}

    def test_a_longer_way_is_a_way(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The way around: five steps where three would do."""
        maze = drawn("SooG#", " ## #", "    #", "#####", "#####")
        around = np.zeros((1, 5, 5), bool)
        around[0, 1:3, (0, 3)] = around[0, 2, :4] = True
        found = asked(lambda _: np.repeat(around[:, None], SEGMENTS * CYCLES, axis=1), monkeypatch, maze)
        assert found.table["failure"].tolist() == ["another way"]
        parts = anatomy(maze)
        assert module.kinds_of_failure(around | parts.start, parts).tolist() == [
            "another way"
        ]  # shown over an end


def test_a_model_is_read_as_it_runs() -> None:
    model = model_for(MAZES)
    found = path_growth(model, MAZES[:6], segments=3, batch_size=4)
    assert found.control == 0
    assert found.by_read["segment"].tolist() == [1, 1, 2, 2, 3, 3]
    grid = model.run(MAZES[:6].tokens, 3).predictions[-1] == PATH
    way = torch.as_tensor(MAZES[:6].answers) == PATH
    expected = ((grid & way).sum(1) / way.sum(1)).mean().item()
    assert found.by_read["way"].iloc[-1] == pytest.approx(expected)
    assert len(path_growth(model, MAZES[:6], segments=3, site="z_L").by_read) == 12


def test_what_is_no_maze_is_refused() -> None:
    model = model_for(MAZES)
    with pytest.raises(
        InputError, match=r"these are Puzzles; give Tasks, such as hrm_probe\.mazes\.generate"
    ):
        path_growth(model, load_puzzles("6x6-test", 5))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="Task 0 has tokens that no maze has"):
        path_growth(model, Tasks(np.full((1, 121), 5), np.full((1, 121), 5)))
    with pytest.raises(InputError, match="reads one site"):
        path_growth(model, MAZES, site=["z_L", "L.blocks.0.hook_resid_post"])  # type: ignore[arg-type]
