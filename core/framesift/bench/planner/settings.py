"""What a plan may be told, as a table of settings."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.errors import InputError
from framesift.records.settings import check, like, setting
from framesift.scores.which import Which
from framesift.training.settings import TrainSettings

LABEL_SECONDS = 35.0
"""Seconds a person takes to label a frame (the paper's measurement), until measured."""
MOST_USUAL = 1000
KINDS = {
    "frames": "whole frames",
    "boxes": "a box for every object",
    "extremes": "four extreme clicks for every object",
    "points": "a point for every object",
    "answers": "an answer to a proposal for every object",
    "tags": "which classes a picture shows",
}
_MEASURED = "the window measures them while labels are made"


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
        absent={"window": _MEASURED},
    )
    labels: str = setting(
        "frames",
        title="Kind of labels",
        help="what a person gives of each frame; of anything but whole frames the seconds are "
        "those of one times the objects in a frame",
        choices=KINDS,
        absent={"window": _MEASURED},
    )
    objects: float | None = setting(
        None,
        title="Objects a frame",
        help="objects in a frame to be labelled",
        low=0,
        empty="as many as the project's labelled frames have",
        metavar="N",
        absent={"window": _MEASURED},
    )
    box_seconds: float = setting(
        25.5,
        title="Seconds a box",
        help="of a person's work",
        unit="s",
        low=0,
        source="the survey, until measured in the project",
        metavar="S",
        absent={"window": _MEASURED},
    )
    point_seconds: float = setting(
        1.87,
        title="Seconds a point",
        help="of a person's work for a click near an object's centre, without choosing the "
        "class",
        unit="s",
        low=0,
        source="the survey, until measured in the project",
        metavar="S",
        absent={"window": _MEASURED},
    )
    extreme_seconds: float = setting(
        7.0,
        title="Seconds four clicks",
        help="of a person's work for the four extreme points of an object",
        unit="s",
        low=0,
        source="assumed, until measured in the project",
        metavar="S",
        absent={"window": _MEASURED},
    )
    answer_seconds: float = setting(
        1.8,
        title="Seconds an answer",
        help="of a person's work for a yes or no to a proposal",
        unit="s",
        low=0,
        source="assumed, until measured in the project",
        metavar="S",
        absent={"window": _MEASURED},
    )
    tag_seconds: float = setting(
        1.0,
        title="Seconds a tag",
        help="of a person's work to say whether a picture shows a class",
        unit="s",
        low=0,
        source="assumed, until measured in the project",
        metavar="S",
        absent={"window": _MEASURED},
    )
    every: int = like(
        Which,
        "every",
        help="every how many frames are scored",
        absent={"window": "it plans for the scores that the project has"},
    )

    def __post_init__(self) -> None:
        check(self, "plan")
        if self.labels != "frames" and self.label_seconds is not None:
            raise InputError(
                f"A plan for {self.labels} counts their seconds, and seconds a label are of "
                "whole frames; leave one of the two out."
            )

    def seconds_a_frame(self, objects: float, classes: int) -> float | None:
        """Seconds of a person's work for a frame with so many objects (`self.objects` goes
        before) of so many classes; None for whole frames, whose time is measured."""
        count = objects if self.objects is None else self.objects
        return {
            "boxes": count * self.box_seconds,
            "extremes": count * self.extreme_seconds,
            "points": count * self.point_seconds,
            "answers": count * self.answer_seconds,
            "tags": classes * self.tag_seconds,
        }.get(self.labels)

    def total(self, frames: int) -> int:
        """The labels that are spent on footage of so many frames."""
        return self.budget or max(1, min(MOST_USUAL, frames // 7))
