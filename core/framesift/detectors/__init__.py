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
    from framesift.detectors.bridges import from_coco as from_coco
    from framesift.detectors.bridges import from_supervision as from_supervision
    from framesift.detectors.bridges import from_torchvision as from_torchvision
    from framesift.detectors.bridges import to_coco as to_coco
    from framesift.detectors.bridges import to_supervision as to_supervision
    from framesift.detectors.bridges import to_torchvision as to_torchvision
    from framesift.detectors.devices import choose_device as choose_device
    from framesift.detectors.devices import choose_precision as choose_precision
    from framesift.detectors.family import DETECTORS as DETECTORS
    from framesift.detectors.family import why_unavailable as why_unavailable
    from framesift.detectors.loss_settings import LossSettings as LossSettings
    from framesift.detectors.module import from_module as from_module
    from framesift.detectors.paper import PaperDetector as PaperDetector
    from framesift.detectors.paper_settings import PaperSettings as PaperSettings
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
            "PaperSettings": "paper_settings",
            "choose_device": "devices",
            "choose_precision": "devices",
            "fit_box_sizes": "sizes",
            "from_coco": "bridges",
            "from_module": "module",
            "from_supervision": "bridges",
            "from_torchvision": "bridges",
            "to_coco": "bridges",
            "to_supervision": "bridges",
            "to_torchvision": "bridges",
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
    "from_coco",
    "from_module",
    "from_supervision",
    "from_torchvision",
    "to_coco",
    "to_supervision",
    "to_torchvision",
    "why_unavailable",
]
