"""The detectors, by architecture. A member is one file and one line here."""

from __future__ import annotations

from framesift.detectors.base import Detector, DetectorFactory, Inference
from framesift.detectors.devices import choose_device, choose_precision
from framesift.detectors.foreign import why_no_torchvision
from framesift.detectors.loss_settings import LossSettings
from framesift.detectors.paper import PaperDetector, PaperSettings
from framesift.detectors.sizes import fit_box_sizes

DETECTORS: dict[str, DetectorFactory] = {
    "paper": PaperDetector,
}



def why_unavailable(architecture: str) -> str | None:
    """Why detectors of this architecture cannot be used on this machine, one sentence; None
    where they can."""
    return None if architecture == "paper" else why_no_torchvision()


__all__ = ["DETECTORS", "Detector", "DetectorFactory", "Inference", "LossSettings",
           "PaperDetector", "PaperSettings", "choose_device", "choose_precision",
           "fit_box_sizes", "why_unavailable"]
