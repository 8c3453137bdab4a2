"""Procedurally drawn driving scenes with labels: video and single training frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift.synth.export import labels_path as labels_path
    from framesift.synth.export import write_drive as write_drive
    from framesift.synth.settings import LOOKS as LOOKS
    from framesift.synth.settings import SCENARIOS as SCENARIOS
    from framesift.synth.statistics import LabelStatistics as LabelStatistics
    from framesift.synth.statistics import label_statistics as label_statistics
    from framesift.synth.synth_drive import SynthDrive as SynthDrive
    from framesift.synth.synth_drive import drive as drive
    from framesift.synth.training import training_frames as training_frames
else:
    __getattr__ = lazily(
        __name__,
        {
            "LOOKS": "settings",
            "LabelStatistics": "statistics",
            "SCENARIOS": "settings",
            "SynthDrive": "synth_drive",
            "drive": "synth_drive",
            "label_statistics": "statistics",
            "labels_path": "export",
            "training_frames": "training",
            "write_drive": "export",
        },
    )


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
