"""A detector's classes by the names that the labels have for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from framesift.boxes import Box, Prediction
from framesift.errors import InputError


@dataclass(frozen=True, slots=True)
class Renamed:
    """`names`: the detector's classes as the labels call them, each once; `places`: which of
    these each of the detector's classes is."""

    names: tuple[str, ...]
    places: tuple[int, ...]

    @staticmethod
    def of(classes: Sequence[str], class_map: Mapping[str, str]) -> Renamed:
        """`class_map`: the labels' name by the detector's. InputError for a class that the
        detector does not know."""
        for name in class_map:
            if name not in classes:
                raise InputError(
                    f"The detector knows no class “{name}”; its classes are {_listed(classes)}."
                )
        renamed = [class_map.get(name, name) for name in classes]
        names = tuple(dict.fromkeys(renamed))
        return Renamed(names, tuple(names.index(name) for name in renamed))

    def __call__(self, prediction: Prediction) -> Prediction:
        """A prediction whose categories are numbers into `names`."""
        if self.places == tuple(range(len(self.names))):
            return prediction
        categories = np.asarray(self.places, np.int64)[prediction.categories]
        return replace(prediction, categories=categories, probabilities=None)


def unmeasured(classes: Sequence[str], labels: Iterable[Sequence[Box]]) -> str | None:
    """A sentence about labels of classes that are none of the detector's; None without such.
    InputError where that is all of them: every figure would be empty."""
    theirs = [box.category for boxes in labels for box in boxes if not box.ignore]
    strange = [name for name in theirs if name not in classes]
    if not strange:
        return None
    names = list(dict.fromkeys(strange))
    if len(strange) == len(theirs):
        raise InputError(
            f"The detector finds {_listed(classes)}, and the labels are of {_listed(names)}: "
            f"nothing could be measured. Say which is which (--map {classes[0]}={names[0]})."
        )
    return (
        f"{len(strange)} labels of {_listed(names)} are not measured: the detector finds "
        f"{_listed(classes)}."
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10])
    return shown if len(names) <= 10 else f"{shown} and {len(names) - 10} more"
