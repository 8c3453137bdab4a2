"""Weights that others publish: what there is, and fetching it when the user asks."""

from __future__ import annotations

from framesift.detectors.weights.catalogue import (
    CATALOGUE,
    COCO_CATEGORIES,
    WeightsEntry,
    entry,
)
from framesift.detectors.weights.download import download
from framesift.detectors.weights.store import adopt_file, folder, is_stored, remove, stored_path

__all__ = [
    "CATALOGUE",
    "COCO_CATEGORIES",
    "WeightsEntry",
    "adopt_file",
    "download",
    "entry",
    "folder",
    "is_stored",
    "remove",
    "stored_path",
]
