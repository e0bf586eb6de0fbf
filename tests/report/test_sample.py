"""What a report draws from: how much of a data set is read, and what counts as independent cases."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import Tasks
from hrm_probe.report import audit
from hrm_probe.report.sample import are_clustered, count_groups, read_pool
from hrm_probe.sudoku import generate
from tests.models.published.folders import mazes, padded, write_folder
from tests.reasoning.planted_tasks import Embedded

PAIRED = Tasks(padded(20, 1).tokens, padded(20, 1).answers, group=np.arange(20) // 2)


def test_of_a_large_data_set_no_more_is_read_than_may_be_drawn(tmp_path):
    write_folder(tmp_path / "test", *mazes(40))
    pool = read_pool(tmp_path / "test", 25, 30, seed=1)
    assert isinstance(pool, Tasks)
    assert len(pool) == 30
    assert len(read_pool(tmp_path / "test", 25, 100, seed=1)) == 40
    again = read_pool(tmp_path / "test", 25, 30, seed=1)
    assert (pool.tokens == again.tokens).all()


def test_a_model_of_other_tasks_wants_them_named():
    with pytest.raises(InputError, match=r"tasks have 12 cells.*--puzzles"):
        audit(Embedded())


def test_groups_count_where_several_share_one():
    assert count_groups(PAIRED) == 10
    assert are_clustered(PAIRED)
    assert not are_clustered(PAIRED[::2])  # one of each
    assert not are_clustered(PAIRED[:8])  # four groups
    few = generate(60, "easy", "4x4", seed=0)  # 4x4 has two classes
    assert count_groups(few) == 2
    assert not are_clustered(few)
    assert are_clustered(generate(20, "easy", "6x6", seed=0))
