"""The paper's detector: five levels, one fixed box each, no box regression.

K = 5 per class: level k's map says, for each pixel, how probable it is that a person of that
level's box size is centred there, which is what the sigmoid of eq. 7 is trained to be.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from framesift.boxes import Box, Prediction
from framesift.detectors.base import Detector, Frames, Inference, check_frames
from framesift.detectors.decoding import decode
from framesift.detectors.devices import PRECISIONS
from framesift.detectors.loss_settings import LossSettings
from framesift.detectors.maps import ProbabilityMaps, WorkingSize, working_size
from framesift.detectors.outputs import Outputs
from framesift.detectors.paper_network import STRIDES, Added, Conv, Down, Elu, PaperNetwork
from framesift.detectors.paper_settings import PaperSettings
from framesift.detectors.paper_targets import Grid, sampled_loss, targets
from framesift.detectors.prepare import working_batch, working_boxes
from framesift.detectors.sizes import reachable
from framesift.errors import InputError


class PaperDetector(Detector):
    """See the module. `config` holds the settings with their types."""

    architecture = "paper"
    module: PaperNetwork

    def __init__(
        self,
        classes: Sequence[str] = ("pedestrian",),
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.config = PaperSettings.of(settings)
        if not classes or len(set(classes)) != len(classes):
            raise InputError("A detector needs at least one class, each named once.")
        network = PaperNetwork(len(classes), self.config.width, dropout=self.config.dropout)
        super().__init__(
            network.to(memory_format=torch.channels_last),
            classes,
            self.config.to_json(),
            self.config.working_height,
        )
        self._folded: tuple[tuple[int, int], PaperNetwork] | None = None

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
        logits = self.dense_outputs(frames, size)
        flipped = self.dense_outputs(frames, size, flip=True) if flip else None
        return self.finish(logits, size, flipped=flipped, boxes=boxes, threshold=threshold)

    def raw_boxes(self, frames: Frames, threshold: float = 0.05) -> list[Prediction]:
        raw = copy.copy(self)
        raw.config = replace(self.config, nms_iou=1.0)
        return raw.predict(frames, threshold)

    def network(self) -> nn.Module:
        network = _folded(self.module).to("cpu", torch.float32)
        # Its own form of the unit is quicker in torch; engines know this one.
        for part in list(network.modules()):
            if isinstance(part, Conv) and isinstance(part[2], Elu):
                part[2] = nn.ELU()
        first = network.block1[0]
        assert isinstance(first, Down)
        network.block1[0] = Added(first)
        return _Exported(network).eval()

    def trunk(self) -> nn.Module:
        return self._inference_network().block4

    def finish(
        self,
        outputs: Sequence[Tensor],
        size: WorkingSize,
        *,
        flipped: Sequence[Tensor] | None = None,
        boxes: bool = False,
        threshold: float = 0.05,
    ) -> Inference:
        if len(outputs) != len(STRIDES):
            raise ValueError(f"{len(outputs)} levels, not {len(STRIDES)}")
        maps = ProbabilityMaps(outputs, size, self.classes, flipped=flipped)
        predictions = None
        if boxes:
            predictions = tuple(
                decode(
                    maps,
                    self.config.box_sizes,
                    threshold=threshold,
                    nms_iou=self.config.nms_iou,
                )
            )
        return Inference(maps, predictions)

    @torch.no_grad()
    def dropout_maps(
        self, frames: Frames, passes: int, rate: float, seed: int = 0
    ) -> Iterator[ProbabilityMaps]:
        """Dropout between Θ1…Θ5 and the logit layer, as in the authors' code, so the trunk
        runs once for all passes."""
        check_frames(frames)
        if not 0 <= rate < 1:
            raise ValueError(f"a dropout rate of {rate}")
        size = self.geometry(*frames.shape[1:3])
        network = self._inference_network()
        features = network.features(self._input(frames, size, False))
        generator = torch.Generator().manual_seed(seed)
        for _ in range(passes):
            with torch.no_grad():
                dropped = [f.float() * _mask(f, rate, generator) for f in features]
                logits = network.classify(dropped)
            yield ProbabilityMaps(logits, size, self.classes)

    def loss(
        self,
        frames: Frames,
        labels: Sequence[Sequence[Box]],
        *,
        generator: torch.Generator,
        settings: object = None,
        at_working_scale: bool = False,
    ) -> Tensor:
        """Eq. 7 (see paper_targets); `settings`: what LossSettings.of takes."""
        check_frames(frames)
        chosen = LossSettings.of(settings)
        height, width = frames.shape[1:3]
        size = (
            working_size(height, width, None, self.multiple)
            if at_working_scale
            else self.geometry(height, width)
        )
        logits = self._learnt(working_batch(frames, size))
        grids = self.grids(size)
        per_frame = [
            targets(working_boxes(boxes, size), self.classes, grids, size.content, chosen)
            for boxes in labels
        ]
        goals = [torch.from_numpy(np.stack(level)) for level in zip(*per_frame, strict=True)]
        joint = self.joint
        if joint is None:
            return sampled_loss(logits, goals, chosen, generator)
        logits, goals = ([joint.rows(level) for level in of] for of in (logits, goals))
        return joint.summand(sampled_loss(logits, goals, chosen, generator))

    def _learnt(self, pictures: Frames) -> list[Tensor]:
        """Logits of padded working pictures, in training mode."""
        self.training_mode()
        amp = self.precision != "float32"
        self._home()
        with torch.autocast(self.device.type, PRECISIONS[self.precision], enabled=amp):
            return list(self.module(self._normalised(pictures, torch.float32)))

    def differentiable(
        self, frames: Frames, *, flip: bool = False, threshold: float = 0.05
    ) -> Outputs:
        check_frames(frames)
        size = working_size(frames.shape[1], frames.shape[2], None, self.multiple)
        logits = self._learnt(working_batch(frames, size, flip=flip))
        return Outputs(ProbabilityMaps(logits, size, self.classes))

    def grids(self, size: WorkingSize) -> list[Grid]:
        """The logit grids of frames of this size, coarse to fine."""
        high, wide = size.padded
        return [
            Grid((high // step, wide // step), step, box)
            for step, box in zip(STRIDES, self.config.box_sizes, strict=True)
        ]

    def best_iou(self, boxes: Sequence[Box], native: tuple[int, int]) -> NDArray[np.float64]:
        size = self.geometry(*native)
        scaled = working_boxes(boxes, size)
        return reachable(
            np.array([(b.height, b.width) for b in scaled]).reshape(-1, 2),
            self.config.box_sizes,
        )

    def with_classes(self, classes: Sequence[str]) -> PaperDetector:
        with torch.random.fork_rng(devices=[]):  # the same new rows every time
            torch.manual_seed(0)
            grown = PaperDetector(classes, self.settings)
        state = {key: value.clone() for key, value in self.module.state_dict().items()}
        fresh = grown.module.logits.state_dict()
        for part in ("weight", "bias"):
            rows = fresh[part]
            for index, name in enumerate(classes):
                if name in self.classes:
                    rows[index] = state[f"logits.{part}"][self.classes.index(name)]
            state[f"logits.{part}"] = rows
        grown.module.load_state_dict(state)
        grown.name, grown.lineage = self.name, dict(self.lineage)
        return grown.to(self.device, self.precision)

    def stages(self) -> tuple[tuple[str, ...], ...]:
        """The four blocks."""
        return (
            ("block1",),
            ("block2", "block2_end"),
            ("down3", "block3", "block3_end"),
            ("block4", "block4_end"),
        )

    def forget(self) -> None:
        self._folded = None

    # Inference

    @torch.no_grad()
    def torch_outputs(
        self, frames: Frames, size: WorkingSize, *, flip: bool = False
    ) -> list[Tensor]:
        return [
            level.detach()
            for level in self._inference_network()(self._input(frames, size, flip))
        ]

    def _input(self, frames: Frames, size: WorkingSize, flip: bool) -> Tensor:
        return self._normalised(
            working_batch(frames, size, flip=flip), PRECISIONS[self.precision]
        )

    def _normalised(self, pictures: Frames, dtype: torch.dtype) -> Tensor:
        """uint8 N×h×w×3 RGB as N×3×h×w BGR, (value − 127) / 128, channels last in memory."""
        tensor = torch.from_numpy(pictures).to(self.device).flip(-1).permute(0, 3, 1, 2)
        return ((tensor.float() - 127) / 128).to(dtype, memory_format=torch.channels_last)

    def _home(self) -> None:
        if next(self.module.parameters()).device.type != self.device.type:
            self.module.to(self.device)

    def _inference_network(self) -> PaperNetwork:
        """The network with its batch norms folded into the convolutions, in the precision of
        inference; made anew when a weight has changed."""
        self._home()
        version = self.weights_version()
        if self._folded is None or self._folded[0] != version:
            network = _folded(self.module)
            network.to(PRECISIONS[self.precision]).to(memory_format=torch.channels_last)
            self._folded = (version, network)
        return self._folded[1]


def _folded(module: PaperNetwork) -> PaperNetwork:
    network = copy.deepcopy(module).eval().requires_grad_(False)
    for part in network.modules():
        if isinstance(part, Conv):
            part.fold()
    return network


class _Exported(nn.Module):
    """The network behind the input that all exported detectors share."""

    def __init__(self, network: PaperNetwork) -> None:
        super().__init__()
        self.network = network

    @property
    def trunk(self) -> nn.Module:
        """See Detector.trunk."""
        return self.network.block4

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.network((images.flip(1) * 255 - 127) / 128))


def _mask(features: Tensor, rate: float, generator: torch.Generator) -> Tensor:
    kept = torch.rand(features.shape[1:], generator=generator) >= rate
    return (kept.float() / (1 - rate)).to(features.device)
