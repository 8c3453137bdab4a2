"""Batch normalisation folded into the convolutions before it, for evaluation."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights


def fold_batch_norm(module: nn.Module) -> None:
    """Folds, in place and in the whole tree, every batch normalisation (frozen or not) into the
    convolution that stands right before it among its parent's children, which is where
    torchvision's networks call it."""
    before: tuple[str, nn.Conv2d] | None = None
    for name, child in list(module.named_children()):
        statistics = _statistics(child)
        if statistics is not None and before is not None:
            convolution = before[1]
            mean, variance, eps, scale, shift = statistics
            if mean.numel() == convolution.out_channels:
                convolution.weight, convolution.bias = fuse_conv_bn_weights(
                    convolution.weight, convolution.bias, mean, variance, eps, scale, shift
                )
                setattr(module, name, nn.Identity())
        before = (name, child) if isinstance(child, nn.Conv2d) else None
        fold_batch_norm(child)


def _statistics(norm: nn.Module) -> tuple[Tensor, Tensor, float, Tensor, Tensor] | None:
    """(mean, variance, ε, scale, shift) of a normalisation by stored statistics."""
    names = ("running_mean", "running_var", "weight", "bias")
    mean, variance, scale, shift = (getattr(norm, name, None) for name in names)
    eps = getattr(norm, "eps", None)
    if (
        isinstance(mean, Tensor)
        and isinstance(variance, Tensor)
        and isinstance(scale, Tensor)
        and isinstance(shift, Tensor)
        and isinstance(eps, float)
    ):
        with torch.no_grad():
            return mean, variance, eps, scale, shift
    return None
