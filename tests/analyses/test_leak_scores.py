"""A rise of attention scores with one blank is laid to the planted cause: query, keys, or the number of clues."""

import json
from collections.abc import Callable
from pathlib import Path

import leak_scores
import numpy as np
import pytest
import torch
from torch import Tensor

from hrm_probe.models import HRM, HookPoint, ModelConfig, build_model
from hrm_probe.sudoku import generate

PUZZLES = generate(12, "minimal", "4x4", seed=0)
BLANK = 1
WIDTH = 8
CONFIG = ModelConfig(
    cells=16, vocab=6, d_model=2 * WIDTH, n_heads=2, H_layers=2, L_layers=1, max_segments=2, prefix=1
)
Planted = Callable[[np.ndarray], np.ndarray | float]


def planted(queries: Planted, keys: Planted, monkeypatch: pytest.MonkeyPatch) -> HRM:
    """A model whose queries and keys are constant vectors of these lengths, as told from the tokens it runs on."""
    model, seen = build_model(CONFIG, 0), {}
    run = model.run

    def remember(tokens: np.ndarray, *more: int) -> object:
        seen["tokens"] = np.pad(tokens, ((0, 0), (1, 0)))
        return run(tokens, *more)

    def replace(lengths: Planted) -> Callable[[Tensor, HookPoint], Tensor]:
        return lambda x, hook: (
            torch.ones_like(x) * torch.as_tensor(lengths(seen["tokens"])).reshape(-1, 1, 1, 1)
        )

    def replace_each(lengths: Planted) -> Callable[[Tensor, HookPoint], Tensor]:
        return lambda x, hook: torch.ones_like(x) * torch.as_tensor(lengths(seen["tokens"]))[:, :, None, None]

    monkeypatch.setattr(model, "run", remember)
    model.add_hook("rot_q", replace(queries))
    model.add_hook("rot_k", replace_each(keys))
    return model


def few(tokens: np.ndarray) -> np.ndarray:
    return ((tokens == BLANK).sum(1) == 1).astype(np.float32)


def always(tokens: np.ndarray) -> np.ndarray:
    return np.ones(len(tokens), np.float32)


def everywhere(lengths: Planted) -> Planted:
    return lambda tokens: np.repeat(np.asarray(lengths(tokens))[:, None], tokens.shape[1], 1)


def rises(found: dict, change: str) -> list[float]:
    table = found["scores"]
    return table[table["change"] == change]["rise"].tolist()


@pytest.mark.parametrize("cause", ["query alone", "keys alone"])
def test_a_rise_is_laid_to_the_side_that_it_was_planted_in(
    cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = (few, everywhere(always)) if cause == "query alone" else (always, everywhere(few))
    found = leak_scores.asked(planted(*sides, monkeypatch), PUZZLES, 2, 0)
    other = ({"query alone", "keys alone"} - {cause}).pop()
    assert rises(found, cause) == pytest.approx([np.sqrt(WIDTH)] * 3)
    assert rises(found, "query and keys") == pytest.approx([np.sqrt(WIDTH)] * 3)
    assert rises(found, other) == pytest.approx([0.0] * 3)


def test_where_clues_weigh_more_and_are_only_more_of_them_their_number_explains_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def clues(tokens: np.ndarray) -> np.ndarray:
        return (tokens > BLANK).astype(np.float32)

    found = leak_scores.asked(planted(always, clues, monkeypatch), PUZZLES, 2, 0)
    shares = dict(zip(found["shares"]["run"], found["shares"]["share"], strict=True))
    assert shares["expected from the number of clues"] == pytest.approx(shares["one blank"])
    assert shares["one blank"] > shares["as given"] + 0.02
    assert all(rises(found, change) == pytest.approx([0.0] * 3) for change in leak_scores.CHANGES)


def test_where_nothing_depends_on_the_blanks_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = leak_scores.asked(planted(always, everywhere(always), monkeypatch), PUZZLES, 2, 0)
    assert found["shares"]["share"].tolist() == pytest.approx([8 / 17] * 3)  # 7 peers, itself, the prefix
    assert all(rises(found, change) == pytest.approx([0.0] * 3) for change in leak_scores.CHANGES)


def test_a_cell_that_its_query_spoils_is_solved_with_the_query_of_the_puzzle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, seen = planted(few, everywhere(always), monkeypatch), {}

    def look(scores: Tensor, hook: HookPoint) -> None:
        seen["has_a_query_of_the_puzzle"] = (scores == 0).all(3).all(1).any(1)

    def answer(logits: Tensor, hook: HookPoint) -> Tensor:
        said = torch.nn.functional.one_hot(torch.as_tensor(PUZZLES.answers), logits.shape[-1])
        return said * seen["has_a_query_of_the_puzzle"][:, None, None]

    model.add_hook("H.blocks.1.attn.hook_attn_scores", look)
    model.add_hook("logits", answer)
    solved = leak_scores.asked(model, PUZZLES, 1, 0)["solved"]
    assert solved["run"].tolist() == ["as given", "one blank", "one blank, query as given"]
    assert solved["solved"].tolist() == [1.0, 0.0, 1.0]


def test_from_a_model_to_the_figure(tmp_path: Path) -> None:
    build_model(CONFIG.replace(cells=36, vocab=8), 0).save(tmp_path / "fresh")
    command = [str(tmp_path / "fresh"), "--n", "4", "--segments", "1", "--out", str(tmp_path)]
    assert leak_scores.main(command) == 0
    told = json.loads((tmp_path / "leak_scores.json").read_text())["models"]["fresh"]
    assert len(told["scores"]) == 9
    assert all(0 < row["share"] < 1 for row in told["shares"])
    (tmp_path / "leak_scores.png").unlink()
    assert leak_scores.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "leak_scores.png").exists()


def test_a_model_without_heads_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert leak_scores.main(["trm-6x6", "--n", "2", "--out", str(tmp_path)]) == 2
    assert "has no heads" in capsys.readouterr().err
