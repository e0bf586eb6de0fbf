"""The picture of an answer."""

import pytest

from hrm_probe import reasoning
from hrm_probe.errors import InputError
from hrm_probe.mazes import generate as generate_mazes
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.plots import answer_figure, has_picture
from hrm_probe.sudoku import generate


@pytest.fixture(scope="module")
def model():
    return build_model(
        ModelConfig(cells=16, vocab=6, d_model=32, n_heads=2, H_layers=1, L_layers=1, max_segments=6)
    )


@pytest.fixture(scope="module")
def puzzles():
    return generate(8, "minimal", "4x4", seed=0)


@pytest.mark.parametrize(
    ("question", "how", "panels"),
    [
        ("evaluate", {}, 1),
        ("blanks", {"segments": 4}, 1),
        ("jumps", {}, 3),
        ("modes", {}, 1),
        ("lens", {}, 1),
        ("attention", {}, 3),
        ("attention", {"parts": "edges"}, 1),
        ("leaks", {"biases": [-1.0]}, 2),
        ("exclusion", {}, 2),
        ("deduction_order", {}, 3),
        ("single_blank", {}, 2),
        ("probes", {"segments": 2}, 1),
        ("interventions", {"segments": 2, "at": 1}, 3),
        ("interventions", {"segments": 2, "kinds": "ablation"}, 1),
        ("residuals", {"segments": 2}, 1),
        ("dimensions", {"segments": 2, "untrained": 1, "tasks": 2}, 2),
        ("locality", {"after": 1, "untrained": 1}, 2),
        ("particles", {"segments": 3, "particles": 3}, 2),
        ("particles", {"segments": 3, "particles": 3, "guides": "chance"}, 1),
    ],
)
def test_an_answer_has_a_panel_for_each_of_its_tables(question, how, panels, model, puzzles):
    found = getattr(reasoning, question)(model, puzzles, **how)
    figure = answer_figure(found, "tiny")
    figure.canvas.draw()
    assert has_picture(found)
    assert len([ax for ax in figure.axes if ax.get_xlabel() or ax.get_title() or ax.has_data()]) >= panels
    assert figure.get_suptitle() == "tiny"


def test_guesses_have_a_panel_for_each_source(model, puzzles):
    found = reasoning.guesses(model, puzzles, n_guesses=2, segments=2)
    titles = [ax.get_title(loc="left") for ax in answer_figure(found).axes]
    assert titles == list(dict.fromkeys(found.table["source"]))
    assert len(titles) > 1


def test_a_maze_has_a_panel_for_its_reads_and_one_for_its_orders():
    mazes = generate_mazes(6, "maze", "5x5")
    config = ModelConfig(cells=25, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=3)
    figure = answer_figure(reasoning.path_growth(build_model(config), mazes), "tiny")
    figure.canvas.draw()
    assert [ax.get_xlabel() for ax in figure.axes] == ["segment", "share in order"]


def test_a_landscape_has_three_views(model, puzzles):
    found = reasoning.state_landscape(model, puzzles[:1], resolution=3, starts=2)
    assert len(answer_figure(found).axes) >= 3


def test_what_has_no_picture_is_refused_with_what_has(model, puzzles):
    found = reasoning.follow(model, puzzles)
    assert not has_picture(found)
    with pytest.raises(InputError, match=r"no picture of a Curves; there are pictures of .*Attention"):
        answer_figure(found)
