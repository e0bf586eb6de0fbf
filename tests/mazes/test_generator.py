"""Mazes: joined, with one shortest way that is the answer, none twice."""

import networkx
import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.mazes import KINDS, generate, generator, solve
from hrm_probe.mazes.tokens import GOAL, PATH, SPACE, START, WALL
from hrm_probe.models import Tasks
from hrm_probe.models.turning import turnings


def graph_of(tokens: np.ndarray) -> networkx.Graph:
    side = int(len(tokens) ** 0.5)
    graph = networkx.grid_2d_graph(side, side)
    graph.remove_nodes_from([cell for cell in list(graph) if tokens[cell[0] * side + cell[1]] == WALL])
    return graph


def ends_of(tokens: np.ndarray) -> list[tuple[int, int]]:
    side = int(len(tokens) ** 0.5)
    return [divmod(int(np.flatnonzero(tokens == end).item()), side) for end in (START, GOAL)]


@pytest.fixture(scope="module", params=KINDS)
def made(request: pytest.FixtureRequest) -> Tasks:
    return generate(60, request.param, "9x9", seed=3)


def test_the_answer_is_the_only_shortest_way(made: Tasks) -> None:
    for tokens, answer, steps in zip(made.tokens, made.answers, made.rating, strict=True):
        (way,) = networkx.all_shortest_paths(graph_of(tokens), *ends_of(tokens))
        expected = tokens.copy()
        for row, column in way[1:-1]:
            expected[row * 9 + column] = PATH
        assert answer.tolist() == expected.tolist()
        assert steps == len(way) - 1 >= 9


def test_all_cells_where_one_can_walk_are_joined(made: Tasks) -> None:
    assert all(networkx.is_connected(graph_of(tokens)) for tokens in made.tokens)


def test_a_tree_has_no_loop_and_a_maze_has_some() -> None:
    for kind, loops in (("tree-maze", False), ("maze", True)):
        found = [networkx.cycle_basis(graph_of(tokens)) for tokens in generate(60, kind, "9x9").tokens]
        assert any(found) == loops


def test_one_in_ten_of_the_walls_that_a_tree_leaves_between_rooms_is_broken() -> None:
    rooms, between = 25, 40  # of a 9x9
    free = (generate(400, "maze", "9x9").tokens != WALL).sum(1)
    broken = (free - rooms - (rooms - 1)) / (between - (rooms - 1))
    assert broken.mean() == pytest.approx(0.1, abs=0.02)  # 5 standard deviations


def test_all_cells_are_asked_for_and_told_of(made: Tasks) -> None:
    assert made.asked.all()
    assert set(np.unique(made.tokens)) == {WALL, SPACE, START, GOAL}
    assert set(made.source) < set(KINDS)
    assert ((made.tokens == made.answers) | (made.answers == PATH)).all()


def test_none_is_a_turned_copy_of_another() -> None:
    made = generate(400, "tree-maze", 5)
    copies = made.tokens[:, turnings(25)]
    forms = {min(tuple(one) for one in each) for each in copies}
    assert len(forms) == 400
    assert (made.rating == solve(made.tokens).steps).all()  # of those that were kept


def test_ends_and_walls_are_where_chance_puts_them() -> None:
    made = generate(2000, "maze", "7x7", seed=1)
    rooms = np.zeros((7, 7), bool)
    rooms[::2, ::2] = True
    for end in (START, GOAL):
        share = (made.tokens == end).mean(0).reshape(7, 7)
        assert (share[rooms] > 0.02).all()
        assert (share[~rooms] == 0).all()
    walls = (made.tokens == WALL).mean(0).reshape(7, 7)
    assert (walls[1::2, 1::2] == 1).all()  # pillars
    assert np.allclose(walls, walls.T, atol=0.06)
    assert np.allclose(walls, np.rot90(walls), atol=0.06)


def test_the_goal_is_as_far_as_is_wanted() -> None:
    assert generate(100, "tree-maze", "9x9").rating.max() > 18  # there is no upper end of its own
    near = generate(50, "maze", "9x9", steps=(2, 2))
    assert (near.rating == 2).all()
    assert ((near.answers == PATH).sum(1) == 1).all()
    assert set(generate(200, "maze", "9x9", steps=(4, 8)).rating) == {4, 6, 8}
    for wrong in ((8, 4), (4,)):
        with pytest.raises(InputError, match="give the least number and the most"):
            generate(5, "maze", "9x9", steps=wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="Only 0 distinct mazes of 5x5 turned up"):
        generate(5, "maze", "5x5", steps=(3, 3))


def test_the_shape_may_be_a_side_or_text_with_space_around() -> None:
    for shape in (7, " 7x7 "):
        assert (generate(3, "maze", shape).tokens == generate(3, "maze", "7x7").tokens).all()


def test_equal_seeds_give_equal_mazes() -> None:
    one, again, other = (generate(20, "maze", "7x7", seed=seed) for seed in (5, 5, 6))
    assert (one.answers == again.answers).all()
    assert (one.answers != other.answers).any()
    assert (generate(10, "maze", "7x7", seed=5).answers == one.answers[:10]).all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((5, "labyrinth"), 'no kind of maze "labyrinth"; choose maze or tree-maze'),
        ((5, "maze", "11x9"), 'odd side, like "11x11" or "15x15", not \'11x9\''),
        ((5, "maze", 8), "odd side"),
        ((5, "maze", "wide"), "odd side"),
        ((5, "maze", "7x7x7"), "odd side"),
        ((5, "maze", 3), "shape is 3; it must be from 5 to 99"),
        ((0, "maze"), "n is 0"),
        ((5, "maze", 7, -1), "seed is -1"),
    ],
)
def test_what_cannot_be_made_is_refused(arguments: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        generate(*arguments)  # type: ignore[arg-type]


def test_where_there_are_no_more_it_says_so() -> None:
    with pytest.raises(
        InputError, match=r"Only \d+ distinct tree-mazes of 5x5 turned up; ask for fewer than 50,000"
    ):
        generate(50_000, "tree-maze", "5x5")


def test_copies_of_what_is_there_do_not_end_it_while_new_ones_turn_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One at a time, more than twenty are copies before there are 200, but never twenty in a row."""
    monkeypatch.setattr(generator, "AT_ONCE", 1)
    assert len(generate(200, "tree-maze", "5x5")) == 200
