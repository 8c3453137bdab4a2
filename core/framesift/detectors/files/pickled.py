"""Files that torch saved: read for their weights only, and why one cannot be."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch

from framesift.detectors.files.tensors import check_archive
from framesift.errors import InputError

_OF_YOLO = ("ultralytics", "models.yolo", "models.common")
"""Modules whose classes YOLO checkpoints (.pt) hold."""


def saved(path: Path) -> Any:
    """What torch saved, weights only; beside them torchvision's training script keeps its
    arguments, which are plain values. Raises what torch.load does."""
    check_archive(path)
    with torch.serialization.safe_globals([argparse.Namespace]):
        return torch.load(path, map_location="cpu", weights_only=True)


def holds_code(path: Path, error: Exception) -> InputError:
    """The sentence for a file that holds more than weights, and was not loaded."""
    if any(name in str(error) for name in _OF_YOLO):
        return InputError(
            f"The file {path.name} is a YOLO checkpoint, a network with its code; export it to "
            "ONNX (with Ultralytics: yolo export model=… format=onnx) and give that."
        )
    return InputError(
        f"The file {path.name} holds more than weights (code, even), so it "
        "was not loaded; save only the network's state dict."
    )
