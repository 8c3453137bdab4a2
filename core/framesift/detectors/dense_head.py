"""The dense part of torchvision's one-stage detectors, in pieces: what the prediction layers
see, and what they make of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Level = tuple[Tensor, ...]


class Normalised(nn.Module):
    """A backbone behind torchvision's normalisation: float N×3×h×w, RGB in [0, 1] → features
    per level, fine to coarse."""

    mean: Tensor
    std: Tensor

    def __init__(self, backbone: nn.Module, transform: Any) -> None:
        super().__init__()
        self.backbone = backbone
        for name, values in (("mean", transform.image_mean), ("std", transform.image_std)):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        kind = next(self.backbone.parameters()).dtype
        shifted = (images.float() - self.mean.float()) / self.std.float()
        features: dict[str, Tensor] = self.backbone(
            shifted.to(kind, memory_format=torch.channels_last)
        )
        return features


class DenseHead(nn.Module, ABC):
    """Backbone and head of a one-stage detector with `classes` classes that matter, the first
    ones of the `known` classes (with the background, where there is one) that it predicts.

    What it predicts is float32 always: a bfloat16 logit near −5 has steps of 0.03.
    """

    def __init__(self, model: Any, classes: int, known: int) -> None:
        super().__init__()
        self.trunk = Normalised(model.backbone, model.transform)
        self.head = model.head
        self.classes, self.known = classes, known

    @abstractmethod
    def hidden(self, features: list[Tensor]) -> list[Level]:
        """What the prediction layers see, per level."""

    @abstractmethod
    def predict(self, hidden: list[Level]) -> list[Level]:
        """The tensors of each level, the class logits first."""

    @abstractmethod
    def predictors(self) -> Iterator[nn.Module]:
        """The layers whose weights keep their precision."""

    def features(self, images: Tensor) -> list[Tensor]:
        return list(self.trunk(images).values())

    def levels(self, images: Tensor) -> list[Level]:
        return self.predict(self.hidden(self.features(images)))

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """All tensors of all levels, level by level."""
        return tuple(part for level in self.levels(images) for part in level)

    def lower(self, kind: torch.dtype) -> None:
        """Everything but the predictions in this number format."""
        exact = {id(p) for module in self.predictors() for p in module.parameters()}
        for parameter in self.parameters():
            if id(parameter) not in exact:
                parameter.data = parameter.data.to(kind)
        for buffer in self.trunk.backbone.buffers():
            if buffer.is_floating_point():
                buffer.data = buffer.data.to(kind)


class TowerHead(DenseHead):
    """A head with a tower of convolutions for the classes and one for the boxes, which all
    levels share."""

    def hidden(self, features: list[Tensor]) -> list[Level]:
        classes, boxes = self.head.classification_head, self.head.regression_head
        return [(classes.conv(level), boxes.conv(level)) for level in features]


def predicted(layer: nn.Conv2d, seen: Tensor, *, known: int = 1, kept: int = 1) -> Tensor:
    """A prediction layer in float32; of `known` rows per anchor only the first `kept`."""
    weight, bias = layer.weight.float(), layer.bias
    bias = None if bias is None else bias.float()
    if kept != known:
        rest = weight.shape[1:]
        weight = weight.reshape(-1, known, *rest)[:, :kept].reshape(-1, *rest)
        bias = None if bias is None else bias.reshape(-1, known)[:, :kept].reshape(-1)
    with torch.autocast(seen.device.type, enabled=False):
        return F.conv2d(
            seen.float(),
            weight,
            bias,
            layer.stride,
            layer.padding,
            layer.dilation,
            layer.groups,
        )


def flat(level: Tensor, columns: int) -> Tensor:
    """N×(A·columns)×h×w as torchvision's N×(h·w·A)×columns."""
    count, _, height, width = level.shape
    apart = level.reshape(count, -1, columns, height, width).permute(0, 3, 4, 1, 2)
    return apart.reshape(count, -1, columns)
