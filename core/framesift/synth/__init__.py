"""Procedurally drawn driving scenes with labels: video and single training frames."""

from framesift.synth.drive import SCENARIOS, SynthDrive, drive
from framesift.synth.export import labels_path, write_drive
from framesift.synth.statistics import LabelStatistics, label_statistics
from framesift.synth.style import LOOKS
from framesift.synth.training import training_frames

__all__ = [
    "LOOKS",
    "SCENARIOS",
    "LabelStatistics",
    "SynthDrive",
    "drive",
    "label_statistics",
    "labels_path",
    "training_frames",
    "write_drive",
]


def __dir__() -> list[str]:
    return sorted(__all__)
