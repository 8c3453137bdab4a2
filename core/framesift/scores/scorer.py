"""FrameScorer: a detector's frames in, one score per frame and the places that made it out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.records.settings import current
from framesift.scores.aggregates import aggregated
from framesift.scores.base import map_names
from framesift.scores.box_scores import BOX_SCORES, BoxScore, UnsureBoxes, unsure_boxes
from framesift.scores.family import score_named
from framesift.scores.found import Counting
from framesift.scores.frame_signal import Batch, FrameSignal
from framesift.scores.reading import checked_mask, read_options, weight_of_map
from framesift.scores.reductions import REDUCTIONS, tile_maxima
from framesift.scores.shared import shared
from framesift.scores.time_signal import Seen, TimeSignal, seen

if TYPE_CHECKING:
    from torch import Tensor

    from framesift.detectors.base import Detector
    from framesift.detectors.maps import WorkingSize


@dataclass(frozen=True, slots=True)
class FrameScore:
    """One frame's score ≥ 0 (framesift.series.NO_BOXES where boxes are measured and there is
    none), and its largest tile maxima as (x, y, value), largest first; x, y in native
    continuous pixels (the middle of the working pixel, or of the box)."""

    score: float
    maxima: tuple[tuple[float, float, float], ...] = ()


class FrameScorer:
    """Everything that turns frames into scores, but the detector: a member of the family, its
    own settings (`params`), and those that all share (`shared`, ScoreSettings).

    method: a name of SCORES (pixel scores of the probability maps) or of BOX_SCORES (how
    unsure the boxes are, for detectors without maps). options: settings of ScoreSettings and
    of the method, by name (FrameScorer("divergence", radius=5, flip=True)); those that only
    other methods have are left alone, so that one set of options serves several methods.
    mask: bool H×W at native size (or working size), True = takes no part; needs frames of that
    size. top: how many tile maxima to report.

    Raises InputError, one sentence, for an unknown name or a value that makes no sense.
    """

    def __init__(
        self,
        method: str = "divergence",
        reduction: str | None = None,
        radius: int | Sequence[int] | None = None,
        region: int | None = None,
        *,
        mask: NDArray[np.bool_] | None = None,
        top: int = 5,
        **options: Any,
    ) -> None:
        options |= {"reduction": reduction, "radius": radius, "region": region}
        self.member = score_named(method)
        self.method = self.member.name
        self.shared, self.params = read_options(self.member, options)
        self.mask = checked_mask(mask)
        if int(top) != top or top < 0:
            raise InputError(f"The number of maxima is {top}; give a whole number from 0 up.")
        self.top = int(top)
        self._resized: dict[tuple[int, int], NDArray[np.bool_]] = {}

    @staticmethod
    def from_recipe(
        settings: Mapping[str, Any], mask: NDArray[np.bool_] | None = None
    ) -> FrameScorer:
        """The scorer of a recipe's settings, as `settings` gives them, of this version or of an
        earlier one; a recipe has only the digest of its mask, which is given apart."""
        return FrameScorer(
            **current({n: v for n, v in settings.items() if n != "mask"}, "score"), mask=mask
        )

    def settings(self, detector: Detector | None = None) -> dict[str, Any]:
        """What the numbers depend on, JSON-able; it goes into a series' recipe. `detector`:
        fills in what the settings leave to it."""
        params = self.params if detector is None else self.member.fitted(self.params, detector)
        settings: dict[str, Any] = {"method": self.method}
        if self._in_time:
            if self._in_time.wants_maps:
                settings["region"] = self.shared.region
        elif not self.by_boxes:
            settings["reduction"] = self.shared.reduction
            if self.shared.reduction == "max-pool-mean":
                settings["region"] = self.shared.region
        settings |= self.member.recipe(params)
        if getattr(self.member, "by_class", True):
            settings |= self.shared.recipe()
        if self.mask is not None:
            content = f"{self.mask.shape}".encode() + np.packbits(self.mask).tobytes()
            settings["mask"] = hashlib.sha256(content).hexdigest()
        return settings

    def score(self, detector: Detector, frames: NDArray[np.uint8]) -> list[FrameScore]:
        """Scores frames uint8 N×H×W×3 (RGB). A frame's score does not depend on the others,
        as far as the detector's maps do not. Raises InputError for a signal that needs a
        frame's neighbours in time."""
        if self.by_boxes:
            return [
                FrameScore(value, unsure.maxima(self.top))
                for value, unsure in self._of_boxes(detector, frames)
            ]
        pixels, size = self.pixel_scores(detector, frames)
        mask = self._working_mask(size)
        reduce, region = REDUCTIONS[self.shared.reduction], self.shared.region
        values = reduce(pixels, region=region, mask=mask).tolist()
        (height, width), (rows, columns) = size.native, size.content
        across, down = width / columns, height / rows
        if not self.top:
            return [FrameScore(value) for value in values]
        return [
            FrameScore(
                value, tuple(((x + 0.5) * across, (y + 0.5) * down, v) for x, y, v in maxima)
            )
            for value, maxima in zip(
                values, tile_maxima(pixels, region, self.top, mask=mask), strict=True
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
        if isinstance(self.member, TimeSignal):
            raise InputError(
                f"The signal {self.method} compares a frame with its neighbours in time; score "
                "a video by it."
            )
        if isinstance(self.member, BoxScore | FrameSignal):
            import torch

            return torch.from_numpy(
                np.stack(
                    [
                        unsure.painted(size.native, size.content)
                        for _, unsure in self._of_boxes(detector, frames)
                    ]
                )
            ), size
        if not getattr(detector, "has_maps", True):
            raise self._no_maps(detector)
        names = self._class_names(detector.classes)
        params = self.member.fitted(self.params, detector)
        mask = self._working_mask(size)
        stacks = self.member.stacks(detector, frames, params)
        weights = None
        if names is not None:
            weights = [weight_of_map(names, name) for _, name in map_names(stacks[0])]
        return self.member.pixels(stacks, params, mask=mask, weights=weights), size

    @property
    def by_boxes(self) -> bool:
        """Whether the score is a box-level one."""
        return isinstance(self.member, BoxScore | FrameSignal)

    @property
    def one_look(self) -> bool:
        """Whether all that it needs of a detector are the maps of `infer(frames, flip)`; each
        class promises that for itself."""
        return bool(vars(type(self.member)).get("one_look", False))

    @property
    def _in_time(self) -> TimeSignal | None:
        return self.member if isinstance(self.member, TimeSignal) else None

    @property
    def apart(self) -> float | None:
        """How many seconds the neighbours in time are away that each frame is compared with;
        None where none are."""
        return float(self.params.apart) if self._in_time else None

    def seen(self, detector: Detector, frames: NDArray[np.uint8]) -> list[Seen]:
        """What a signal in time keeps of frames uint8 N×H×W×3 until it has their neighbours."""
        from framesift.scores.flicker import LEAST_SCORE

        assert self._in_time is not None
        wants_maps = self._in_time.wants_maps
        if wants_maps and not detector.has_maps:
            raise self._no_maps(detector)
        size = detector.geometry(frames.shape[1], frames.shape[2])
        names = self._class_names(detector.classes)
        return seen(
            detector,
            frames,
            self._counting(detector, frames),
            LEAST_SCORE,
            with_maps=wants_maps,
            weight_of=lambda name: 1.0 if names is None else weight_of_map(names, name),
            mask=self._working_mask(size),
        )

    def score_between(self, around: Sequence[Seen], place: int) -> FrameScore:
        """The score of around[place] among its neighbours, in the order of time."""
        assert self._in_time is not None
        measured = self._in_time.measure(around, place, self.params, self.shared.region)
        boxes = UnsureBoxes(measured.boxes, measured.values, measured.values)
        return FrameScore(measured.value, boxes.maxima(self.top))

    def _of_boxes(
        self, detector: Detector, frames: NDArray[np.uint8]
    ) -> list[tuple[float, UnsureBoxes]]:
        """By frame its value, and the boxes that made it."""
        counting = self._counting(detector, frames)
        if isinstance(self.member, FrameSignal):
            params = self.member.fitted(self.params, detector)
            batch = Batch(shared(detector), frames, counting)
            return [
                (frame.value, UnsureBoxes(frame.boxes, frame.values, frame.values))
                for frame in self.member.measure(batch, params)
            ]
        assert isinstance(self.member, BoxScore)
        predictions = detector.infer(
            frames, flip=self.params.flip, boxes=True, threshold=self.params.box_threshold
        ).predictions
        assert predictions is not None
        each = [unsure_boxes(self.member, frame, counting) for frame in predictions]
        aggregate = self.params.aggregate
        return [(aggregated(aggregate, frame.values, frame.scores), frame) for frame in each]

    def _no_maps(self, detector: Detector) -> InputError:
        return InputError(
            f"The detector {detector.name!r} gives boxes and no probability maps, so "
            f"{self.method} cannot be computed; choose a box-level score: "
            f"{', '.join(BOX_SCORES)}."
        )

    def _counting(self, detector: Detector, frames: NDArray[np.uint8]) -> Counting:
        import cv2

        size = detector.geometry(frames.shape[1], frames.shape[2])
        self._working_mask(size)  # its checks
        mask = self.mask
        if mask is not None and mask.shape != tuple(size.native):
            mask = (
                cv2.resize(
                    mask.astype(np.uint8), size.native[::-1], interpolation=cv2.INTER_NEAREST
                )
                > 0
            )
        return Counting(detector.classes, self._class_names(detector.classes), mask)

    def check_classes(self, known: Sequence[str]) -> None:
        """Raises InputError for classes or weights of classes that a detector of the classes
        `known` does not know."""
        self._class_names(known)

    def _class_names(self, known: Sequence[str]) -> dict[str, float] | None:
        """Weight by class, None when all count alike. Raises InputError for classes the
        detector does not know."""
        classes, given = self.shared.classes, self.shared.class_weights
        if classes is None and not given:
            return None
        counted = known if classes is None else classes
        for name in (*counted, *given):
            if name not in known:
                raise InputError(
                    f"The detector has no class {name!r}; it knows {', '.join(known)}."
                )
        weights = {name: given.get(name, 1.0) for name in counted}
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
            import cv2

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
