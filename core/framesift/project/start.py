"""What a project begins with, and how frames are set apart to measure by."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.records.settings import check, setting

OF_DATASETS = "an experiment has classes and a detector of its own"
MEASURED = "an experiment measures on the data set that it names"


@dataclass(frozen=True, slots=True)
class ProjectStart:
    """What a project begins with; the table says what each setting does."""

    classes: tuple[str, ...] = setting(
        ("pedestrian",),
        title="Classes to label",
        help="what is labelled; more can follow later",
        metavar="NAME",
        several=True,
        in_recipe=False,
        absent={"simulate": OF_DATASETS},
    )
    detector: str = setting(
        "pedestrian",
        title="Detector",
        help="the detector to begin with: a bundled one or a checkpoint",
        metavar="NAME",
        in_recipe=False,
        absent={"simulate": OF_DATASETS},
    )

    def __post_init__(self) -> None:
        check(self, "project")


@dataclass(frozen=True, slots=True)
class SampleSettings:
    """How many frames are set apart, and which; the table says what each setting does."""

    count: int = setting(
        100,
        title="Frames",
        help="how many frames are drawn to measure by",
        low=1,
        option="evaluation",
        metavar="N",
        in_recipe=False,
        absent={"simulate": MEASURED},
    )
    seed: int = setting(
        0,
        title="Seed",
        help="of what is drawn: the same project and seed draw the same frames",
        low=0,
        metavar="N",
        in_recipe=False,
        absent={
            "window": "another drawing there is another gesture, which can be undone",
            "simulate": MEASURED,
        },
    )

    def __post_init__(self) -> None:
        check(self, "sample")
