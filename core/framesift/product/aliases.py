"""Modules and functions of earlier versions, by their old names for one more release."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from framesift.records.aliases import FUNCTIONS
from framesift.records.aliases import MODULES as MODULES


class MovedModules(MetaPathFinder):
    """Imports modules by their old names, with a notice for whoever wrote the import."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in MODULES:
            return None
        warnings.warn(
            f"{fullname} is now called {MODULES[fullname]}; the old name goes with the next "
            "release.",
            DeprecationWarning,
            stacklevel=2,
        )
        return ModuleSpec(fullname, _Renamed(MODULES[fullname]))


class _Renamed(Loader):
    def __init__(self, name: str) -> None:
        self._module = importlib.import_module(name)
        # The import system writes the old name's spec into the module that it is handed.
        self._spec = self._module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec


def by_old_name(module: str, name: str) -> Any:
    """What a module calls by another name now, with a notice for whoever asked for it.
    AttributeError for names that never were."""
    if name not in FUNCTIONS:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    warnings.warn(
        f"{name} is now called {FUNCTIONS[name]}; the old name goes with the next release.",
        DeprecationWarning,
        stacklevel=3,
    )
    return getattr(importlib.import_module(module), FUNCTIONS[name])


def install() -> None:
    """Lets old module names be imported; once, however often it is called."""
    if not any(isinstance(finder, MovedModules) for finder in sys.meta_path):
        sys.meta_path.append(MovedModules())
