"""Does it choose better? The whole loop replayed over labelled footage, an oracle in the place
of the person, for several strategies side by side (Aghdam et al., ICCV 2019, section 4).

Importing this package imports no torch; using a name that needs it does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from framesift.simulate.settings import Experiment, load_experiment
from framesift.simulate.specs import DatasetSpec, InitialSpec
from framesift.simulate.variants import Variant

if TYPE_CHECKING:
    from framesift.simulate.engine import simulate as simulate
    from framesift.simulate.presets import preset as preset
    from framesift.simulate.store import Row as Row
    from framesift.simulate.store import Store as Store

_NAMES = {"simulate": "engine", "preset": "presets", "Row": "store", "Store": "store"}

__all__ = [
    "DatasetSpec",
    "Experiment",
    "InitialSpec",
    "Row",
    "Store",
    "Variant",
    "load_experiment",
    "preset",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(f"framesift.simulate.{_NAMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'framesift.simulate' has no attribute {name!r}")
