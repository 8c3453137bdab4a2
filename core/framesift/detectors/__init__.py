"""The detectors, by architecture. A member is one file and one line here."""

from __future__ import annotations

from framesift.detectors.base import Detector, DetectorFactory, Inference
from framesift.detectors.devices import choose_device, choose_precision
from framesift.detectors.paper import PaperDetector, PaperSettings
from framesift.detectors.paper_targets import LossSettings
from framesift.detectors.sizes import fit_box_sizes

DETECTORS: dict[str, DetectorFactory] = {
    "paper": PaperDetector,
}

__all__ = ["DETECTORS", "Detector", "DetectorFactory", "Inference", "LossSettings",
           "PaperDetector", "PaperSettings", "choose_device", "choose_precision",
           "fit_box_sizes"]
