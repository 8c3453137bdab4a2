"""Detectors that others exported: YOLO-style dense heads, and end-to-end models.

K of a YOLO head is one map per stride and class: at each cell the probability, by the head's
own sigmoid, that an object of the class is predicted there (v5: objectness times class, the
anchors' maximum). End-to-end models have no maps.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from framesift.boxes import Prediction
from framesift.detectors.base import Frames, Inference, check_frames
from framesift.detectors.decoding import suppress
from framesift.detectors.maps import ProbabilityMaps, WorkingSize
from framesift.detectors.onnx.detector import OnnxDetector, run_pictures
from framesift.detectors.onnx.layouts import Floats, Found, Layout
from framesift.detectors.onnx.recognising import recognise
from framesift.detectors.onnx.runtime import Session
from framesift.errors import InputError

GREY = 114
"""What YOLO's letterbox fills up with."""
LONG_SIDE = 640
PROBE = (256, 320)
"""Height and width of the picture by which a model of any size is recognised."""
MOST_CANDIDATES = 1000
MOST_BOXES = 300
FAR = 4
"""Boxes further away than so many sides of the picture are none."""


class ForeignDetector(OnnxDetector):
    """See the module. Frames are letterboxed: resized to fit, grey evenly around them."""

    regresses_boxes = True

    def __init__(self, path: Path, session: Session, names: Sequence[str] | None) -> None:
        height, width = session.shape[-2:]
        self._step = 32
        seen = (height or PROBE[0], width or PROBE[1])
        probe = np.full(
            (session.shape[0] or 1 if len(session.shape) == 4 else 1, *seen, 3), GREY, np.uint8
        )
        outputs = run_pictures(session, probe)
        layout = recognise(path.name, outputs, seen, names, session.metadata)
        _check_boxes(path.name, layout.read(outputs, seen), seen)
        self.layout: Layout = layout
        self.bgr_bytes = layout.bgr_bytes
        # An end-to-end model of any size resizes by itself, if it wants to.
        self.long_side = (
            _long_side(session.metadata)
            if layout.dense or ("stride" in session.metadata)
            else None
        )
        classes: tuple[str, ...] = ("object",)
        if layout.classes is not None:
            classes = tuple(names or (f"class {n}" for n in range(layout.classes)))
        settings = {
            "layout": layout.name,
            "nms_iou": layout.nms_iou,
            "long_side": self.long_side,
        }
        super().__init__(path, session, classes, settings, None)
        self.has_maps = layout.dense
        self.multiple = max(getattr(layout, "strides", (self._step,)))

    def geometry(self, height: int, width: int) -> WorkingSize:
        """A fixed size: the frame as large as fits into it. Else the longer side becomes
        `long_side` (None: stays), padded up to whole cells."""
        native = (height, width)
        fixed = self.fixed_size
        limit = fixed or ((self.long_side,) * 2 if self.long_side else native)
        scale = min(limit[0] / height, limit[1] / width)
        content = (
            max(1, min(limit[0], round(height * scale))),
            max(1, min(limit[1], round(width * scale))),
        )
        step = self.multiple if self.long_side or self.has_maps else 1
        padded = fixed or tuple(-(-side // step) * step for side in content)
        top, left = ((outer - inner) / 2 for outer, inner in zip(padded, content, strict=True))
        return WorkingSize(
            native, content, (padded[0], padded[1]), (round(top - 0.1), round(left - 0.1))
        )

    def infer(
        self,
        frames: Frames,
        *,
        flip: bool = False,
        boxes: bool = False,
        threshold: float = 0.05,
    ) -> Inference:
        """With `flip` boxes of both evaluations are suppressed together."""
        check_frames(frames)
        size = self.geometry(*frames.shape[1:3])
        outputs = [self._look(frames, size)]
        if flip:
            outputs.append(self._look(frames[:, :, ::-1], size))
        predictions = None
        if boxes:
            predictions = tuple(
                self._prediction(
                    [(output.boxes[n], output.probabilities[n]) for output in outputs],
                    size,
                    threshold,
                )
                for n in range(len(frames))
            )
        return Inference(self._maps(outputs, size, len(frames)), predictions)

    def _look(self, frames: Frames, size: WorkingSize) -> Found:
        pictures = np.stack([letterbox(frame, size) for frame in frames])
        return self.layout.read(self.run(pictures), size.padded)

    def _maps(self, outputs: list[Found], size: WorkingSize, count: int) -> ProbabilityMaps:
        levels = [
            None if output.maps is None else [torch.from_numpy(m) for m in output.maps]
            for output in outputs
        ]
        if levels[0] is None:
            return ProbabilityMaps.of(torch.zeros(count, 0, *size.content), ())
        return ProbabilityMaps(
            levels[0], size, self.classes, flipped=levels[1] if len(levels) > 1 else None
        )

    def _prediction(
        self, candidates: list[tuple[Floats, Floats]], size: WorkingSize, threshold: float
    ) -> Prediction:
        boxes, rows = [], []
        for place, (corners, probabilities) in enumerate(candidates):
            best = probabilities.max(1, initial=0.0)
            chosen = np.flatnonzero(best > threshold)
            chosen = chosen[np.argsort(-best[chosen], kind="stable")[:MOST_CANDIDATES]]
            top, left = size.origin
            working = np.asarray(corners[chosen], np.float64) - np.array([left, top] * 2)
            if place:
                working = working[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + np.array(
                    [size.content[1], 0] * 2
                )
            native = size.to_native(working)
            solid = (native[:, 2] > native[:, 0]) & (native[:, 3] > native[:, 1])
            boxes.append(native[solid])
            rows.append(probabilities[chosen][solid])
        together = np.concatenate(rows)
        if not len(together):
            return Prediction.empty()
        kept = suppress(
            np.concatenate(boxes),
            together.max(1),
            together.argmax(1),
            self.layout.nms_iou if self.layout.dense or len(candidates) > 1 else 1.0,
            together,
        )
        return Prediction(
            kept.boxes[:MOST_BOXES],
            kept.scores[:MOST_BOXES],
            kept.categories[:MOST_BOXES],
            None if kept.probabilities is None else kept.probabilities[:MOST_BOXES],
        )


def _check_boxes(file: str, output: Found, seen: tuple[int, int]) -> None:
    """Raises InputError where most boxes lie where no picture is: the outputs mean something
    else."""
    boxes = np.concatenate([corners.reshape(-1) for corners in output.boxes])
    if boxes.size and float(np.median(np.abs(boxes))) > FAR * max(seen):
        raise InputError(
            f"The boxes that {file} gives lie far outside of its picture; it was exported in a "
            "way that cannot be read."
        )


def letterbox(image: NDArray[np.uint8], size: WorkingSize) -> NDArray[np.uint8]:
    """One native uint8 H×W×3 frame as YOLO sees it: resized bilinearly to the content, grey
    around it: uint8 h×w×3 of the padded size."""
    height, width = size.content
    picture = np.ascontiguousarray(image)
    if size.content != size.native:
        picture = np.asarray(
            cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8
        )
    out = np.full((*size.padded, 3), GREY, np.uint8)
    top, left = size.origin
    out[top : top + height, left : left + width] = picture
    return out


def _long_side(metadata: Mapping[str, str]) -> int:
    """The size that a model of any size was trained at: its metadata's `imgsz`, else 640."""
    text = metadata.get("imgsz", "")
    parsed: Any = None
    if len(text) <= 100:
        try:
            parsed = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            parsed = None
    sides = parsed if isinstance(parsed, list | tuple) and parsed else [parsed]
    whole = [side for side in sides if isinstance(side, int) and 32 <= side <= 8192]
    return max(whole) if len(whole) == len(sides) else LONG_SIDE
