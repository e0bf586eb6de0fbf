"""Ways through mazes: how long the shortest are, and how many there are of them."""

import networkx
import numpy as np

from hrm_probe.mazes import ways


def free_of(*rows: str) -> np.ndarray:
    return np.array([[[sign != "#" for sign in row] for row in rows]])


def at(shape: tuple[int, ...], row: int, column: int) -> np.ndarray:
    start = np.zeros(shape, bool)
    start[:, row, column] = True
    return start


def test_a_winding_way_is_counted_step_by_step() -> None:
    free = free_of("  #", "# #", "#  ")
    found = ways(free, at(free.shape, 0, 0))
    assert found.steps.tolist() == [[[0, 1, -1], [-1, 2, -1], [-1, 3, 4]]]
    assert found.number.tolist() == [[[1, 1, 0], [0, 1, 0], [0, 1, 1]]]


def test_a_way_may_lead_through_every_cell() -> None:
    free = free_of("    ")
    assert ways(free, at(free.shape, 0, 0)).steps.tolist() == [[[0, 1, 2, 3]]]


def test_two_ways_around_a_wall_are_two() -> None:
    free = free_of("   ", " # ", "   ")
    found = ways(free, at(free.shape, 0, 0))
    assert found.number.tolist() == [[[1, 1, 1], [1, 0, 1], [1, 1, 2]]]
    assert found.steps[0, 2, 2] == 4


def test_what_cannot_be_reached_has_no_way() -> None:
    free = free_of(" # ", "###", "   ")
    found = ways(free, at(free.shape, 0, 0))
    assert (found.steps == np.where(found.number > 0, 0, -1)).all()
    assert found.number.sum() == 1


def test_no_mazes_have_no_ways() -> None:
    none = np.zeros((0, 5, 5), bool)
    assert ways(none, none).steps.shape == (0, 5, 5)


def test_a_library_of_graphs_finds_the_same() -> None:
    rng = np.random.default_rng(0)
    free = rng.random((20, 7, 7)) < 0.7
    free[:, 3, 3] = True
    found = ways(free, at(free.shape, 3, 3))
    for maze, steps, number in zip(free, found.steps, found.number, strict=True):
        graph = networkx.grid_2d_graph(7, 7)
        graph.remove_nodes_from([cell for cell in list(graph) if not maze[cell]])
        there = networkx.single_source_shortest_path_length(graph, (3, 3))
        for cell in np.ndindex(7, 7):
            assert steps[cell] == there.get(cell, -1)
            several = len(list(networkx.all_shortest_paths(graph, (3, 3), cell))) if cell in there else 0
            assert number[cell] == min(several, 2)
