"""The recursion, level by level: pure, differentiable in every mode, and compiled without a break."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.func import functional_call, jacfwd, jvp, vjp, vmap

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner, State, Tick, build_model
from hrm_probe.sudoku import generate
from tests.models.variants import VARIANTS, in_float64, lively, random_state, random_tokens, tokens_for


@pytest.fixture(params=VARIANTS)
def model(request: pytest.FixtureRequest) -> RecursiveReasoner:
    return lively(VARIANTS[request.param])


# ---------------------------------------------------------------- levels


def test_sixteen_segments_are_sixteen_times_segment(model: RecursiveReasoner) -> None:
    tokens = tokens_for(model)
    rollout = model.run(tokens, 16)
    state = model.initial_state(2)
    for k in range(16):
        state, output = model.segment(state, tokens)
        assert torch.equal(rollout.logits[k], output.logits)
        assert torch.equal(rollout.q_halt[k], output.q_halt)
        assert torch.equal(rollout.q_continue[k], output.q_continue)
    assert torch.equal(rollout.state.z_H, state.z_H)
    assert torch.equal(rollout.state.z_L, state.z_L)


def test_who_calls_a_model_with_tokens_alone_is_told_of_run(model: RecursiveReasoner) -> None:
    with pytest.raises(InputError, match=r"runs one segment, of a state; use model.run\(tokens\)"):
        model(tokens_for(model))


def test_a_segment_is_its_cycles_and_a_cycle_its_updates(model: RecursiveReasoner) -> None:
    tokens, start = tokens_for(model), model.initial_state(2)
    x = model.input_embedding(tokens)
    z_H, z_L = start
    for _ in range(model.config.H_cycles):
        by_cycle = model.cycle(State(z_H, z_L), x)
        for _ in range(model.config.L_cycles):
            z_L = model.update_L(State(z_H, z_L), x)
        z_H = model.update_H(State(z_H, z_L))
        assert torch.equal(by_cycle.z_H, z_H)
        assert torch.equal(by_cycle.z_L, z_L)
    state, output = model.segment(start, tokens)
    assert torch.equal(state.z_H, z_H)
    assert torch.equal(output.logits, model.read_out(State(z_H, z_L)).logits)


def test_segment_changes_nothing_but_what_it_returns(model: RecursiveReasoner) -> None:
    tokens, state = tokens_for(model), random_state(model.config, dtype=torch.float32)
    before = [z.clone() for z in state], tokens.clone(), {k: v.clone() for k, v in model.state_dict().items()}
    first, second = model.segment(state, tokens), model.segment(state, tokens)
    assert torch.equal(first[0].z_H, second[0].z_H)
    assert torch.equal(first[1].logits, second[1].logits)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(state, before[0], strict=True))
    assert torch.equal(tokens, before[1])
    assert all(torch.equal(value, before[2][name]) for name, value in model.state_dict().items())


def test_rows_of_a_batch_do_not_meet(model: RecursiveReasoner) -> None:
    tokens = tokens_for(model, batch=3)
    together = model.run(tokens, 2).logits
    alone = torch.cat([model.run(tokens[i : i + 1], 2).logits for i in range(3)], dim=1)
    torch.testing.assert_close(together, alone, atol=2e-4, rtol=0)


def test_a_run_goes_on_from_a_state(model: RecursiveReasoner) -> None:
    tokens = tokens_for(model)
    whole, first = model.run(tokens, 5), model.run(tokens, 2)
    rest = model.run(tokens, 3, state=first.state)
    assert torch.equal(whole.logits, torch.cat([first.logits, rest.logits]))


def test_runs_and_states_show_their_shapes(hrm: RecursiveReasoner) -> None:
    rollout, config = hrm.run(tokens_for(hrm), 2), hrm.config
    state = f"State(z_H [{len(rollout.halted_at)}, {config.pos}, {config.d_model}], z_L "
    assert repr(rollout.state).startswith(state)
    assert repr(rollout).startswith(f"Rollout(logits [2, {len(rollout.halted_at)}, {config.cells}, ")
    assert (
        repr(State(0, None)) == "State(z_H 0, z_L None: batch, pos, d_model)"
    )  # as in_dims of torch.func.vmap


def test_every_puzzle_starts_from_the_same_state(model: RecursiveReasoner) -> None:
    state = model.initial_state(4)
    for z, init in zip(state, (model.H_init, model.L_init), strict=True):
        assert z.shape == (4, model.config.pos, model.config.d_model)
        assert torch.equal(z, init.expand_as(z))
    state.z_H.zero_()  # the state is the caller's own
    assert model.H_init.any()


def test_puzzle_ids_choose_the_embedding() -> None:
    model = lively(VARIANTS["trm_att"])
    tokens = tokens_for(model)[:1].repeat(2, 1)
    by_default = model.run(tokens, 1).logits[0]
    assert torch.equal(by_default[0], by_default[1])
    chosen = model.run(tokens, 1, puzzle_ids=torch.tensor([0, 1])).logits[0]
    assert torch.equal(model.run(tokens, 1, puzzle_ids=np.array([0, 1])).logits[0], chosen)
    torch.testing.assert_close(chosen[0], by_default[0], atol=1e-5, rtol=0)
    assert not torch.allclose(chosen[1], by_default[1])


def test_defaults_of_run(hrm: RecursiveReasoner) -> None:
    rollout = hrm.run(random_tokens(hrm.config, batch=2))
    segments, c = hrm.config.max_segments, hrm.config
    assert rollout.logits.shape == (segments, 2, c.cells, c.vocab)
    assert rollout.predictions.shape == (segments, 2, c.cells)
    assert rollout.q_halt.shape == rollout.q_continue.shape == (segments, 2)
    assert rollout.halted_at.shape == (2,)
    assert not rollout.logits.requires_grad
    assert torch.equal(rollout.predictions, rollout.logits.argmax(-1))


def test_tokens_may_be_numpy_or_torch_of_any_integer(hrm: RecursiveReasoner) -> None:
    tokens = random_tokens(hrm.config)
    expected = hrm.run(tokens, 1).logits
    for same in (tokens.astype(np.uint8), tokens.astype(np.int32), torch.as_tensor(tokens).int()):
        assert torch.equal(hrm.run(same, 1).logits, expected)
    _, output = hrm.segment(hrm.initial_state(2), tokens)
    assert torch.equal(output.logits, expected[0])


@pytest.mark.parametrize(
    ("tokens", "complaint"),
    [
        (np.zeros((2, 15), int), "16"),
        (np.zeros(16, int), "batch"),
        (np.zeros((0, 16), int), "at least one row"),
        (np.full((1, 16), 6), "0 to 5"),
        (np.full((1, 16), -1), "0 to 5"),
        (np.zeros((1, 16)), "integers"),
    ],
)
def test_tokens_that_do_not_fit(hrm: RecursiveReasoner, tokens: np.ndarray, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        hrm.run(tokens, 1)


def test_a_rollout_has_a_segment(hrm: RecursiveReasoner) -> None:
    with pytest.raises(InputError, match="at least 1"):
        hrm.run(tokens_for(hrm), 0)


# ---------------------------------------------------------------- gradients


def test_gradient_modes_of_run(hrm: RecursiveReasoner) -> None:
    """ "rollout" reaches the first segment from the last answer, "segment" and "published" do not."""
    tokens = tokens_for(hrm)
    for mode, reaches in (("rollout", True), ("segment", False), ("published", False)):
        first: list[Tensor] = []
        last = Tick(1, hrm.config.H_cycles)
        hooks = [("z_H", lambda z, hook: first.append(z))]  # noqa: B023 - called before the next round
        rollout = hrm.run_with_hooks(tokens, hooks, ticks=[last], segments=2, gradient=mode)
        (gradient,) = torch.autograd.grad(rollout.logits[1].sum(), first, allow_unused=True)
        assert (gradient is not None and bool(gradient.any())) == reaches, mode
    assert not hrm.run(tokens, 1).state.z_H.requires_grad


def test_without_gradient_nothing_that_a_segment_gives_requires_one(model: RecursiveReasoner) -> None:
    state, output = model.segment(model.initial_state(2), tokens_for(model), gradient="none")
    assert not any(value.requires_grad for value in (*state, *output))


def test_the_published_gradient_is_cut_between_segments_and_that_of_a_rollout_is_not() -> None:
    model = lively(VARIANTS["trm_mlp"].replace(H_cycles=1))  # its only cycle is in the published gradient
    for mode, whole in (("published", False), ("rollout", True)):
        states = [state for state, _ in model.unroll(tokens_for(model), 2, gradient=mode)]
        assert all(z.requires_grad == whole for state in states for z in state), mode


def test_all_modes_compute_the_same_values(model: RecursiveReasoner) -> None:
    tokens = tokens_for(model)
    plain = model.run(tokens, 2).logits
    for mode in ("published", "segment", "rollout"):
        assert torch.equal(model.run(tokens, 2, gradient=mode).logits.detach(), plain)  # type: ignore[arg-type]


# ---------------------------------------------------------------- torch.func


def step_of(wide: RecursiveReasoner, tokens: Tensor):  # type: ignore[no-untyped-def]
    return lambda z_H, z_L: tuple(wide.segment(State(z_H, z_L), tokens)[0])


def test_jvp_is_a_finite_difference(model: RecursiveReasoner) -> None:
    wide, tokens = in_float64(model), tokens_for(model)
    state, direction = random_state(model.config), random_state(model.config, seed=1)
    step = step_of(wide, tokens)
    _, got = jvp(step, tuple(state), tuple(direction))
    h = 1e-6
    ends = [step(*(z + sign * h * d for z, d in zip(state, direction, strict=True))) for sign in (1, -1)]
    for ours, plus, minus in zip(got, *ends, strict=True):
        torch.testing.assert_close(ours, (plus - minus) / (2 * h), rtol=1e-5, atol=1e-7)


def test_vjp_is_the_adjoint_of_jvp(model: RecursiveReasoner) -> None:
    wide, tokens = in_float64(model), tokens_for(model)
    state, u, v = (random_state(model.config, seed=seed) for seed in range(3))
    step = step_of(wide, tokens)
    out, forward = jvp(step, tuple(state), tuple(u))
    same, pull = vjp(step, *state)
    for ours, theirs in zip(out, same, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)
    left = sum((a * b).sum() for a, b in zip(v, forward, strict=True))
    right = sum((a * b).sum() for a, b in zip(pull(tuple(v)), u, strict=True))
    torch.testing.assert_close(left, right, rtol=1e-9, atol=1e-9)


def test_vmap_over_states_is_a_loop(model: RecursiveReasoner) -> None:
    wide, tokens = in_float64(model), tokens_for(model)
    states = [random_state(model.config, seed=seed) for seed in range(3)]
    step = step_of(wide, tokens)
    stacked = vmap(step)(*(torch.stack(z) for z in zip(*states, strict=True)))
    for k, state in enumerate(states):
        for ours, theirs in zip(stacked, step(*state), strict=True):
            torch.testing.assert_close(ours[k], theirs, rtol=0, atol=1e-12)


def test_vmap_over_states_and_tokens_is_a_loop(hrm: RecursiveReasoner) -> None:
    wide, tokens = in_float64(hrm), tokens_for(hrm, batch=3)
    state = random_state(hrm.config, batch=3)
    one = vmap(lambda h, l, t: wide.segment(State(h[None], l[None]), t[None])[0].z_H[0])  # noqa: E741
    torch.testing.assert_close(one(*state, tokens), wide.segment(state, tokens)[0].z_H, rtol=0, atol=1e-12)


def test_jacobians_by_jacfwd_and_by_vmapped_jvp_agree() -> None:
    wide = in_float64(lively(VARIANTS["hrm_bare"]))
    tokens, state = tokens_for(wide, batch=1), random_state(wide.config, batch=1)
    flat = lambda z: wide.segment(State(z.view_as(state.z_H), state.z_L), tokens)[0].z_H.flatten()  # noqa: E731
    z = state.z_H.flatten()
    J = jacfwd(flat)(z)
    columns = vmap(lambda v: jvp(flat, (z,), (v,))[1])(torch.eye(len(z), dtype=z.dtype)).T
    torch.testing.assert_close(J, columns, rtol=0, atol=1e-12)
    v = torch.randn(len(z), dtype=z.dtype, generator=torch.Generator().manual_seed(0))
    difference = (flat(z + 1e-6 * v) - flat(z - 1e-6 * v)) / 2e-6
    torch.testing.assert_close(J @ v, difference, rtol=1e-5, atol=1e-7)


def test_weights_can_be_arguments(hrm: RecursiveReasoner) -> None:
    tokens, start = tokens_for(hrm), hrm.initial_state(2)
    doubled = {name: 2 * value.detach() for name, value in hrm.named_parameters()}
    _, output = functional_call(hrm, doubled, (start, tokens))
    other = lively(hrm.config)
    other.load_state_dict({**hrm.state_dict(), **doubled})
    assert torch.equal(output.logits, other.segment(start, tokens)[1].logits)


# ---------------------------------------------------------------- torch.compile


def short(name: str) -> RecursiveReasoner:
    """With few updates: the compiler unrolls them all."""
    return lively(VARIANTS[name].replace(H_layers=1, L_layers=1, H_cycles=2, L_cycles=1))


@pytest.mark.parametrize(
    ("name", "gradient"), [("hrm_rope", "segment"), ("hrm_rope", "published"), ("trm_mlp", "none")]
)
def test_an_unhooked_segment_is_one_graph(name: str, gradient: str) -> None:
    model = short(name)
    state, tokens = model.initial_state(2), tokens_for(model)
    torch._dynamo.reset()
    whole = torch.compile(model.segment, fullgraph=True, backend="eager")
    compiled, plain = whole(state, tokens, gradient=gradient), model.segment(state, tokens, gradient=gradient)  # type: ignore[arg-type]
    assert torch.equal(compiled[0].z_H, plain[0].z_H)
    assert torch.equal(compiled[1].logits, plain[1].logits)


def test_hooks_leave_no_trace_in_the_graph() -> None:
    """The graph of a model that was hooked before is the graph of one that never was."""
    hrm = short("hrm_rope")
    sizes: list[int] = []

    def count(graph: torch.fx.GraphModule, _: list[Tensor]) -> torch.fx.GraphModule:
        sizes.append(len(graph.graph.nodes))
        return graph

    state, tokens = hrm.initial_state(2), tokens_for(hrm)
    for _ in range(2):
        torch._dynamo.reset()
        torch.compile(hrm.segment, fullgraph=True, backend=count)(state, tokens, gradient="none")
        hrm.run_with_cache(tokens, segments=1)
    assert sizes[0] == sizes[1]


def test_a_compiled_model_still_obeys_hooks() -> None:
    torch._dynamo.reset()
    hrm = short("hrm_rope")
    tokens = tokens_for(hrm)
    plain = hrm.run(tokens, 3)
    hrm.compile(backend="eager", fullgraph=True)
    assert torch.equal(hrm.run(tokens, 3).logits, plain.logits)
    ticks: list[Tick] = []
    hrm.run_with_hooks(tokens, [("z_H", lambda z, hook: ticks.append(hook.tick))], segments=3)
    assert len(ticks) == 3 * hrm.config.H_cycles
    zeroed = hrm.run_with_hooks(tokens, [("z_H", lambda z, hook: 0 * z)], segments=1)
    assert not zeroed.logits.any()
    assert torch.equal(hrm.run(tokens, 3).logits, plain.logits)
    _, cache = hrm.run_with_cache(tokens, "z_H", segments=3)
    assert torch.equal(cache["z_H"][-1, -1], plain.state.z_H)


# ---------------------------------------------------------------- what does not fit


def test_a_segment_knows_its_own_gradients_only(hrm: RecursiveReasoner) -> None:
    with pytest.raises(InputError, match="within a segment it is none, published or segment"):
        hrm.segment(hrm.initial_state(2), tokens_for(hrm), gradient="rollout")


def test_puzzles_are_not_their_tokens(hrm: RecursiveReasoner) -> None:
    with pytest.raises(InputError, match=r"not of type Puzzles; take its \.tokens"):
        hrm.run(generate(2, "easy", "4x4", seed=0))


def test_a_state_and_puzzle_ids_have_a_row_for_every_puzzle(hrm: RecursiveReasoner) -> None:
    tokens = tokens_for(hrm)
    with pytest.raises(InputError, match="The state has shapes"):
        hrm.run(tokens, state=hrm.initial_state(len(tokens) + 1))
    for ids in ([0], [hrm.config.puzzles] * len(tokens), [-1] * len(tokens)):
        with pytest.raises(InputError, match="puzzle_ids must name a puzzle embedding for each"):
            hrm.run(tokens, puzzle_ids=torch.tensor(ids))


def test_a_state_of_another_batch_or_board_is_refused(hrm):
    tokens = tokens_for(hrm)
    with pytest.raises(
        InputError, match=r"The state has shapes \[3, .*; for these tokens z_H and z_L are \[2, "
    ):
        hrm.segment(hrm.initial_state(3), tokens)
    with pytest.raises(InputError, match="The state has shapes"):
        hrm.segment(tuple(z[:, :-1] for z in hrm.initial_state(2)), tokens)


def test_a_state_of_another_dtype_does_not_change_the_arithmetic_of_a_run(hrm: RecursiveReasoner) -> None:
    model = build_model(hrm.config.replace(forward_dtype="bfloat16"))
    tokens = tokens_for(model)
    whole, first = model.run(tokens, 4), model.run(tokens, 1)
    wide = State(*(z.double() for z in first.state))  # as one kept on disk in another dtype
    rest = model.run(tokens, 3, state=wide)
    assert rest.state.z_H.dtype == torch.bfloat16
    assert torch.equal(rest.logits, whole.logits[1:])


@pytest.mark.parametrize("pick", [lambda z: State(z.long(), z.long()), lambda z: (z,), lambda z: (z, z, z)])
def test_what_is_no_state_is_refused(pick: Callable[[Tensor], Any], hrm: RecursiveReasoner) -> None:
    state = pick(hrm.initial_state(2).z_H)
    with pytest.raises(InputError, match="give a State of two floating-point tensors"):
        hrm.run(tokens_for(hrm), state=state)


@pytest.mark.parametrize(
    "ids", [["a", "b"], {}, [[1], [2, 3]], [True, False], np.array([0.0, 1.0]), [0, 10_000]]
)
def test_what_names_no_puzzle_embeddings_is_refused(ids: Any, hrm: RecursiveReasoner) -> None:
    with pytest.raises(InputError, match="puzzle_ids must name a puzzle embedding for each of 2 rows"):
        hrm.run(tokens_for(hrm), puzzle_ids=ids)
