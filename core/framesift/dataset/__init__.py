"""Labelled frames as training sees them: the frozen TrainingSet file, the sources that turn it
into pictures, and the rule that keeps validation frames apart.

Importing this package imports no decoder; using VideoSource does (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framesift.dataset.sample import MemorySource, Sample, Source
from framesift.dataset.split import Part, Place, SplitRule, split_frames
from framesift.dataset.trainingset import Entry, TrainingSet, VideoRef

if TYPE_CHECKING:
    from framesift.dataset.source import VideoSource as VideoSource

__all__ = [
    "Entry",
    "MemorySource",
    "Part",
    "Place",
    "Sample",
    "Source",
    "SplitRule",
    "TrainingSet",
    "VideoRef",
    "VideoSource",
    "split_frames",
]


def __getattr__(name: str) -> Any:
    if name == "VideoSource":
        from framesift.dataset.source import VideoSource

        globals()[name] = VideoSource
        return VideoSource
    raise AttributeError(f"module 'framesift.dataset' has no attribute {name!r}")
