"""A demo at toy size: untrained models on 4x4 puzzles, a few segments, few starts."""

import pytest

from hrm_probe.demo import Evidence, Settings
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.sudoku import generate

SETTINGS = Settings(
    model="one",
    mixed="two",
    other="three",
    puzzles="toy",
    kind=None,
    n=12,
    n_blanks=6,
    blanks=(1, 3),
    stories=6,
    restarted=4,
    explored=2,
    starts=4,
    resolution=7,
)


def toy_model(seed: int, architecture: str = "hrm"):
    config = ModelConfig(
        architecture=architecture,
        vocab=6,
        cells=16,
        d_model=16,
        n_heads=2,
        H_layers=1,
        L_layers=1,
        max_segments=6,
    )
    return build_model(config, seed)


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    path = tmp_path_factory.mktemp("toy") / "toy.csv"
    generate(12, "minimal", "4x4", seed=5).to_csv(path)
    models = {"one": toy_model(0), "two": toy_model(1), "three": toy_model(2, "trm")}
    from dataclasses import replace

    return Evidence(replace(SETTINGS, puzzles=str(path)), given=models, progress=False)
