"""A detector's heads among the tensors of its checkpoint."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from framesift.detectors.ease import EaseHead
from framesift.detectors.heads import CellHead, Head
from framesift.detectors.mixture_head import MixtureHead
from framesift.errors import InputError

PREFIX = "heads."
"""Of the heads' tensors in a checkpoint."""
KINDS: Mapping[str, type[Head]] = {
    "predicted_misses": CellHead,
    "predicted_loss": CellHead,
    "mdn": MixtureHead,
    "difficulty": EaseHead,
}
"""The heads that there are, by what they predict."""


def tensors_of(heads: Mapping[str, Head]) -> dict[str, Tensor]:
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


def heads_from(tensors: Mapping[str, Tensor], file: str) -> dict[str, Head]:
    """The heads that tensors make. Raises InputError for those that make none."""
    named: dict[str, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        name, _, part = key.partition(".")
        named.setdefault(name, {})[part] = value
    return {name: _head(state, name, file) for name, state in sorted(named.items())}


def _head(state: Mapping[str, Tensor], name: str, file: str) -> Head:
    sound = all(
        value.is_floating_point() and bool(torch.isfinite(value).all())
        for value in state.values()
    )
    head = KINDS.get(name, CellHead).like(state) if sound else None
    if head is not None:
        blank = head.state_dict()
        if blank.keys() == state.keys() and all(
            value.shape == blank[key].shape for key, value in state.items()
        ):
            head.load_state_dict(dict(state))
            return head.eval().requires_grad_(False)
    raise InputError(
        f"The head {name[:40]!r} in {file} does not fit together; the file is damaged, get it "
        "again or train the head anew."
    )
