"""What is said where no terminal is."""

import pytest

from hrm_probe.training.display import Display


def test_lines_are_few_and_tell_speed_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    with Display("toy") as display:
        for progress in (0.1, 0.2, 0.3, 1.0):
            display.update(progress, 12.34, 65.0, "loss 0.5")
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "toy:  10%, 12.3 steps/s, 1:05 left, loss 0.5",
        "toy: 100%, 12.3 steps/s, 1:05 left, loss 0.5",
    ]
