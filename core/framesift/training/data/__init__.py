"""Labelled frames as training sees them: the frozen TrainingSet file, the sources that turn it
into pictures, and the rule that keeps validation frames apart.

Importing this package imports no decoder; using VideoSource does (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily
from framesift.training.data.sample import MemorySource, Sample, Source
from framesift.training.data.split import Part, Place, SplitRule, split_frames
from framesift.training.data.trainingset import Entry, TrainingSet, VideoRef

if TYPE_CHECKING:
    from framesift.training.data.source import VideoSource as VideoSource
else:
    __getattr__ = lazily(__name__, {"VideoSource": "source"})

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
