"""A coupling that is known is read off as it was written down, and parts that do not touch are found not to."""

import pytest
import torch

from hrm_probe.dynamics import influences
from hrm_probe.errors import InputError

COUPLING = torch.tensor([[0.5, 0.0, -2.0], [0.2, 1.0, 0.0], [0.0, 0.0, 0.0]])  # from column to row


def coupled(z):
    return COUPLING @ z


def states(seed=0):
    return torch.randn(4, 3, 6, generator=torch.Generator().manual_seed(seed))


def test_a_linear_coupling_is_found_whatever_state_and_disturbance():
    found = influences(coupled, states(0), 0.1 * states(1))
    torch.testing.assert_close(found, COUPLING.abs().T.expand(4, 3, 3), atol=1e-5, rtol=0)


def test_two_steps_are_the_square_of_one():
    found = influences(lambda z: torch.stack([coupled(z), coupled(coupled(z))]), states(0), states(1))
    assert found.shape == (2, 4, 3, 3)
    torch.testing.assert_close(found[1], (COUPLING @ COUPLING).abs().T.expand(4, 3, 3), atol=1e-5, rtol=0)


def test_parts_that_are_left_alone_reach_only_themselves():
    found = influences(torch.tanh, states(0), 0.01 * states(1))
    assert (found - found.diagonal(dim1=-2, dim2=-1).diag_embed() == 0).all()
    assert (found.diagonal(dim1=-2, dim2=-1) > 0).all()


def test_a_large_disturbance_of_what_saturates_counts_for_less_than_a_small_one():
    small, large = (
        influences(torch.tanh, states(0), size * states(1)).diagonal(dim1=-2, dim2=-1) for size in (0.01, 100)
    )
    assert (large < 0.1 * small).all()


def test_a_constant_map_passes_nothing_on():
    assert (influences(torch.zeros_like, states(0), states(1)) == 0).all()


def test_points_and_states_are_left_as_they_were():
    points = states(0)
    influences(coupled, points, states(1))
    assert (points == states(0)).all()


@pytest.mark.parametrize(
    ("points", "disturbance", "told"),
    [
        (torch.ones(4, 3), torch.ones(4, 3), r"one shape, \[n, part, d\]"),
        (torch.ones(4, 3, 2), torch.ones(4, 3, 1), r"\[4, 3, 2\] and \[4, 3, 1\]"),
        (torch.ones(1, 2, 2), torch.tensor([[[1.0, 0.0], [0.0, 0.0]]]), "give every part some"),
    ],
)
def test_what_cannot_be_told_is_refused(points, disturbance, told):
    with pytest.raises(InputError, match=told):
        influences(coupled, points, disturbance)
