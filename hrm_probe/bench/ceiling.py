"""What the machine could do: the rate of a bare matrix product of the model's own shape."""

import torch
import torch.nn.functional as F

from hrm_probe.bench.timing import Work
from hrm_probe.models.config import ModelConfig
from hrm_probe.models.cost import Product, largest_product


def bare_product(config: ModelConfig, batch: int, device: torch.device) -> tuple[Product, Work]:
    """The largest linear map of a block, alone, in the model's dtype.

    Returns:
        Its shape, and a function that does it once.
    """
    product = largest_product(config, batch)
    dtype = getattr(torch, config.forward_dtype)
    x = torch.randn(product.m, product.k, dtype=dtype, device=device)
    weight = torch.randn(product.n, product.k, dtype=dtype, device=device)

    def multiply() -> object:
        with torch.no_grad():
            return F.linear(x, weight)

    return product, multiply
