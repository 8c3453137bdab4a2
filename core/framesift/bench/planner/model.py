"""What a budget costs: the time to completion of the whole loop (the paper's fig. 4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from framesift.bench.planner.settings import LABEL_SECONDS, PlanSettings
from framesift.errors import InputError

EPOCHS = PlanSettings().epochs
"""The paper's epochs of fine-tuning in every cycle."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What one frame costs: `score_ms` to score it, `step_ms` to train on it once (forward and
    backward), `label_s` to label it; and which of them were measured on this machine or with
    this user."""

    score_ms: float
    step_ms: float
    label_s: float = LABEL_SECONDS
    machine_measured: bool = False
    labels_measured: bool = False

    def __post_init__(self) -> None:
        for value in (self.score_ms, self.step_ms, self.label_s):
            if not (math.isfinite(value) and value >= 0):
                raise InputError(f"A frame cannot take {value} of time; give a number from 0.")


@dataclass(frozen=True, slots=True)
class Completion:
    """A budget spent `per_cycle` frames at a time: seconds of scoring, training and labelling
    over `cycles` cycles."""

    per_cycle: int
    cycles: int
    scoring_s: float
    training_s: float
    labelling_s: float

    @property
    def machine_s(self) -> float:
        """Scoring and training: what the paper calls time to completion."""
        return self.scoring_s + self.training_s

    @property
    def total_s(self) -> float:
        """Machine and person, one after the other."""
        return self.machine_s + self.labelling_s


def time_to_completion(
    frames: int,
    total: int,
    per_cycle: int,
    score_ms: float,
    step_ms: float,
    epochs: int = EPOCHS,
    *,
    label_seconds: float = LABEL_SECONDS,
    labelled: int = 0,
    every: int = 1,
) -> Completion:
    """The time that `total` picks (B) from `frames` frames take, `per_cycle` (b) at a time.

    Every cycle scores the frames that have no label yet, then trains `epochs` epochs on all
    labels so far, those of this cycle included. The last cycle takes what is left of B.
    `labelled`: frames among them that have labels before the first cycle; `every`: only every
    n-th frame is scored. Raises InputError for numbers that make no sense.
    """
    costs = Costs(score_ms, step_ms, label_seconds)
    check_budget(frames, total, labelled, every)
    if not 1 <= per_cycle <= total:
        raise InputError(
            f"{per_cycle} frames per cycle do not fit a budget of {total}; give 1 to {total}."
        )
    cycles = -(-total // per_cycle)
    # Before cycle i (from 0) b·i frames are labelled; after it, b·(i+1), at last B.
    before = per_cycle * cycles * (cycles - 1) // 2 + labelled * cycles
    after = before + per_cycle * (cycles - 1) + (total - per_cycle * (cycles - 1))
    scored = (frames * cycles - before) / every
    return Completion(
        per_cycle,
        cycles,
        scored * costs.score_ms / 1000,
        after * epochs * costs.step_ms / 1000,
        total * costs.label_s,
    )


def check_budget(frames: int, total: int, labelled: int = 0, every: int = 1) -> None:
    """Raises InputError unless `total` frames can be picked."""
    if every < 1 or labelled < 0 or total < 1:
        raise InputError("A plan needs a budget of at least one frame.")
    if total > (frames - labelled) / every:
        raise InputError(
            f"There are only {max(0, frames - labelled) // every} frames to pick "
            f"from, fewer than the budget of {total}; lower the budget."
        )


def round_numbers(low: float, high: float) -> list[int]:
    """1, 2, 5, 10, 20, 25, 50, 100 … from `low` to `high`."""
    numbers: list[int] = []
    decade = 1
    while decade <= high:
        steps = (1.0, 2.0, 5.0) if decade == 1 else (1.0, 2.0, 2.5, 5.0)
        numbers += [round(decade * step) for step in steps if low <= decade * step <= high]
        decade *= 10
    return numbers


LEAST_INTERVALS = 8
BREAK_S = 900.0
"""What is no work on a frame any more, but a break."""
PAUSE_S = 120.0
"""What is no work on a single label any more."""


def seconds_per_gesture(made: Sequence[tuple[float, str]], kind: str) -> float | None:
    """Seconds that somebody takes for one gesture of a kind, from the times (seconds) and kinds
    of all gestures, in any order: the mean distance to the gesture before, longer pauses than
    two minutes left out. None where fewer than eight are known."""
    gaps = [
        now - before for (before, _), (now, which) in pairwise(sorted(made)) if which == kind
    ]
    return _mean(gaps, PAUSE_S)


def seconds_per_label(finished: Sequence[float]) -> float | None:
    """Seconds per frame of somebody who labels, from the times (seconds) at which frames were
    finished, in any order: the mean distance of two, breaks of a quarter of an hour and more
    left out. None where fewer than eight distances are known."""
    return _mean([b - a for a, b in pairwise(sorted(finished))], BREAK_S)


def _mean(gaps: Sequence[float], longest: float) -> float | None:
    """Of those that are longer than nothing and shorter than a break; None for too few."""
    counted = [gap for gap in gaps if 0 < gap < longest]
    return sum(counted) / len(counted) if len(counted) >= LEAST_INTERVALS else None
