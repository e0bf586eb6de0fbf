"""Is the stablemax loss in float32 as good as in float64, which the reference takes?

    python analyses/stablemax_precision.py [--n 256]

For trained and random models, on held-out puzzles, every segment: how much the loss of a puzzle and its gradient
at the logits differ between the two, relative to the float64 value. Then what reaches the weights: the gradient of
a training step's loss, relative to its norm, beside the difference that the activations' own bfloat16 makes, which
training lives with. Writes figures/stablemax_precision.json.
"""

from pathlib import Path
from typing import Any

import torch
from command_lines import described, exit_status, positive
from torch import Tensor

import hrm_probe
from hrm_probe.json_text import write_json
from hrm_probe.models import RecursiveReasoner, State, build_model
from hrm_probe.models.losses import cell_losses
from hrm_probe.provenance import provenance
from hrm_probe.sudoku import Puzzles
from hrm_probe.training.losses import act_loss

FIGURES = Path(__file__).parents[1] / "figures"
GRADIENT_SEGMENTS = (1, 4, 16)


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("--models", nargs="+", default=["trm-6x6", "hrm-6x6"])
    parser.add_argument("--puzzles", default="6x6-test")
    parser.add_argument("--n", type=positive, default=256, help="puzzles in the random sample")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=FIGURES / "stablemax_precision.json")
    options = parser.parse_args(arguments)
    puzzles = hrm_probe.load_puzzles(options.puzzles, options.n, options.seed)
    results = {}
    for name in options.models:
        trained = hrm_probe.load(name, dtype="float32")
        fresh = build_model(trained.config, options.seed).to(trained.device).eval()
        for kind, model in (("trained", trained), ("random", fresh)):
            results[f"{name}, {kind}"] = result = compare(model, puzzles)
            print(f"{name}, {kind}: {in_words(result)}", flush=True)
    settings = {name: getattr(options, name) for name in ("puzzles", "n", "seed")}
    why = "maxima over the puzzles and segments named, not estimates of anything larger: no interval"
    content = {"models": results, **settings, "intervals": why, "provenance": provenance()}
    write_json(options.out, content, indent=2)
    return 0


def compare(model: RecursiveReasoner, puzzles: Puzzles) -> dict[str, Any]:
    """Both precisions on the logits of all segments, and on the weights' gradients of some."""
    tokens = model.check_tokens(puzzles.tokens)
    answers = torch.as_tensor(puzzles.answers, device=model.device)
    state = model.initial_state(len(tokens))
    at_logits, at_weights = [], {}
    for segment in range(1, model.config.max_segments + 1):
        if segment in GRADIENT_SEGMENTS:
            at_weights[segment] = weight_gradients(model, state, tokens, answers)
        with torch.no_grad():
            state, output = model.segment(state, tokens, gradient="none")
        at_logits.append(logit_gradients(output.logits, answers))
    loss, change, small, gradient = (torch.stack(values) for values in zip(*at_logits, strict=True))
    return {
        "loss_relative_largest": change.max().item(),
        "loss_relative_median": change.median().item(),
        "loss_there": loss.flatten()[change.argmax()].item(),
        "loss_absolute_largest": small.max().item(),
        "logit_gradient_relative_largest": gradient.max().item(),
        "logit_gradient_relative_median": gradient.median().item(),
        "mean_loss_of_a_batch_relative_largest": ((change * loss).sum(1) / loss.sum(1)).max().item(),
        "weight_gradient_relative_by_segment": at_weights,
    }


def logit_gradients(logits: Tensor, answers: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Per puzzle: the loss, and how far float32 is off: loss, relative and absolute; gradient, relative; [batch]."""
    losses, gradients = [], []
    for dtype in (torch.float64, torch.float32):
        at = logits.detach().clone().requires_grad_()
        loss = cell_losses(at, answers, dtype=dtype).mean(-1)
        loss.sum().backward()
        assert at.grad is not None
        losses.append(loss.detach().double())
        # The gradient comes in the logits' float32 either way: rounding it is common to both.
        gradients.append(at.grad.double().flatten(1))
    exact, off = losses[0], (losses[1] - losses[0]).abs()
    return exact, off / exact, off, (gradients[1] - gradients[0]).norm(dim=1) / gradients[0].norm(dim=1)


def weight_gradients(
    model: RecursiveReasoner, state: State, tokens: Tensor, answers: Tensor
) -> dict[str, float]:
    """Gradient of a training step's loss at all weights: relative change by the loss's dtype, and by bfloat16."""
    exact = _gradient(model, state, tokens, answers, torch.float64)
    float32 = _gradient(model, state, tokens, answers, torch.float32)
    forward_dtype = model.forward_dtype
    model.compute_in(torch.bfloat16)
    try:
        narrow = State(*(z.bfloat16() for z in state))
        bfloat16 = _gradient(model, narrow, tokens, answers, torch.float64)
    finally:
        model.compute_in(forward_dtype)
    return {
        "loss_in_float32": ((float32 - exact).norm() / exact.norm()).item(),
        "activations_in_bfloat16": ((bfloat16 - exact).norm() / exact.norm()).item(),
    }


def _gradient(
    model: RecursiveReasoner, state: State, tokens: Tensor, answers: Tensor, dtype: torch.dtype
) -> Tensor:
    _, output = model.segment(state, tokens, gradient="published")
    loss = act_loss(*output, answers, dtype=dtype).total / len(tokens)
    gradients = torch.autograd.grad(loss, list(model.parameters()), allow_unused=True)
    return torch.cat([g.double().flatten() for g in gradients if g is not None])


def in_words(result: dict[str, Any]) -> str:
    weights = result["weight_gradient_relative_by_segment"]
    return (
        f"loss off by at most {result['loss_relative_largest']:.1e} of itself ({result['loss_absolute_largest']:.1e} "
        f"absolutely), gradient at the logits by {result['logit_gradient_relative_largest']:.1e}; at the weights by "
        f"{max(w['loss_in_float32'] for w in weights.values()):.1e}, where bfloat16 activations make "
        f"{min(w['activations_in_bfloat16'] for w in weights.values()):.1e} at least"
    )


if __name__ == "__main__":
    raise SystemExit(main())
