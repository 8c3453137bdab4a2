"""torchvision's one-stage detectors: maps and boxes from the same dense outputs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from framesift.boxes import Prediction
from framesift.detectors.base import Frames, Inference, check_frames
from framesift.detectors.dense_head import DenseHead, Level, flat
from framesift.detectors.flip import averaged
from framesift.detectors.maps import ProbabilityMaps, WorkingSize, working_size
from framesift.detectors.outputs import Outputs, frame_boxes
from framesift.detectors.prepare import working_batch
from framesift.detectors.torchvision_base import TorchvisionDetector, as_prediction, flip_back


class DenseDetector(TorchvisionDetector):
    """A one-stage detector. `corner`: its anchors stand on the cells' corners."""

    corner: bool = True
    dense = True

    @abstractmethod
    def parts_of(self, module: nn.Module) -> DenseHead: ...

    @abstractmethod
    def level_logits(self, level: Level) -> Tensor:
        """The logits of one level's maps, N×C×h×w."""

    def columns(self) -> tuple[int, ...]:
        """Per tensor of a level, its columns: the classes' logits, then the box codes."""
        return len(self.classes), 4

    def box_logits(self, levels: Sequence[Level]) -> list[list[Tensor]]:
        """Per part and level, torchvision's N×(h·w·A)×columns."""
        return [
            [flat(level[part], columns) for level in levels]
            for part, columns in enumerate(self.columns())
        ]

    def joined(self, levels: Sequence[Level]) -> list[Tensor]:
        """The same as torchvision's losses take it: per part N×(all anchors)×columns, of the
        frames of all processes that see them together."""
        parts = [torch.cat(part, 1) for part in self.box_logits(levels)]
        return parts if self.joint is None else [self.joint.rows(part) for part in parts]

    @abstractmethod
    def decoded(
        self,
        parts: list[list[Tensor]],
        anchors: list[Tensor],
        size: WorkingSize,
        threshold: float,
    ) -> list[dict[str, Tensor]]:
        """torchvision's own boxes above the threshold, in working pixels."""

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
        return self.finish(
            self.dense_outputs(frames, size),
            size,
            boxes=boxes,
            threshold=threshold,
            flipped=self.dense_outputs(frames, size, flip=True) if flip else None,
        )

    def network(self) -> nn.Module:
        return self._folded().to("cpu", torch.float32).eval()

    @torch.no_grad()
    def finish(
        self,
        outputs: Sequence[Tensor],
        size: WorkingSize,
        *,
        flipped: Sequence[Tensor] | None = None,
        boxes: bool = False,
        threshold: float = 0.05,
    ) -> Inference:
        levels = self._levels(outputs)
        other = None if flipped is None else self._levels(flipped)
        maps = ProbabilityMaps(
            [self.level_logits(level) for level in levels],
            size,
            self.classes,
            flipped=None if other is None else [self.level_logits(level) for level in other],
            corner=self.corner,
        )
        if not boxes:
            return Inference(maps, None)
        # With two views a box that only one of them knows counts half.
        least = threshold if other is None else 0.0
        predictions = self._boxes(levels, size, least)
        if other is not None:
            predictions = [
                averaged(
                    plain,
                    flip_back(flipped, size.native[1]),
                    nms_iou=self.config.nms_iou,
                    threshold=threshold,
                )
                for plain, flipped in zip(
                    predictions, self._boxes(other, size, least), strict=True
                )
            ]
        return Inference(maps, tuple(predictions))

    @torch.no_grad()
    def dropout_maps(
        self, frames: Frames, passes: int, rate: float, seed: int = 0
    ) -> Iterator[ProbabilityMaps]:
        """Dropout between the head's towers and its prediction layers; backbone and towers run
        once for all passes."""
        check_frames(frames)
        if not 0 <= rate < 1:
            raise ValueError(f"a dropout rate of {rate}")
        size = self.geometry(*frames.shape[1:3])
        parts: DenseHead = self._inference_parts()
        hidden = parts.hidden(parts.features(self._images(working_batch(frames, size))))
        generator = torch.Generator().manual_seed(seed)
        for _ in range(passes):
            with torch.no_grad():
                dropped = [
                    tuple(part.float() * mask(part, rate, generator) for part in level)
                    for level in hidden
                ]
                logits = [self.level_logits(level) for level in parts.predict(dropped)]
            yield ProbabilityMaps(logits, size, self.classes, corner=self.corner)

    @torch.no_grad()
    def torch_outputs(
        self, frames: Frames, size: WorkingSize, *, flip: bool = False
    ) -> tuple[Tensor, ...]:
        images = self._images(working_batch(frames, size, flip=flip))
        outputs: tuple[Tensor, ...] = self._inference_parts()(images)
        return outputs

    def _levels(self, outputs: Sequence[Tensor]) -> list[Level]:
        parts = len(self.columns())
        return [tuple(outputs[n : n + parts]) for n in range(0, len(outputs), parts)]

    def _boxes(
        self, levels: Sequence[Level], size: WorkingSize, threshold: float
    ) -> list[Prediction]:
        return [
            as_prediction(detections, size, self.first)
            for detections in self._detections(levels, size, threshold)
        ]

    def _detections(
        self, levels: Sequence[Level], size: WorkingSize, threshold: float
    ) -> list[dict[str, Tensor]]:
        parts = self.box_logits(levels)
        anchors = self.anchors(levels, size)
        counts = [level.shape[1] for level in parts[0]]
        return self.decoded(parts, list(torch.split(anchors, counts)), size, threshold)

    def differentiable(
        self, frames: Frames, *, flip: bool = False, threshold: float = 0.05
    ) -> Outputs:
        check_frames(frames)
        size = working_size(frames.shape[1], frames.shape[2], None, self.multiple)
        self._home()
        self.training_mode()
        with self._amp():
            images = self._images(working_batch(frames, size, flip=flip))
            levels = self.parts_of(self.module).levels(images)
        maps = ProbabilityMaps(
            [self.level_logits(level) for level in levels],
            size,
            self.classes,
            corner=self.corner,
        )
        boxes = [
            frame_boxes(frame["boxes"], frame["scores"], frame["labels"], self.first)
            for frame in self._detections(levels, size, threshold)
        ]
        return Outputs(maps, tuple(boxes))

    def anchors(self, levels: Sequence[Level], size: WorkingSize) -> Tensor:
        """The anchors of a frame of this size, level by level: float32 A×4, working pixels."""
        from torchvision.models.detection.image_list import ImageList

        stand_in = torch.empty((1, 3, *size.padded), device="meta")
        anchors: list[Tensor] = self.module.anchor_generator(
            ImageList(stand_in, [size.padded]), [level[0] for level in levels]
        )
        return anchors[0]


def mask(features: Tensor, rate: float, generator: torch.Generator) -> Tensor:
    """What dropout multiplies features N×c×h×w with, the same for every frame: c×h×w."""
    kept = torch.rand(features.shape[1:], generator=generator) >= rate
    return (kept.float() / (1 - rate)).to(features.device)
