"""The average of the weights: its horizon, its value, and that the model gets its own weights back."""

import pytest
import torch

from hrm_probe.training.ema import EMA, ema_decay


def model_of(value: float) -> torch.nn.Linear:
    model = torch.nn.Linear(2, 1)
    with torch.no_grad():
        for p in model.parameters():
            p.fill_(value)
    return model


def test_decay_reaches_over_a_share_of_the_training_so_far() -> None:
    assert ema_decay(50_000, 0.02) == pytest.approx(0.999)
    assert ema_decay(1, 0.02) == 0.0
    assert ema_decay(10_000, 0.0) == 0.0  # no averaging


def test_average_by_hand() -> None:
    model = model_of(1.0)
    ema = EMA(model)
    with torch.no_grad():
        model.weight.fill_(3.0)
    ema.update(0.75)
    assert ema.average["weight"].tolist() == [[1.5, 1.5]]


def test_the_first_weights_leave_no_trace() -> None:
    model = model_of(1e6)
    ema = EMA(model)
    with torch.no_grad():
        model.weight.fill_(2.0)
    ema.update(ema_decay(1, 0.02))
    assert ema.average["weight"].tolist() == [[2.0, 2.0]]


def test_a_model_carries_the_average_only_inside_the_block_even_if_it_fails() -> None:
    model = model_of(1.0)
    ema = EMA(model)
    with torch.no_grad():
        model.weight.fill_(5.0)
    address = model.weight.data_ptr()

    def fail_inside() -> None:
        with ema.applied():
            assert model.weight.tolist() == [[1.0, 1.0]]
            raise RuntimeError("evaluation failed")

    with pytest.raises(RuntimeError):
        fail_inside()
    assert model.weight.tolist() == [[5.0, 5.0]]
    assert model.weight.data_ptr() == address
