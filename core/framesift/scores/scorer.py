"""FrameScorer: a detector's frames in, one score per frame and the places that made it out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from framesift.errors import InputError
from framesift.scores.base import MapStack, ScoreOptions
from framesift.scores.box_scores import AGGREGATES, BOX_SCORES, UnsureBoxes, unsure_boxes
from framesift.scores.members import SCORES
from framesift.scores.reductions import REDUCTIONS, tile_maxima

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.detectors.maps import WorkingSize


BOX_THRESHOLD = 0.05
"""Boxes below this score are noise to most detectors."""


@dataclass(frozen=True, slots=True)
class FrameScore:
    """One frame's score z ≥ 0, and its largest tile maxima as (x, y, value), largest first;
    x, y in native continuous pixels (the middle of the working pixel)."""

    score: float
    maxima: tuple[tuple[float, float, float], ...] = ()


class FrameScorer:
    """Everything that turns frames into scores, but the detector.

    method: a name of SCORES (pixel scores of the probability maps) or of BOX_SCORES (how
    unsure the boxes are, for detectors without maps). aggregate: a name of AGGREGATES, from
    boxes to frame; box_threshold: boxes of at least this score take part. For pixel scores
    reduction: a name of REDUCTIONS. radius: of the divergence's
    window, working pixels, one or one per level. region: side of the tiles, working pixels.
    passes, rate, seed: Monte-Carlo dropout. mirror: double evaluation. mask: bool H×W at
    native size (or working size), True = takes no part; needs frames of that size. classes:
    those whose maps count (default: all). class_weights: weight by class (default 1). top:
    how many tile maxima to report.

    Raises InputError, one sentence, for an unknown name or a value that makes no sense.
    """

    def __init__(
        self,
        method: str = "divergence",
        reduction: str = "max-pool-mean",
        radius: int | Sequence[int] = 9,
        region: int = 30,
        *,
        passes: int = 30,
        rate: float = 0.5,
        seed: int = 0,
        mirror: bool = False,
        mask: NDArray[np.bool_] | None = None,
        classes: Sequence[str] | None = None,
        class_weights: Mapping[str, float] | None = None,
        top: int = 5,
        aggregate: str = "sum",
        box_threshold: float = BOX_THRESHOLD,
    ) -> None:
        self.method = _named(method.replace("-", "_"), {**SCORES, **BOX_SCORES}, "score")
        self.aggregate = _named(aggregate, AGGREGATES, "aggregate")
        self.box_threshold = float(box_threshold)
        if not 0 < self.box_threshold < 1:
            raise InputError(
                f"The least score of boxes is {box_threshold}; give a number between 0 and 1."
            )
        self.reduction = _named(reduction.replace("_", "-"), REDUCTIONS, "reduction")
        self.radius = _radius(radius)
        self.region = _whole("region", region, 1)
        self.passes = _whole("number of passes", passes, 2)
        self.rate = float(rate)
        if not 0 < self.rate < 1:
            raise InputError(f"The dropout rate is {rate}; give a number between 0 and 1.")
        self.seed = int(seed)
        self.mirror = bool(mirror)
        self.mask = _mask(mask)
        self.classes = None if classes is None else tuple(classes)
        if self.classes == ():
            raise InputError("No class is left to score; name at least one.")
        self.class_weights = _weights(class_weights)
        self.top = _whole("number of maxima", top, 0)
        self._resized: dict[tuple[int, int], NDArray[np.bool_]] = {}

    def settings(self) -> dict[str, Any]:
        """What the numbers depend on, JSON-able; it goes into a series' recipe."""
        settings: dict[str, Any] = {"method": self.method}
        if self.by_boxes:
            settings |= {
                "aggregate": self.aggregate,
                "box_threshold": self.box_threshold,
                "mirror": self.mirror,
            }
        else:
            settings["reduction"] = self.reduction
            settings |= SCORES[self.method].settings(
                {
                    "radius": self.radius
                    if isinstance(self.radius, int)
                    else list(self.radius),
                    "passes": self.passes,
                    "rate": self.rate,
                    "seed": self.seed,
                    "mirror": self.mirror,
                }
            )
            if self.reduction == "max-pool-mean":
                settings["region"] = self.region
        if self.classes is not None:
            settings["classes"] = sorted(self.classes)
        weights = {name: w for name, w in sorted(self.class_weights.items()) if w != 1}
        if weights:
            settings["class_weights"] = weights
        if self.mask is not None:
            content = f"{self.mask.shape}".encode() + np.packbits(self.mask).tobytes()
            settings["mask"] = hashlib.sha256(content).hexdigest()
        return settings

    def score(self, detector: Detector, frames: NDArray[np.uint8]) -> list[FrameScore]:
        """Scores frames uint8 N×H×W×3 (RGB). A frame's score does not depend on the others,
        as far as the detector's maps do not."""
        if self.by_boxes:
            return [
                FrameScore(AGGREGATES[self.aggregate](one.values), one.maxima(self.top))
                for one in self._unsure(detector, frames)
            ]
        pixels, size = self.pixel_scores(detector, frames)
        mask = self._working_mask(size)
        values = REDUCTIONS[self.reduction](pixels, region=self.region, mask=mask).tolist()
        (height, width), (rows, columns) = size.native, size.content
        across, down = width / columns, height / rows
        if not self.top:
            return [FrameScore(value) for value in values]
        return [
            FrameScore(
                value, tuple(((x + 0.5) * across, (y + 0.5) * down, v) for x, y, v in maxima)
            )
            for value, maxima in zip(
                values, tile_maxima(pixels, self.region, self.top, mask=mask), strict=True
            )
        ]

    def pixel_scores(
        self,
        detector: Detector,
        frames: NDArray[np.uint8],
    ) -> tuple[Tensor, WorkingSize]:
        """Pixel scores N×H×W at working (content) size of frames uint8 N×H×W×3, and the
        working size that places them in the picture. A box-level score gives each pixel the
        value of the most unsure box that covers it."""
        size = detector.geometry(frames.shape[1], frames.shape[2])
        if self.by_boxes:
            return torch.from_numpy(
                np.stack(
                    [
                        one.painted(size.native, size.content)
                        for one in self._unsure(detector, frames)
                    ]
                )
            ), size
        if not getattr(detector, "has_maps", True):
            raise InputError(
                f"The detector {detector.name!r} gives boxes and no probability "
                f"maps, so {self.method} cannot be computed; choose a box-level "
                f"score: {', '.join(BOX_SCORES)}."
            )
        names = self._class_names(detector.classes)
        member = SCORES[self.method]
        options = ScoreOptions(
            passes=self.passes, rate=self.rate, seed=self.seed, mirror=self.mirror
        )
        mask = self._working_mask(size)
        stacks = member.stacks(detector, frames, options)
        maps = _names(stacks[0])
        options = ScoreOptions(radius=_per_map(self.radius, maps))
        weights = None if names is None else [_weight(names, name) for _, name in maps]
        return member.pixels(stacks, options, mask=mask, weights=weights), size

    @property
    def by_boxes(self) -> bool:
        """Whether the score is a box-level one."""
        return self.method in BOX_SCORES

    def _unsure(self, detector: Detector, frames: NDArray[np.uint8]) -> list[UnsureBoxes]:
        weights = self._class_names(detector.classes)
        size = detector.geometry(frames.shape[1], frames.shape[2])
        self._working_mask(size)  # its checks
        found = detector.infer(
            frames, mirror=self.mirror, boxes=True, threshold=self.box_threshold
        ).predictions
        assert found is not None
        mask = self.mask
        if mask is not None and mask.shape != tuple(size.native):
            mask = (
                cv2.resize(
                    mask.astype(np.uint8), size.native[::-1], interpolation=cv2.INTER_NEAREST
                )
                > 0
            )
        return [
            unsure_boxes(
                BOX_SCORES[self.method], one, detector.classes, weights=weights, mask=mask
            )
            for one in found
        ]

    def check_classes(self, known: Sequence[str]) -> None:
        """Raises InputError for classes or weights of classes that a detector of the classes
        `known` does not know."""
        self._class_names(known)

    def _class_names(self, known: Sequence[str]) -> dict[str, float] | None:
        """Weight by class, None when all count alike. Raises InputError for classes the
        detector does not know."""
        if self.classes is None and not self.class_weights:
            return None
        wanted = known if self.classes is None else self.classes
        for name in (*wanted, *self.class_weights):
            if name not in known:
                raise InputError(
                    f"The detector has no class {name!r}; it knows {', '.join(known)}."
                )
        weights = {name: self.class_weights.get(name, 1.0) for name in wanted}
        if not any(weights.values()):
            raise InputError("Every class has weight 0; give one of them more.")
        return weights

    def _working_mask(self, size: WorkingSize) -> NDArray[np.bool_] | None:
        if self.mask is None:
            return None
        content = (int(size.content[0]), int(size.content[1]))
        if self.mask.shape not in (tuple(size.native), content):
            rows, columns = self.mask.shape
            raise InputError(
                f"The mask is {columns}×{rows} pixels and the picture {size.native[1]}×"
                f"{size.native[0]}; draw one of the picture's size."
            )
        if content not in self._resized:
            # A working pixel with any excluded part is excluded.
            shrunk = (
                cv2.resize(
                    self.mask.astype(np.float32), content[::-1], interpolation=cv2.INTER_AREA
                )
                > 1e-6
            )
            if shrunk.all():
                raise InputError("The mask covers the whole picture; leave some of it free.")
            self._resized[content] = shrunk
        return self._resized[content]


def _names(stack: MapStack) -> Sequence[tuple[Any, str]]:
    names: Sequence[tuple[Any, str]] = getattr(stack, "names")  # noqa: B009
    return names


def _per_map(
    radius: int | tuple[int, ...],
    names: Sequence[tuple[Any, str]],
) -> int | list[int]:
    if isinstance(radius, int):
        return radius
    levels = list(dict.fromkeys(level for level, _ in names))
    if len(levels) != len(radius):
        raise InputError(
            f"{len(radius)} radii were given, but the detector predicts at "
            f"{len(levels)} levels; give one radius, or one per level."
        )
    return [radius[levels.index(level)] for level, _ in names]


def _weight(weights: Mapping[str, float], name: str) -> float:
    # A map that all classes share (SHARED) counts as much as the one that counts most.
    return max(weights.values()) if name == "" else weights.get(name, 0.0)


def _named(name: str, family: Mapping[str, Any], noun: str) -> str:
    if name not in family:
        raise InputError(f"There is no {noun} {name!r}; choose one of {', '.join(family)}.")
    return name


def _whole(noun: str, value: int, least: int) -> int:
    if int(value) != value or value < least:
        raise InputError(f"The {noun} is {value}; give a whole number from {least} up.")
    return int(value)


def _radius(radius: int | Sequence[int]) -> int | tuple[int, ...]:
    if isinstance(radius, Sequence):
        return tuple(_whole("radius", one, 0) for one in radius)
    return _whole("radius", radius, 0)


def _mask(mask: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    if mask is None:
        return None
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype != np.bool_:
        raise InputError(
            "A mask is a two-dimensional array of true and false, "
            f"not {mask.dtype} of shape {mask.shape}."
        )
    return mask if mask.any() else None


def _weights(weights: Mapping[str, float] | None) -> dict[str, float]:
    for name, weight in (weights or {}).items():
        if not 0 <= weight < float("inf"):
            raise InputError(f"The weight of {name!r} is {weight}; give a number from 0 up.")
    return {name: float(weight) for name, weight in (weights or {}).items()}
