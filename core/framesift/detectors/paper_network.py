"""The network of the paper's detector (Aghdam et al., ICCV 2019, fig. 2), as a plain module.

Input: float N×3×H×W, BGR, (value − 127) / 128, H and W multiples of 8. Output: one logit map
per level, coarse to fine: Θ1…Θ4 at stride 8, Θ5 at stride 4, each N×C×h×w for C classes.
"""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

STRIDES = (8, 8, 8, 8, 4)
PRIOR = 0.01
"""Probability that an untrained level gives to every pixel (as in focal-loss detectors): with
people this rare, starting at 0.5 spends the first hundreds of steps on learning that."""


def channels(base: int, width: float) -> int:
    """`base` channels at this width multiplier: a multiple of 8, at least 8."""
    return max(8, round(base * width / 8) * 8)


_LOG2_E = 1.0 / math.log(2.0)


def _elu(x: Tensor) -> Tensor:
    """max(x, 2^(min(x, 0)·log₂e) − 1): ELU, within 2e-7 in float32. On processors where torch's
    exp and expm1 go through a library that does not suit them, ELU takes three quarters of the
    network's time, and exp2 a twentieth of that."""
    return torch.maximum(x, x.clamp(max=0).mul_(_LOG2_E).exp2_().sub_(1))


class _QuickElu(torch.autograd.Function):
    """`_elu` and its gradient, from the outcome: 1 where it is positive, else outcome + 1."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        out = _elu(x)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (out,) = ctx.saved_tensors
        return cast(Tensor, gradients[0] * out.clamp(max=0).add_(1))


class Elu(nn.Module):
    """Exponential linear unit."""

    def forward(self, x: Tensor) -> Tensor:
        if x.device.type != "cpu":
            return F.elu(x)
        return cast(Tensor, _QuickElu.apply(x)) if x.requires_grad else _elu(x)


class Conv(nn.Sequential):
    """Convolution, batch normalisation, activation; same size out (or half, with stride 2)."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int],
        *,
        stride: int = 1,
        dilation: int = 1,
        activation: nn.Module | None = None,
    ) -> None:
        padding = (dilation * (kernel[0] // 2), dilation * (kernel[1] // 2))
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, bias=False),
            nn.BatchNorm2d(outputs),
            Elu() if activation is None else activation,
        )

    def fold(self) -> None:
        """Folds the batch normalisation into the convolution, for evaluation only."""
        convolution, norm = self[0], self[1]
        assert isinstance(convolution, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        self[0] = fuse_conv_bn_eval(convolution, norm)
        self[1] = nn.Identity()


class Down(nn.Module):
    """Halves the size: a stride-2 convolution beside a max-pool of the input, concatenated."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = Conv(inputs, outputs - inputs, (3, 3), stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.conv(x), F.max_pool2d(x, 2)], 1)


class Added(nn.Module):
    """What a `Down` whose normalisation is folded gives, to the bit, as a sum: the convolution
    with zeros for the channels of the pool, and the pool laid behind zeros by a convolution.
    Engines keep channels in groups of sixteen, and putting together parts that are not takes
    some of them as long as a fifth of the network."""

    def __init__(self, down: Down) -> None:
        super().__init__()
        convolution, activation = down.conv[0], down.conv[2]
        assert isinstance(convolution, nn.Conv2d)
        assert convolution.bias is not None
        first, inputs = convolution.out_channels, convolution.in_channels
        outputs = first + inputs
        size, stride, padding = (
            cast("tuple[int, int]", value)
            for value in (convolution.kernel_size, convolution.stride, convolution.padding)
        )
        # Random weights, which are written over here, would move everybody's chance.
        with torch.random.fork_rng(devices=[]):
            whole = nn.Conv2d(inputs, outputs, size, stride, padding)
            self.lay = nn.Conv2d(inputs, outputs, 1, bias=False)
        with torch.no_grad():
            for parameter in (*whole.parameters(), *self.lay.parameters()):
                parameter.zero_()
            whole.weight[:first] = convolution.weight
            cast(Tensor, whole.bias)[:first] = convolution.bias
            self.lay.weight[first:, :, 0, 0] = torch.eye(inputs)
        self.conv = nn.Sequential(whole, activation)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.conv(x) + self.lay(F.max_pool2d(x, 2)))


class Fire(nn.Module):
    """Residual squeeze and expand: x + concat(3×3, 1×1) of a 3×1 convolution to half the
    channels."""

    def __init__(self, size: int, *, dilation: int = 1, dropout: bool = False) -> None:
        super().__init__()
        half = size // 2
        self.squeeze = Conv(size, half, (3, 1), dilation=dilation)
        self.wide = Conv(half, half, (3, 3), dilation=dilation)
        self.point = Conv(half, half, (1, 1))
        self.dropout = nn.Dropout2d(0.2) if dropout else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        narrow = self.squeeze(x)
        out = torch.cat([self.wide(narrow), self.point(narrow)], 1)
        return x + cast(Tensor, self.dropout(out))


def _gate(inputs: int, outputs: int) -> Conv:
    return Conv(inputs, outputs, (3, 3), activation=nn.ReLU(inplace=True))


def _head(inputs: int, outputs: int, kernel: int) -> Conv:
    return Conv(inputs, outputs, (kernel, kernel), activation=nn.LeakyReLU(0.1, inplace=True))


class PaperNetwork(nn.Module):
    """The five-level network. `dropout`: spatial dropout (keep 0.8) in blocks 3 and 4 while
    training."""

    def __init__(self, classes: int, width: float = 1.0, *, dropout: bool = True) -> None:
        super().__init__()
        first, second, third, head = (channels(b, width) for b in (64, 128, 256, 128))
        self.block1 = nn.Sequential(Down(3, first), Fire(first), Fire(first))
        self.block2 = nn.Sequential(Down(first, second), Fire(second), Fire(second))
        self.block2_end = Fire(second)
        self.down3 = Down(second, third)
        self.block3 = nn.Sequential(Fire(third, dropout=dropout), Fire(third, dropout=dropout))
        self.block3_end = Fire(third, dropout=dropout)
        self.block4 = Fire(third, dilation=2, dropout=dropout)
        self.block4_end = Fire(third, dilation=2, dropout=dropout)
        self.head1 = _head(third, head, 1)
        self.head2, self.head3 = _head(head, head, 3), _head(head, head, 3)
        self.head4, self.head5 = _head(head, head, 3), _head(head, head, 3)
        self.gate41, self.gate32, self.gate_down3 = (_gate(third, head) for _ in range(3))
        self.gate22 = _gate(second, head)
        self.logits = nn.Conv2d(head, classes, 1)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.normal_(self.logits.weight, std=0.01)
        assert self.logits.bias is not None
        nn.init.constant_(self.logits.bias, -float(torch.logit(torch.tensor(1 - PRIOR))))

    def features(self, x: Tensor) -> list[Tensor]:
        """Θ1…Θ5: what the shared logit layer sees, N×128·width×h×w each."""
        f22 = self.block2(self.block1(x))
        down3 = self.down3(self.block2_end(f22))
        f32 = self.block3(down3)
        f41 = self.block4(self.block3_end(f32))
        level1 = self.head1(self.block4_end(f41))
        level2 = self.head2(level1 + self.gate41(f41))
        level3 = self.head3(level2 + self.gate32(f32))
        level4 = self.head4(level3 + self.gate_down3(down3))
        larger = F.interpolate(level4, scale_factor=2, mode="bilinear", align_corners=False)
        level5 = self.head5(larger) + self.gate22(f22)
        return [level1, level2, level3, level4, level5]

    def classify(self, features: list[Tensor]) -> list[Tensor]:
        """The logits of features. In float32 always: a bf16 logit near −5 has steps of 0.03."""
        weight, bias = self.logits.weight.float(), self.logits.bias
        with torch.autocast(features[0].device.type, enabled=False):
            return [
                F.conv2d(f.float(), weight, None if bias is None else bias.float())
                for f in features
            ]

    def forward(self, x: Tensor) -> list[Tensor]:
        return self.classify(self.features(x))
