"""What can be seen of a detector's maps without any label.

A pixel score looks at probabilities place by place. It means something where a map is a
picture of what the detector sees: where it varies, is not stuck at 0 or 1, moves with the
picture, and is high where the detector's own boxes are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Prediction
from framesift.records import Progress, RateMeter
from framesift.selection.rules import Rules

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

Image = NDArray[np.uint8]
Map = NDArray[np.float32]

LEAST_SPREAD = 0.02
"""Maps that differ by less than this over whole frames are constant."""
UNDECIDED = 0.02
"""A cell is undecided where its probability lies this far from 0 and from 1."""
LEAST_UNDECIDED = 2e-4
"""Share of undecided cells, of the map that has most, below which maps are stuck at 0 and 1."""
MOST_STILL = 0.5
"""Of the change that a shift makes to a map, this share at most may be left once the shift is
undone."""
LEAST_AGREEMENT = 0.75
"""Probability that a place inside a box has a higher value than one outside all boxes."""
BOX_SCORE = 0.05
MARGIN = 0.15
NEVER = 100.0
"""What is said of maps that a shift of the picture does not change at all."""


@dataclass(frozen=True, slots=True, eq=False)
class MapCheck:
    """What was found.

    detector: its name; frames: how many were looked at; maps: K, 0 without maps; low, high: the
    smallest and largest probability; undecided: share of undecided cells in [0, 1]; still:
    what a shift of the picture leaves once it is undone, about 0 for maps that move with it, 1
    and more for others, None where it could not be measured; agreement: in [0, 1], 0.5 is
    chance, None without boxes; boxes: above a score of 0.05, in all frames.
    """

    detector: str
    frames: int
    maps: int
    low: float
    high: float
    undecided: float
    still: float | None
    agreement: float | None
    boxes: int
    reasons: tuple[str, ...] = field(default=())

    @property
    def meaningful(self) -> bool:
        """Whether the pixel score means something for this detector."""
        return not self.reasons

    @property
    def method(self) -> str:
        """The recommended score, as the command line takes it."""
        return Rules().strategy if self.meaningful else "box-entropy"

    def sentence(self) -> str:
        """The verdict in words."""
        if self.meaningful:
            seen = [f"vary ({self.low:.2f} to {self.high:.2f})"]
            if self.still is not None:
                seen.append("move with the picture")
            if self.agreement is not None:
                seen.append(
                    f"are higher inside its {self.boxes} boxes than outside "
                    f"({self.agreement:.0%} of the time)"
                )
            return (
                f"The pixel score is meaningful for {self.detector}: its {self.maps} maps "
                f"{_listed(seen)}; use --strategy {self.method}."
            )
        warning = (
            "" if self.boxes else (", and try other frames first: it finds no box in these")
        )
        return (
            f"The pixel score is not meaningful for {self.detector}: "
            f"{_listed(self.reasons)}; use a box-level score, --strategy {self.method}"
            f"{warning}."
        )


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def check_maps(detector: Detector, frames: Sequence[Image]) -> Iterator[Progress | MapCheck]:
    """Looks at the detector's maps of frames uint8 H×W×3, one at a time; the MapCheck last."""
    meter = RateMeter(len(frames), "frames", "looking at maps")
    yield meter.progress()
    seen = _Seen()
    for frame in frames:
        seen.add(detector, frame)
        yield meter.advance()
    yield seen.verdict(detector, len(frames))


@dataclass(slots=True)
class _Seen:
    """What the frames add up to."""

    maps: int = 0
    low: float = 1.0
    high: float = 0.0
    spread: float = 0.0
    undecided: list[float] = field(default_factory=list)
    left: float = 0.0
    moved: float = 0.0
    agreements: list[float] = field(default_factory=list)
    boxes: int = 0

    def add(self, detector: Detector, frame: Image) -> None:
        inference = detector.infer(frame[None], boxes=True, threshold=BOX_SCORE)
        assert inference.predictions is not None
        (prediction,) = inference.predictions
        self.boxes += len(prediction)
        self.maps = len(inference.maps)
        if not self.maps:
            return
        largest: Map | None = None
        undecided = 0.0
        for k in range(self.maps):
            cells = inference.maps.cells(k)[0].cpu().numpy()
            undecided = max(
                undecided, float(((cells > UNDECIDED) & (cells < 1 - UNDECIDED)).mean())
            )
            values = inference.maps.map(k)[0].float().cpu().numpy()
            self.low, self.high = (
                min(self.low, float(values.min())),
                max(self.high, float(values.max())),
            )
            self.spread = max(self.spread, float(values.max() - values.min()))
            largest = values if largest is None else np.maximum(largest, values)
        assert largest is not None
        self.undecided.append(undecided)
        self._shift(detector, frame, largest)
        self._agree(largest, prediction, frame.shape[:2])

    def _shift(self, detector: Detector, frame: Image, largest: Map) -> None:
        """The frame moved to the right by the coarsest step, and its maps moved back."""
        size = detector.geometry(*frame.shape[:2])
        native = max(1, round(detector.multiple / size.scale_x))
        working = round(native * size.scale_x)
        rows, columns = largest.shape
        rim = max(int(MARGIN * columns), working)
        if columns - 2 * rim - working < 8:
            return
        other = np.zeros_like(largest)
        for shifted in detector.infer(np.roll(frame, native, 1)[None]).maps:
            np.maximum(other, shifted[0].float().cpu().numpy(), out=other)
        top = int(MARGIN * rows)
        inner = (slice(top, rows - top), slice(rim, columns - rim - working))
        back = np.roll(other, -working, 1)
        self.left += float(np.abs(back - largest)[inner].mean())
        self.moved += float(np.abs(other - largest)[inner].mean())

    def _agree(self, largest: Map, prediction: Prediction, native: tuple[int, int]) -> None:
        """How often a place in the middle of a box is higher than one outside all boxes."""
        scale = np.array([largest.shape[1] / native[1], largest.shape[0] / native[0]] * 2)
        elsewhere = np.ones(largest.shape, bool)
        peaks = []
        for box in np.asarray(prediction.boxes, np.float64) * scale:
            x1, y1, x2, y2 = box
            elsewhere[int(y1) : int(np.ceil(y2)), int(x1) : int(np.ceil(x2))] = False
            # The middle third: detectors say "here" at an object's centre.
            dx, dy = (x2 - x1) / 3, (y2 - y1) / 3
            part = largest[
                int(y1 + dy) : int(np.ceil(y2 - dy)), int(x1 + dx) : int(np.ceil(x2 - dx))
            ]
            if part.size:
                peaks.append(float(part.max()))
        rest = np.sort(largest[elsewhere])
        if peaks and len(rest):
            below = np.searchsorted(rest, peaks, "left") + np.searchsorted(rest, peaks, "right")
            self.agreements += (below / (2 * len(rest))).tolist()

    def verdict(self, detector: Detector, frames: int) -> MapCheck:
        undecided = float(np.mean(self.undecided)) if self.undecided else 0.0
        still = None
        if max(self.left, self.moved) > 1e-7:
            still = min(self.left / max(self.moved, 1e-9), NEVER)
        agreement = float(np.mean(self.agreements)) if self.agreements else None
        reasons = []
        if not self.maps:
            reasons.append("it gives boxes only, no probability maps")
            low = high = 0.0
        else:
            low, high = self.low, self.high
            if self.spread < LEAST_SPREAD:
                reasons.append(f"its maps are constant ({low:.3f} to {high:.3f})")
            elif undecided < LEAST_UNDECIDED:
                reasons.append("its maps are stuck at 0 and 1, undecided nearly nowhere")
            if still is not None and still > MOST_STILL:
                reasons.append("its maps do not move with the picture")
            if agreement is not None and agreement < LEAST_AGREEMENT:
                reasons.append(
                    "its maps are not higher inside its boxes than outside "
                    f"({agreement:.0%} of the time)"
                )
        return MapCheck(
            detector.name,
            frames,
            self.maps,
            low,
            high,
            undecided,
            still,
            agreement,
            self.boxes,
            tuple(reasons),
        )
