"""How Aghdam et al. (ICCV 2019) use each data set, and counting to see whether yours is theirs.

The paper names neither the test frames nor how it thinned Caltech's video: evaluation here is
the benchmarks' own (every 30th frame of set06 to set10; BDD100K's validation pictures).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from framesift.boxes import Box
from framesift.datasets.base import LabelledDataset
from framesift.records import Progress, RateMeter
from framesift.video import Stills

Role = Literal["initial", "pool", "evaluation"]
WORKING_HEIGHT = 480.0


@dataclass(frozen=True, slots=True)
class Tally:
    """Labelled pictures, people who count in them, and pictures with at least one."""

    images: int
    people: int
    with_people: int


@dataclass(frozen=True, slots=True)
class Preset:
    """One use of a data set. `role`: what trains the first detector, what is selected from,
    what is only measured on. Labels under `min_height` working pixels (frame height scaled to
    480) or of another width/height than `aspect` are discarded. `table`: the paper's Table 1
    after these filters, where it has this part."""

    kind: str
    split: str
    role: Role
    every: int = 1
    min_height: float = 50.0
    aspect: tuple[float, float] = (0.2, 0.65)
    table: Tally | None = None

    def options(self) -> dict[str, Any]:
        """What `open_dataset` is told beside the path."""
        return {"split": self.split, "every": self.every}


PAPER: dict[str, Preset] = {
    "citypersons": Preset("citypersons", "train", "initial", table=Tally(1835, 7740, 1835)),
    "caltech": Preset("caltech", "train", "pool", table=Tally(51363, 20062, 10523)),
    "caltech-test": Preset("caltech", "test", "evaluation", every=30),
    "bdd100k": Preset("bdd100k", "train", "pool", table=Tally(69836, 56473, 17632)),
    "bdd100k-val": Preset("bdd100k", "val", "evaluation"),
}
"""The paper's uses of its data sets, by name."""


def tally(
    dataset: LabelledDataset,
    *,
    min_height: float = 50.0,
    aspect: tuple[float, float] | None = (0.2, 0.65),
    working_height: float | None = WORKING_HEIGHT,
) -> Iterator[Progress | Tally]:
    """Counts the labelled pictures and the people in them who pass the filters.

    Args:
        dataset: what `open_dataset` gave.
        min_height: of people who count, working pixels, ≥ 0.
        aspect: the least and greatest width over height of those who count; None: any.
        working_height: of a picture, pixels; sizes count in it. None: native pixels.

    Yields:
        Progress, and last the Tally.

    Example:
        >>> with framesift.open_dataset("synthetic", "look=target,seed=0,frames=2") as dataset:
        ...     framesift.last(tally(dataset), Tally).images
        2
    """
    meter = RateMeter(
        sum(int(clip.labelled.sum()) for clip in dataset.clips), "frames", "counting people"
    )
    images = people = with_people = 0
    for clip in dataset.clips:
        for frame in np.flatnonzero(clip.labelled).tolist():
            video = clip.video
            height = video.size(frame)[1] if isinstance(video, Stills) else video.height
            scale = 1.0 if working_height is None else working_height / height
            count = sum(_counts(box, scale, min_height, aspect) for box in clip.boxes(frame))
            images, people = images + 1, people + count
            with_people += count > 0
            if images % 256 == 0:
                yield meter.advance(256)
    yield Tally(images, people, with_people)


def _counts(box: Box, scale: float, least: float, aspect: tuple[float, float] | None) -> bool:
    return (
        not box.ignore
        and box.height * scale >= least
        and (aspect is None or aspect[0] <= box.aspect <= aspect[1])
    )
