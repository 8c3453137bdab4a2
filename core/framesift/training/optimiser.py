"""The optimisers that TrainSettings names."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from framesift.training.settings import TrainSettings


def make_optimiser(module: nn.Module, settings: TrainSettings) -> torch.optim.Optimizer:
    """RMSProp, SGD or AdamW over the trainable parameters; weight decay on kernels only
    (tensors of two dimensions and more), as the penalty of eq. 7 is meant for W."""
    trainable = [p for p in module.parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in trainable if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in trainable if p.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    rate = settings.learning_rate
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=settings.momentum)
    if settings.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=rate)
    return torch.optim.RMSprop(groups, lr=rate, alpha=settings.rho)


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimiser's memory as flat names and tensors."""
    state = optimiser.state_dict()["state"]
    return {
        f"{number}.{name}": value
        for number, slots in state.items()
        for name, value in slots.items()
        if isinstance(value, Tensor)
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """The inverse of `optimiser_tensors`; ValueError where the shapes do not fit."""
    state: dict[int, dict[str, Tensor]] = {}
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    for name, value in tensors.items():
        number, slot = name.split(".", 1)
        parameter = parameters[int(number)]
        if value.ndim and value.shape != parameter.shape:
            raise ValueError(f"{name} has the shape {tuple(value.shape)}")
        if value.ndim:
            # In the parameter's own memory layout, which the file does not keep.
            value = torch.empty_like(parameter, dtype=value.dtype).copy_(value)
        state.setdefault(int(number), {})[slot] = value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": state, "param_groups": groups})
