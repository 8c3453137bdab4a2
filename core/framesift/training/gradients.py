"""What processes that train together exchange beside a step's frames: weights before the first
step, gradients after each.

torch's DistributedDataParallel is not in between. It averages gradients while they are being
computed, one forward() of the module a step. Here each process has its summand of one loss, a
step may have parts that teach different weights, and processes may have different graphs (only
one has a frame with points), so that its messages would cross those of batch normalisation.
So the gradients are added up by one all-reduce when the last part is through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from framesift.training.ranks import Ranks


def share_weights(module: nn.Module, ranks: Ranks) -> None:
    """All processes begin with the first one's weights and statistics."""
    for tensor in (*module.parameters(), *module.buffers()):
        ranks.copy(tensor.data)


def add_gradients(module: nn.Module, ranks: Ranks) -> None:
    """Each parameter's gradient becomes the sum over the processes; one of which none has a
    gradient keeps none."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    have = torch.tensor([float(p.grad is not None) for p in parameters])
    ranks.add(have)
    learnt = [p for p, count in zip(parameters, have.tolist(), strict=True) if count]
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in learnt]
    if not gradients:
        return
    total = torch.cat([gradient.reshape(-1) for gradient in gradients])
    ranks.add(total)
    parts = torch.split(total, [gradient.numel() for gradient in gradients])
    for parameter, part in zip(learnt, parts, strict=True):
        parameter.grad = part.view_as(parameter)
