"""What clicks without a box, and classes that a picture shows, teach: somewhere there, at some
size, the detector is to find something (multiple-instance learning)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from framesift.detectors.maps import SHARED, ProbabilityMaps
from framesift.labels import Point
from framesift.training.data import Sample

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.detectors.joint import Joint

NEAR = 4
"""Working pixels around a click within which its object's centre is."""
_NEAREST = 1e-6


def asks(sample: Sample) -> bool:
    """Whether a sample has weak labels that no box says."""
    return sample.weak is not None and bool(sample.weak.points or sample.weak.tags)


def weak_loss(detector: Detector, samples: Sequence[Sample]) -> Tensor:
    """The mean of −ln of the highest probability at each click, over all sizes, and of each
    class that a picture shows, over all of it: a scalar with gradients. The samples' images are
    at working size, of one size. InputError where the detector has no maps to learn by. Where
    processes see a part of a batch together: this one's summand, of no sample at times."""
    if detector.joint is not None:
        return _summand(detector, detector.joint, samples)
    return torch.stack(_terms(detector, samples)).mean()


def _summand(detector: Detector, joint: Joint, samples: Sequence[Sample]) -> Tensor:
    asking = replace(joint, counts=tuple(joint.each([len(samples)])))
    terms = [torch.zeros((), device=detector.device)]
    with asking.layers(detector.module):
        terms += _terms(detector, samples) if samples else []
    return torch.stack(terms).sum() / joint.added(torch.tensor(len(terms) - 1.0))


def _terms(detector: Detector, samples: Sequence[Sample]) -> list[Tensor]:
    frames = np.stack([sample.image for sample in samples])
    with detector.unmoved_statistics():
        maps = detector.differentiable(frames).maps
    return list(_each(maps, samples))


def _each(maps: ProbabilityMaps, samples: Sequence[Sample]) -> Iterator[Tensor]:
    """−ln of the highest probability that each weak label stands for."""
    highest = _highest(maps)
    for frame, sample in enumerate(samples):
        assert sample.weak is not None
        for point in sample.weak.points:
            values = _of(highest, point.category)[frame]
            yield -_around(values, point).max().clamp(min=_NEAREST).log()
        for name, _ in sample.weak.tags:
            yield -_of(highest, name)[frame].max().clamp(min=_NEAREST).log()


def _of(highest: dict[str, Tensor], category: str) -> Tensor:
    return highest[category] if category in highest else highest[SHARED]


def _around(values: Tensor, point: Point) -> Tensor:
    """The part of H×W values near a point."""
    y, x = (
        min(max(int(at), 0), side - 1)
        for at, side in zip((point.y, point.x), values.shape, strict=True)
    )
    return values[max(0, y - NEAR) : y + NEAR + 1, max(0, x - NEAR) : x + NEAR + 1]


def _highest(maps: ProbabilityMaps) -> dict[str, Tensor]:
    """By class, the highest of its maps at every place: N×H×W."""
    highest: dict[str, Tensor] = {}
    for (_, name), values in zip(maps.names, maps, strict=True):
        highest[name] = torch.maximum(highest[name], values) if name in highest else values
    return highest
