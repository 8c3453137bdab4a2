"""What all detectors of torchvision share: building, inference, classes, the training call.

Frames come at Framesift's working size, proportions kept, and not at the one that torchvision's
own transform would resize them to; only its normalisation is used.
"""

from __future__ import annotations

import copy
import dataclasses
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from framesift.boxes import Box, Prediction
from framesift.detectors.base import Detector, Frames, check_frames
from framesift.detectors.devices import PRECISIONS
from framesift.detectors.folding import fold_batch_norm
from framesift.detectors.loss_settings import LossSettings
from framesift.detectors.maps import WorkingSize, working_size
from framesift.detectors.prepare import working_batch, working_boxes
from framesift.detectors.torchvision_build import (
    ABSENT,
    BACKGROUND,
    build,
    known_as,
    rearranged,
    stages_of,
)
from framesift.detectors.torchvision_labels import FrameLabels, read_labels
from framesift.detectors.torchvision_settings import TorchvisionSettings

MOST_RAW = 2000
"""Boxes of a frame that are told before suppression."""


class TorchvisionDetector(Detector):
    """A detector whose `module` is torchvision's own, by its own name.

    first: the network's output of the first class: 1 where output 0 is the background.
    """

    regresses_boxes = True
    first: int = 0
    module: Any

    def __init__(
        self,
        architecture: str,
        classes: Sequence[str] = ("pedestrian",),
        settings: Mapping[str, Any] | None = None,
        **defaults: Any,
    ) -> None:
        self.architecture = architecture
        self.config = TorchvisionSettings.of(settings, classes, **defaults)
        known = len(classes) + len(self.config.silent)
        module = build(architecture, self.first + known, self.config)
        super().__init__(module, classes, self.config.to_json(), self.config.working_height)
        self._ready: tuple[tuple[int, int], Any] | None = None

    dense: bool = False
    """Whether its losses are of the same outputs of every frame, so that processes that see a
    part of a batch together can each compute the whole loss."""

    # What a member gives

    @abstractmethod
    def class_rows(self) -> dict[str, int]:
        """The parameters that hold rows by class, and how many rows each class has."""

    @abstractmethod
    def parts_of(self, module: Any) -> Any:
        """The network in the pieces that inference and loss use; a module with `lower`."""

    @abstractmethod
    def losses(
        self,
        images: Tensor,
        labels: Sequence[FrameLabels],
        size: WorkingSize,
        settings: LossSettings,
    ) -> Tensor:
        """The sum of torchvision's losses of images N×3×h×w, that of boxes as the settings
        say."""

    # Shared

    def outputs(self) -> tuple[str, ...]:
        """The class of each output of the network."""
        return (*[BACKGROUND] * self.first, *self.classes, *self.config.silent)

    def loss(
        self,
        frames: Frames,
        labels: Sequence[Sequence[Box]],
        *,
        generator: torch.Generator,
        settings: object = None,
        at_working_scale: bool = False,
    ) -> Tensor:
        """torchvision's own losses, summed; `settings`: what LossSettings.of takes, of which
        the filters on labels matter. Where ignore regions are, no loss is taken: see
        torchvision_labels."""
        check_frames(frames)
        chosen, joint = LossSettings.of(settings), self.joint
        height, width = frames.shape[1:3]
        size = (
            working_size(height, width, None, self.multiple)
            if at_working_scale
            else self.geometry(height, width)
        )
        self._home()
        self.training_mode()
        images = self._images(working_batch(frames, size))
        read = [
            read_labels(
                working_boxes(boxes, size), self.classes, size.content, chosen, self.device
            )
            for boxes in (labels if joint is None or not self.dense else joint.each(labels))
        ]
        # torchvision samples with torch's own generators.
        seed = int(torch.randint(1 << 62, (1,), generator=generator))
        cards = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=cards):
            torch.manual_seed(seed)
            loss = self.losses(images, read, size, chosen)
        if joint is None:
            return loss
        # The others' regions of interest are not known here: their losses count by frames.
        return joint.summand(loss) if self.dense else loss * joint.share

    def stages(self) -> tuple[tuple[str, ...], ...]:
        """The backbone's, as `trainable_layers` counts them."""
        body = getattr(self.module.backbone, "body", None)
        if body is None:
            return ()
        return tuple(
            tuple(f"backbone.body.{name}" for name in stage) for stage in stages_of(body)
        )

    def best_iou(self, boxes: Sequence[Box], native: tuple[int, int]) -> NDArray[np.float64]:
        return np.ones(len(boxes))

    def raw_boxes(self, frames: Frames, threshold: float = 0.05) -> list[Prediction]:
        """With torchvision's own decoding; at most MOST_RAW of a frame."""
        raw = copy.copy(self)
        raw.config = dataclasses.replace(self.config, nms_iou=1.0)
        raw.module = copy.copy(self.module)
        raw.module.detections_per_img = MOST_RAW
        return raw.predict(frames, threshold)

    def with_classes(self, classes: Sequence[str]) -> Self:
        """Classes are the same by their names, or by COCO's name for them ("pedestrian" is
        "person"). What is no longer asked for stays silently, and is there to come back to."""
        known = (*self.classes, *self.config.silent)
        taken = {known_as(name, known) for name in classes}
        return self._rebuilt(classes, [name for name in known if name not in taken])

    def without(self, names: Sequence[str]) -> Self:
        """Drops silent classes for good."""
        return self._rebuilt(
            self.classes, [name for name in self.config.silent if name not in names]
        )

    def _rebuilt(self, classes: Sequence[str], silent: Sequence[str]) -> Self:
        with torch.random.fork_rng(devices=[]):  # the same new rows every time
            torch.manual_seed(0)
            grown = self._another(classes, {**self.settings, "silent": list(silent)})
        rows = self.class_rows()
        fresh = {
            key: value.clone()
            for key, value in grown.module.state_dict().items()
            if key in rows
        }
        if self.first:
            for key in rows:
                if "bbox" not in key:
                    fresh[key].fill_(0.0 if key.endswith("weight") else ABSENT)
        grown.module.load_state_dict(
            rearranged(self.module.state_dict(), fresh, rows, self.outputs(), grown.outputs())
        )
        grown.name, grown.lineage = self.name, dict(self.lineage)
        return grown.to(self.device, self.precision)

    def _another(self, classes: Sequence[str], settings: Mapping[str, Any]) -> Self:
        """A detector of this kind with random weights."""
        kind: Any = type(self)
        made: Self = kind(self.architecture, classes, settings)
        return made

    def trunk(self) -> nn.Module:
        part: nn.Module = self._inference_parts().trunk
        return part

    def forget(self) -> None:
        self._ready = None

    def _home(self) -> None:
        if next(self.module.parameters()).device.type != self.device.type:
            self.module.to(self.device)

    def _images(self, pictures: Frames) -> Tensor:
        """uint8 N×h×w×3 RGB as float32 N×3×h×w in [0, 1], channels last in memory."""
        tensor = torch.from_numpy(pictures).to(self.device).permute(0, 3, 1, 2)
        return tensor.to(torch.float32, memory_format=torch.channels_last) / 255

    def _amp(self) -> Any:
        return torch.autocast(
            self.device.type, PRECISIONS[self.precision], enabled=self.precision != "float32"
        )

    def _inference_parts(self) -> Any:
        """The network's pieces, normalisation folded, in the precision of inference; made anew
        when a weight has changed."""
        self._home()
        version = self.weights_version()
        if self._ready is None or self._ready[0] != version:
            parts: Any = self._folded()
            parts.lower(PRECISIONS[self.precision])
            self._ready = (version, parts.to(memory_format=torch.channels_last))
        return self._ready[1]

    def _folded(self) -> nn.Module:
        parts: nn.Module = self.parts_of(copy.deepcopy(self.module).eval())
        fold_batch_norm(parts.requires_grad_(False).to(self.device))
        return parts


def as_prediction(
    detections: Mapping[str, Tensor], size: WorkingSize, first: int
) -> Prediction:
    """torchvision's answer for one frame as a Prediction: native pixels, best first, boxes of
    no extent left out."""
    boxes = size.to_native(detections["boxes"].double().cpu().numpy()).astype(np.float32)
    scores = detections["scores"].float().cpu().numpy()
    categories = detections["labels"].cpu().numpy().astype(np.int64) - first
    real = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    order = np.flatnonzero(real)[np.argsort(-scores[real], kind="stable")]
    return Prediction(boxes[order], scores[order], categories[order])


def flip_back(prediction: Prediction, width: int) -> Prediction:
    """The prediction of a mirror image in the coordinates of the frame, `width` pixels wide."""
    boxes = prediction.boxes.copy()
    boxes[:, [0, 2]] = width - prediction.boxes[:, [2, 0]]
    return Prediction(boxes, prediction.scores, prediction.categories)
