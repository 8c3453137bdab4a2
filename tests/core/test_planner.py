"""The paper's figures, the cost model against a loop, and the advice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framesift.bench.planner import (
    Costs,
    PlanSettings,
    make_plan,
    plan_png,
    seconds_per_gesture,
    seconds_per_label,
    time_to_completion,
)
from framesift.errors import InputError

PAPER = Costs(150, 200)


@pytest.mark.parametrize(("per_cycle", "hours"), [(2500, 46), (500, 190), (50, 1800)])
def test_the_papers_times(per_cycle, hours):
    completion = time_to_completion(51363, 7500, per_cycle, 150, 200, 50)
    assert completion.machine_s / 3600 == pytest.approx(hours, rel=0.05)
    assert completion.labelling_s / 3600 == pytest.approx(7500 * 35 / 3600)


@given(
    st.integers(1, 300),
    st.integers(1, 120),
    st.integers(1, 60),
    st.integers(0, 50),
    st.integers(1, 4),
)
def test_the_model_is_the_loop(extra, total, per_cycle, labelled, every):
    frames, per_cycle = every * (total + extra) + labelled, min(per_cycle, total)
    done = 0
    scoring = training = 0.0
    cycles = 0
    while done < total:
        cycles += 1
        scoring += 0.15 * (frames - labelled - done) / every
        done += min(per_cycle, total - done)
        training += 0.2 * 50 * (labelled + done)
    completion = time_to_completion(
        frames, total, per_cycle, 150, 200, 50, labelled=labelled, every=every
    )
    assert completion.cycles == cycles
    assert completion.scoring_s == pytest.approx(scoring)
    assert completion.training_s == pytest.approx(training)
    assert completion.total_s == pytest.approx(scoring + training + 35 * total)


def test_the_paper_would_be_given_its_own_b():
    plan = make_plan(51363, 7500, PAPER)
    assert plan.recommended.per_cycle == 500
    assert "b = 500: 15 cycles, 197 h" in plan.reason
    assert "35 s" in plan.reason
    assert make_plan(51363, 7000, PAPER).recommended.cycles == 14


def test_a_limit_on_time_takes_as_many_cycles_as_fit():
    plan = make_plan(51363, 7500, PAPER, hours=100)
    chosen = plan.recommended
    assert chosen.machine_s <= 100 * 3600
    finer = time_to_completion(51363, 7500, -(-7500 // (chosen.cycles + 1)), 150, 200)
    assert finer.machine_s > 100 * 3600
    assert "100 h" in plan.reason
    assert "random" in plan.reason
    assert chosen in plan.options


def test_a_limit_that_nothing_fits():
    plan = make_plan(51363, 7500, PAPER, hours=1)
    assert plan.recommended.cycles == 1
    assert "Not even one cycle" in plan.reason


def test_a_generous_limit_changes_nothing():
    assert make_plan(51363, 7500, PAPER, hours=1000) == make_plan(51363, 7500, PAPER)


def test_measured_labelling_is_not_called_assumed():
    plan = make_plan(1000, 100, Costs(10, 20, 12.0, labels_measured=True))
    assert "assumed" not in plan.reason


@pytest.mark.parametrize("budget", [1, 2, 7, 11, 200, 7500])
def test_every_budget_has_a_plan_and_a_picture(budget):
    plan = make_plan(51363, budget, PAPER)
    assert plan.recommended in plan.options
    assert all(1 <= option.per_cycle <= budget for option in plan.options)
    if budget in (1, 7500):
        assert plan_png(plan).startswith(b"\x89PNG")
        assert plan_png(make_plan(10**6, budget, Costs(0, 0, 0))).startswith(b"\x89PNG")


def test_nonsense_is_refused_with_a_sentence():
    with pytest.raises(InputError, match="only 100 frames"):
        time_to_completion(100, 200, 10, 150, 200)
    with pytest.raises(InputError, match="per cycle"):
        time_to_completion(100, 50, 0, 150, 200)
    with pytest.raises(InputError, match="at least one"):
        make_plan(100, 0, PAPER)
    with pytest.raises(InputError):
        Costs(-1, 200)


def test_seconds_per_gesture_are_those_of_its_kind():
    points = [(3.0 * n, "point") for n in range(1, 10)]
    others = [(31.0, "draw"), (200.0, "point")]
    # From the gesture before, whatever that was; a pause of more than two minutes is none.
    assert seconds_per_gesture([(0.0, "draw"), *points, *others], "point") == pytest.approx(3)
    assert seconds_per_gesture(points[:8], "point") is None
    assert seconds_per_gesture(points, "draw") is None


def test_seconds_per_label_leaves_breaks_out():
    steady = [20.0 * i for i in range(6)]
    after_lunch = [5000 + 20.0 * i for i in range(6)]
    assert seconds_per_label(steady + after_lunch) == pytest.approx(20)
    assert seconds_per_label(steady) is None


def test_labels_that_cost_less_count_their_seconds() -> None:
    def seconds(labels: str, **more: float) -> float | None:
        return PlanSettings(labels=labels, **more).seconds_a_frame(4, 2)  # type: ignore[arg-type]

    assert seconds("frames") is None
    assert seconds("boxes") == 4 * 25.5
    assert seconds("points") == 4 * 1.87
    assert seconds("points", objects=10, point_seconds=2) == 20
    assert seconds("extremes") == 4 * 7
    assert seconds("answers") == 4 * 1.8
    assert seconds("tags") == 2 * 1
    with pytest.raises(InputError, match="leave one of the two out"):
        PlanSettings(labels="points", label_seconds=20)


def test_the_command_plans_for_points(tmp_path: Path, command: Callable[..., str]) -> None:
    project = tmp_path / "p"
    command("init", project, "--classes", "pedestrian")
    error = command("plan", project, "--labels", "points", "--label-seconds", 3, status=2)
    assert "leave one of the two out" in error
