"""The metrics file: whole lines at any moment, and nothing after the checkpoint when a run goes on."""

import json
from pathlib import Path

import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.training import load_recipe, train
from hrm_probe.training.metrics import FIELDS, MetricsFile, averages, is_ours


def test_lines_are_there_as_soon_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    metrics = MetricsFile(path)
    metrics.write({"step": 1, "loss": 0.5})
    assert json.loads(path.read_text()) == {"step": 1, "loss": 0.5}
    metrics.close()


def test_a_resumed_file_is_cut_back_to_its_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    metrics = MetricsFile(path)
    metrics.write({"step": 1})
    at_checkpoint = metrics.offset
    metrics.write({"step": 2})
    path.open("a").write('{"step": 3, "lo')  # killed while writing
    resumed = MetricsFile(path, keep=at_checkpoint)
    assert resumed.offset == at_checkpoint
    resumed.write({"step": 2})
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 2]


def test_a_file_that_lost_its_end_is_not_filled_with_nothing(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\n')
    MetricsFile(path, keep=1000).write({"step": 2})
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 2]


def test_a_new_run_starts_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text("old\n")
    MetricsFile(path).close()
    assert path.read_text() == ""


def test_sums_become_means_over_rows_and_over_finished_rows() -> None:
    counts = dict.fromkeys(FIELDS, 0.0) | {"rows": 8, "loss": 4, "finished": 2, "finished_segments": 9}
    means = averages(torch.tensor([float(counts[name]) for name in FIELDS]))
    assert (means["loss"], means["finished_segments"], means["finished"]) == (0.5, 4.5, 2)


def test_where_no_row_finished_there_is_no_mean() -> None:
    means = averages(torch.zeros(len(FIELDS)))
    assert means["finished"] == 0
    assert means["finished_exact"] is means["finished_segments"] is means["finished_halt_right"] is None


def test_what_is_not_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        MetricsFile(tmp_path / "m").write({"loss": float("nan")})


@pytest.mark.parametrize(
    ("there", "begins"),
    [("mine\n", False), ('{"step": 1, "progress": 0.1}\n', True), ('{"a": 1}\n', False), ("", True)],
)
def test_a_file_that_is_no_trainings_is_not_written_over(tmp_path: Path, there: str, begins: bool) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text(there)
    assert is_ours(path) == begins
    if not begins:
        with pytest.raises(InputError, match=r"holds a metrics\.jsonl that no training wrote"):
            train(load_recipe("toy-4x4"), tmp_path)
        assert path.read_text() == there
