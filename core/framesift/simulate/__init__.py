"""Does it choose better? The whole loop replayed over labelled footage, an oracle in the place
of the person, for several strategies side by side (Aghdam et al., ICCV 2019, section 4).

`framesift.simulate(experiment, folder)` is `run_simulation`: the module can be called.

Importing this package imports no torch; using a name that needs it does.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from framesift.simulate.experiment_file import load_experiment
from framesift.simulate.settings import Experiment
from framesift.simulate.specs import DatasetSpec, InitialSpec
from framesift.simulate.variants import Variant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from framesift.simulate.engine import simulate as simulate
    from framesift.simulate.presets import preset as preset
    from framesift.simulate.results import Simulation as Simulation
    from framesift.simulate.results import run_simulation as run_simulation
    from framesift.simulate.store import Row as Row
    from framesift.simulate.store import Store as Store

_NAMES = {
    "Row": "store",
    "Simulation": "results",
    "Store": "store",
    "preset": "presets",
    "run_simulation": "results",
    "simulate": "engine",
}

__all__ = [
    "DatasetSpec",
    "Experiment",
    "InitialSpec",
    "Row",
    "Simulation",
    "Store",
    "Variant",
    "load_experiment",
    "preset",
    "run_simulation",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(f"framesift.simulate.{_NAMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'framesift.simulate' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


class _Simulate(ModuleType):
    """Lets the name `framesift.simulate` be the module and the function."""

    def __call__(
        self,
        experiment: Experiment | str | Path,
        folder: str | Path,
        *,
        devices: Sequence[str] = (),
        progress: bool = False,
    ) -> Simulation:
        """See run_simulation."""
        from framesift.simulate.results import run_simulation

        return run_simulation(experiment, folder, devices=devices, progress=progress)


sys.modules[__name__].__class__ = _Simulate
