"""Mixtures of Gaussians over what a box's place and class may really be (Choi et al., ICCV
2021). There they take the place of the detector's own outputs; here they stand beside them, on
its last features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from framesift.detectors.heads import HIDDEN, MOST_CHANNELS, Head
from framesift.detectors.maps import WorkingSize

MIXTURES = 4
POINTS = 3
"""Along each side of a box, where features are read."""
SHARPEST, WIDEST = 1e-3, 1e3
"""Bounds of σ."""


@dataclass(frozen=True, slots=True, eq=False)
class Gaussians:
    """K mixtures over D numbers for each of M boxes: weights M×K (rows sum to 1), means and
    deviations M×K×D."""

    weights: Tensor
    means: Tensor
    deviations: Tensor

    def aleatoric(self) -> Tensor:
        """Σ_k π_k σ_k: M×D."""
        return (self.weights[..., None] * self.deviations).sum(1)

    def epistemic(self) -> Tensor:
        """Σ_k π_k (μ_k − Σ_i π_i μ_i)²: M×D."""
        middle = (self.weights[..., None] * self.means).sum(1, keepdim=True)
        return (self.weights[..., None] * (self.means - middle) ** 2).sum(1)


class MixtureHead(Head):
    """What each box's corners are off by, in its own widths and heights (D = 4), and the logits
    of its outcomes (D = C + 1): features in boxes M×F → two Gaussians. The features are
    standardised by those it was trained on."""

    mean: Tensor
    std: Tensor

    def __init__(
        self, channels: int, outcomes: int, mixtures: int = MIXTURES, hidden: int = HIDDEN
    ) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("std", torch.ones(channels))
        self.first = nn.Linear(channels, hidden)
        self.place = nn.Linear(hidden, mixtures * 9)
        self.outcome = nn.Linear(hidden, mixtures * (1 + 2 * outcomes))
        self.mixtures, self.outcomes = mixtures, outcomes

    @classmethod
    def like(cls, state: Mapping[str, Tensor]) -> Self | None:
        first, place, outcome = (
            state.get(f"{name}.weight") for name in ("first", "place", "outcome")
        )
        if first is None or place is None or outcome is None:
            return None
        if any(w.ndim != 2 or max(w.shape) > MOST_CHANNELS for w in (first, place, outcome)):
            return None
        mixtures = len(place) // 9
        columns = len(outcome) // max(1, mixtures)
        if not mixtures or columns < 5 or columns % 2 == 0:
            return None
        return cls(first.shape[1], columns // 2, mixtures, len(first))

    def standardise(self, rows: Tensor) -> None:
        """Takes mean and deviation of each feature from rows M×F."""
        self.mean.copy_(rows.mean(0))
        self.std.copy_(rows.std(0).clamp(min=1e-6))

    def forward(self, rows: Tensor) -> tuple[Gaussians, Gaussians]:
        hidden = F.relu(self.first((rows - self.mean) / self.std))
        return (
            self._gaussians(self.place(hidden), 4),
            self._gaussians(self.outcome(hidden), self.outcomes),
        )

    def _gaussians(self, given: Tensor, size: int) -> Gaussians:
        wide = self.mixtures * size
        weights, means = given[:, : self.mixtures], given[:, self.mixtures :][:, :wide]
        deviations = given[:, self.mixtures + wide :]
        shape = (len(given), self.mixtures, size)
        return Gaussians(
            weights.softmax(1),
            means.reshape(shape),
            F.softplus(deviations).clamp(SHARPEST, WIDEST).reshape(shape),
        )


def in_boxes(features: Tensor, boxes: Tensor, size: WorkingSize) -> Tensor:
    """One frame's features C×h×w of the padded working size in native boxes M×4: float32 M×C,
    the mean of POINTS×POINTS points spread evenly over each box, bilinear between features."""
    steps = (torch.arange(POINTS, device=features.device) + 0.5) / POINTS
    corners = boxes.to(features.device, torch.float32)
    places = []
    for axis, scale in ((0, size.scale_x), (1, size.scale_y)):
        low, high = corners[:, axis] * scale, corners[:, axis + 2] * scale
        along = low[:, None] + (high - low)[:, None] * steps
        places.append(2 * (along + size.origin[1 - axis]) / size.padded[1 - axis] - 1)
    x, y = places
    grid = torch.stack(
        [
            x[:, None, :].expand(-1, POINTS, -1),
            y[:, :, None].expand(-1, -1, POINTS),
        ],
        -1,
    )
    read = F.grid_sample(
        features[None].float(),
        grid.reshape(1, len(boxes), POINTS * POINTS, 2),
        padding_mode="border",
        align_corners=False,
    )
    return read[0].mean(2).T
