"""`hrm-probe recipes`, as typed."""

from tests.cli.test_bench import hrm_probe


def test_all_are_listed_with_what_they_are_for() -> None:
    done = hrm_probe("recipes")
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert "toy-4x4" in lines
    assert "published size" in lines["hrm-9x9"]


def test_one_is_printed_whole() -> None:
    done = hrm_probe("recipes", "toy-4x4")
    assert done.returncode == 0, done.stderr
    assert "train_set = " in done.stdout
    assert 'optimizer = "adamw"' in done.stdout


def test_an_unknown_one_is_one_sentence() -> None:
    done = hrm_probe("recipes", "toy-5x5")
    assert done.returncode == 2
    assert 'no recipe "toy-5x5"' in done.stderr
    assert len(done.stderr.splitlines()) == 1
