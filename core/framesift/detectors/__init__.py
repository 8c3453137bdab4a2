"""The detectors: the family (DETECTORS, by architecture), its interface, files, weights.

Importing this package imports no torch; using a name of it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift.detectors.base import Detector as Detector
    from framesift.detectors.base import DetectorFactory as DetectorFactory
    from framesift.detectors.base import Inference as Inference
    from framesift.detectors.devices import choose_device as choose_device
    from framesift.detectors.devices import choose_precision as choose_precision
    from framesift.detectors.family import DETECTORS as DETECTORS
    from framesift.detectors.family import why_unavailable as why_unavailable
    from framesift.detectors.loss_settings import LossSettings as LossSettings
    from framesift.detectors.paper import PaperDetector as PaperDetector
    from framesift.detectors.paper import PaperSettings as PaperSettings
    from framesift.detectors.sizes import fit_box_sizes as fit_box_sizes
else:
    __getattr__ = lazily(
        __name__,
        {
            "DETECTORS": "family",
            "Detector": "base",
            "DetectorFactory": "base",
            "Inference": "base",
            "LossSettings": "loss_settings",
            "PaperDetector": "paper",
            "PaperSettings": "paper",
            "choose_device": "devices",
            "choose_precision": "devices",
            "fit_box_sizes": "sizes",
            "why_unavailable": "family",
        },
    )

__all__ = [
    "DETECTORS",
    "Detector",
    "DetectorFactory",
    "Inference",
    "LossSettings",
    "PaperDetector",
    "PaperSettings",
    "choose_device",
    "choose_precision",
    "fit_box_sizes",
    "why_unavailable",
]
