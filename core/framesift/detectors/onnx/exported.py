"""Detectors that Framesift exported: the network runs in onnxruntime, and what is made of its
outputs is the original detector's own code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from framesift.boxes import Box
from framesift.detectors.base import Detector, Frames, Inference, check_frames
from framesift.detectors.maps import WorkingSize, working_size
from framesift.detectors.onnx.detector import OnnxDetector
from framesift.detectors.onnx.runtime import Session
from framesift.detectors.prepare import working_picture
from framesift.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framesift.detectors.base import DetectorFactory

KEY = "framesift"
VERSION = 1
LONGEST = 10_000_000


class ExportedDetector(OnnxDetector):
    """See the module. `original`: the detector whose settings and code read the outputs; its
    weights are let go."""

    def __init__(
        self, path: Path, session: Session, family: Mapping[str, DetectorFactory]
    ) -> None:
        about = _about(path, session.metadata[KEY], family)
        with torch.random.fork_rng(devices=[]):
            try:
                original = family[about["architecture"]](about["classes"], about["settings"])
            except InputError as error:
                raise InputError(f"The model {path.name} cannot be used: {error}") from error
        original.module.to("meta")
        self.original: Detector = original
        self.multiple = original.multiple
        self.regresses_boxes = original.regresses_boxes
        self.has_maps = original.has_maps
        settings = {"architecture": about["architecture"], **original.settings}
        super().__init__(path, session, about["classes"], settings, original.working_height)
        self.name = about["name"] or path.stem
        self.lineage = about["lineage"]
        original.name = self.name
        self._check()

    def _check(self) -> None:
        fixed = self.fixed_size or (4 * self.multiple, 6 * self.multiple)
        try:
            self.infer(np.zeros((1, *fixed, 3), np.uint8), boxes=True)
        except (
            ValueError,
            RuntimeError,
            IndexError,
            TypeError,
            AssertionError,
            KeyError,
        ) as error:
            raise InputError(
                f"The outputs of {self.path.name} are not those of the "
                f"{self.original.architecture!r} detector that it says it is; "
                "export it again."
            ) from error

    def geometry(self, height: int, width: int) -> WorkingSize:
        """The original's; a fixed size holds it at its top left, shrunk where it must be."""
        size = working_size(height, width, self.working_height, self.multiple)
        fixed = self.fixed_size
        if fixed is None:
            return size
        content = size.content
        scale = min(1.0, fixed[0] / content[0], fixed[1] / content[1])
        if scale < 1:
            content = (
                max(1, min(fixed[0], round(content[0] * scale))),
                max(1, min(fixed[1], round(content[1] * scale))),
            )
        return WorkingSize(size.native, content, fixed)

    def infer(
        self,
        frames: Frames,
        *,
        flip: bool = False,
        boxes: bool = False,
        threshold: float = 0.05,
    ) -> Inference:
        check_frames(frames)
        size = self.geometry(*frames.shape[1:3])
        flipped = self._look(frames[:, :, ::-1], size) if flip else None
        return self.original.finish(
            self._look(frames, size), size, flipped=flipped, boxes=boxes, threshold=threshold
        )

    def _look(self, frames: Frames, size: WorkingSize) -> list[Tensor]:
        pictures = np.stack(
            [working_picture(np.ascontiguousarray(frame), size) for frame in frames]
        )
        return [
            torch.from_numpy(np.asarray(value, np.float32))
            for value in self.run(pictures).values()
        ]

    def best_iou(self, boxes: Sequence[Box], native: tuple[int, int]) -> NDArray[np.float64]:
        return self.original.best_iou(boxes, native)


def _about(path: Path, text: str, family: Mapping[str, DetectorFactory]) -> dict[str, Any]:
    """Checked metadata; its strings are the file's, so nothing in it is trusted."""
    try:
        if len(text) > LONGEST:
            raise ValueError
        about: Any = json.loads(text)
        sound = (
            isinstance(about, dict)
            and isinstance(about["version"], int)
            and isinstance(about["architecture"], str)
            and isinstance(about["settings"], dict)
            and isinstance(about["classes"], list)
            and 0 < len(about["classes"]) <= 10_000
            and all(isinstance(name, str) for name in about["classes"])
            and isinstance(about["name"], str)
            and isinstance(about["lineage"], dict)
        )
    except (ValueError, KeyError, RecursionError):
        sound, about = False, {}
    if not sound:
        raise InputError(
            f"The model {path.name} does not say rightly which detector it is; export it again."
        )
    if about["version"] > VERSION:
        raise InputError(
            f"The model {path.name} was exported by a newer Framesift; update this one."
        )
    if about["architecture"] not in family:
        raise InputError(
            f"The model {path.name} is of {about['architecture'][:40]!r}, which "
            f"this Framesift lacks; it has {', '.join(family)}."
        )
    checked: dict[str, Any] = about
    return checked
