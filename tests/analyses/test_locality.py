"""From models to how far a disturbance of one of their cells reaches, and again from what was saved."""

import importlib
import json
from pathlib import Path

locality = importlib.import_module("locality")


def test_from_models_to_how_far_a_cell_reaches(tmp_path: Path) -> None:
    arguments = ["hrm-6x6", "trm-6x6", "--n", "3", "--singles", "12", "--out", str(tmp_path)]
    assert locality.main(arguments) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"locality.{kind}" for kind in ("png", "pdf", "html", "json")
    }
    numbers = (tmp_path / "locality.json").read_text()
    models = json.loads(numbers)["models"]
    hrm, trm = models["hrm-6x6"], models["trm-6x6"]
    assert (hrm["kind"], trm["kind"]) == ("HRM, attention", "TRM, MLP")
    assert hrm["given"]["H"]["low"] > 1
    assert hrm["given"]["L_over_H"]["high"] < trm["given"]["L_over_H"]["low"]
    steps = {row["step"] for row in hrm["given"]["table"]}
    assert steps == {"L-update", "H-update", "1 segment", "4 segments"}
    assert hrm["single_blanks_solved"]["estimate"] < trm["single_blanks_solved"]["estimate"]
    (tmp_path / "locality.png").unlink()
    assert locality.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "locality.png").exists()
    assert (tmp_path / "locality.json").read_text() == numbers
