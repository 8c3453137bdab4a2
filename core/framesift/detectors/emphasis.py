"""HUALE's loss of the second stage of a Faster R-CNN (Nguyen et al., IEEE Big Data 2023).

    (1 + β_cls) L_cls + (1 + β_loc) [λ L_EIoU + (1 − λ)(L_rpn + L_aware)], λ = ½
    L_aware = L_loc / (2σ²) + ½ ln σ²

β are each class's own, from the detector of the cycle before. L_loc is smooth L1 of a box's
four codes, ln σ² is predicted from what the second stage sees of its proposal. L_EIoU and
L_aware are means over the proposals that hold an object (ours; the article does not say). The
proposal network knows no class, so its part is raised by the mean β_loc of the classes in the
batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from framesift.detectors.box_losses import eiou

SHARE = 0.5
"""λ."""
BOUND = 6.0
"""Of ln σ² to either side: beyond it no box is so sure, or so unsure, that it matters."""
KNEE = 1 / 9
"""Where torchvision's smooth L1 of box codes turns from a square into a line."""


@dataclass(frozen=True, slots=True)
class Emphasis:
    """How much more each class counts: β_cls and β_loc in [0, 1], in the classes' order."""

    classifier: tuple[float, ...]
    boxes: tuple[float, ...]

    @staticmethod
    def none(classes: int) -> Emphasis:
        """That of a first cycle: 0 for every class."""
        return Emphasis((0.0,) * classes, (0.0,) * classes)


class LogVariance(nn.Linear):
    """ln σ² of a proposal from what the second stage sees of it: P×features → P. It begins at
    0, so that no box is surer than another."""

    def __init__(self, features: int) -> None:
        super().__init__(features, 1)
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, seen: Tensor) -> Tensor:
        return super().forward(seen)[:, 0].clamp(-BOUND, BOUND)


@dataclass(frozen=True, slots=True, eq=False)
class Second:
    """What the second stage says of P proposals, and what it should say.

    seen: P×features; logits: P×(1 + C); codes: P×((1 + C)·4); proposals: P×4, working pixels;
    classes: int64 P, 0 for nothing; goal: P×4, what the codes are to be. coder: torchvision's.
    """

    seen: Tensor
    logits: Tensor
    codes: Tensor
    proposals: Tensor
    classes: Tensor
    goal: Tensor
    coder: Any


def second_losses(
    second: Second, emphasis: Emphasis, log_variance: nn.Module
) -> tuple[Tensor, Tensor]:
    """(1 + β_cls) L_cls, and (1 + β_loc)(λ L_EIoU + (1 − λ) L_aware)."""
    classes = second.classes
    raised = 1 + second.logits.new_tensor([0.0, *emphasis.classifier])[classes]
    classifier = (raised * F.cross_entropy(second.logits, classes, reduction="none")).mean()
    positive = torch.where(classes > 0)[0]
    if not len(positive):
        return classifier, second.codes.sum() * 0.0
    of_class, goal = classes[positive], second.goal[positive]
    codes = second.codes.reshape(len(classes), -1, 4)[positive, of_class]
    decode, places = second.coder.decode_single, second.proposals[positive]
    far = eiou(decode(codes, places), decode(goal, places))
    with torch.autocast(codes.device.type, enabled=False):
        unsure = log_variance(second.seen[positive].float())
    loss = SHARE * far + (1 - SHARE) * aware(codes, goal, unsure)
    raised = 1 + second.codes.new_tensor([0.0, *emphasis.boxes])[of_class]
    return classifier, (raised * loss).mean()


def aware(codes: Tensor, goal: Tensor, unsure: Tensor) -> Tensor:
    """L_loc / (2σ²) + ½ ln σ² of boxes: codes and goal P×4, unsure = ln σ² P; P."""
    place = F.smooth_l1_loss(codes, goal, beta=KNEE, reduction="none").sum(1)
    return 0.5 * (torch.exp(-unsure) * place + unsure)


def raised_proposals(
    losses: dict[str, Tensor], emphasis: Emphasis, classes: Sequence[Tensor]
) -> dict[str, Tensor]:
    """(1 + β_loc)(1 − λ) L_rpn. classes: of each frame's labels, int64, from 1."""
    there = sorted({*torch.cat(list(classes)).tolist()})
    betas = [emphasis.boxes[number - 1] for number in there]
    factor = (1 - SHARE) * (1 + (sum(betas) / len(betas) if betas else 0.0))
    return {name: factor * loss for name, loss in losses.items()}
