"""Procedurally drawn driving scenes with labels: video and single training frames."""

from framesift.synth.drive import SCENARIOS, SynthDrive, drive
from framesift.synth.style import LOOKS
from framesift.synth.training import training_frames

__all__ = ["LOOKS", "SCENARIOS", "SynthDrive", "drive", "training_frames"]
