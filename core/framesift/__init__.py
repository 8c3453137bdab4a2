"""Framesift: which frames of a video are worth labelling.

`import framesift` is light: nothing heavy (torch, OpenCV, PyAV) is imported before the first
use of a name that needs it (PEP 562).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from framesift._version import __version__

if TYPE_CHECKING:
    from framesift.checkpoint import load_detector as load_detector
    from framesift.footage import open_footage as open_footage
    from framesift.pipeline import score as score
    from framesift.video import open_stills as open_stills
    from framesift.video import open_video as open_video

_NAMES = {
    "open_video": "framesift.video",
    "open_stills": "framesift.video",
    "open_footage": "framesift.footage",
    "load_detector": "framesift.checkpoint",
    "score": "framesift.pipeline",
}
_MODULES = (
    "boxes",
    "checkpoint",
    "dataset",
    "decode",
    "detectors",
    "edits",
    "errors",
    "evaluation",
    "footage",
    "formats",
    "labels",
    "maps",
    "pipeline",
    "planner",
    "project",
    "report",
    "scores",
    "selection",
    "series",
    "simulate",
    "strategies",
    "synth",
    "training",
    "video",
)

__all__ = ["__version__", "load_detector", "open_footage", "open_stills", "open_video", "score"]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
        globals()[name] = value
        return value
    if name in _MODULES:
        return importlib.import_module(f"framesift.{name}")
    raise AttributeError(f"module 'framesift' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_NAMES, *_MODULES])
