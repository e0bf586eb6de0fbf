"""In which of two precisions a device trains faster."""

from functools import cache
from typing import Literal

import torch

from hrm_probe.models.saving import usable_device

TrainingDtype = Literal["float32", "bfloat16"]


def faster_dtype(device: str) -> TrainingDtype:
    """bfloat16 where the device multiplies in it by instructions of its own, else float32.

    A processor without such instructions is slow in bfloat16: on an AMD EPYC with AVX2 alone a training step of
    ``trm-6x6`` takes 11 times as long. What a kind of machine has is asked of torch, not timed, so that two runs on the
    same kind of machine compute in the same precision.

    >>> faster_dtype("cpu") in ("float32", "bfloat16")
    True

    Args:
        device: "cpu", "cuda", or "auto" for a GPU where there is one.

    Known inaccuracy: of processors those with AVX-512 BF16 are known to be faster in bfloat16; of ARM ones float32 is
    taken, whatever they have.
    """
    kind = usable_device(None).type if device == "auto" else torch.device(device).type
    return "bfloat16" if _multiplies_in_bfloat16(kind) else "float32"


@cache
def _multiplies_in_bfloat16(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = getattr(torch.cpu, "get_capabilities", None)  # not in every torch that will do
    if capabilities is not None:
        return bool(capabilities().get("avx512_bf16", False))
    return bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())
