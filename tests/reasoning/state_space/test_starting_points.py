"""Where searches begin is where the trajectory was: solved, about to be lost, at its end."""

import numpy as np
import torch

from hrm_probe.reasoning.runs.flattening import map_of
from hrm_probe.reasoning.state_space.starting_points import gather_starts
from hrm_probe.sudoku import generate
from tests.reasoning.planted_segments import Planted, loses

puzzles = generate(4, "minimal", "4x4", seed=0)


def test_the_state_before_a_loss_is_the_last_that_is_right() -> None:
    model = Planted(loses, u=0.1)
    names = ("before_loss", "end", "solved")
    begun, ends = gather_starts(model, puzzles, 8, names, copies=1, spread=0.1, seed=0)
    states = map_of(model, puzzles[begun.puzzle]).unflatten(begun.points)
    right = (model.read_out(states).logits.argmax(-1).numpy() == puzzles.answers[begun.puzzle]).all(1)
    assert right[begun.name != "end"].all()
    assert not right[begun.name == "end"].any()
    u = states.z_H[:, 0, 0]
    lost = torch.as_tensor(begun.name == "before_loss")
    assert (loses(u[lost]) > 0.5).all()  # the segment after it is wrong
    assert np.unique(begun.puzzle, return_counts=True)[1].tolist() == [3] * 4
    torch.testing.assert_close(begun.points[torch.as_tensor(begun.name == "end")], ends)
