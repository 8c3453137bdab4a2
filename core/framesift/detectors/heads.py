"""Small heads on a detector's last features, trained beside it and kept in its checkpoint.

A head sees the features of the backbone, detached; it changes nothing of what the detector
finds, so the detector's identity does not depend on it.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CELL = 4
"""Features along each side of a coarse cell."""
HIDDEN = 32
MOST_CHANNELS = 1 << 14


def coarse(features: Tensor) -> Tensor:
    """Features N×C×h×w averaged over coarse cells: float32 N×C×⌈h/4⌉×⌈w/4⌉."""
    rows, columns = (-(-side // CELL) for side in features.shape[2:])
    return F.adaptive_avg_pool2d(features.float(), (rows, columns))


class Head(nn.Module, ABC):
    """What is trained beside a detector and kept in its checkpoint."""

    @classmethod
    @abstractmethod
    def like(cls, state: Mapping[str, Tensor]) -> Self | None:
        """An untrained head that such tensors may fit; None where there is none."""

    def digest(self) -> str:
        """Of its weights, as hex: what numbers that it gives depend on."""
        digest = hashlib.sha256()
        for key, value in sorted(self.state_dict().items()):
            digest.update(f"{key} {tuple(value.shape)}".encode())
            digest.update(value.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:32]


class CellHead(Head):
    """How much there is of something in each coarse cell: coarse features N×C×r×c → N×r×c ≥ 0.
    Two layers of 1×1 convolutions on features that are standardised by those it was trained
    on (Yoo and Kweon, CVPR 2019, have a larger one)."""

    mean: Tensor
    std: Tensor

    def __init__(self, channels: int, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("std", torch.ones(channels))
        self.first = nn.Conv2d(channels, hidden, 1)
        self.last = nn.Conv2d(hidden, 1, 1)

    @classmethod
    def like(cls, state: Mapping[str, Tensor]) -> Self | None:
        weight = state.get("first.weight")
        if weight is None or weight.ndim != 4 or max(weight.shape) > MOST_CHANNELS:
            return None
        return cls(weight.shape[1], weight.shape[0])

    def standardise(self, cells: Tensor) -> None:
        """Takes mean and deviation per channel from coarse features N×C×r×c."""
        flat = cells.detach().transpose(0, 1).flatten(1)
        self.mean.copy_(flat.mean(1))
        self.std.copy_(flat.std(1).clamp(min=1e-6))

    def forward(self, cells: Tensor) -> Tensor:
        scaled = (cells - self.mean[:, None, None]) / self.std[:, None, None]
        raised: Tensor = F.softplus(self.last(F.relu(self.first(scaled))))
        return raised[:, 0]
