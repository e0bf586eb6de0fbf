"""Where planted heads look is found, a head that gives nothing is not missed, nor an edge that none looks along."""

import numpy as np
import pytest
import torch

import hrm_probe
from hrm_probe.errors import InputError
from hrm_probe.models import HRM, TRM, HookError, ModelConfig, Tasks, Tick
from hrm_probe.reasoning import attention
from hrm_probe.reasoning.heads.attention_edges import EDGES, edge_kinds
from hrm_probe.reasoning.heads.attention_heads import Head, Means, blocked, heads_of, without
from hrm_probe.sudoku import Board, Puzzles, generate
from tests.reasoning.planted_updates import Planted, follows_input

PUZZLES = generate(12, "easy", "4x4", seed=0)
KINDS = torch.as_tensor(edge_kinds(Board.of("4x4"), 1))


def fresh(cls=HRM, **changes):
    config = ModelConfig(
        architecture="hrm" if cls is HRM else "trm", cells=16, vocab=6, d_model=32, n_heads=4, H_layers=1, L_layers=1,
        prefix=1, max_segments=3,
    )  # fmt: skip
    return cls(config.replace(**changes) if changes else config, torch.Generator().manual_seed(0))


def looking_at(*edges):
    """A model of random weights, each of whose heads looks by one kind of edge; the last at all positions alike."""
    model = fresh()

    def look(scores, hook):
        planted = torch.full_like(scores, -20.0)
        for head, edge in enumerate(edges):
            planted[:, head] = torch.where(EDGES.index(edge) == KINDS, 0.0, -20.0) if edge else 0.0
        return planted

    model.add_hook("attn_scores", look)
    return model


def by_edge(found, head):
    rows = found.looks[(found.looks["level"] == head.level) & (found.looks["head"] == head.head)]
    return rows.set_index("edge")


# ---------------------------------------------------------------- what was planted


def test_where_heads_look_is_found():
    found = attention(looking_at("row", "column", "box", None), PUZZLES, parts="looks")
    for level in "LH":
        for head, edge in enumerate(("row", "column", "box")):
            assert by_edge(found, Head(level, 0, head))["mass"][edge] == pytest.approx(1, abs=1e-4)
        even = by_edge(found, Head(level, 0, 3))
        assert even["mass"].to_numpy() == pytest.approx(even["even"].to_numpy(), abs=1e-6)
        assert even["even"].sum() == pytest.approx(1)
    assert found.most["edge"].tolist()[:3] == ["row", "column", "box"]


def test_only_edges_that_heads_look_along_are_missed():
    found = attention(looking_at("row", "row", "row", "row"), PUZZLES, parts="edges")
    changed = found.edges[found.edges["level"] == "all"].set_index("edge")["changed"]
    assert changed["row"] > 0
    assert changed["peers"] > 0
    untouched = ["column", "box", "box and line", "unrelated", "as many unrelated"]
    assert (changed[untouched] == 0).all()


def test_of_what_ends_otherwise_blank_cells_alone_are_counted():
    model = looking_at("row", "row", "row", "row")
    plain = model.run(PUZZLES.tokens).predictions[-1].numpy()
    with model.hooks(blocked(heads_of(model), KINDS.numpy()[None] == EDGES.index("row"))):
        without = model.run(PUZZLES.tokens).predictions[-1].numpy()
    blank = PUZZLES.blanks
    assert (plain != without)[~blank].any()
    found = attention(model, PUZZLES, parts="edges").edges.set_index(["level", "edge"])
    share = ((plain != without) & blank).sum(1) / blank.sum(1)
    assert found["changed"]["all", "row"] == pytest.approx(share.mean())


def test_a_head_that_gives_nothing_is_not_missed():
    model = looking_at("row", "row", "row", "row")
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("W_O.weight"):
                weight[:, :8] *= 20  # the first of four heads gives all there is
                weight[:, 8:] = 0.0
    found = attention(model, PUZZLES, parts="heads").heads.set_index(["level", "head"])
    for level in "LH":
        assert found["changed"][level, 0] > 0
        assert (found["changed"][level].drop(0) == 0).all()


@pytest.mark.parametrize("ticks", [None, [Tick(1, 1, 1), Tick(1, 1, 0)]])
def test_a_heads_mean_is_of_the_run_without_it_or_of_the_untouched_one(ticks):
    """At the first update that a head changes both are the same; later the runs have drifted apart."""
    model, puzzles = hrm_probe.load("hrm-6x6"), hrm_probe.load_puzzles("6x6-test", 12)
    asked = {"parts": "heads", "segments": 3, "ticks": ticks}
    itself, untouched = (attention(model, puzzles, **asked, means_of=of) for of in ("itself", "untouched"))
    assert itself.plain == untouched.plain
    assert itself.heads.equals(untouched.heads) == (ticks is not None)


def test_a_head_that_is_left_out_gives_the_mean_that_was_named():
    model, head, point = fresh(), Head("H", 0, 1), "H.blocks.0.attn.hook_z"
    means, seen = Means([head]), []
    with model.hooks([(point, lambda z, hook: 0 * z + hook.tick.segment), *means.hooks()]):
        model.run(PUZZLES.tokens, 2)
    look = (point, lambda z, hook: seen.append((hook.tick.segment, z)))
    with model.hooks([*without(head, means), look]):
        model.run(PUZZLES.tokens, 2)
    assert all((z[:, :, 1] == segment).all() for segment, z in seen)
    assert not any((z[:, :, 0] == segment).any() for segment, z in seen)


def test_means_are_taken_position_by_position_and_update_by_update():
    model, means = fresh(), Means([Head("H", 0, 0)])
    with model.hooks(means.hooks()):
        _, cache = model.run_with_cache(PUZZLES.tokens, "H.blocks.0.attn.hook_z", segments=2)
    z = cache["H.blocks.0.attn.hook_z"]  # segment, H-cycle, batch, pos, head, d_head
    seen = []
    with model.hooks([("H.blocks.0.attn.hook_z", lambda z, hook: seen.append(means.at(hook)))]):
        model.run(PUZZLES.tokens, 2)
    expected = z.mean(2).flatten(0, 1)
    assert torch.allclose(torch.stack(seen), expected, atol=1e-6)


def test_the_bundled_hrm_breaks_the_rule_whose_head_is_left_out():
    puzzles = hrm_probe.load_puzzles("6x6-test").sample(10, seed=0)
    found = attention(hrm_probe.load("hrm-6x6"), puzzles, parts=["looks", "heads"], segments=5)
    without = found.heads.set_index(["level", "block", "head"])
    for head, unit, edge in ((Head("H", 1, 2), "rows", "row"), (Head("H", 1, 3), "boxes", "box")):
        assert found.most.set_index(list(Head._fields))["edge"][head] == edge
        others = {"rows", "columns", "boxes"} - {unit}
        assert all(without.loc[head, unit] > 2 * without.loc[head, other] for other in others)
    untouched = found.broken.set_index("unit")["broken"]
    assert untouched["boxes"] < without.loc[Head("H", 1, 3), "boxes_low"]


def test_the_bundled_hrm_carries_digits_along_the_rules_in_H_alone():
    puzzles = hrm_probe.load_puzzles("6x6-test").sample(10, seed=0)
    found = attention(hrm_probe.load("hrm-6x6"), puzzles, parts="edges", segments=6)
    changed = found.edges.set_index(["level", "edge"])["changed"]
    assert changed["H", "peers"] > 0.6
    assert changed["L", "peers"] < 0.1
    assert changed["H", "unrelated"] < changed["L", "unrelated"]


# ---------------------------------------------------------------- what comes out


def test_grids_without_blanks_are_left_out_of_where_heads_look():
    full = Puzzles(np.where(np.arange(12)[:, None] == 5, PUZZLES.answers, PUZZLES.tokens), PUZZLES.answers)
    seen = attention(fresh(), full, segments=2, groups=np.arange(12) // 4)
    assert seen.looks["mass"].notna().all()
    assert "gives" in str(seen)
    for table in (seen.looks, seen.heads, seen.broken):
        shares = table.filter(regex="(mass|changed|rows|columns|boxes|broken)(_low|_high)?$")
        assert ((shares >= 0) & (shares <= 1)).all(axis=None)


def test_heads_are_named_in_the_order_of_the_model():
    assert [str(head) for head in heads_of(fresh())] == [
        f"{level}0.{head}" for level in "HL" for head in range(4)
    ]
    assert Head("H", 1, 3).point("pattern") == "H.blocks.1.attn.hook_pattern"


def test_hooks_of_ones_own_stay_and_answers_are_the_untouched_ones():
    model = looking_at("row", "column", "box", None)
    before = model.run(PUZZLES.tokens).predictions[-1].numpy()
    found = attention(model, PUZZLES, batch_size=5)
    assert found.plain.estimate == (before == PUZZLES.answers).all(1).mean()
    assert (model.run(PUZZLES.tokens).predictions[-1].numpy() == before).all()


def test_ticks_say_when():
    model = fresh()
    late = attention(model, PUZZLES, parts="looks", ticks=lambda tick: tick.segment == 3, segments=3).looks
    always = attention(model, PUZZLES, parts="looks", segments=3).looks
    assert (late["even"] == always["even"]).all()
    assert (late["mass"] != always["mass"]).any()
    with pytest.raises(HookError, match="none of the ticks they wait for was reached"):
        attention(model, PUZZLES, parts="edges", ticks=[Tick(9, 1, 1)], segments=3)


def test_parts_summary_and_words():
    found = attention(fresh(), PUZZLES, groups="class")
    assert len(found.heads) == 8
    assert found.edges["level"].tolist() == ["all"] * 11 + ["H"] * 4 + ["L"] * 4
    assert len(found.looks) == 8 * len(EDGES)
    assert found.looks.groupby(["level", "block", "head"])["mass"].sum().to_numpy() == pytest.approx(
        np.ones(8)
    )
    assert (found.looks["mass_low"] <= found.looks["mass"]).all()
    assert set(found.broken["unit"]) == {"rows", "columns", "boxes"}
    assert {"looks", "heads", "edges", "broken", "plain"} <= set(found.summary())
    text = str(found)
    assert "without H0.3" in text
    assert "with peers blocked 0" in text
    assert "with peers blocked in H" in text
    some = attention(fresh(), PUZZLES, parts="heads")
    assert (len(some.looks), len(some.edges)) == (0, 0)
    assert "gives" not in str(some)


def test_a_trm_that_attends_has_heads_and_one_that_mixes_has_none():
    found = attention(fresh(TRM), PUZZLES, parts=["looks", "edges"], segments=1)
    assert set(found.looks["head"]) == {0, 1, 2, 3}
    assert set(found.edges["level"]) == {"all"}  # its one module makes both states
    mixing = fresh(TRM, mixer="mlp", positions="none")
    with pytest.raises(InputError, match="has no heads; give one that attends"):
        attention(mixing, PUZZLES)


@pytest.mark.parametrize(
    ("puzzles", "given", "message"),
    [
        (PUZZLES, {"parts": "eyes"}, "no part 'eyes'; choose among looks, heads, edges"),
        (PUZZLES, {"parts": []}, "No part was named"),
        (PUZZLES[:1], {}, "at least two puzzles"),
        (Tasks(PUZZLES.tokens, PUZZLES.answers), {}, "by rules of Sudoku"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(puzzles, given, message):
    with pytest.raises(InputError, match=message):
        attention(fresh(), puzzles, **given)


def test_a_planted_model_without_blocks_has_no_heads():
    with pytest.raises(InputError, match="no heads"):
        attention(Planted(follows_input), PUZZLES)
