"""What all detectors in ONNX files share: they run in onnxruntime, and only score."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from framesift.boxes import Box
from framesift.detectors.base import Detector, Frames
from framesift.detectors.devices import Precision
from framesift.detectors.maps import ProbabilityMaps
from framesift.detectors.onnx.layouts import Outputs
from framesift.detectors.onnx.runtime import Session
from framesift.errors import InputError

KINDS = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8}
"""What a model's picture may be made of: floating numbers in [0, 1], or bytes."""


class OnnxDetector(Detector):
    """A detector in an ONNX file.

    `path` is the file; its identity is the file's content with classes and settings. It always
    computes in the precision that it was exported in.
    """

    architecture = "onnx"
    trainable = False
    suffix = ".onnx"
    bgr_bytes = False
    """Whether the model wants pictures in BGR, 0 to 255."""

    def __init__(
        self,
        path: Path,
        session: Session,
        classes: Sequence[str],
        settings: Mapping[str, Any],
        working_height: int | None,
    ) -> None:
        super().__init__(nn.Module(), classes, settings, working_height)
        self.path, self._session_ = path, session
        self.name = path.stem
        self._sha256 = hashlib.sha256(session.content).hexdigest()
        check_input(path, session)

    # Running

    @property
    def backend(self) -> str:
        """What runs the file."""
        return "onnxruntime"

    @property
    def fixed_size(self) -> tuple[int, int] | None:
        """(height, width) that every picture must have; None where any will do."""
        height, width = self._session_.shape[-2:]
        return None if height is None or width is None else (height, width)

    def run(self, pictures: NDArray[np.uint8]) -> Outputs:
        """The outputs for pictures uint8 N×h×w×3 as the model sees them; a model with a fixed
        batch sees them in parts, the last one filled up."""
        return run_pictures(self._session_, pictures, self.bgr_bytes)

    # What a file cannot

    def dropout_maps(
        self, frames: Frames, passes: int, rate: float, seed: int = 0
    ) -> Iterator[ProbabilityMaps]:
        raise InputError(
            f"The detector {self.name!r} is an ONNX file, in which nothing can be "
            "dropped out; choose another score than mc_dropout."
        )

    def loss(
        self,
        frames: Frames,
        labels: Sequence[Sequence[Box]],
        *,
        generator: torch.Generator,
        settings: object = None,
        at_working_scale: bool = False,
    ) -> Tensor:
        self._no_training()

    def with_classes(self, classes: Sequence[str]) -> Self:
        """Raises InputError for other classes than its own."""
        if tuple(classes) != self.classes:
            self._no_training()
        return self

    def _no_training(self) -> NoReturn:
        raise InputError(
            f"The detector {self.name!r} is an ONNX file, which scores and "
            "selects but cannot be fine-tuned; train its original and export it "
            "again."
        )

    def best_iou(self, boxes: Sequence[Box], native: tuple[int, int]) -> NDArray[np.float64]:
        return np.ones(len(boxes))

    # Device, identity, file

    def to(
        self, device: torch.device | str | None = None, precision: Precision | None = None
    ) -> Self:
        if device is not None:
            self.device = torch.device(device)
            self._session_.to(self.device)
        return self

    def release(self) -> None:
        self._session_.release()

    def file_content(self) -> bytes:
        """The file, with weights that lay beside it taken in."""
        return self._session_.content

    def weights_version(self) -> tuple[int, int]:
        return 0, 0

    def _digest(self) -> str:
        about = {
            "architecture": self.architecture,
            "file": self._sha256,
            "classes": self.classes,
            "settings": self.settings,
        }
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def check_input(path: Path, session: Session) -> None:
    """Raises InputError unless the model's one input is a batch of pictures, or one picture."""
    shape = session.shape
    if session.kind not in KINDS or len(shape) not in (3, 4) or shape[-3] not in (3, None):
        sides = "×".join("?" if side is None else str(side) for side in shape) or "nothing"
        raise InputError(
            f"The model {path.name} takes {session.kind} of {sides}; a detector that can be "
            "read takes pictures N×3×height×width of floating numbers in [0, 1], or of bytes."
        )
    largest = [side for side in shape[-2:] if side is not None and not 16 <= side <= 8192]
    if largest or (len(shape) == 4 and (shape[0] or 1) > 256):
        raise InputError(
            f"The model {path.name} takes pictures of a size that no video has; "
            "export it for another size."
        )


def run_pictures(
    session: Session, pictures: NDArray[np.uint8], bgr_bytes: bool = False
) -> dict[str, NDArray[Any]]:
    """See OnnxDetector.run; `bgr_bytes`: the model wants BGR, 0 to 255."""
    ordered = pictures[..., ::-1] if bgr_bytes else pictures
    batch: NDArray[Any] = np.ascontiguousarray(ordered.transpose(0, 3, 1, 2))
    kind = KINDS[session.kind]
    if kind is not np.uint8:
        batch = (batch.astype(np.float32) / (1 if bgr_bytes else 255)).astype(kind)
    if len(session.shape) == 3:
        return _joined([session.run(picture) for picture in batch])
    fixed = session.shape[0]
    if fixed is None or fixed == len(batch):
        return session.run(batch)
    parts = []
    for first in range(0, len(batch), fixed):
        part = batch[first : first + fixed]
        missing = fixed - len(part)
        full = np.concatenate([part, np.repeat(part[-1:], missing, 0)]) if missing else part
        parts.append(
            {
                name: value[: len(part)] if len(value) == fixed else value
                for name, value in session.run(full).items()
            }
        )
    return _joined(parts, batched=True)


def _joined(
    parts: list[dict[str, NDArray[Any]]], *, batched: bool = False
) -> dict[str, NDArray[Any]]:
    """The outputs of several runs as of one. Lists of different lengths are filled up with
    zeros: boxes that no one asks for, as their score is 0."""
    joined = {}
    for name in parts[0]:
        values = [part[name] if batched else part[name][None] for part in parts]
        sides = (
            np.max([value.shape[1:] for value in values], 0, initial=0)
            if all(value.ndim == values[0].ndim for value in values)
            else ()
        )
        filled = [
            np.pad(
                value,
                [
                    (0, 0),
                    *(
                        (0, int(most) - side)
                        for most, side in zip(sides, value.shape[1:], strict=True)
                    ),
                ],
            )
            for value in values
        ]
        joined[name] = np.concatenate(filled)
    return joined
