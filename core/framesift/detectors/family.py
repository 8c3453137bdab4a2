"""The family's members by architecture. A member is one file and one line here."""

from __future__ import annotations

from functools import partial

from framesift.detectors.base import DetectorFactory
from framesift.detectors.faster_rcnn import FasterRcnnDetector
from framesift.detectors.fcos import FcosDetector
from framesift.detectors.foreign import why_no_torchvision
from framesift.detectors.paper import PaperDetector
from framesift.detectors.retinanet import RetinaNetDetector
from framesift.detectors.ssdlite import SsdLiteDetector

DETECTORS: dict[str, DetectorFactory] = {
    "paper": PaperDetector,
    "fcos_resnet50_fpn": partial(FcosDetector, "fcos_resnet50_fpn"),
    "retinanet_resnet50_fpn": partial(RetinaNetDetector, "retinanet_resnet50_fpn"),
    "retinanet_resnet50_fpn_v2": partial(RetinaNetDetector, "retinanet_resnet50_fpn_v2"),
    "ssdlite320_mobilenet_v3_large": partial(SsdLiteDetector, "ssdlite320_mobilenet_v3_large"),
    "fasterrcnn_resnet50_fpn": partial(FasterRcnnDetector, "fasterrcnn_resnet50_fpn"),
    "fasterrcnn_resnet50_fpn_v2": partial(FasterRcnnDetector, "fasterrcnn_resnet50_fpn_v2"),
    "fasterrcnn_mobilenet_v3_large_fpn": partial(
        FasterRcnnDetector, "fasterrcnn_mobilenet_v3_large_fpn"
    ),
    "fasterrcnn_mobilenet_v3_large_320_fpn": partial(
        FasterRcnnDetector, "fasterrcnn_mobilenet_v3_large_320_fpn"
    ),
}


def why_unavailable(architecture: str) -> str | None:
    """Whether detectors of an architecture can be used on this machine.

    Args:
        architecture: a name in DETECTORS.

    Returns:
        One sentence that says why they cannot; None where they can.

    Example:
        >>> why_unavailable("paper") is None
        True
    """
    return None if architecture == "paper" else why_no_torchvision()
