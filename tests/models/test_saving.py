"""Models on disk: whole or not there, in pieces small enough, and the same bit for bit when they come back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models import HRM, ModelConfig, RecursiveReasoner, State, build_model, load, saving
from tests.models.variants import VARIANTS, lively, random_tokens


def same_weights(ours: RecursiveReasoner, theirs: RecursiveReasoner) -> bool:
    a, b = ours.state_dict(), theirs.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("name", VARIANTS)
def test_round_trip_is_bitwise(name: str, tmp_path: Path) -> None:
    model = lively(VARIANTS[name])
    model.save(tmp_path / "a model")
    back = load(tmp_path / "a model", device="cpu")
    assert back.config == model.config
    assert type(back) is type(model)
    assert same_weights(back, model)
    assert not back.training
    tokens = random_tokens(model.config)
    assert torch.equal(back.run(tokens, 2).logits, model.run(tokens, 2).logits)


def test_one_file_where_one_is_enough(hrm: RecursiveReasoner, tmp_path: Path) -> None:
    folder = hrm.save(tmp_path / "m")
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]
    assert ModelConfig.from_dict(json.loads((folder / "config.json").read_text())) == hrm.config


def test_shards_of_at_most_15_megabytes_with_an_index(tmp_path: Path) -> None:
    """A published-size TRM, 20 MB."""
    model = build_model(
        ModelConfig(architecture="trm", mixer="mlp", positions="none", L_layers=2, H_layers=0, prefix=16)
    )
    folder = model.save(tmp_path / "m")
    shards = sorted(folder.glob("*.safetensors"))
    assert len(shards) == 2
    assert [path.name for path in shards] == [f"model-0000{i}-of-00002.safetensors" for i in (1, 2)]
    assert all(path.stat().st_size <= 15_000_000 + 20_000 for path in shards)
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    assert index["metadata"]["total_size"] == sum(t.nbytes for t in model.state_dict().values())
    for path in shards:
        with safe_open(path, "pt") as stream:
            assert set(stream.keys()) == {n for n, shard in index["weight_map"].items() if shard == path.name}
    assert index["weight_map"].keys() == model.state_dict().keys()
    assert same_weights(load(folder, device="cpu"), model)


def test_a_tensor_larger_than_a_shard_has_one_to_itself(hrm: RecursiveReasoner, tmp_path: Path) -> None:
    folder = hrm.save(tmp_path / "m", shard_bytes=100)
    assert len(list(folder.glob("*.safetensors"))) > 10
    assert same_weights(load(folder, device="cpu"), hrm)


def test_saving_again_leaves_nothing_of_the_old_model_and_all_of_the_rest(
    hrm: RecursiveReasoner, tmp_path: Path
) -> None:
    folder = hrm.save(tmp_path / "m", shard_bytes=10_000)
    (folder / "card.md").write_text("what it is")
    others = {"model notes.txt", "config.json.bak", "model.safetensors.old", "my config.json"}
    for name in others:
        (folder / name).write_text("mine")
    (folder / "figures").mkdir()
    (folder / "figures" / "one.txt").write_text("a picture")
    hrm.save(folder)
    names = {path.name for path in folder.iterdir()}
    assert names == {"config.json", "model.safetensors", "card.md", "figures"} | others
    assert (folder / "figures" / "one.txt").read_text() == "a picture"
    assert same_weights(load(folder, device="cpu"), hrm)


def test_a_save_that_fails_leaves_the_old_model_whole(
    hrm: RecursiveReasoner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = hrm.save(tmp_path / "m", shard_bytes=10_000)
    calls = []

    def fail_at_the_third(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 3:
            raise OSError("disk full")
        save_file(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(saving, "save_file", fail_at_the_third)
    with pytest.raises(OSError, match="disk full"):
        lively(hrm.config, seed=9).save(folder, shard_bytes=10_000)
    calls.clear()
    with pytest.raises(OSError, match="disk full"):
        lively(hrm.config, seed=9).save(tmp_path / "new", shard_bytes=10_000)
    assert [path.name for path in tmp_path.iterdir()] == ["m"]  # no half of a model, nothing left lying about
    assert same_weights(load(folder, device="cpu"), hrm)


# ---------------------------------------------------------------- dtypes


def test_loaded_in_bfloat16_it_computes_what_casting_at_use_computes(tmp_path: Path) -> None:
    for name in ("hrm_rope", "trm_mlp"):
        model = lively(VARIANTS[name])
        tokens = random_tokens(model.config)
        at_use = lively(model.config.replace(forward_dtype="bfloat16"))
        half = load(model.save(tmp_path / name), device="cpu", dtype="bfloat16")
        assert half.W_E.dtype == torch.bfloat16
        assert half.config.forward_dtype == "bfloat16"
        ours, theirs = half.run(tokens, 2), at_use.run(tokens, 2)
        assert ours.state.z_H.dtype == torch.bfloat16
        assert torch.equal(ours.logits, theirs.logits)
        assert torch.equal(ours.q_halt, theirs.q_halt)


@pytest.mark.parametrize("cast", [RecursiveReasoner.double, lambda model: model.to(torch.float64)])
def test_casting_a_model_casts_what_it_computes_in(
    hrm: RecursiveReasoner, cast: Callable[[RecursiveReasoner], RecursiveReasoner]
) -> None:
    tokens = random_tokens(hrm.config)
    before = hrm.run(tokens, 2)
    wide = cast(hrm)
    assert wide.config.forward_dtype == "float64"
    after = wide.run(tokens, 2)
    assert after.state.z_H.dtype == torch.float64
    assert 0 < (after.state.z_H - before.state.z_H).abs().max() < 1e-4
    assert hrm.float().run(tokens, 2).state.z_H.dtype == torch.float32


def test_moving_a_model_leaves_what_it_computes_in(hrm: RecursiveReasoner) -> None:
    half = lively(hrm.config.replace(forward_dtype="bfloat16"))
    assert half.to("cpu").run(random_tokens(hrm.config), 1).state.z_H.dtype == torch.bfloat16


def test_float16_is_refused_before_anything_is_cast(hrm: RecursiveReasoner) -> None:
    with pytest.raises(
        InputError, match="forward_dtype is 'float16'; it must be one of float32, bfloat16, float64"
    ):
        hrm.half()
    assert hrm.W_E.dtype == torch.float32
    assert hrm.config.forward_dtype == "float32"


def test_bfloat16_survives_another_round_trip(hrm: RecursiveReasoner, tmp_path: Path) -> None:
    half = load(hrm.save(tmp_path / "m"), device="cpu", dtype=torch.bfloat16)
    again = load(half.save(tmp_path / "half"), device="cpu")
    tokens = random_tokens(hrm.config)
    assert torch.equal(half.run(tokens, 2).logits, again.run(tokens, 2).logits)


# ---------------------------------------------------------------- errors


def test_errors_say_what_is_wrong(hrm: RecursiveReasoner, tmp_path: Path) -> None:
    def broken(name: str, complaint: str) -> None:
        with pytest.raises(InputError, match=complaint):
            load(tmp_path / name, device="cpu")

    broken("nowhere", "no model")
    (tmp_path / "empty").mkdir()
    broken("empty", "no config.json")
    (tmp_path / "a file").write_text("")
    broken("a file", "is a file")
    with pytest.raises(InputError, match="is a file"):
        hrm.save(tmp_path / "a file")

    folder = hrm.save(tmp_path / "cut")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    broken("cut", "not a whole safetensors file")
    weights.unlink()
    broken("cut", "model.safetensors is missing")

    folder = hrm.save(tmp_path / "shards", shard_bytes=10_000)
    next(folder.glob("model-00002-*")).unlink()
    broken("shards", "model-00002-of-.* is missing")
    (folder / "model.safetensors.index.json").write_text("{")
    broken("shards", "not a list of shards")

    folder = hrm.save(tmp_path / "other")
    config = hrm.config.replace(d_model=32).to_dict()
    (folder / "config.json").write_text(json.dumps(config))
    broken("other", "has shape")
    (folder / "config.json").write_text(json.dumps(hrm.config.replace(H_layers=3).to_dict()))
    broken("other", "missing H.blocks.2")
    (folder / "config.json").write_text(json.dumps(hrm.config.replace(H_layers=1).to_dict()))
    broken("other", "unknown H.blocks.1")
    (folder / "config.json").write_text(json.dumps({"architecture": "hrm", "d_modle": 3}))
    broken("other", "d_model")
    (folder / "config.json").write_text("{")
    broken("other", "not valid JSON")


@pytest.mark.parametrize("content", [b"3", b"\x80\x81", b"{"])
def test_a_config_that_is_none_is_refused(content: bytes, hrm: RecursiveReasoner, tmp_path: Path) -> None:
    hrm.save(tmp_path / "m")
    (tmp_path / "m" / "config.json").write_bytes(content)
    with pytest.raises(InputError, match=r"config\.json"):
        load(tmp_path / "m")


def test_a_name_that_is_none_is_told_which_there_are() -> None:
    with pytest.raises(
        InputError, match=r"No model was named: name a shipped one \(.*hrm-6x6.*\) or a model folder"
    ):
        load("")


@pytest.mark.parametrize("device", ["tpu", "meta", "cuda:99"])
def test_a_device_that_is_not_there_is_refused(device: str, hrm: RecursiveReasoner, tmp_path: Path) -> None:
    hrm.save(tmp_path / "m")
    with pytest.raises(InputError, match=f"cannot use a device '{device}' here"):
        load(tmp_path / "m", device=device)


def test_weights_that_are_no_numbers_are_refused(hrm: RecursiveReasoner, tmp_path: Path) -> None:
    hrm.W_E.data[0, 0] = float("nan")
    hrm.save(tmp_path / "m")
    with pytest.raises(InputError, match="W_E holds values that are not finite numbers"):
        load(tmp_path / "m")


def test_a_full_disk_leaves_the_model_that_was_there(
    hrm: RecursiveReasoner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise saving.SafetensorError("No space left on device")

    folder = hrm.save(tmp_path / "m")
    monkeypatch.setattr(saving, "save_file", full)
    with pytest.raises(InputError, match=r"cannot be written .*is there space left"):
        hrm.save(folder)
    assert same_weights(load(folder), hrm)
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize(
    ("there", "sentence"),
    [
        (
            ["checkpoint.pt"],
            r"its training is not finished: hrm-probe train --out \S+ --resume continues it\.",
        ),
        (
            ["checkpoint.pt", "model/config.json"],
            r"training is not finished: .* continues it, and its averaged weights so far are in \S+model\.",
        ),
        (["checkpoint.pt", "model/config.json", "summary.json"], r"the model is in \S+model\."),
        (["model/config.json"], r"the model is in \S+model\."),
        (["step_26041"], r"hrm-probe import \S+step_26041 --out FOLDER`\."),
        (["notes.txt"], r"it has no config\.json\.$"),
    ],
)
def test_what_else_a_folder_may_be_is_told(tmp_path: Path, there: list[str], sentence: str) -> None:
    for file in there:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    with pytest.raises(InputError, match=sentence):
        saving.load_folder(tmp_path)


def test_a_subclass_is_told_that_its_arithmetic_is_not_saved(hrm: RecursiveReasoner, tmp_path: Path) -> None:
    class Leaky(HRM):
        def update_H(self, state: State) -> Tensor:
            return 0.5 * (state.z_H + super().update_H(state))

    leaky = Leaky(hrm.config, torch.Generator().manual_seed(0))
    with pytest.warns(UserWarning, match="This Leaky will be loaded as a plain HRM"):
        leaky.save(tmp_path / "leaky")
    assert type(saving.load_folder(tmp_path / "leaky")) is HRM


def test_what_is_no_device_or_no_list_of_hooks_is_told(hrm: RecursiveReasoner, tmp_path: Path) -> None:
    folder = hrm.save(tmp_path / "model")
    with pytest.raises(InputError, match=r"cannot use a device '3\.5'"):
        load(folder, device=3.5)  # type: ignore[arg-type]
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"trained_with_hooks": "z_H"}))
    with pytest.raises(InputError, match="must list the names of hook points under trained_with_hooks"):
        load(folder)
