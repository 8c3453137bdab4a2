"""Small heads on a detector's last features, trained beside it and kept in its checkpoint.

A head sees the features of the backbone, detached, averaged over coarse cells; it changes
nothing of what the detector finds, so the detector's identity does not depend on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from framesift.errors import InputError

CELL = 4
"""Features along each side of a coarse cell."""
HIDDEN = 32
PREFIX = "heads."
"""Of the heads' tensors in a checkpoint."""
MOST_CHANNELS = 1 << 14


def coarse(features: Tensor) -> Tensor:
    """Features N×C×h×w averaged over coarse cells: float32 N×C×⌈h/4⌉×⌈w/4⌉."""
    rows, columns = (-(-side // CELL) for side in features.shape[2:])
    return F.adaptive_avg_pool2d(features.float(), (rows, columns))


class CellHead(nn.Module):
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

    def standardise(self, cells: Tensor) -> None:
        """Takes mean and deviation per channel from coarse features N×C×r×c."""
        flat = cells.detach().transpose(0, 1).flatten(1)
        self.mean.copy_(flat.mean(1))
        self.std.copy_(flat.std(1).clamp(min=1e-6))

    def forward(self, cells: Tensor) -> Tensor:
        scaled = (cells - self.mean[:, None, None]) / self.std[:, None, None]
        raised: Tensor = F.softplus(self.last(F.relu(self.first(scaled))))
        return raised[:, 0]

    def digest(self) -> str:
        """Of its weights, as hex: what numbers that it gives depend on."""
        digest = hashlib.sha256()
        for key, value in sorted(self.state_dict().items()):
            digest.update(f"{key} {tuple(value.shape)}".encode())
            digest.update(value.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:32]


def tensors_of(heads: Mapping[str, CellHead]) -> dict[str, Tensor]:
    """All tensors of a detector's heads, as a checkpoint names them."""
    return {
        f"{PREFIX}{name}.{key}": value.detach().cpu().contiguous()
        for name, head in heads.items()
        for key, value in head.state_dict().items()
    }


def split(weights: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """A checkpoint's tensors: the network's, and the heads' without their prefix."""
    of_heads = {key for key in weights if key.startswith(PREFIX)}
    return (
        {key: value for key, value in weights.items() if key not in of_heads},
        {key.removeprefix(PREFIX): weights[key] for key in of_heads},
    )


def heads_from(tensors: Mapping[str, Tensor], file: str) -> dict[str, CellHead]:
    """The heads that tensors make. Raises InputError for those that make none."""
    named: dict[str, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        name, _, part = key.partition(".")
        named.setdefault(name, {})[part] = value
    return {name: _head(state, name, file) for name, state in sorted(named.items())}


def _head(state: Mapping[str, Tensor], name: str, file: str) -> CellHead:
    weight: Any = state.get("first.weight")
    sound = isinstance(weight, Tensor) and weight.ndim == 4 and weight.is_floating_point()
    if sound and max(weight.shape) <= MOST_CHANNELS:
        head = CellHead(weight.shape[1], weight.shape[0])
        blank = head.state_dict()
        if blank.keys() == state.keys() and all(
            value.shape == blank[key].shape
            and value.is_floating_point()
            and bool(torch.isfinite(value).all())
            for key, value in state.items()
        ):
            head.load_state_dict(dict(state))
            return head.eval().requires_grad_(False)
    raise InputError(
        f"The head {name[:40]!r} in {file} does not fit together; the file is damaged, get it "
        "again or train the head anew."
    )
