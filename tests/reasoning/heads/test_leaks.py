"""Attention to unrelated cells is counted as planted, leans as its formula says, and is blamed where it is to blame."""

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import HRM, TRM, ModelConfig
from hrm_probe.reasoning import leaks
from hrm_probe.reasoning.heads.attention_edges import EDGES, edge_kinds
from hrm_probe.sudoku import Board, generate

PUZZLES = generate(12, "easy", "4x4", seed=0)
UNRELATED = torch.as_tensor(edge_kinds(Board.of("4x4"), 1) == EDGES.index("unrelated"))
TO_UNRELATED, POSITIONS = (
    8,
    17,
)  # of 16 cells and a prefix: a cell has seven peers, and there are itself and the prefix


def fresh(cls=HRM, **changes):
    config = ModelConfig(
        architecture="hrm" if cls is HRM else "trm", cells=16, vocab=6, d_model=32, n_heads=4, H_layers=1, L_layers=1,
        prefix=1, max_segments=2,
    )  # fmt: skip
    return cls(config.replace(**changes) if changes else config, torch.Generator().manual_seed(0))


def even(cls=HRM):
    """A model of random weights, all of whose heads look at all positions alike."""
    model = fresh(cls)
    model.add_hook("attn_scores", lambda scores, hook: torch.zeros_like(scores))
    return model


def spoiled_by(share, edges=UNRELATED):
    """As ``even``; answers are right as long as H gives no more than a share of its attention along the edges."""
    model, seen = even(), {}

    def look(pattern, hook):
        seen["share"] = (pattern.mean(1) * edges).sum(-1)[:, 1:].mean()

    def answer(logits, hook):
        said = torch.nn.functional.one_hot(torch.as_tensor(PUZZLES.answers), logits.shape[-1]).float()
        return said if seen["share"] <= share else said.roll(1, -1)

    for block in range(model.config.H_layers):
        model.add_hook(f"H.blocks.{block}.attn.hook_pattern", look)
    model.add_hook("logits", answer)
    return model


def solved(found, blanks):
    return dict(
        zip(*found.table[found.table["blanks"] == blanks][["bias", "accuracy"]].to_numpy().T, strict=True)
    )


# ---------------------------------------------------------------- what was planted


@pytest.mark.parametrize("cls", [HRM, TRM])
def test_even_attention_leans_as_the_formula_says(cls):
    found = leaks(even(cls), PUZZLES, biases=(-1.0, 2.0), counts=(1, 5, "all"))
    assert found.table["blanks"].tolist() == ["1"] * 3 + ["5"] * 3 + ["all"] * 3
    weight = TO_UNRELATED * np.exp(found.table["bias"])
    share = (weight / (weight + POSITIONS - TO_UNRELATED)).to_numpy()
    for name in ("from_blanks", "from_clues"):
        assert found.table[name].to_numpy() == pytest.approx(share, abs=1e-5)
    assert found.level == ("H" if cls is HRM else "L")


def test_a_leak_that_spoils_answers_is_found_to_spoil_them():
    found = leaks(spoiled_by(0.3), PUZZLES, biases=(-4.0, -2.0, 2.0))
    for blanks in ("1", "all"):
        assert solved(found, blanks) == {-4.0: 1.0, -2.0: 1.0, 0.0: 0.0, 2.0: 0.0}
    stopped = found.table.set_index(["blanks", "bias"]).loc["1", -2.0]
    assert stopped["change"] == 1.0
    assert stopped["change_low"] > 0.5
    assert "1 blank, untouched: 0.0%" in str(found)


def test_what_does_not_spoil_answers_is_not_blamed():
    at_rest = leaks(spoiled_by(1.0), PUZZLES, biases=(-2.0, 2.0))
    assert (at_rest.table["accuracy"] == 1).all()
    other = leaks(spoiled_by(0.3), PUZZLES, edge="row", biases=(-2.0, 2.0), counts=[1])
    assert solved(other, "1")[-2.0] == 0
    in_L = leaks(spoiled_by(0.3), PUZZLES, level="L", biases=(-2.0,), counts=[1])
    assert solved(in_L, "1")[-2.0] == 0


def test_clues_or_blanks_lean_alone():
    untouched = TO_UNRELATED / POSITIONS
    for looking, leaning, upright in (
        ("clues", "from_clues", "from_blanks"),
        ("blanks", "from_blanks", "from_clues"),
    ):
        table = leaks(even(), PUZZLES, biases=[-2.0], looking=looking, counts=["all"]).table
        lowered = table[table["bias"] == -2.0].iloc[0]
        assert lowered[leaning] < 0.2
        assert lowered[upright] == pytest.approx(untouched, abs=1e-5)


def test_as_many_unrelated_are_the_same_at_every_bias_and_half_or_less_of_them():
    found = leaks(even(), PUZZLES, edge="as many unrelated", biases=(0.0,), counts=[1])
    assert found.table["from_clues"].to_numpy() == pytest.approx([7 / POSITIONS], abs=1e-5)


# ---------------------------------------------------------------- numbers that come back


def test_batches_do_not_matter_and_hooks_are_gone_after():
    model = fresh()
    before = model.run(PUZZLES.tokens, 2).logits[-1]
    whole, parts = (
        leaks(model, PUZZLES, edge="peers that are blank", biases=[-1.0], batch_size=size).table
        for size in (128, 5)
    )
    assert whole.drop(columns="blanks").to_numpy() == pytest.approx(
        parts.drop(columns="blanks").to_numpy(), abs=1e-5
    )
    assert torch.equal(model.run(PUZZLES.tokens, 2).logits[-1], before)


def test_solved_grids_have_no_blanks_that_look():
    table = leaks(even(), PUZZLES, counts=[0], biases=[]).table
    assert table["bias"].tolist() == [0.0]
    assert np.isnan(table["from_blanks"]).all()
    assert table["from_clues"].to_numpy() == pytest.approx([TO_UNRELATED / POSITIONS], abs=1e-5)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"edge": "friends"}, "There is no edge 'friends'; choose among row"),
        ({"level": "M"}, "This model has no level 'M'; its heads are in H and L"),
        ({"looking": "nobody"}, "looking is 'nobody'"),
        ({"biases": [float("inf")]}, "a bias is inf; it must be a finite number"),
        ({"counts": [99]}, "can have 0 to 16 blanks, not 99"),
        ({"segments": 0}, "segments is 0"),
    ],
)
def test_what_makes_no_sense_is_refused(given, sentence):
    with pytest.raises(InputError, match=sentence):
        leaks(fresh(), PUZZLES, **given)


def test_models_without_heads_are_refused():
    with pytest.raises(InputError, match="has no heads"):
        leaks(fresh(TRM, mixer="mlp", positions="none"), PUZZLES)
