"""Procedurally drawn driving scenes with labels: video and single training frames."""

from framesift.synth.training import training_frames

__all__ = ["training_frames"]
