"""Framesift: which frames of a video are worth labelling.

`import framesift` is light: nothing heavy (torch, OpenCV, PyAV) is imported before the first
use of a name that needs it (PEP 562).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from framesift._version import __version__
from framesift.product import aliases

if TYPE_CHECKING:
    from framesift.datasets import open_dataset as open_dataset
    from framesift.detectors.files.checkpoint import load_detector as load_detector
    from framesift.scores.pipeline import score as score
    from framesift.video import open_stills as open_stills
    from framesift.video import open_video as open_video

_NAMES = {
    "open_video": "framesift.video",
    "open_stills": "framesift.video",
    "open_dataset": "framesift.datasets",
    "load_detector": "framesift.detectors.files.checkpoint",
    "score": "framesift.scores.pipeline",
}
_MODULES = (
    "boxes",
    "datasets",
    "detectors",
    "errors",
    "evaluation",
    "formats",
    "labels",
    "loop",
    "project",
    "report",
    "scores",
    "selection",
    "series",
    "simulate",
    "synth",
    "tracking",
    "training",
    "video",
)

aliases.install()

__all__ = ["__version__", "load_detector", "open_dataset", "open_stills", "open_video", "score"]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
        globals()[name] = value
        return value
    if name in _MODULES or aliases.today(f"framesift.{name}"):
        return importlib.import_module(f"framesift.{name}")
    return aliases.by_old_name(__name__, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_NAMES, *_MODULES])
