"""What every score may be told, beside the settings that each member of the family has of its
own; and the paper's values of them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from framesift.errors import InputError
from framesift.records.settings import check, setting
from framesift.scores.reductions import REDUCTIONS


def class_filter(value: object) -> tuple[str, ...] | None:
    """The classes that count, from a list of names or a text with commas; None for "all".
    Raises InputError where no class is left, ValueError for anything else."""
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",") if name.strip()]
    if not isinstance(value, list | tuple) or not all(isinstance(n, str) for n in value):
        raise ValueError
    if not value:
        raise InputError(
            "The score's filter names no class; write e.g. rider,pedestrian, or all."
        )
    return None if list(value) == ["all"] else tuple(value)


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """From what is scored to one number per frame. reduction and region are of pixel scores;
    boxes have an aggregate of their own."""

    reduction: str = setting(
        "max-pool-mean",
        title="Pixels to frame",
        help="how pixel scores become one number per frame",
        choices=tuple(REDUCTIONS),
        source="the paper",
    )
    region: int = setting(
        30,
        title="Region",
        help="side of a max-pool region, and of the tiles whose maxima are shown",
        unit="working pixels",
        low=1,
        source="the paper",
        metavar="PIXELS",
    )
    classes: tuple[str, ...] | None = setting(
        None,
        title="Classes that count",
        help="classes that count in the score, or `all`; a project keeps it",
        parse=class_filter,
        empty="those of the project that the detector knows, else all",
        option="classes-scored",
        metavar="NAME[,NAME…]",
        absent={"window": "the view of a drive's classes has them"},
    )
    class_weights: Mapping[str, float] = setting(
        dict,
        title="Weights of classes",
        help="how much a class counts in the score, as rider=2; several times for several "
        "classes; a project keeps it",
        low=0,
        empty="1 each",
        option="class-weight",
        metavar="NAME=WEIGHT",
        absent={"window": "the view of a drive's classes has them"},
    )

    def __post_init__(self) -> None:
        check(self, "score")

    def recipe(self) -> dict[str, Any]:
        """What the numbers depend on of classes, JSON-able; nothing where all count alike."""
        weights = {name: w for name, w in sorted(self.class_weights.items()) if w != 1}
        return {
            **({} if self.classes is None else {"classes": sorted(self.classes)}),
            **({"class_weights": weights} if weights else {}),
        }


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "paper": {
        "flip": True,
        "radius": 9,
        "radius_by_box": False,
        "region": 30,
        "reduction": "max-pool-mean",
        "passes": 30,
    }
}
"""Sets of defaults, for whichever score has the settings: Aghdam et al. (ICCV 2019)."""
