"""The two stages of a Faster R-CNN of torchvision's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from framesift.detectors.dense_head import Normalised, predicted
from framesift.detectors.maps import WorkingSize


class Stages(nn.Module):
    """Backbone, proposal network and second stage, in pieces. What they predict is float32."""

    def __init__(self, model: Any, classes: int) -> None:
        super().__init__()
        self.trunk = Normalised(model.backbone, model.transform)
        self.rpn, self.roi_heads = model.rpn, model.roi_heads
        self.classes = classes

    def hidden(self, features: Mapping[str, Tensor]) -> list[Tensor]:
        """What the proposal network's prediction layers see, per level."""
        return [self.rpn.head.conv(level) for level in features.values()]

    def objectness(self, hidden: Sequence[Tensor]) -> list[Tensor]:
        """Per level N×A×h×w logits."""
        return [predicted(self.rpn.head.cls_logits, level) for level in hidden]

    def deltas(self, hidden: Sequence[Tensor]) -> list[Tensor]:
        """Per level N×(A·4)×h×w box codes."""
        return [predicted(self.rpn.head.bbox_pred, level) for level in hidden]

    def second(
        self, features: Mapping[str, Tensor], proposals: list[Tensor], size: WorkingSize
    ) -> tuple[Tensor, Tensor]:
        """Class logits P×(1 + C), the silent classes part of the background, and box codes
        P×((1 + C)·4) of all proposals."""
        return self.judged(self.seen(features, proposals, size))

    def seen(
        self, features: Mapping[str, Tensor], proposals: list[Tensor], size: WorkingSize
    ) -> Tensor:
        """What the second stage's prediction layers see of all proposals, P×features."""
        exact = {name: level.float() for name, level in features.items()}
        pooled = self.roi_heads.box_roi_pool(exact, proposals, [size.padded] * len(proposals))
        kind = next(self.roi_heads.box_head.parameters()).dtype
        seen: Tensor = self.roi_heads.box_head(pooled.to(kind))
        return seen

    def judged(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        """The second stage's logits and codes of what it sees."""
        with torch.autocast(seen.device.type, enabled=False):
            logits, codes = self.roi_heads.box_predictor(seen.float())
        last = 1 + self.classes
        if logits.shape[1] > last:
            others = torch.cat([logits[:, :1], logits[:, last:]], 1)
            logits = torch.cat([others.logsumexp(1, keepdim=True), logits[:, 1:last]], 1)
        return logits, codes[:, : 4 * last]

    def lower(self, kind: torch.dtype) -> None:
        """Everything but the predictions in this number format."""
        for module in (self.trunk.backbone, self.rpn.head.conv, self.roi_heads.box_head):
            module.to(kind)
