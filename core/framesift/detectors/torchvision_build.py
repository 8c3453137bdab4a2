"""Building torchvision's networks with random weights, and moving what they know of a class to
another place in the head. Nothing is downloaded."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from framesift.detectors.foreign import torchvision_detection
from framesift.detectors.torchvision_settings import TorchvisionSettings

BACKGROUND = "__background__"
ABSENT = -12.0
"""Logit that a softmax gives to a class it has just been told of: next to nothing (6e-6), so
that the other classes' probabilities are what they were."""

ALIASES: dict[str, str] = {
    "pedestrian": "person",
    "people": "person",
    "human": "person",
    "bike": "bicycle",
    "motorbike": "motorcycle",
    "automobile": "car",
    "lorry": "truck",
    "aeroplane": "airplane",
    "sofa": "couch",
    "tvmonitor": "tv",
    "pottedplant": "potted plant",
    "diningtable": "dining table",
}
"""Other names of COCO's classes, as projects use them."""


def canonical(name: str) -> str:
    """The name under which COCO knows a class; any other name in small letters, words apart."""
    plain = name.strip().lower().replace("_", " ").replace("-", " ")
    return ALIASES.get(plain, plain)


def known_as(name: str, names: Sequence[str]) -> str | None:
    """The one of `names` that means this class: the same, or by its canonical name."""
    if name in names:
        return name
    return next((known for known in names if canonical(known) == canonical(name)), None)


def build(architecture: str, outputs: int, settings: TorchvisionSettings) -> nn.Module:
    """torchvision's network with random weights and so many outputs. Raises
    EnvironmentProblem without torchvision."""
    make: Callable[..., nn.Module] = getattr(torchvision_detection(), architecture)
    model = make(weights=None, weights_backbone=None, num_classes=outputs)
    backbone = cast(Any, model).backbone
    if settings.norm == "frozen":
        _freeze_batch_norm(getattr(backbone, "body", backbone), settings.norm_eps)
    if settings.trainable_layers is not None:
        _hold(backbone, settings.trainable_layers)
    return model.to(memory_format=torch.channels_last)


def _freeze_batch_norm(module: nn.Module, eps: float | None) -> None:
    from torchvision.ops import FrozenBatchNorm2d

    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(
                module,
                name,
                FrozenBatchNorm2d(child.num_features, child.eps if eps is None else eps),
            )
        else:
            _freeze_batch_norm(child, eps)


def _hold(backbone: nn.Module, trainable: int) -> None:
    """All but the last `trainable` stages stop learning: a ResNet's stem and four layers, a
    MobileNet's pieces between its strides."""
    body = getattr(backbone, "body", None)
    if body is None:
        return
    stages = stages_of(body)
    for stage in stages[: max(0, len(stages) - trainable)]:
        for name in stage:
            for parameter in body.get_submodule(name).parameters():
                parameter.requires_grad_(False)


def stages_of(body: nn.Module) -> list[list[str]]:
    """The names of a backbone's parts, stage by stage from the input."""
    children = dict(body.named_children())
    if "layer4" in children:
        return [["conv1", "bn1"], ["layer1"], ["layer2"], ["layer3"], ["layer4"]]
    starts = [int(n) for n, child in children.items() if getattr(child, "_is_cn", False)]
    edges = [0, *starts, len(children) - 1, len(children)]
    return [
        [str(n) for n in range(low, high) if str(n) in children]
        for low, high in itertools.pairwise(edges)
    ]


def rearranged(
    state: Mapping[str, Tensor],
    fresh: Mapping[str, Tensor],
    class_rows: Mapping[str, int],
    old: Sequence[str],
    new: Sequence[str],
) -> dict[str, Tensor]:
    """The weights of a network whose outputs are `new`, from one whose outputs were `old`.

    `class_rows`: the parameters that hold rows by class (outermost dimension: anchors × classes
    × so many rows). `fresh`: the same parameters of a new network with the outputs `new`; its
    rows stay where `old` has no such class.
    """
    arranged = {key: value.clone() for key, value in state.items()}
    for key, inner in class_rows.items():
        before, after = state[key], fresh[key].clone()
        rest = before.shape[1:]
        source = before.reshape(-1, len(old), inner, *rest)
        target = after.view(-1, len(new), inner, *rest)
        for index, name in enumerate(new):
            place = known_as(name, old)
            if place is not None:
                target[:, index] = source[:, old.index(place)]
        arranged[key] = target.reshape(after.shape)
    return arranged
