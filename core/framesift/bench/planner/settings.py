"""What a plan may be told, as a table of settings."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.records.settings import check, like, setting
from framesift.scores.which import Which
from framesift.training.settings import TrainSettings

LABEL_SECONDS = 35.0
"""Seconds a person takes to label a frame (the paper's measurement), until measured."""
MOST_USUAL = 1000


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """Settings of a plan; the table says what each does."""

    budget: int | None = setting(
        None,
        title="Labels in all",
        help="labels that the plan spends",
        low=1,
        empty=f"a seventh of the footage, as in the paper, {MOST_USUAL} at most",
        metavar="B",
    )
    epochs: int = like(
        TrainSettings,
        "epochs",
        title="Epochs a cycle",
        help="epochs of fine-tuning in every cycle",
    )
    hours: float | None = setting(
        None,
        title="Machine time",
        help="machine time that may be spent",
        unit="hours",
        above=0,
        empty="any",
        metavar="H",
        absent={"window": "its table shows the time of every size of cycle"},
    )
    label_seconds: float | None = setting(
        None,
        title="Seconds a label",
        help="seconds of a person's work per labelled frame",
        unit="s",
        above=0,
        empty=f"measured in the project, else the paper's {LABEL_SECONDS:g} s",
        metavar="S",
        absent={"window": "the window measures them while labels are made"},
    )
    every: int = like(
        Which,
        "every",
        help="every how many frames are scored",
        absent={"window": "it plans for the scores that the project has"},
    )

    def __post_init__(self) -> None:
        check(self, "plan")

    def labels(self, frames: int) -> int:
        """The labels that are spent on footage of so many frames."""
        return self.budget or max(1, min(MOST_USUAL, frames // 7))
