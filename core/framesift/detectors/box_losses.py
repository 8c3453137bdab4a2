"""What a box costs that lies elsewhere than its label, for detectors that regress boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

POWER = 0.8


def eiou(boxes: Tensor, labels: Tensor) -> Tensor:
    """(1 + GIoU)^0.8 (1 − GIoU) of pairs of boxes N×4: N in [0, 2).

    The factor is a weight without a gradient: differentiated through, the loss would reward
    boxes that are pushed away from their label once GIoU is below −1/9.
    """
    from torchvision.ops import generalized_box_iou_loss

    far: Tensor = generalized_box_iou_loss(boxes, labels)
    return (2 - far.detach()).clamp(min=0) ** POWER * far


def of_anchors(
    decode: Callable[[Tensor, Tensor], Tensor],
    codes: Tensor,
    anchors: Tensor,
    labels: Sequence[Tensor],
    matches: Sequence[Tensor],
    *,
    by_frame: bool = False,
) -> Tensor:
    """The mean of `eiou` over the anchors that are matched with a label, 0 where none is.

    decode: makes boxes of codes N×A×4 and anchors A×4. labels: M×4 of each frame. matches:
    int64 A of each frame, which label, < 0 none. by_frame: the mean over frames of each one's
    mean.
    """
    sums, counts = [], []
    for of_frame, boxes, matched in zip(codes.float(), labels, matches, strict=True):
        positive = matched >= 0
        decoded = decode(of_frame[positive], anchors[positive])
        # Without a positive one the sum keeps the network in the graph.
        some = bool(positive.any())
        sums.append(
            eiou(decoded, boxes[matched[positive]]).sum() if some else of_frame.sum() * 0.0
        )
        counts.append(max(int(positive.sum()), 1 if by_frame else 0))
    if by_frame:
        means = [total / count for total, count in zip(sums, counts, strict=True)]
        return torch.stack(means).mean()
    return torch.stack(sums).sum() / max(1, sum(counts))


def of_proposals(
    coder: Any, codes: Tensor, proposals: Sequence[Tensor], classes: Tensor, goal: Tensor
) -> Tensor:
    """The mean of `eiou` over the proposals that hold an object, 0 where none does.

    coder: torchvision's. codes: P×((1 + C)·4), a box of every class. proposals: those of each
    frame, P×4 in all. classes: int64 P, 0 for nothing. goal: P×4, what the codes are to be.
    """
    positive = torch.where(classes > 0)[0]
    if not len(positive):
        return codes.sum() * 0.0
    places = torch.cat(list(proposals))[positive]
    of_class = codes.reshape(len(codes), -1, 4)[positive, classes[positive]]
    decode = coder.decode_single
    return eiou(decode(of_class, places), decode(goal[positive], places)).mean()
