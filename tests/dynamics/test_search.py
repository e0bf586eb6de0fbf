"""How a search ends: all rows at rest, no iterations left, or no time; and what it tells on the way."""

from types import SimpleNamespace

import pytest
import torch

from hrm_probe import progress
from hrm_probe.dynamics import find_fixed_points, maps, search
from hrm_probe.errors import InputError

D = torch.float64
METHODS = ["newton-krylov", "anderson", "iteration"]


class Clock:
    """Time that passes only where a map is computed, a second each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(search, "time", SimpleNamespace(monotonic=lambda: self.now))

    def slow(self, step):  # type: ignore[no-untyped-def]
        def timed(x: torch.Tensor) -> torch.Tensor:
            self.now += 1.0
            return step(x)

        return timed


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def starts() -> torch.Tensor:
    return torch.randn(6, 3, dtype=D, generator=torch.Generator().manual_seed(0))


def well(x: torch.Tensor) -> torch.Tensor:
    return maps.double_well(0.1)(x)


@pytest.mark.parametrize("method", METHODS)
def test_a_search_cut_short_is_one_with_fewer_iterations(method: str, clock: Clock) -> None:
    cut = find_fixed_points(clock.slow(well), starts(), method, seconds=4.5)
    assert cut.cut_short
    assert "cut short by the time limit; " in repr(cut)
    same = [find_fixed_points(well, starts(), method, max_iterations=k) for k in range(1, 6)]
    same = [other for other in same if torch.equal(other.points, cut.points)]
    assert len(same) > 0
    assert torch.equal(same[0].converged, cut.converged)
    assert torch.equal(same[0].iterations, cut.iterations)
    assert not same[0].cut_short
    assert "cut short" not in repr(same[0])
    assert not cut.converged.all()
    assert (
        cut.residuals < (well(starts()) - starts()).norm(dim=1)
    ).any()  # what it had found by then is kept


def test_an_iteration_of_many_products_is_given_up_when_time_is_spent(clock: Clock) -> None:
    turn = torch.linalg.qr(torch.randn(100, 100, dtype=D, generator=torch.Generator().manual_seed(0)))[0]
    step, begun = maps.linear(turn, turn[0]), torch.zeros(1, 100, dtype=D)
    whole = find_fixed_points(step, begun, krylov=3, max_iterations=1)
    assert whole.jvp_calls > 50
    cut = find_fixed_points(clock.slow(step), begun, krylov=3, seconds=20)
    assert cut.cut_short
    assert clock.now == 20  # and not a product more
    assert torch.equal(cut.points, begun)
    assert cut.iterations.tolist() == [0]


@pytest.mark.parametrize("method", METHODS)
def test_no_iteration_begins_after_the_time(method: str, clock: Clock) -> None:
    found = find_fixed_points(clock.slow(lambda x: x + 1), starts(), method, seconds=1.5)
    assert found.iterations.max() <= 1
    assert 2 <= clock.now == found.step_calls + found.jvp_calls


def test_a_search_that_ends_in_time_is_not_cut_short(clock: Clock) -> None:
    found = find_fixed_points(clock.slow(lambda x: 0.5 * x + 1), starts(), seconds=1000)
    assert found.converged.all()
    assert not found.cut_short
    out_of_iterations = find_fixed_points(lambda x: x + 1, starts(), max_iterations=3, seconds=1000)
    assert not out_of_iterations.cut_short


def test_without_time_the_starts_alone_are_judged(clock: Clock) -> None:  # though the clock stands still
    begun = torch.tensor([[0.75], [0.3]], dtype=D)
    found = find_fixed_points(maps.logistic(4.0), begun, seconds=0)
    assert found.cut_short
    assert found.converged.tolist() == [True, False]
    assert found.points.tolist() == begun.tolist()
    assert found.residuals[1] == pytest.approx(0.54)
    assert not find_fixed_points(maps.logistic(4.0), begun[:1], seconds=0).cut_short  # nothing was left to do


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_what_is_no_time_is_refused(seconds: float) -> None:
    with pytest.raises(InputError, match="it must be a number at least 0"):
        find_fixed_points(maps.logistic(4.0), torch.ones(1, 1), seconds=seconds)


@pytest.mark.parametrize("method", METHODS)
def test_progress_tells_iterations_and_rows(
    method: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    begun = torch.tensor([[1.0], [0.3]], dtype=D)  # the first is at rest
    watched = find_fixed_points(maps.double_well(), begun, method, max_iterations=2, progress=True)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == [
        "searching fixed points: 1 of 2 iterations",
        "searching fixed points: 2 of 2 iterations",
    ]
    assert all(line.endswith(", 1 of 2 starts converged") for line in lines)
    silent = find_fixed_points(maps.double_well(), begun, method, max_iterations=2)
    assert capsys.readouterr().err == ""
    assert torch.equal(watched.points, silent.points)


@pytest.mark.parametrize("method", ["newton-krylov", "anderson", "iteration"])
def test_a_loose_tolerance_asks_for_less_nearness_too(method: str) -> None:
    goal, begun = 10.0, torch.tensor([[10.9]], dtype=D)  # a step there is 0.09 long
    loose = find_fixed_points(lambda x: goal + 0.9 * (x - goal), begun, method, tol=0.01)
    assert (loose.converged.item(), loose.iterations.item()) == (
        True,
        0,
    )  # 0.9 is near, beside sqrt(tol) * 11.9
    strict = find_fixed_points(lambda x: goal + 0.9 * (x - goal), begun, method, tol=1e-6)
    assert abs(strict.points.item() - goal) < 1e-3


@pytest.mark.parametrize("method", METHODS)
def test_a_row_at_rest_stays_while_others_go_on(method: str) -> None:
    rates, begun = torch.tensor([[0.2], [0.9]], dtype=D), torch.tensor([[0.1], [3.0]], dtype=D)
    together = find_fixed_points(lambda x: rates * x.cos(), begun, method)
    assert together.converged.all()
    for row in range(2):
        alone = find_fixed_points(lambda x: rates[row] * x.cos(), begun[row][None], method)  # noqa: B023
        assert torch.equal(alone.points[0], together.points[row])
        assert alone.iterations[0] == together.iterations[row]
    assert together.iterations[0] < together.iterations[1]


@pytest.mark.parametrize("method", METHODS)
def test_a_row_that_leaves_the_finite_numbers_goes_back_and_harms_no_other(method: str) -> None:
    begun = torch.tensor([[0.5], [1e60], [1e200]], dtype=D)
    found = find_fixed_points(torch.square, begun, method, max_iterations=40)
    alone = find_fixed_points(torch.square, begun[:1], method, max_iterations=40)
    assert found.converged.tolist() == [True, False, False]
    assert torch.equal(found.points[0], alone.points[0])
    assert torch.isfinite(found.points).all()
    assert (found.residuals[1] <= 1e120, found.points[2].item()) == (True, 1e200)


@pytest.mark.parametrize("method", ["anderson", "iteration"])
def test_differences_that_rounding_made_explain_no_motion(method: str) -> None:
    begun = 20 * torch.rand(200, 1, dtype=D, generator=torch.Generator().manual_seed(0))
    drift = 100 * torch.finfo(D).eps
    assert not find_fixed_points(lambda x: x + drift, begun, method, max_iterations=30).converged.any()


@pytest.mark.parametrize("method", METHODS)
def test_a_point_that_is_no_better_is_not_taken(method: str) -> None:
    begun = torch.tensor([[1.0, 2.0]], dtype=D)
    found = find_fixed_points(lambda x: x + 1, begun, method, max_iterations=3)
    assert found.iterations.tolist() == [0]
    assert torch.equal(found.points, begun)


@pytest.mark.parametrize("off", [-1.0, 0.0])  # no image, and an infinite one
def test_a_row_with_nowhere_to_stand_goes_back_to_its_best(off: float) -> None:
    steps = search.Search(lambda x: 1 / x.sqrt(), torch.tensor([[4.0], [4.0]], dtype=D), 1e-9, 1e6, 5, False)
    steps.move_to(torch.tensor([[2.0], [2.0]], dtype=D), 1)
    steps.move_to(torch.tensor([[off], [3.0]], dtype=D), 2)
    assert steps.points.tolist() == [[2.0], [3.0]]
    assert steps.best.tolist() == [[2.0], [2.0]]
    assert steps.displacement[0].item() == pytest.approx(0.5**0.5 - 2)


@pytest.mark.parametrize("method", ["iteration", "newton-krylov"])
def test_a_row_that_drifts_is_looked_at_again_when_it_is_twice_as_slow(method: str) -> None:
    begun = torch.tensor([[200.0]], dtype=D)  # which passes 400 in 60,000 steps
    found = find_fixed_points(lambda x: x + 1 / x, begun, method, tol=0.01, max_iterations=50)
    assert not found.converged.any()
    if method == "iteration":
        assert found.iterations.item() == 50  # every step is a little shorter than the one before
        assert found.step_calls == 50 + 2  # the start, and one look from there
    else:
        assert found.jvp_calls <= 50 + 20  # from 200 on, each step of Newton's doubles x


def test_only_rows_in_question_are_looked_at() -> None:
    turn = torch.linalg.qr(torch.randn(40, 40, dtype=D, generator=torch.Generator().manual_seed(0)))[0]

    def step(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([0 * x[0] + 1 + 1e-13, x[1] @ turn.T + 1])

    found = find_fixed_points(step, torch.ones(2, 40, dtype=D), seconds=0)
    assert found.converged.tolist() == [True, False]
    assert found.jvp_calls == 1  # the first row needs one product, the second would need many
