"""How long and how hard to train, by the number of labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framesift.training.data import Source
    from framesift.training.settings import TrainSettings

ENOUGH = 20
"""Labelled objects from which a miss rate says something; fewer choose no checkpoint."""
HALFWAY = 15
"""Labelled frames at which the result lies half way between the start and what was learnt."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What there is to learn from: labelled frames and the objects in them; `validation`: the
    objects in the frames that validate; `known`: the detector that training begins with has
    learnt to find them already, elsewhere."""

    frames: int
    objects: int
    validation: int = 0
    known: bool = True

    @staticmethod
    def of(source: Source, validation: Source | None = None, *, known: bool = True) -> Labels:
        """Those of a training set."""
        return Labels(
            len(source),
            objects(source),
            0 if validation is None else objects(validation),
            known,
        )


def objects(source: Source) -> int:
    """Boxes of a source that are no ignore regions, points, and classes that pictures are
    tagged to show."""
    from framesift.training.data.sample import weak_of

    boxes = sum(not b.ignore for i in range(len(source)) for b in source.boxes(i))
    weak = (weak_of(source, index) for index in range(len(source)))
    return boxes + sum(
        len(some.points) + sum(present for _, present in some.tags)
        for some in weak
        if some is not None
    )


def by_labels(labels: Labels, settings: TrainSettings) -> dict[str, Any]:
    """What the number of labels says of the settings of a run; what somebody says goes before
    it. Few labels still take a few hundred steps, more of them take longer by their root, and
    the more there are, the less of the start is in the result; the constants were chosen on
    drawn frames (resources/docs/simulation.md)."""
    frames = max(1, labels.frames)
    steps = _between(60 * math.sqrt(frames), 200, 3000)
    epochs = math.ceil(steps * settings.labelled_batch / frames)
    measured = labels.validation >= ENOUGH
    return {
        "epochs": epochs,
        "learning_rate": 1e-3,
        "final_learning_rate": 1e-5,
        "warmup": 20,
        "ema_decay": 0.98,
        "interpolation": (round(frames / (frames + HALFWAY), 2) if labels.known else 1.0),
        "frozen": 0,
        "batch_norm": "frozen",
        "adopt": "best" if measured else "last",
        "patience": 5 if measured else 0,
        "validate_every": max(1, round(epochs / 10)),
    }


def _between(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
