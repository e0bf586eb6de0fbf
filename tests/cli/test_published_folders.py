"""From a published checkpoint and a published data set of mazes, both on disk, to answers."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import hrm_probe
from hrm_probe.models import ModelConfig, export_published
from hrm_probe.reasoning import jumps, modes
from hrm_probe.reasoning.solving.at_halt import evaluate_at_halt
from tests.models.published.folders import mazes, write_folder
from tests.models.variants import lively

CONFIG = ModelConfig(
    cells=25, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, puzzles=3, max_segments=5
)


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """Mazes in two puzzles of three examples, the second solved by construction, and the model's weights."""
    folder, model = tmp_path_factory.mktemp("disk"), lively(CONFIG)
    tokens, labels = mazes(6)
    says = model.run(tokens, 5, np.array([1, 1, 1, 2, 2, 2])).predictions[-1].numpy()
    labels[3:] = says[3:]  # its padding, if it says any, is not asked for
    write_folder(
        folder / "maze" / "test", tokens, labels, identifiers=[1, 2], starts=[0, 3, 6], groups=[0, 2]
    )
    torch.save(export_published(model), folder / "step_5")
    (folder / "all_config.yaml").write_text(
        "arch: {name: hrm.hrm_act_v1@HRM, hidden_size: 16, num_heads: 2, H_layers: 1, L_layers: 1, H_cycles: 2, "
        "L_cycles: 2, halt_max_steps: 5, puzzle_emb_ndim: 16, pos_encodings: rope, forward_dtype: float32}\n"
        "data_path: data/maze-5x5\n"
    )
    return folder


def test_three_lines_lead_to_jumps(disk) -> None:
    model = hrm_probe.import_checkpoint(disk / "step_5")
    tasks = hrm_probe.load_tasks(disk / "maze" / "test")
    found = jumps(model, tasks, groups=tasks.group)
    assert found.table["solved"].tolist() == [False] * 3 + [True] * 3
    assert modes(model, tasks).table["solved"].tolist() == [False] * 3 + [True] * 3
    assert len(evaluate_at_halt(model, tasks).table) == 6


def test_the_command_line_evaluates_and_records_them(disk, typed) -> None:
    assert typed("import", disk / "step_5", "--out", "model").status == 0
    done = typed("evaluate", "model", "--puzzles", disk / "maze" / "test", "--segments", 5, "--json", "-")
    told = json.loads(done.out)
    assert told["counts"] == {
        "puzzles": 6, "solved": 3, "solved_at_halt": told["counts"]["solved_at_halt"],
        "solved_at_any_segment": told["counts"]["solved_at_any_segment"],
        "solved_then_lost": told["counts"]["solved_at_any_segment"] - 3,
    }  # fmt: skip
    done = typed("record", "model", "--puzzles", disk / "maze" / "test", "--out", "trace", "--segments", 5)
    assert done.status == 0, done.err
    trace, tasks = hrm_probe.open_trace("trace"), hrm_probe.load_tasks(disk / "maze" / "test")
    assert trace["puzzle_ids"].values.tolist() == [1, 1, 1, 2, 2, 2]
    assert jumps(trace, tasks).table["solved"].tolist() == [False] * 3 + [True] * 3


def test_the_command_line_reports_on_them(disk, typed) -> None:
    assert typed("import", disk / "step_5", "--out", "model").status == 0
    topics = ("--topic", "modes", "--topic", "easy_puzzles", "--out", "report")
    done = typed("report", "model", "--puzzles", disk / "maze" / "test", "--minutes", 1, *topics)
    assert done.status == 0, done.err
    assert "6 tasks of 25 cells" in Path("report/report.html").read_text()
    assert done.out.count("These are not Sudokus") == 2
    said = typed("report", "model")
    assert "tasks have 25 cells, as no Sudoku has; name them with --puzzles" in said.sentence
    drawn = typed("figures", "report", "--ask-again", "--puzzles", disk / "maze" / "test")
    assert drawn.status == 0, drawn.err


def test_what_lacks_files_is_refused_in_a_sentence(disk, typed) -> None:
    said = typed("evaluate", "hrm-6x6", "--puzzles", disk / "maze")
    assert "one of its folders: test" in said.sentence
    said = typed("evaluate", "hrm-6x6", "--puzzles", disk / "maze" / "test")
    assert "have 25 cells, but the model is for 36" in said.sentence
    said = typed("report", "hrm-6x6", "--puzzles", disk / "maze" / "test")
    assert "have 25 cells, but the model is for 36" in said.sentence
