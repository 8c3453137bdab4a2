"""How pictures vary from epoch to epoch, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.errors import InputError
from framesift.records.settings import check, setting


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random views of the labelled frames; the table says what each setting does."""

    flip: float = setting(
        0.5,
        title="Mirrored",
        help="probability that a picture is mirrored",
        low=0.0,
        high=1.0,
        metavar="P",
    )
    scale: tuple[float, float] = setting(
        (0.8, 1.25),
        title="Zoom",
        help="range of the random zoom, relative to the working size, drawn evenly in its "
        "logarithm",
        low=0.1,
        high=10.0,
        metavar="LOW,HIGH",
    )
    crop: tuple[int, int] | None = setting(
        None,
        title="Crop",
        help="height and width of what the network is given, as 320x320",
        unit="working pixels",
        low=32,
        high=8192,
        empty="the whole working picture",
        option="crop",
        metavar="H×W",
    )
    aim: float = setting(
        0.5,
        title="Crops at labels",
        help="probability that a crop is placed around a label, where there is one",
        low=0.0,
        high=1.0,
        metavar="P",
    )
    colour: float = setting(
        0.5,
        title="Colour",
        help="strength of the changes of exposure, contrast, saturation and white balance",
        low=0.0,
        high=1.0,
        metavar="STRENGTH",
    )
    visible: float = setting(
        0.6,
        title="Visible part",
        help="a label of which less than this share is left inside becomes an ignore region",
        low=0.0,
        high=1.0,
        metavar="SHARE",
    )

    def __post_init__(self) -> None:
        check(self, "augmentation")
        if self.scale[0] > self.scale[1]:
            raise InputError(
                f"The augmentation setting scale is {self.scale}; "
                "the smaller number goes first."
            )

    @staticmethod
    def none() -> Augmentation:
        """Pictures as they are."""
        return Augmentation(flip=0.0, scale=(1.0, 1.0), colour=0.0)
