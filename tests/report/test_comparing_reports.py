"""Two reports of the same puzzles, question by question."""

import shutil
from pathlib import Path

import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, RecursiveReasoner, build_model
from hrm_probe.reasoning import compare_answers
from hrm_probe.reasoning.result import group_labels
from hrm_probe.reasoning.storing import load_about, load_results, save_results
from hrm_probe.report import Plan, audit, compare_reports
from hrm_probe.report.comparing_reports import COMPARED_IN_REPORTS
from hrm_probe.report.effects import class_labels
from hrm_probe.report.result import RESULTS
from hrm_probe.sudoku import Puzzles, generate
from tests.reasoning.planted_fates import Divided, settles_wrong
from tests.reasoning.planted_segments import keeps

PUZZLES = generate(60, "easy", "4x4", seed=0)
WITH_CLASSES = generate(60, "easy", "6x6", seed=0)


def report(
    out: Path,
    model: RecursiveReasoner,
    puzzles: Puzzles,
    topics: list[str],
    seed: int = 3,
    name: str = "planted",
    masked: int = 24,
) -> Path:
    plan = Plan(puzzles=50, masked=masked, masked_segments=32, seed=seed)
    audit(model, puzzles, plan=plan, minutes=60, out=out, name=name, topics=topics)
    return out


def untrained(seed: int) -> RecursiveReasoner:
    torch.manual_seed(seed)
    return build_model(
        ModelConfig(cells=36, vocab=8, d_model=32, n_heads=2, H_layers=1, L_layers=1, max_segments=6)
    )


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("reports")
    fates = {"fails": settles_wrong, "keeps": keeps}
    return [
        report(folder / name, Divided(keeps, fate), PUZZLES, ["keeping", "modes"])
        for name, fate in fates.items()
    ]


@pytest.fixture(scope="module")
def with_classes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("reports")
    return [
        report(folder / str(seed), untrained(seed), WITH_CLASSES, ["keeping", "modes"], name=f"seed {seed}")
        for seed in range(2)
    ]


def test_what_was_planted_differs_in_every_question_that_both_were_asked(planted: list[Path]) -> None:
    found = compare_reports(*planted)
    assert list(found) == ["masked", "given", "modes"]
    assert (found["modes"].first, found["modes"].second) == ("planted (1)", "planted (2)")
    assert found["modes"].resampled == "puzzle"  # 4x4 has two classes
    solved = found["given"].table.set_index("number").loc["solved"]
    assert solved["second"] == 1
    assert solved["change_low"] > 0


def test_classes_stay_together_also_where_no_report_holds_them(with_classes: list[Path]) -> None:
    found = compare_reports(*with_classes, puzzles=WITH_CLASSES)
    one, other = (load_results(folder / RESULTS) for folder in with_classes)
    labels = class_labels(one["keeping_groups"])
    names = ("seed 0", "seed 1")
    assert str(found["given"]) == str(compare_answers(one["given"], other["given"], names, groups=labels))
    drawn, _ = group_labels(WITH_CLASSES.sample(50, 3), "class")  # "settling" keeps them, and was not asked
    assert str(found["modes"]) == str(compare_answers(one["modes"], other["modes"], names, groups=drawn))
    assert {answer.resampled for answer in found.values()} == {"class"}


def test_the_seed_is_that_of_the_resampling(planted: list[Path]) -> None:
    one, other = (load_results(folder / RESULTS)["given"] for folder in planted)
    names = ("planted (1)", "planted (2)")
    found = [compare_reports(*planted, questions="given", seed=seed)["given"] for seed in (0, 7)]
    assert [str(each) for each in found] == [
        str(compare_answers(one, other, names, seed=seed)) for seed in (0, 7)
    ]
    assert str(found[0]) != str(found[1])


def test_reports_of_different_puzzles_are_refused(planted: list[Path], tmp_path: Path) -> None:
    other = report(tmp_path / "other", Divided(keeps, keeps), PUZZLES, ["modes"], seed=4)
    with pytest.raises(InputError, match="are of different puzzles; make both from the same set"):
        compare_reports(planted[0], other)


def test_what_reports_drew_other_puzzles_for_is_left_out(planted: list[Path], tmp_path: Path) -> None:
    other = report(tmp_path / "other", Divided(keeps, keeps), PUZZLES, ["keeping", "modes"], masked=20)
    with pytest.warns(
        UserWarning, match="Left out .*: the reports are about different ones, 24 and 20"
    ) as warned:
        found = compare_reports(planted[0], other)
    assert [str(one.message).split(":")[0].removeprefix("Left out ") for one in warned] == [
        COMPARED_IN_REPORTS[name] for name in ("masked", "given")
    ]
    assert list(found) == ["modes"]


def test_as_many_puzzles_of_other_classes_are_other_puzzles(with_classes: list[Path], tmp_path: Path) -> None:
    other = Path(shutil.copytree(with_classes[1], tmp_path / "other"))
    kept = load_results(other / RESULTS)
    kept["keeping_groups"] = kept["keeping_groups"] + 1
    save_results(other / RESULTS, kept, load_about(other / RESULTS))
    with pytest.warns(UserWarning, match="Left out .*: the reports are about different ones, 24 and 24"):
        found = compare_reports(with_classes[0], other, puzzles=WITH_CLASSES)
    assert list(found) == ["modes"]


def test_one_question_can_be_chosen(planted: list[Path]) -> None:
    assert list(compare_reports(*planted, questions="modes")) == ["modes"]
    with pytest.raises(InputError, match="There is no question to compare 'mode'; choose among"):
        compare_reports(*planted, questions=["mode"])


def test_reports_without_a_question_in_common_are_refused(planted: list[Path], tmp_path: Path) -> None:
    other = Path(shutil.copytree(planted[1], tmp_path / "other"))
    save_results(other / RESULTS, {"masked": None}, load_about(other / RESULTS))
    with pytest.raises(InputError, match="have no question in common that can be compared"):
        compare_reports(planted[0], other)


def test_no_report_is_told_as_such(planted: list[Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no saved results"):
        compare_reports(planted[0], tmp_path)
