"""The curriculum experiment: comparisons with known answers, and verdicts by rule."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from curricula import comparing, comparing_detectors, reading, verdicts
from curricula.arms import ARMS, HELD_OUT, Plan
from curricula.probing import halting
from curricula.running import is_made, run_missing, write_held_out
from scipy import stats

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.provenance import machine_kind
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.sudoku import load_puzzles


def run_of(arm: str, seed: int, speed: float = 1.0, last: float = 0.9) -> dict[str, Any]:
    """Accuracy rises linearly to ``last`` at cost 10 / speed, and stays."""
    at = [float(i) for i in range(1, 21)]
    return {
        "arm": arm, "seed": seed, "accuracy": last, "seconds": 20.0 / speed, "flops": 20, "blocks": 20,
        "provenance": {"machine": "2 cores, Abacus"},
        "curve": {"flops": at, "seconds": at, "step": at, "test_accuracy": [min(speed * x / 10, 1) * last for x in at]},
    }  # fmt: skip


def test_speed_up_is_the_ratio_of_costs_to_the_same_accuracy() -> None:
    runs = [run_of(arm, s, speed) for s in range(5) for arm, speed in (("baseline", 1.0), ("PDC", 2.0))]
    found = comparing.speed_up(runs, "PDC", "flops")
    assert found.estimate == pytest.approx(2.0, rel=0.02)  # the grid has a width
    assert found.low == pytest.approx(found.high)  # all seeds alike
    one = comparing.speed_up(runs[:2], "PDC", "flops")
    assert one.estimate == pytest.approx(2.0, rel=0.02)
    assert np.isnan([one.low, one.high]).all()  # and one seed knows nothing of others
    assert found.n == 5
    assert comparing.cost_to_reach([run_of("baseline", 0)], "flops", 0.45) == pytest.approx(5.0)


def test_an_arm_that_never_gets_there_has_no_speed() -> None:
    runs = [run_of("baseline", s) for s in range(3)] + [run_of("HSW", s, last=0.5) for s in range(3)]
    assert comparing.speed_up(runs, "HSW", "flops").estimate == 0.0


@pytest.mark.parametrize("last", [0.0, 0.05])
def test_where_the_baseline_solves_next_to_nothing_there_is_no_speed_to_compare_with(last: float) -> None:
    runs = [run_of("baseline", 0, last=last), run_of("HSW", 0)]
    assert np.isnan(comparing.speed_up(runs, "HSW", "flops").estimate)


def test_intervals_are_paired_by_seed() -> None:
    runs = [run_of("baseline", s, last=0.5 + s / 10) for s in range(4)]
    runs += [run_of("both", s, last=0.52 + s / 10 + (-1) ** s / 1000) for s in range(4)]
    found = comparing.difference(runs, "both", lambda run: run["accuracy"])
    assert found.estimate == pytest.approx(0.02)
    assert found.high - found.low < 0.005  # though seeds differ by 0.1
    # Student with n = 2: 12.706 standard errors on either side.
    two = comparing.t_interval(np.array([0.0, 2.0]))
    assert (two.estimate, two.high) == (1.0, pytest.approx(1 + 12.706, abs=0.001))
    cost = comparing.ratio([run_of("baseline", 0), run_of("PDC", 0, 2.0)], "PDC", lambda run: run["seconds"])
    assert cost.estimate == pytest.approx(2.0)


def test_time_is_that_of_training_steps_alone() -> None:
    # The row of an evaluation may tell a later time: that of the evaluation itself.
    rows = [{"step": s, "seconds": 2.0 * s, "loss": 1.0} for s in (10, 20, 30)]
    rows.insert(2, {"step": 20, "seconds": 90.0, "test_accuracy": 0.5})
    assert [reading.training_seconds(rows, step) for step in (5, 20, 27, 30, 33)] == [10, 40, 54, 60, 66]


def test_the_interval_of_a_share_stays_a_share() -> None:
    runs = [run_of("PDC", s, last=last) for s, last in enumerate((0.9, 1.0, 0.95))]
    found = comparing.mean_share(runs, "PDC", lambda run: run["accuracy"])
    student = comparing.mean(runs, "PDC", lambda run: run["accuracy"])
    assert found.high == 1.0 < student.high
    assert (found.estimate, found.low) == (student.estimate, student.low)


def with_detectors(run: dict[str, Any], solved: float, jumps: float | None) -> dict[str, Any]:
    says = dict.fromkeys(comparing_detectors.DETECTORS.values(), 0.2)
    return run | {"probes": {**says, "solved": solved, "jumps": jumps}}


def detected(offset: float, seeds: int = 6, baseline: float = 0.5) -> list[dict[str, Any]]:
    """Jumps are ``baseline`` times the share solved, in all baselines; the arm solves less, and has ``offset`` more."""
    runs = []
    for seed in range(seeds):
        says = dict.fromkeys(comparing_detectors.DETECTORS.values(), 0.2)
        path = [{**says, "solved": solved, "jumps": baseline * solved} for solved in (0.1, 0.5, 0.3, 0.9)]
        runs.append(with_detectors(run_of("baseline", seed), 0.9, baseline * 0.9) | {"path": path})
        own = 0.4 + seed / 100
        runs.append(with_detectors(run_of("HSW", seed), own, baseline * own + offset + (-1) ** seed / 1000))
    return runs


def compared(runs: list[dict[str, Any]], detector: str = "late solutions that jump") -> Any:
    return comparing_detectors.compare_detectors(runs).set_index("detector").loc[detector]


def test_an_arm_that_merely_solves_less_does_not_differ() -> None:
    found = compared(detected(0.0))
    assert found["high"] < -0.2  # from the finished baseline
    assert found["equal"] == pytest.approx(0.0, abs=0.001)
    assert found["verdict"] == comparing_detectors.NOT_SHOWN
    # Nor does one that differs from either baseline in another direction: 0.225 below, 0.1 above.
    opposed = compared(detected(0.1))
    assert opposed["high"] < 0 < opposed["equal_low"]
    assert opposed["p_value"] == 1.0


def test_an_arm_that_differs_from_both_baselines_does() -> None:
    found = compared(detected(-0.1))
    assert found["equal"] == pytest.approx(-0.1, abs=0.001)
    assert found["verdict"] == comparing_detectors.DIFFERS
    assert found["p_holm"] == pytest.approx(5 * found["p_value"])  # one of five
    assert compared(detected(-0.1), "solved, then lost")["p_value"] == 1.0
    assert compared(detected(-0.1, seeds=3))["verdict"] == verdicts.UNTESTABLE


def finished(apart: float, seeds: int = 6, baseline: float = 0.02) -> list[dict[str, Any]]:
    """Both curricula solve 0.2 more than progressive depth alone, and ``apart`` more of that comes in jumps."""
    runs = []
    for seed in range(seeds):
        noise = (-1) ** seed / 1000
        runs.append(with_detectors(run_of("baseline", seed), baseline, None))
        runs.append(with_detectors(run_of("PDC", seed), 0.4, 0.5))
        runs.append(with_detectors(run_of("both", seed), 0.6, 0.5 + apart + noise))
    return runs


def test_finished_models_are_told_apart_and_what_they_solve_is_told_beside() -> None:
    table = comparing_detectors.compare_finished(finished(0.1), "PDC")
    assert list(table["arm"].unique()) == ["baseline", "both"]
    found = table[table["arm"] == "both"].set_index("detector").loc["late solutions that jump"]
    assert found["estimate"] == pytest.approx(0.1, abs=1e-9)
    assert found["solved"] == pytest.approx(0.2)
    assert found["verdict"] == comparing_detectors.DIFFERS
    assert found["p_holm"] == pytest.approx(9 * found["p_value"])  # of ten rows, one has no value
    same = comparing_detectors.compare_finished(finished(0.0), "PDC")
    assert set(same[same["arm"] == "both"]["verdict"]) == {comparing_detectors.NOT_SHOWN}
    few = comparing_detectors.compare_finished(finished(0.1, seeds=3), "PDC")
    assert set(few["verdict"]) == {verdicts.UNTESTABLE}


def test_a_baseline_that_solves_next_to_nothing_is_not_what_others_are_held_against() -> None:
    assert comparing_detectors.reference(finished(0.0, baseline=0.02)) == "PDC"
    assert comparing_detectors.reference(finished(0.0, baseline=0.2)) == "baseline"
    alone = [run for run in finished(0.0) if run["arm"] == "baseline"]
    assert comparing_detectors.reference(alone) == "baseline"


def test_the_baseline_is_taken_where_it_was_first_as_accurate() -> None:
    path = [{"solved": s, "jumps": j} for s, j in ((0.2, 0.0), (0.6, 0.4), (0.4, 0.9), (0.8, 0.8))]
    run = run_of("baseline", 0) | {"path": path}
    said = [comparing.when_as_accurate(run, "jumps", solved) for solved in (0.1, 0.2, 0.3, 0.6, 0.7, 0.9)]
    assert said == pytest.approx([0.0, 0.0, 0.1, 0.4, 0.8 + (0.9 - 0.8) / 4, 0.8])


def test_a_detector_that_said_nothing_is_left_out() -> None:
    runs = detected(0.1)
    runs[1]["probes"]["jumps"] = None
    runs[2]["path"] = [{**stage, "jumps": None} for stage in runs[2]["path"]]
    assert comparing.difference_at_equal_accuracy(runs, "HSW", "jumps").n == 4


def test_p_values_are_those_of_the_t_test() -> None:
    values = np.array([0.1, 0.3, 0.2, 0.5, -0.1])
    assert comparing.p_value(comparing.t_interval(values)) == pytest.approx(
        stats.ttest_1samp(values, 0).pvalue
    )
    assert np.isnan(comparing.p_value(comparing.t_interval(values[:1])))


def test_runs_of_one_experiment_add_up_and_others_are_refused() -> None:
    def record(arm: str, seed: int, **settings: Any) -> dict[str, Any]:
        own = {"name": arm, "seed": seed, "depth": "full", "supervision": "uniform", "lr": 1e-3, **settings}
        return run_of(arm, seed) | {"settings": own, "budget_minutes": None}

    old = [record("baseline", 0) | {"steps": 1}, record("PDC", 0, depth="cgar", evaluate_every=7)]
    both = reading.merged([record("baseline", 1), record("baseline", 0) | {"steps": 2}], old)
    assert [(run["arm"], run["seed"]) for run in both] == [("PDC", 0), ("baseline", 0), ("baseline", 1)]
    assert both[1]["steps"] == 2  # the fresh one counts
    with pytest.raises(InputError, match="differ in lr; report one experiment at a time"):
        reading.merged([record("baseline", 1, lr=1e-4)], old)


def test_minutes_of_another_processor_are_not_mixed_in_and_not_taken_for_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def record(arm: str, machine: str, minutes: float | None) -> dict[str, Any]:
        settings = {**plan.recipe(arm, 0).to_dict(), "test_set": HELD_OUT}
        given = {"settings": settings, "budget_minutes": minutes, "provenance": {"machine": machine}}
        return run_of(arm, 0) | given

    def planned(recorded: dict[str, Any]) -> str:
        (plan.folder("PDC", 0)).mkdir(parents=True, exist_ok=True)
        (plan.folder("PDC", 0) / "probes.json").touch()  # made here, so that nothing is run
        run_missing(plan, ["PDC"], 1, 1, ["never"], [recorded])
        return capsys.readouterr().out

    plan = Plan(tmp_path, 16, cpu_minutes=6.0)
    here, one_core = machine_kind(), f"1 core, {machine_kind().split(', ', 1)[1]}"
    fresh = [record("PDC", here, 6.0)]
    assert len(reading.merged(fresh, [record("baseline", one_core, 6.0)])) == 2
    with pytest.raises(InputError, match="differ in processor; report one experiment at a time"):
        reading.merged(fresh, [record("baseline", "2 cores, Abacus", 6.0)])
    by_step = [record("PDC", here, None)], [record("baseline", "2 cores, Abacus", None)]
    assert len(reading.merged(*by_step)) == 2  # a step is a step everywhere

    # Nor are their seconds compared, where other costs are.
    slower = record("PDC", "8 cores, Antikythera", None) | {"seconds": 100.0}
    runs = [run_of("baseline", 0), run_of("PDC", 1), run_of("baseline", 1), slower]
    assert reading.comparable(runs, "flops") == runs
    assert reading.comparable(runs, "seconds") == runs[:3]

    assert is_made(record("PDC", one_core, 6.0), "PDC", 0, plan)
    assert not is_made(record("PDC", "2 cores, Abacus", 6.0), "PDC", 0, plan)
    assert "Recorded minutes are those of Abacus" in planned(record("PDC", "2 cores, Abacus", 6.0))
    assert planned(record("PDC", one_core, 6.0)) == "1 of 1 runs are finished.\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"steps": [{"arm": "PDC", "seed": 0}]}, "lack accuracy, budget_minutes, curve, halfway, path"),
        ({"minutes": []}, "holds no recorded runs"),
        ([1, 2], "holds no recorded runs"),
    ],
)
def test_records_of_another_version_are_refused_in_a_sentence(
    tmp_path: Path, content: Any, says: str
) -> None:
    file = tmp_path / "curriculum_runs.json"
    file.write_text(json.dumps(content))
    with pytest.raises(InputError, match=says):
        reading.recorded_runs(file, "steps")


def interval(low: float, high: float) -> Interval:
    return Interval((low + high) / 2, low, high, 0.95, 5, "given")


@pytest.mark.parametrize(
    ("low", "high", "verdict", "why"),
    [
        (1.5, 1.9, verdicts.REPRODUCED, "holds it"),
        (1.8, 2.5, verdicts.REPRODUCED, "beyond"),
        (0.9, 1.8, verdicts.UNTESTABLE, "both"),
        (1.1, 1.5, verdicts.NOT, "weaker"),
        (0.9, 1.2, verdicts.NOT, "no effect"),
        (0.5, 0.9, verdicts.NOT, "opposite"),
    ],
)
def test_rules_of_the_verdicts(low: float, high: float, verdict: str, why: str) -> None:
    found = verdicts.judge(interval(low, high), published=1.7, no_effect=1.0)
    assert found[0] == verdict
    assert why in found[1]


def test_rules_hold_for_falls_and_floors() -> None:
    assert verdicts.judge(interval(-0.5, -0.3), -0.4, 0.0)[0] == verdicts.REPRODUCED
    assert verdicts.judge(interval(-0.9, -0.6), -0.4, 0.0)[0] == verdicts.REPRODUCED
    assert "weaker" in verdicts.judge(interval(-0.2, -0.1), -0.4, 0.0)[1]
    assert "opposite" in verdicts.judge(interval(0.1, 0.2), -0.4, 0.0)[1]
    assert verdicts.judge(interval(np.nan, np.nan), -0.4, 0.0)[0] == verdicts.UNTESTABLE
    floors = [
        verdicts.judge_floor(interval(*ends), 0.99)[0] for ends in ((0.99, 1.0), (0.9, 0.98), (0.9, 1.0))
    ]
    assert floors == [verdicts.REPRODUCED, verdicts.NOT, verdicts.UNTESTABLE]


def test_verdicts_need_seeds_that_both_arms_have() -> None:
    def full(arm: str, seed: int) -> dict[str, Any]:
        halting = {"mean_segments": 3.0, "accuracy": 0.99 + seed / 1e4}
        return run_of(arm, seed, last=0.8 + seed / 100) | {"probes": {"halting": halting}, "halfway": None}

    arms = ("PDC", "HSW", "both")
    common = verdicts.verdicts([full(arm, seed) for seed in range(5) for arm in ("baseline", *arms)])
    assert any(verdict.verdict != verdicts.UNTESTABLE for verdict in common[1:])
    apart = [full("baseline", seed) for seed in range(5)] + [
        full(a, seed) for seed in range(3, 8) for a in arms
    ]
    paired = [verdict for verdict in verdicts.verdicts(apart) if "baseline" in verdict.claim]
    assert {verdict.verdict for verdict in paired} == {verdicts.UNTESTABLE}


def test_speed_ups_of_few_seeds_are_wider_than_their_resamples() -> None:
    speeds = (2.0, 2.2, 2.4, 2.6, 2.8)
    runs = [run_of("baseline", s) for s in range(5)] + [run_of("PDC", s, v) for s, v in enumerate(speeds)]
    found = comparing.speed_up(runs, "PDC", "flops")
    assert found.high - found.low > 1.5 * 0.4  # resampled, five such speeds spread by half of their range


def test_halting_is_judged_where_the_model_stops() -> None:
    solved = np.array([[False, True], [True, True], [False, False]])
    q_halt = np.array([[-1.0, 2.0], [3.0, 1.0], [-2.0, 4.0]])
    rest = {
        name: np.zeros((3, 2))
        for name in ("loss", "errors", "entropy", "q_continue", "displacement", "displacement_L")
    }
    curves = Curves(
        predictions=np.zeros((3, 2, 4)), solved=solved, q_halt=q_halt, halted_at=np.array([2, 1, 2]), **rest
    )
    found = halting(curves)
    assert found["mean_segments"] == pytest.approx(5 / 3)
    assert found["accuracy"] == pytest.approx(2 / 3)  # the last says "solved" and is not
    assert found["solved"] == pytest.approx(2 / 3)


def test_arms_differ_from_the_baseline_by_their_curriculum_alone(tmp_path: Path) -> None:
    recipes = {arm: Plan(tmp_path, 100).recipe(arm, 3).to_dict() for arm in ARMS}
    for arm, recipe in recipes.items():
        differing = {key for key in recipe if recipe[key] != recipes["baseline"][key]}
        assert differing == ({"name", *ARMS[arm]} if arm != "baseline" else set())
    assert (recipes["PDC"]["L_cycles"], recipes["PDC"]["H_cycles"]) == (6, 3)


def test_another_recipe_gives_its_size_and_its_puzzles_but_no_curriculum(tmp_path: Path) -> None:
    plan = Plan(tmp_path, 100, base="trm-9x9-shallow", held_out=3)
    depths = {arm: plan.recipe(arm, 0).depth for arm in ("baseline", "HSW", "shallow", "PDC")}
    assert depths == {"baseline": "full", "HSW": "full", "shallow": "shallow", "PDC": "cgar"}
    assert plan.recipe("baseline", 0).d_model == 128
    held_out = load_puzzles(write_held_out(plan))
    assert held_out.tokens.shape == (3, 81)
    assert set(held_out.source) == {"minimal"}


@pytest.mark.parametrize(("seeds", "jobs", "which"), [(0, 1, "--seeds is 0"), (1, 0, "--jobs is 0")])
def test_no_seeds_and_no_processes_are_refused(tmp_path: Path, seeds: int, jobs: int, which: str) -> None:
    with pytest.raises(InputError, match=f"{which}; it must be at least 1"):
        run_missing(Plan(tmp_path, 16), ["PDC"], seeds, jobs, ["never"])


def test_runs_of_one_folder_are_tested_on_as_many_puzzles(tmp_path: Path) -> None:
    assert len(load_puzzles(write_held_out(Plan(tmp_path, 16, held_out=20)))) == 20
    write_held_out(Plan(tmp_path, 16, held_out=20))
    with pytest.raises(InputError, match=r"holds 20 puzzles, .* not the 30 now asked for"):
        write_held_out(Plan(tmp_path, 16, held_out=30))
