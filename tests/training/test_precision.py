"""A training computes in bfloat16 where that is faster, in float32 elsewhere, and in one of them from end to end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from hrm_probe.training import train
from hrm_probe.training.precision import _multiplies_in_bfloat16, faster_dtype
from tests.training.tiny_runs import TINY, tiny

Machine = Callable[[bool], None]
SAID = "It computes in float32: this machine has no instructions of its own for bfloat16."


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Makes this processor one with instructions for bfloat16, or one without."""

    def become(has_them: bool) -> None:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": has_them}, raising=False)
        _multiplies_in_bfloat16.cache_clear()

    yield become
    _multiplies_in_bfloat16.cache_clear()


def test_bfloat16_is_taken_where_there_are_instructions_for_it(machine: Machine) -> None:
    machine(True)
    assert faster_dtype("cpu") == "bfloat16"
    machine(False)
    assert faster_dtype("cpu") == "float32"


def test_a_processor_of_which_torch_tells_nothing_computes_in_float32(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(True)
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported", raising=False)
    assert faster_dtype("cpu") == "float32"


@pytest.mark.parametrize("native", [True, False])
def test_a_gpu_that_only_emulates_bfloat16_computes_in_float32(
    native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def supported(including_emulation: bool = True) -> bool:
        return native or including_emulation

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    _multiplies_in_bfloat16.cache_clear()
    assert faster_dtype("cuda") == ("bfloat16" if native else "float32")
    _multiplies_in_bfloat16.cache_clear()


@pytest.mark.parametrize(("native", "dtype"), [(True, "bfloat16"), (False, "float32")])
def test_a_training_says_what_it_computes_in_where_that_is_not_as_published(
    native: bool, dtype: str, machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine(native)
    computed_in: list[str] = []
    result = train(
        tiny(steps=20, evaluate_every=10, dtype="auto"),
        tmp_path,
        watch=lambda trainer, progress: computed_in.append(trainer.config.forward_dtype),
    )
    assert set(computed_in) == {dtype}
    assert result.summary["settings"]["dtype"] == dtype
    assert (SAID in "".join(capsys.readouterr())) == (dtype == "float32")


def test_who_names_a_precision_gets_it_in_silence(
    machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine(False)
    for dtype in ("bfloat16", "float32"):
        result = train(tiny(steps=5, dtype=dtype), tmp_path / dtype)
        assert result.summary["settings"]["dtype"] == dtype
    assert SAID not in "".join(capsys.readouterr())


@pytest.mark.parametrize("named", [True, False], ids=["by its recipe", "by its folder alone"])
def test_a_run_goes_on_as_it_began_on_another_kind_of_machine(
    named: bool, machine: Machine, tmp_path: Path
) -> None:
    def stop(trainer: object, progress: float) -> None:
        raise KeyboardInterrupt

    recipe = tiny(steps=40, evaluate_every=20, dtype="auto")
    machine(True)
    with pytest.raises(KeyboardInterrupt):
        train(recipe, tmp_path, watch=stop)
    machine(False)
    result = train(recipe if named else None, tmp_path, resume=True)
    assert result.finished
    assert result.summary["settings"]["dtype"] == "bfloat16"


def test_auto_is_what_recipes_have_that_name_none() -> None:
    assert "dtype" not in TINY
    assert tiny().dtype == "auto"
