"""Labelled frames as training sees them: the frozen TrainingSet file, the sources that turn it
into pictures, and the rule that keeps validation frames apart."""

from framesift.dataset.sample import MemorySource, Sample, Source
from framesift.dataset.source import VideoSource
from framesift.dataset.split import Place, SplitRule, split_frames
from framesift.dataset.trainingset import Entry, TrainingSet, VideoRef

__all__ = [
    "Entry", "MemorySource", "Place", "Sample", "Source", "SplitRule", "TrainingSet",
    "VideoRef", "VideoSource", "split_frames",
]
