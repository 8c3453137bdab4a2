"""How the initial weights are made, as plain data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from framesift.detectors.loss_settings import LossSettings
from framesift.records.settings import check, like, setting
from framesift.synth.settings import DriveSettings
from framesift.training.augmentation import Augmentation

CHUNK = 40
"""Frames drawn from one seed before the next one: what a resumed run can start from."""


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """The drawn frames that are learnt from, and the views of them; the table says what each
    setting does."""

    frames: int = setting(
        400,
        title="Drawn frames",
        help="frames that are held at a time",
        low=1,
        metavar="N",
    )
    views: float = setting(
        6.0,
        title="Views of a frame",
        help="views that are taken of a frame on average before it leaves",
        above=0,
        metavar="N",
    )
    size: tuple[int, int] = setting(
        (480, 640),
        title="Size of the frames",
        help="height and width of the drawn frames",
        unit="pixels",
        low=16,
        metavar="H×W",
    )
    crop: tuple[int, int] = setting(
        (256, 256),
        title="Size of the views",
        help="height and width of the views",
        unit="pixels",
        low=16,
        metavar="H×W",
    )
    scale: tuple[float, float] = setting(
        (0.55, 1.4),
        title="Zoom",
        help="least and most zoom of a view",
        above=0,
        metavar="LOW,HIGH",
    )
    aim: float = setting(
        0.7,
        title="Aimed views",
        help="share of the views that are placed around somebody",
        low=0,
        high=1,
        metavar="SHARE",
    )
    degrade: float = setting(
        0.15,
        title="Worse pictures",
        help="probability of each of blur, noise, compression and lower resolution",
        low=0,
        high=1,
        metavar="P",
    )

    def __post_init__(self) -> None:
        check(self, "drawn frames")

    def drawn_by(self, views: int) -> int:
        """Chunks drawn when `views` views have been taken."""
        return math.ceil(self.frames / CHUNK) + math.floor(views / self.views / CHUNK)

    def look(self) -> Augmentation:
        return Augmentation(
            flip=0.5, scale=self.scale, crop=self.crop, aim=self.aim, colour=0.6, visible=0.6
        )


def box_sizes(value: Any) -> tuple[tuple[float, float], ...]:
    """(height, width) of each level's boxes. Raises ValueError for anything else."""
    return tuple((float(height), float(width)) for height, width in value)


@dataclass(frozen=True, slots=True)
class InitialSettings:
    """How the initial weights are made. The learning rate rises over `warmup` steps and falls
    along half a cosine to `final_rate`."""

    look: str = like(DriveSettings, "look")
    width: float = setting(
        0.5,
        title="Width",
        help="channels as a share of the paper's",
        above=0,
        high=4,
        metavar="SHARE",
    )
    steps: int = setting(9000, title="Steps", help="updates", low=1, metavar="N")
    batch: int = setting(12, title="Crops a step", help="crops per update", low=1, metavar="N")
    seed: int = setting(
        0, title="Seed", help="of everything random", low=0, high=2**63 - 1, metavar="N"
    )
    rate: float = setting(
        2.5e-3, title="Learning rate", help="its largest", above=0, high=10, metavar="R"
    )
    final_rate: float = setting(
        2e-5, title="Final learning rate", help="of the last step", low=0, high=10, metavar="R"
    )
    warmup: int = setting(
        100,
        title="Warm-up",
        help="steps over which the learning rate rises from nothing",
        low=0,
        metavar="STEPS",
    )
    weight_decay: float = setting(
        1e-2, title="Weight decay", help="on convolutions", low=0, high=1, metavar="W"
    )
    clip: float = setting(
        5.0,
        title="Largest gradient",
        help="largest norm of the gradient",
        above=0,
        metavar="NORM",
    )
    ema_decay: float = setting(
        0.998,
        title="Average of the weights",
        help="decay per step of the running average of the weights, which is what is saved",
        low=0,
        below=1,
        metavar="DECAY",
    )
    box_sizes: tuple[tuple[float, float], ...] | None = setting(
        None,
        title="Box sizes",
        help="height and width of each level's boxes",
        parse=box_sizes,
        plain=lambda sizes: [list(size) for size in sizes],
        empty="fitted to the first frames",
        absent={"cli": "they are fitted to what is drawn"},
    )
    parts: int = setting(
        2,
        title="Parts",
        help="threads that learn from a part of each batch each (batch normalisation sees the "
        "part), which uses a busy processor better than threads inside every layer",
        low=1,
        metavar="N",
    )
    dropout: bool = setting(
        False,
        title="Dropout",
        help="spatial dropout, of no use to a run so short that it sees no frame twice in the "
        "same view",
    )
    loss: LossSettings = field(
        default_factory=lambda: LossSettings(min_height=40.0, hard_fraction=0.25)
    )
    pool: PoolSettings = field(default_factory=PoolSettings)

    def __post_init__(self) -> None:
        check(self, "initial training")

    def rate_at(self, step: int, share: float | None = None) -> float:
        """The learning rate of step `step` (from 0); `share`: of the run that is done, where
        it is not counted in steps."""
        if step < self.warmup:
            return self.rate * (step + 1) / self.warmup
        if share is None:
            share = (step - self.warmup) / max(1, self.steps - 1 - self.warmup)
        return self.final_rate + (self.rate - self.final_rate) * (
            0.5 + 0.5 * math.cos(math.pi * min(1.0, share))
        )
