"""Which detectors there are to choose from here, and why one cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from framesift.detectors.weights import CATALOGUE, is_stored
from framesift.product.resources import resource

Kind = Literal["bundled", "weights", "architecture"]


@dataclass(frozen=True, slots=True)
class AvailableDetector:
    """A detector that can be chosen by its name.

    name: what `load_detector` and `--detector` take. title: for people. kind: "bundled" (its
    weights come with Framesift), "weights" (published weights that can be fetched) or
    "architecture" (random weights, to be trained). architecture: its key in DETECTORS.
    classes: what it knows; empty: any (an architecture). available: whether it can be used on
    this machine, once it is here; reason: why not, one sentence. downloaded: whether its
    weights are here; size: of the file in bytes, 0 for an architecture. trainable: whether it
    can be fine-tuned. precision: COCO's mean average precision in percent, where it is known.
    recommended: for whom, where it is. speed: frames/s measured in scoring 640×480 by one
    thread of a processor, None where it was not.
    """

    name: str
    title: str
    kind: Kind
    architecture: str
    classes: tuple[str, ...] = ()
    available: bool = True
    reason: str = ""
    downloaded: bool = True
    size: int = 0
    licence: str = ""
    trainable: bool = True
    precision: float | None = None
    recommended: str = ""
    speed: float | None = None


TITLES = {
    "paper": "The paper's network, random weights",
}
SPEEDS: dict[str, float] = {
    "paper": 8.4,
    "fcos_resnet50_fpn": 1.2,
    "retinanet_resnet50_fpn": 1.2,
    "fasterrcnn_resnet50_fpn": 1.3,
    "ssdlite320_mobilenet_v3_large": 15.2,
    "fasterrcnn_mobilenet_v3_large_fpn": 13.3,
    "fasterrcnn_mobilenet_v3_large_320_fpn": 11.8,
}
"""Frames/s by architecture; resources/docs/detectors.md says how they were measured."""


def available_detectors() -> tuple[AvailableDetector, ...]:
    """Everything that can be chosen: first what comes with Framesift, then published weights,
    then architectures with random weights. Imports torch (seconds, the first time); reads no
    weights and asks no network."""
    from framesift.detectors import DETECTORS, why_unavailable
    from framesift.detectors.files.checkpoint import BUNDLED

    detectors = [
        AvailableDetector(
            name,
            f"{name.capitalize()} detector that comes with Framesift",
            "bundled",
            "paper",
            classes=(name,),
            licence="MIT",
            size=resource("detectors", f"{name}.safetensors").stat().st_size,
            speed=SPEEDS["paper"],
        )
        for name in BUNDLED
    ]
    for weights in CATALOGUE.values():
        reason = why_unavailable(weights.architecture) or ""
        detectors.append(
            AvailableDetector(
                weights.name,
                weights.title,
                "weights",
                weights.architecture,
                weights.classes,
                not reason,
                reason,
                is_stored(weights),
                weights.size,
                weights.licence,
                precision=weights.precision,
                recommended=weights.recommended,
                speed=SPEEDS.get(weights.architecture),
            )
        )
    titles = TITLES | {
        weights.architecture: weights.title.replace("trained on COCO", "random weights")
        for weights in CATALOGUE.values()
    }
    for name in DETECTORS:
        reason = why_unavailable(name) or ""
        detectors.append(
            AvailableDetector(
                name,
                titles.get(name, name),
                "architecture",
                name,
                (),
                not reason,
                reason,
                licence="MIT" if name == "paper" else "BSD-3-Clause (torchvision)",
                speed=SPEEDS.get(name),
            )
        )
    return tuple(detectors)
