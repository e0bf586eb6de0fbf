"""How far are a device, a precision and the compiler from the outputs of the authors' own code?

    python analyses/device_parity.py FOLDER [--device cuda] [--compile]

FOLDER holds golden vectors: NAME.safetensors, each a small HRM or TRM checkpoint under published names with inputs,
outputs of four segments and gradients of one training step, made with the released implementations on a CPU in
float32. Each is repeated on the device in float32 and bfloat16, and the largest deviations are printed beside what
the released code itself shows between float32 and float64. In float32 a deviation beyond these bounds is an error
(exit status 1); in bfloat16 it is a fact to know, for the recursion magnifies every rounding. Attention, of which each
device has kernels of its own, is therefore also held alone against float64, at published size, in both precisions.
Writes figures/device_parity.json.
"""

import copy
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[1]))  # a checkout is enough: nothing need be installed

from command_lines import described, exit_status

import hrm_probe
from hrm_probe.errors import InputError
from hrm_probe.json_text import write_json
from hrm_probe.models import ModelConfig, RecursiveReasoner
from hrm_probe.models.layers import Attention
from hrm_probe.models.published import published_name
from hrm_probe.provenance import machine_kind, provenance
from hrm_probe.training.losses import act_loss, continue_target
from hrm_probe.training.trainer import choose_device

FIGURES = Path(__file__).parents[1] / "figures"
SEGMENTS = 4
BOUNDS = {
    "first logits": 3e-5, "later logits": 1e-4, "halting values": 1e-5, "states": 5e-4, "loss": 1e-5,
    "gradients, relative": 1e-4,
}  # fmt: skip
"""Largest deviations to expect in float32; the released code's own, from float64, with room to spare."""

ATTENTION_BOUNDS = {"float32": 3e-5, "bfloat16": 2e-2}
"""Of outputs and gradients of one attention layer, relative; 2.5 times what rounding on a CPU shows, or more."""

Golden = Mapping[str, NDArray[Any]]


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("folder", type=Path, help="folder of golden vectors")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--compile", action="store_true", help="compile each segment")
    parser.add_argument("--out", type=Path, default=FIGURES / "device_parity.json")
    given = parser.parse_args(arguments)
    files, device = golden_files(given.folder), choose_device(given.device)
    refuse_to_replace(given.out, str(device))
    results: dict[str, dict[str, Any]] = {}
    worst = 0.0
    for file in files:
        for dtype in ("float32", "bfloat16"):
            found = deviations(file, device, dtype, given.compile)
            results[f"{file.stem}, {dtype}"] = found
            beyond = of_bounds(found)
            worst = max(worst, beyond) if dtype == "float32" else worst
            print(f"{file.stem}, {dtype}: {in_words(found)}; {beyond:.2g} of the bounds", flush=True)
    attention = {dtype: attention_deviations(device, dtype) for dtype in ATTENTION_BOUNDS}
    for dtype, found in attention.items():
        beyond = beyond_bound(found, ATTENTION_BOUNDS[dtype])
        worst = max(worst, beyond)
        print(f"attention alone, {dtype}: {in_words(found)}; {beyond:.2g} of the bound", flush=True)
    results |= {f"attention alone, {dtype}": found for dtype, found in attention.items()}
    about = {"device": str(device), "compiled": given.compile, "bounds": BOUNDS, "provenance": provenance()}
    write_json(given.out, {"deviations": results, **about})
    return int(worst > 1.0)


def refuse_to_replace(file: Path, device: str) -> None:
    """Raise an InputError where the file is about another device: what it cost is not to be lost lightly."""
    try:
        held = json.loads(file.read_text())
        of, machine = held["device"], held["provenance"]["machine"]
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{file} holds something other than deviations; name another --out.") from None
    if (of, machine) != (device, machine_kind()):
        raise InputError(f"{file} is about {of} on {machine}; name another --out, or move it away.")


def of_bounds(found: Mapping[str, float]) -> float:
    """The largest deviation as a multiple of its bound; infinite where one is not a number."""
    return max(beyond_bound({name: found[name]}, bound) for name, bound in BOUNDS.items())


def beyond_bound(found: Mapping[str, float], bound: float) -> float:
    """The largest value as a multiple of one bound; infinite where one is not a number."""
    parts = np.array(list(found.values())) / bound
    return float(parts.max()) if np.isfinite(parts).all() else float("inf")


def golden_files(folder: Path) -> list[Path]:
    """The golden vectors of a folder.

    Raises:
        InputError: it holds none.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise InputError(f"{folder} holds no golden vectors (*.safetensors); name the folder that does.")
    return files


def deviations(file: Path, device: torch.device, dtype: str, compiled: bool) -> dict[str, float]:
    """The largest deviations of a model's outputs and gradients from the golden vectors of one file."""
    golden, model = load_file(file), load_on(file, device, dtype)
    if compiled:
        torch.compiler.reset()  # else the graphs of earlier files count against the limit, and later ones run eagerly
        model.compile(dynamic=False)
    tokens = torch.as_tensor(golden["input/inputs"], device=device).long()
    rollout = model.run(tokens, SEGMENTS)
    logits = [golden[f"seg{k}/logits"] for k in range(SEGMENTS)]
    halting = [golden[f"seg{k}/q_halt_logits"] for k in range(SEGMENTS)]
    last = f"seg{SEGMENTS - 1}"
    states = (golden[f"{last}/z_H"], golden[f"{last}/z_L"])
    return {
        "first logits": apart(rollout.logits[0], logits[0]),
        "later logits": apart(rollout.logits[1:], np.stack(logits[1:])),
        "halting values": apart(rollout.q_halt, np.stack(halting)),
        "states": max(apart(own, known) for own, known in zip(rollout.state, states, strict=True)),
        "answers alike": float((rollout.predictions.cpu().numpy() == np.argmax(logits, -1)).mean()),
        **training_deviations(model, golden, tokens),
    }


def load_on(file: Path, device: torch.device, dtype: str) -> RecursiveReasoner:
    """The checkpoint that a file of golden vectors is, on a device, computing in a dtype."""
    with tempfile.TemporaryDirectory() as folder:
        hrm_probe.import_checkpoint(file).save(folder)
        return hrm_probe.load(folder, str(device), dtype)


def training_deviations(model: RecursiveReasoner, golden: Golden, tokens: Tensor) -> dict[str, float]:
    """Loss and gradients of one training step, with the losses that training uses."""
    answers = torch.as_tensor(golden["input/labels"], device=tokens.device).long()
    state, output = model(model.initial_state(len(tokens)), tokens, gradient="published")
    target = None
    if "train/target_q_continue" in golden:
        _, ahead = model(state.detach(), tokens, gradient="none")
        going_on = torch.zeros_like(ahead.q_halt, dtype=torch.bool)
        target = continue_target(ahead.q_halt, ahead.q_continue, going_on)
    loss = act_loss(output.logits, output.q_halt, output.q_continue, answers, target_q_continue=target).total
    loss.backward()
    gradients = {published_name(name): p.grad for name, p in model.named_parameters() if p.grad is not None}
    return {
        "loss": abs(loss.item() - float(golden["train/loss"])),
        "gradients, relative": max(
            apart(gradients[name], known) / float(np.abs(known).max())
            for name, known in golden_gradients(golden).items()
        ),
    }


def attention_deviations(device: torch.device, dtype: str, batch: int = 8, seed: int = 0) -> dict[str, float]:
    """How far one attention layer of published size is from float64, by the path that training takes.

    Norms of differences, relative to the norm: of the output, and of the gradients of input and weights.
    """
    generator = torch.Generator().manual_seed(seed)
    config = ModelConfig(cells=81, vocab=11, d_model=512, n_heads=8)
    exact = Attention(config, generator).double()
    shape = (batch, config.pos, config.d_model)
    x, direction = (torch.randn(shape, generator=generator, dtype=torch.float64) for _ in range(2))
    known = _output_and_gradients(exact, x, direction)
    layer, kind = copy.deepcopy(exact).float().to(device), getattr(torch, dtype)
    own = _output_and_gradients(layer, x.to(device, kind), direction.to(device, kind))
    return {
        name: float((own[name].double().cpu() - value).norm() / value.norm()) for name, value in known.items()
    }


def _output_and_gradients(layer: Attention, x: Tensor, direction: Tensor) -> dict[str, Tensor]:
    x = x.requires_grad_()
    output = layer(x)
    wanted = {"input": x, "W_QKV": layer.W_QKV.weight, "W_O": layer.W_O.weight}
    gradients = torch.autograd.grad(output, list(wanted.values()), direction)
    return {"output": output.detach(), **dict(zip(wanted, gradients, strict=True))}


def golden_gradients(golden: Golden) -> dict[str, NDArray[Any]]:
    """Gradients by published name. Rows of the puzzle embedding, one a puzzle there, are summed as here."""
    found = {
        key.rpartition("model.inner.")[2]: value for key, value in golden.items() if key.startswith("grad/")
    }
    found["puzzle_emb.weights"] = found.pop("puzzle_emb.local_weights").sum(0, keepdims=True)
    return found


def apart(own: Tensor, known: NDArray[Any]) -> float:
    """The largest absolute difference."""
    return float(np.abs(own.detach().float().cpu().numpy() - known).max())


def in_words(found: Mapping[str, float]) -> str:
    """One line for a person."""
    return ", ".join(f"{name} {value:.2g}" for name, value in found.items())


if __name__ == "__main__":
    raise SystemExit(main())
