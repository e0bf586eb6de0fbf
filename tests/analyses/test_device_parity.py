"""The check that a GPU must pass, passed by the CPU, and failed by a model that is not the authors'."""

import json
import shutil
from pathlib import Path

import device_parity
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models.layers import Attention
from hrm_probe.provenance import machine_kind
from tests.models.golden import FOLDER, needed


@needed
@pytest.mark.parametrize("name", ["hrm_learned", "trm_att"])
def test_float32_on_a_cpu_is_within_the_bounds_and_bfloat16_is_not(name: str, tmp_path: Path) -> None:
    (tmp_path / "golden").mkdir()
    shutil.copy(FOLDER / f"{name}.safetensors", tmp_path / "golden")
    out = tmp_path / "parity.json"
    arguments = [str(tmp_path / "golden"), "--device", "cpu", "--out", str(out)]
    assert device_parity.main(arguments) == 0
    found = json.loads(out.read_text())["deviations"]
    exact, rough = found[f"{name}, float32"], found[f"{name}, bfloat16"]
    assert exact["answers alike"] == 1.0
    assert all(exact[what] <= bound for what, bound in device_parity.BOUNDS.items())
    assert rough["first logits"] > 100 * exact["first logits"]
    assert rough["gradients, relative"] > 100 * exact["gradients, relative"]


@needed
def test_outputs_of_another_model_are_noticed(tmp_path: Path) -> None:
    golden = FOLDER / "hrm_learned.safetensors"
    with safe_open(golden, "np") as file:
        metadata = file.metadata()
    tensors = load_file(golden)
    tensors["seg3/z_L"] = tensors["seg3/z_L"] + 1e-3
    save_file(tensors, tmp_path / "other.safetensors", metadata)
    assert device_parity.main([str(tmp_path), "--device", "cpu", "--out", str(tmp_path / "out.json")]) == 1


def test_what_is_no_number_is_beyond_every_bound() -> None:
    within = dict.fromkeys(device_parity.BOUNDS, 0.0)
    assert device_parity.of_bounds(within) == 0.0
    for name in device_parity.BOUNDS:
        assert device_parity.of_bounds({**within, name: float("nan")}) == float("inf")


def test_attention_alone_is_as_exact_as_its_precision() -> None:
    cpu = torch.device("cpu")
    for dtype, bound in device_parity.ATTENTION_BOUNDS.items():
        found = device_parity.attention_deviations(cpu, dtype, batch=2)
        assert set(found) == {"output", "input", "W_QKV", "W_O"}
        assert 0.01 < device_parity.beyond_bound(found, bound) < 1.0


def test_a_wrong_attention_kernel_is_noticed_in_bfloat16_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind_to_the_last_position(layer: Attention, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        if q.dtype != torch.float64:  # what is exact stays so
            k = torch.cat((k[:, :-1], k[:, -2:-1]), dim=1)
        return right(layer, q, k, v)

    right = Attention._written_out
    monkeypatch.setattr(Attention, "_written_out", blind_to_the_last_position)
    found = device_parity.attention_deviations(torch.device("cpu"), "bfloat16", batch=2)
    assert device_parity.beyond_bound(found, device_parity.ATTENTION_BOUNDS["bfloat16"]) > 1.0


def test_a_folder_without_golden_vectors_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert device_parity.main([str(tmp_path)]) == 2
    assert "holds no golden vectors" in capsys.readouterr().err


def test_what_another_device_gave_is_not_replaced(tmp_path: Path) -> None:
    held = tmp_path / "device_parity.json"
    held.write_text(
        json.dumps({"device": "cuda", "provenance": {"machine": "1 core, Abacus; Difference Engine"}})
    )
    with pytest.raises(
        InputError, match="is about cuda on 1 core, Abacus; Difference Engine; name another --out"
    ):
        device_parity.refuse_to_replace(held, "cpu")
    held.write_text("[]")
    with pytest.raises(InputError, match="holds something other"):
        device_parity.refuse_to_replace(held, "cpu")
    held.write_text(json.dumps({"device": "cpu", "provenance": {"machine": machine_kind()}}))
    device_parity.refuse_to_replace(held, "cpu")
    device_parity.refuse_to_replace(tmp_path / "none.json", "cpu")
