"""A sweep finds the one place that carries the answer, and does what patching by hand does."""

import json

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import HookError, HookPoint, ModelConfig, State, Tick, build_model
from hrm_probe.reasoning.inside.patch_sweep import PatchSweep, patch_sweep, tick_name
from hrm_probe.reasoning.runs.perturbing import another_for_each
from hrm_probe.sudoku import Puzzles, generate
from tests.reasoning.planted_updates import Planted, Segment, follows_input, follows_state

PUZZLES = generate(12, "easy", "4x4", seed=0)
SEGMENTS = 4
ALL = lambda tick: True  # noqa: E731


def latches_at(segment: int):
    """The answers of the input at this segment; before it always the same wrong grid, after it what z_H shows."""

    def plan(s: Segment) -> torch.Tensor:
        late = torch.where(s.number[:, None] == segment, s.answers, s.shown)
        return torch.where(s.number[:, None] < segment, torch.full_like(s.answers, 2), late)

    return plan


def carried(sweep: PatchSweep, effect: str = "donor") -> set[tuple[str, str]]:
    """Where a patch moves every disputed cell."""
    told = sweep.table[sweep.table[effect] == 1]
    return set(zip(told["site"], told["tick"], strict=True))


# Planted truths.


def test_only_the_place_where_the_answer_passes_carries_it() -> None:
    sweep = patch_sweep(
        Planted(latches_at(3)), PUZZLES, sites=("embed", "z_L", "z_H"), ticks=ALL, segments=SEGMENTS
    )
    latched = {("z_L", "3.1.L1"), ("z_H", "3.1.H"), ("z_L", "4.1.L1"), ("z_H", "4.1.H")}
    assert carried(sweep) == carried(sweep, "recovered") == {("embed", "3")} | latched
    others = sweep.table[sweep.table["donor"] < 1]
    assert (others[["donor", "recovered", "changed"]] == 0).all(axis=None)
    assert (others["own"] == 1).all()
    assert (sweep.control, sweep.whole, len(sweep.rows)) == (0, 1, 12)


@pytest.mark.parametrize(("plan", "segments"), [(follows_state, "1234"), (follows_input, "4")])
def test_a_state_that_is_read_again_carries_and_one_that_is_not_does_not(plan, segments: str) -> None:
    sweep = patch_sweep(Planted(plan), PUZZLES, sites="state", ticks=ALL, segments=SEGMENTS)
    assert carried(sweep) == {("state", f"{s}.1.{update}") for s in segments for update in ("L1", "H")}


def test_of_some_positions_only_those_are_moved() -> None:
    mask = np.zeros((12, 16), bool)
    mask[:, :8] = True
    model, other = Planted(follows_state), another_for_each(12, torch.Generator().manual_seed(5))
    sweep = patch_sweep(
        model, PUZZLES, PUZZLES[other], sites="z_H", ticks=Tick(2, 1, 0), segments=SEGMENTS, positions={"top": mask}
    )  # fmt: skip
    disputed = PUZZLES.blanks & (PUZZLES.answers != PUZZLES.answers[other])
    expected = (disputed & mask).sum(1) / disputed.sum(1)
    assert sweep.by_pair["donor"][0] == pytest.approx(expected)
    assert sweep.by_pair["own"][0] == pytest.approx(1 - expected)
    assert sweep.table.loc[0, ["pairs", "patched", "donor"]].tolist() == [
        12,
        8,
        pytest.approx(expected.mean()),
    ]


def test_a_pair_without_such_positions_says_nothing_of_them() -> None:
    mask = np.zeros((12, 16), bool)
    mask[3:] = True
    sweep = patch_sweep(
        Planted(follows_state),
        PUZZLES,
        sites="z_H",
        ticks=Tick(1, 1, 0),
        segments=2,
        positions={"some": mask},
    )
    assert np.isnan(sweep.by_pair["donor"][0]).tolist() == [True] * 3 + [False] * 9
    assert sweep.table.loc[0, ["pairs", "patched", "donor"]].tolist() == [9, 16, 1]


# A real model, by hand.


@pytest.fixture(scope="module", params=["hrm", "trm"])
def real(request):
    mixer, prefix = ("attention", 1) if request.param == "hrm" else ("mlp", 2)
    config = ModelConfig(
        request.param, cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, mixer=mixer, prefix=prefix,
        max_segments=3,
    )  # fmt: skip
    return build_model(config, seed=0)


@pytest.fixture(scope="module")
def pairs(real) -> tuple[Puzzles, Puzzles]:
    """Pairs that the untrained model answers differently."""
    first, second = PUZZLES[:6], PUZZLES[6:]
    own, donor = (real.run(p.tokens).predictions[-1].numpy() for p in (first, second))
    rows = (first.blanks & (own != donor)).any(1)
    return first[rows], second[rows]


def by_hand(model, pairs, logits) -> np.ndarray:
    """Recovered logit difference, pair by pair, written out cell by cell."""
    ends = [model.run(p.tokens).logits[-1] for p in pairs]
    found = []
    for i, blanks in enumerate(pairs[0].blanks):
        moved = full = 0.0
        for cell in np.flatnonzero(blanks):
            a, b = (int(end[i, cell].argmax()) for end in ends)
            if a != b:
                lead = [float(x[i, cell, b] - x[i, cell, a]) for x in (ends[0], ends[1], logits)]
                moved, full = moved + lead[2] - lead[0], full + lead[1] - lead[0]
        found.append(moved / full)
    return np.array(found)


@pytest.mark.parametrize("site", ["hook_z_H", "hook_z_L", "L.blocks.0.hook_mlp_out", "hook_embed"])
def test_taking_a_run_up_at_its_segment_is_running_it_whole(real, pairs, site: str) -> None:
    def later(tick: Tick) -> bool:
        return tick.segment > 1

    sweep = patch_sweep(real, *pairs, sites=site, ticks=later)
    _, cache = real.run_with_cache(pairs[1].tokens, site, ticks=later)
    assert len(sweep.table) == len(cache.ticks(site))
    assert sweep.control == 0
    for row, tick in enumerate(sweep.table[list(Tick._fields)].itertuples(index=False, name=None)):
        patch = [(site, lambda z, hook, tick=tick: cache.at(site, tick))]
        whole = real.run_with_hooks(pairs[0].tokens, patch, ticks=[Tick(*tick)])
        assert sweep.by_pair["recovered"][row] == pytest.approx(
            by_hand(real, pairs, whole.logits[-1]), abs=1e-6
        )


def test_both_states_after_a_segment_are_a_run_from_the_donors_state(real, pairs) -> None:
    for s in (1, 2):
        from_donor = real.run(pairs[1].tokens, s).state
        expected = real.run(pairs[0].tokens, 3 - s, state=from_donor).logits[-1]
        sweep = patch_sweep(real, *pairs, sites="state", ticks=Tick(s, real.config.H_cycles, 0))
        assert sweep.by_pair["recovered"][0] == pytest.approx(by_hand(real, pairs, expected), abs=1e-6)
    last = patch_sweep(real, *pairs, sites="state", ticks=Tick(3, real.config.H_cycles, 0))
    assert (last.by_pair["recovered"] == 1).all()
    assert last.whole == 1


@pytest.mark.parametrize("place", [(1, 1), (2, 1), (2, 2), (2, 0)])
def test_both_states_within_a_segment_are_its_rest_from_there(real, pairs, place: tuple[int, int]) -> None:
    """In some positions, so that the receiver's other positions must stay as they were."""
    H_cycle, L_cycle = place
    mask = np.zeros(real.config.pos, bool)
    mask[3:11] = True
    own, donor = (state_after(real, p.tokens, 2, *place) for p in pairs)
    mixed = (torch.where(torch.from_numpy(mask)[:, None], b, a) for a, b in zip(own, donor, strict=True))
    tokens = torch.as_tensor(pairs[0].tokens)
    state, x = State(*mixed), real.input_embedding(tokens)
    with torch.no_grad():
        if L_cycle:
            for _ in range(L_cycle, real.config.L_cycles):
                state = state._replace(z_L=real.update_L(state, x))
            state = state._replace(z_H=real.update_H(state))
        for later in range(H_cycle + 1, real.config.H_cycles + 1):
            state = real.cycle(state, x, later)
    expected = real.run(tokens, 1, state=state).logits[-1]
    sweep = patch_sweep(real, *pairs, sites="state", ticks=Tick(2, *place), positions={"some": mask})
    assert sweep.by_pair["recovered"][0] == pytest.approx(by_hand(real, pairs, expected), abs=1e-6)


def state_after(model, tokens, s: int, H_cycle: int, L_cycle: int) -> State:
    """The states as they stand after an update, from what the hooks show of a plain run."""
    latest = {}

    def until(tick: Tick) -> bool:
        return (tick.segment, tick.H_cycle, tick.L_cycle or 99) <= (s, H_cycle, L_cycle or 99)

    def keep(z: torch.Tensor, hook: HookPoint) -> None:
        latest[hook.name] = z.clone()

    model.run_with_hooks(tokens, [(["z_H", "z_L"], keep)], ticks=until)
    return State(latest["hook_z_H"], latest["hook_z_L"])


def test_patterns_are_patched_by_query() -> None:
    config = ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=2)
    model, site = build_model(config, seed=0), "L.blocks.0.attn.hook_pattern"
    pairs = PUZZLES[:6], PUZZLES[6:]
    _, cache = model.run_with_cache(pairs[1].tokens, site)
    mask = torch.arange(17) < 6

    def put(pattern, hook):
        return torch.where(mask[:, None], cache.at(site, hook.tick), pattern)

    expected = model.run_with_hooks(pairs[0].tokens, [(site, put)], ticks=[Tick(1, 2, 1)]).logits[-1]
    sweep = patch_sweep(model, *pairs, sites=site, ticks=Tick(1, 2, 1), positions={"first": mask.numpy()})
    expected = by_hand(model, pairs, expected)[sweep.rows]
    assert sweep.by_pair["recovered"][0] == pytest.approx(expected, abs=1e-6)


# What comes out.


def test_batches_and_seeds_make_no_difference_but_in_rounding(real) -> None:
    whole, in_threes = (
        patch_sweep(real, PUZZLES, ticks=[Tick(2, 2, 0)], sites="z_H", batch_size=n) for n in (100, 3)
    )
    assert in_threes.by_pair["recovered"] == pytest.approx(whole.by_pair["recovered"], abs=1e-4)
    again = patch_sweep(real, PUZZLES, ticks=[Tick(2, 2, 0)], sites="z_H", batch_size=100)
    assert again.table.equals(whole.table)


def test_by_default_the_states_are_patched_at_every_update_of_a_few_segments() -> None:
    sweep = patch_sweep(Planted(follows_state), PUZZLES, segments=8)
    assert set(sweep.table["site"]) == {"z_L", "z_H", "state"}
    assert set(sweep.table["segment"]) == {1, 2, 4}
    assert sweep.runs == len(sweep.table) == 3 * (1 + 1 + 2)


def test_pairs_that_end_alike_are_left_out() -> None:
    donors = PUZZLES[[0, 1, *range(3, 12), 2]]  # the first two are their own donors
    sweep = patch_sweep(
        Planted(follows_state), PUZZLES, donors, sites="z_H", segments=2, groups=np.arange(12) // 2
    )
    assert sweep.rows.tolist() == list(range(2, 12))
    assert sweep.given == 12
    assert sweep.resampled == "given groups"
    assert (sweep.table["pairs"] == 10).all()


def test_the_answer_can_be_printed_and_written(capsys: pytest.CaptureFixture[str]) -> None:
    sweep = patch_sweep(Planted(follows_state), PUZZLES, segments=4, ticks=ALL, progress=True)
    assert "16 patched runs of 12 pairs, 51 segments in all" in capsys.readouterr().err
    assert "z_H, all: 1.1.H: 1.00 [1.00, 1.00] (100%)" in str(sweep)
    assert "state, all (8 ticks; first, largest and last shown)" in str(sweep)
    told = json.loads(json.dumps(sweep.summary()))
    assert told["control"] == 0
    assert len(told["table"]) == len(sweep.table)


def test_ticks_have_short_names() -> None:
    assert [tick_name(Tick(*t)) for t in ((3, 2, 1), (3, 2, 0), (3, 0, 0))] == ["3.2.L1", "3.2.H", "3"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"donors": PUZZLES[:3]}, "12 receivers and 3 donors"),
        ({"donors": PUZZLES}, "No pair ends differently"),
        ({"ticks": Tick(9, 1, 0)}, "z_H does not run at any of the ticks"),
        ({"ticks": [Tick(1, 1, 0), Tick(1, 5, 0)]}, r"No site runs at \(1, 5, 0\)"),
        ({"ticks": 3}, r"ticks is 3; give Tick\(segment"),
        ({"sites": "logits"}, "whose activation flows on"),
        ({"sites": []}, "Name a site"),
        ({"positions": "somewhere"}, "no positions 'somewhere'"),
        ({"positions": []}, "at least one set of positions"),
        ({"positions": {"mine": np.ones(3, bool)}}, "'mine' are bool of shape"),
        ({"positions": "prefix"}, "No pair that ends differently has any position in the set 'prefix'"),
    ],
)
def test_bad_input_is_one_sentence(settings: dict, told: str) -> None:
    asked = {"sites": "z_H", "segments": 4} | settings
    with pytest.raises(InputError, match=told):
        patch_sweep(Planted(follows_state), PUZZLES, **asked)


def test_sites_that_are_none_or_have_no_positions_are_refused(real) -> None:
    with pytest.raises(HookError, match="near names are"):
        patch_sweep(real, PUZZLES, sites="z_Q")
    if real.config.mixer == "mlp":
        with pytest.raises(InputError, match="mixes the positions"):
            patch_sweep(real, PUZZLES, sites="L.blocks.0.token_mlp.hook_post", positions="clues")
