"""Framesift: which frames of a video are worth labelling.

    import framesift

    picks = framesift.select_frames("drive.mp4", budget=20, progress=True)
    picks.plot()

`score_video`, `select_frames`, `train`, `evaluate` and `simulate` do one step each and give its
result; what they take as keywords are the settings of the command line. The modules below hold
the parts, as generators of small records where the work is long: `last` and `drain` run those.

`import framesift` is light: nothing heavy (torch, OpenCV, PyAV) is imported before the first
use of a name that needs it (PEP 562). For type checkers the names stand in `__init__.pyi`,
which `make stub` writes.
"""

from __future__ import annotations

import importlib
from typing import Any

from framesift._version import __version__
from framesift.product import aliases

_NAMES = {
    "open_video": "framesift.video",
    "open_stills": "framesift.video",
    "open_dataset": "framesift.datasets",
    "load_detector": "framesift.detectors.files.checkpoint",
    "score": "framesift.scores.pipeline",
    "score_video": "framesift.loop.steps",
    "select_frames": "framesift.loop.steps",
    "train": "framesift.loop.learning",
    "evaluate": "framesift.loop.learning",
    "drain": "framesift.records.draining",
    "last": "framesift.records.draining",
    "Project": "framesift.project",
    "ScoreSeries": "framesift.series",
    "Selection": "framesift.selection",
}
_MODULES = (
    "boxes",
    "cluster",
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

__all__ = [
    "Project",
    "ScoreSeries",
    "Selection",
    "__version__",
    "drain",
    "evaluate",
    "last",
    "load_detector",
    "open_dataset",
    "open_stills",
    "open_video",
    "score",
    "score_video",
    "select_frames",
    "simulate",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
        globals()[name] = value
        return value
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _MODULES or aliases.today(f"framesift.{name}") or _is_module(name):
        return importlib.import_module(f"framesift.{name}")
    return aliases.by_old_name(__name__, name)


def _is_module(name: str) -> bool:
    """Whether it is one of those that the engine is made of, beside the public ones."""
    import importlib.util

    return name[:1] != "_" and importlib.util.find_spec(f"framesift.{name}") is not None


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODULES})
