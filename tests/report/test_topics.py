"""For every claim a system that has the property and one that lacks it: their verdicts differ."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.report.claim import Results
from hrm_probe.report.plan import Plan
from hrm_probe.report.subject import Subject
from hrm_probe.report.topics import TOPICS
from hrm_probe.sudoku import deduction_rounds, generate
from tests.reasoning import planted_segments as flows
from tests.reasoning import planted_updates as updates
from tests.reasoning.planted_fates import Divided, goes_to, roams, settles_wrong
from tests.reasoning.planted_propagation import Propagating
from tests.reasoning.planted_schedules import Scheduled

PUZZLES = generate(120, "easy", "4x4", seed=0)
PLAN = Plan(
    puzzles=120, blanks=20, singles=80, masked=48, masked_segments=32, divided=12, starts=8, plane=2, landscape=3,
    long=24, horizons=(16, 32), exponents=60, tangents=2,
)  # fmt: skip


def subject(model, twin=None, puzzles=PUZZLES, plan=PLAN) -> Subject:
    return Subject("planted", model, puzzles, plan, None if twin is None else ("twin", twin), progress=False)


def verdicts(topic: str, of: Subject) -> dict[str, str]:
    return judged(topic, TOPICS[topic].gather(of))


def judged(topic: str, results: Results) -> dict[str, str]:
    return {claim.name: claim.judge(results).verdict for claim in TOPICS[topic].claims}


def one_blank(tokens):
    return (tokens == 1).sum(1) == 1


class TestEasyPuzzles:
    def test_failing_on_single_blanks_alone(self):
        spoilt = flows.Planted(flows.keeps, spoils=one_blank)
        found = verdicts("easy_puzzles", subject(spoilt, twin=flows.Planted(flows.keeps)))
        assert found == {"easy_puzzles_fail": "holds", "hints_repair": "holds"}

    def test_a_solver(self):
        results = TOPICS["easy_puzzles"].gather(subject(flows.Planted(flows.keeps)))
        found = judged("easy_puzzles", results)
        assert found == {"easy_puzzles_fail": "does not hold", "hints_repair": "not testable"}
        assert (results["singles"].runs, results["every_cell"].runs) == (
            PLAN.singles,
            16,
        )  # every cell of one grid

    def test_one_that_solves_nothing_has_no_skill_to_be_missed(self):
        never = flows.Planted(flows.keeps, spoils=lambda tokens: torch.ones(len(tokens), dtype=torch.bool))
        assert verdicts("easy_puzzles", subject(never))["easy_puzzles_fail"] == "not testable"

    def test_a_twin_that_fails_alike_repairs_nothing(self):
        spoilt = flows.Planted(flows.keeps, spoils=one_blank)
        assert verdicts("easy_puzzles", subject(spoilt, twin=spoilt))["hints_repair"] == "undecided"


class TestKeeping:
    def test_solutions_that_repel(self):
        loses = flows.Planted(flows.loses, u=2.0**-20)  # solved to segment 19 or so, then lost for good
        found = verdicts("keeping", subject(loses, twin=flows.Planted(flows.keeps)))
        assert set(found.values()) == {"holds"}

    def test_solutions_that_attract(self):
        results = TOPICS["keeping"].gather(subject(flows.Planted(flows.keeps)))
        assert "masked row" in results["masked"].condition
        assert results["given"].condition == "puzzles as given"
        assert judged("keeping", results) == {
            "masked_rows_are_lost": "does not hold",
            "solutions_are_lost": "does not hold",
            "hints_keep": "not testable",
        }


def curves(level: np.ndarray, halted_at: int) -> Curves:
    """Curves whose loss is a level from 1.1 (wrong) to 0.1 (right) in a little noise."""
    rng = np.random.default_rng(0)
    flat = rng.random(level.shape)
    errors = np.ceil(8 * level).astype(int)
    return Curves(
        0.1 + level + 0.02 * rng.standard_normal(level.shape), errors, errors == 0, np.zeros((*level.shape, 16), int),
        flat, flat, flat, np.full(len(level), halted_at), flat, flat,
    )  # fmt: skip


class TestJumps:
    time = np.arange(1, 17)

    def judged(self, level, halted_at):
        planted = subject(updates.Planted(updates.stuck))
        planted.__dict__["curves"] = curves(level, halted_at)  # in the place of a run's
        return verdicts("jumps", planted)

    def test_steps(self):
        where = np.arange(120)[:, None] % 10 + 4
        assert self.judged((self.time < where).astype(float), 15) == {
            "answers_jump": "holds",
            "jumps_before_halting": "holds",
        }

    def test_steps_after_halting(self):
        where = np.arange(120)[:, None] % 10 + 4
        assert self.judged((self.time < where).astype(float), 2)["jumps_before_halting"] == "does not hold"

    def test_ramps(self):
        assert (
            self.judged(np.clip((14 - self.time) / 12, 0, 1) * np.ones((120, 1)), 15)["answers_jump"]
            == "does not hold"
        )

    def test_nothing_late(self):
        assert set(self.judged(np.zeros((120, 16)), 1).values()) == {"not testable"}


class TestAttractors:
    def test_a_rival_beside_the_solution(self):
        # From u = 1, the rival, the usual run fails; noise of size 1 leads to either side of 0.4.
        found = verdicts("attractors", subject(flows.Planted(flows.has_a_rival, u=1.0)))
        assert found["rival_attractors"] == "holds"
        assert found["another_start_rescues"] == "holds"
        assert found["trapped_at_the_first"] == "holds"

    def test_the_solution_alone(self):
        many = replace(PLAN, divided=24, starts=4, plane=0)
        found = verdicts("attractors", subject(flows.Planted(flows.keeps), plan=many))
        assert found["rival_attractors"] == "does not hold"
        assert found["another_start_rescues"] == "not testable"
        assert found["trapped_at_the_first"] == "not testable"

    def test_no_way_to_the_solution(self):
        found = verdicts("attractors", subject(flows.Planted(settles_wrong, u=0.7)))
        assert found["another_start_rescues"] == "does not hold"

    def test_wrong_grids_that_are_left(self):
        held = updates.Planted(lambda s: s.renamed(1 + s.number // 6 % 3))  # six segments each
        results = TOPICS["attractors"].gather(subject(held, plan=replace(PLAN, divided=2)))
        claim = next(c for c in TOPICS["attractors"].claims if c.name == "trapped_at_the_first")
        assert claim.judge(results).verdict == "does not hold"
        assert {name: results[name].dwell for name in results if "traps" in name} == {
            "traps_2": 2,
            "traps_3": 3,
            "traps_5": 5,
        }


class TestModes:
    def test_all_four(self):
        quarter = lambda s: ((s.tokens * torch.arange(1, 17)).sum(1) % 4)[:, None]  # noqa: E731

        def plan(s):
            grids = [updates.jumps_at(2)(s), updates.jumps_at(9)(s), updates.stuck(s), updates.wanders(s)]
            return sum(torch.where(quarter(s) == i, grid, 0) for i, grid in enumerate(grids))

        assert verdicts("modes", subject(updates.Planted(plan)))["four_modes"] == "holds"

    def test_successes_only(self):
        assert verdicts("modes", subject(flows.Planted(flows.keeps)))["four_modes"] == "does not hold"


class TestSettling:
    def test_failures_at_a_wrong_fixed_point(self):
        found = verdicts("settling", subject(Divided(flows.keeps, settles_wrong)))
        assert found["failures_settle"] == "holds"

    def test_failures_that_roam(self):
        found = verdicts("settling", subject(Divided(flows.keeps, roams)))
        assert found["failures_settle"] == "does not hold"
        assert found["exponent_separates"] == "holds"

    def test_exponents_that_alone_know(self):
        model = Divided(goes_to(0.2, 0.9), goes_to(0.8, 3.0), u=0.0, halts=False)
        found = verdicts("settling", subject(model))
        assert found["exponent_separates"] == "holds"
        assert found["exponents_add_nothing"] == "does not hold"

    def test_exponents_that_know_nothing(self):
        found = verdicts("settling", subject(Divided(goes_to(0.2, 1.2), goes_to(0.8, 1.2), u=0.0)))
        assert found["exponent_separates"] == "does not hold"
        assert found["exponents_add_nothing"] == "holds"

    def test_no_failures(self):
        found = verdicts("settling", subject(flows.Planted(flows.keeps)))
        assert set(found.values()) == {"not testable"}


class TestDeduction:
    """Of 60 puzzles of 9x9, singles solve less than half."""

    puzzles = generate(60, "minimal", "9x9", seed=1)
    plan = replace(PLAN, deduced=60, supposed=60)

    def asked(self, model, puzzles=puzzles) -> Subject:
        return subject(model, puzzles=puzzles, plan=self.plan)

    def test_waves_of_conclusions(self):
        found = verdicts("deduction", self.asked(Propagating(self.puzzles.board, 16)))
        assert found == {"cells_follow_deduction": "holds", "guesses_are_followed": "holds"}

    def test_a_guess_that_leads_nowhere(self):
        found = verdicts("deduction", self.asked(Propagating(self.puzzles.board, 4, concludes=False)))
        assert found == {"cells_follow_deduction": "not testable", "guesses_are_followed": "does not hold"}

    def test_cells_that_come_at_random(self):
        solved_by_singles = self.puzzles[(deduction_rounds(self.puzzles.grids) > -1).all(1)]
        as_asked = solved_by_singles.sample(len(solved_by_singles), PLAN.seed)
        at_random = np.random.default_rng(0).integers(1, 16, as_asked.tokens.shape)
        found = verdicts("deduction", self.asked(Scheduled(as_asked, at_random), solved_by_singles))
        assert found == {"cells_follow_deduction": "does not hold", "guesses_are_followed": "not testable"}


class Widening(updates.Planted):
    """z_L tells a cell's digit along one direction, z_H by a direction for each."""

    def update_L(self, state, x):
        told = super().update_L(state, x)
        digit = told[..., :6].argmax(-1, keepdim=True)
        return torch.cat([updates.STRENGTH * digit, torch.zeros_like(told[..., 1:6]), told[..., 6:]], dim=-1)

    def update_H(self, state):
        digit = (state.z_L[..., 0] / updates.STRENGTH).round().long()
        wide = updates.STRENGTH * torch.nn.functional.one_hot(digit, 6).float()
        return torch.cat([wide, 0 * state.z_L[..., 6:7], state.z_L[..., 7:]], dim=-1)


class Narrowing(updates.Planted):
    """The other way round."""

    def update_H(self, state):
        digit = state.z_L[..., :6].argmax(-1, keepdim=True)
        return torch.cat([updates.STRENGTH * digit, 0 * state.z_L[..., 1:]], dim=-1)


class TestDimensions:
    def test_a_slow_state_of_more_directions(self):
        found = verdicts("dimensions", subject(Widening(updates.jumps_at(3))))
        assert found == {"slow_states_have_more_dimensions": "holds"}

    def test_a_slow_state_of_fewer(self):
        found = verdicts("dimensions", subject(Narrowing(updates.jumps_at(3))))
        assert found == {"slow_states_have_more_dimensions": "does not hold"}

    def test_what_untrained_networks_show_as_well_is_not_learned(self):
        results = TOPICS["dimensions"].gather(subject(Widening(updates.jumps_at(3))))
        wide = replace(results["dimensions"], untrained_most=results["dimensions"].times.high)
        (claim,) = TOPICS["dimensions"].claims
        judgement = claim.judge({"dimensions": wide})
        assert judgement.verdict == "undecided"
        assert "learned" in judgement.reason

    def test_readings_that_disagree_leave_it_open(self):
        results = TOPICS["dimensions"].gather(subject(Widening(updates.jumps_at(3))))
        found = results["dimensions"]
        other = replace(found, times_grids=replace(found.times_grids, estimate=0.8))
        (claim,) = TOPICS["dimensions"].claims
        assert "readings" in claim.judge({"dimensions": other}).reason


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
def test_every_claim_says_what_it_would_take(topic):
    for claim in topic.claims:
        assert claim.criterion.startswith("Holds if")
        assert len(claim.sceptic) > 80
        assert claim.source
        assert claim.title.endswith(".")
