"""Names that changed: what modules, settings, options and TOML keys were called before.

The old names are understood for one release, and whoever still writes them is told the new one;
what earlier versions stored is read without a word. The one table of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from framesift.errors import InputError

RENAMED: Mapping[str, Mapping[str, str]] = {
    "score": {"mirror": "flip"},
    "training": {
        "optimiser": "optimizer",
        "average": "ema_decay",
        "norms": "batch_norm",
        "loaders": "num_workers",
    },
    "initial training": {"average": "ema_decay"},
    "evaluation": {"mirror": "flip"},
}
"""Settings: the name of today by the old one, by table of settings."""
MODULES = {
    "framesift.checkpoint": "framesift.detectors.files.checkpoint",
    "framesift.dataset": "framesift.training.data",
    "framesift.decode": "framesift.video.decode",
    "framesift.edits": "framesift.labels.edits",
    "framesift.footage": "framesift.datasets",
    "framesift.maps": "framesift.detectors.maps",
    "framesift.pipeline": "framesift.scores.pipeline",
    "framesift.planner": "framesift.bench.planner",
    "framesift.strategies": "framesift.selection.strategies",
    "framesift.weights": "framesift.detectors.weights",
}
"""Modules: the old name, and the one of today."""


def renamed(data: Mapping[str, Any], table: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The settings `data` of a table under today's names, and a sentence for each that came
    under an older one. Raises InputError where both names are there."""
    names = RENAMED.get(table, {})
    current: dict[str, Any] = {}
    sentences = []
    for name, value in data.items():
        now = names.get(name, name)
        if now in current or (now != name and now in data):
            raise InputError(f"The {table} setting {now} is given twice, once as {name}.")
        current[now] = value
        if now != name:
            sentences.append(old_name(f"The {table} setting {name}", now))
    return current, tuple(sentences)


def old_name(was: str, now: str) -> str:
    """What is said to whoever uses a name of before."""
    return f"{was} is called {now} now; the old name is understood in this release only."


FUNCTIONS: Mapping[str, str] = {
    "open_footage": "open_dataset",
    "opening_footage": "opening_dataset",
    "LabelledFootage": "LabelledDataset",
    "FOOTAGE": "DATASETS",
}
"""What scripts use of `framesift` and `framesift.datasets`: the old name, and the one of
today."""
