"""The published halting rules, on values made up by hand."""

import torch

from hrm_probe.models import ModelConfig, first_halt, wants_to_halt

HRM, TRM = ModelConfig(), ModelConfig(architecture="trm", H_layers=0)

# Three rows over four segments.
Q_HALT = torch.tensor([[-1.0, 1.0, -3.0], [0.5, 2.0, -2.0], [0.5, -1.0, -1.0], [3.0, 3.0, -0.5]])
Q_CONTINUE = torch.tensor([[0.0, 2.0, -2.0], [1.0, 1.0, -2.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])


def test_hrm_halts_where_halting_is_worth_more_than_going_on() -> None:
    expected = [[False, False, False], [False, True, False], [True, False, False], [True, True, False]]
    assert wants_to_halt(HRM, Q_HALT, Q_CONTINUE).tolist() == expected
    assert first_halt(HRM, Q_HALT, Q_CONTINUE).tolist() == [3, 2, 4]


def test_trm_halts_where_it_thinks_its_answer_right() -> None:
    assert first_halt(TRM, Q_HALT, Q_CONTINUE).tolist() == [2, 1, 4]


def test_a_trm_that_was_trained_with_both_values_halts_as_hrm() -> None:
    both = TRM.replace(halting="q_learning")
    assert first_halt(both, Q_HALT, Q_CONTINUE).tolist() == [3, 2, 4]


def test_a_tie_is_no_reason_to_halt() -> None:
    zero = torch.zeros(2, 1)
    assert not wants_to_halt(HRM, zero, zero).any()
    assert not wants_to_halt(TRM, zero, zero).any()
    assert first_halt(HRM, zero, zero).tolist() == [2]
