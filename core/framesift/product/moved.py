"""A module under the name that an earlier version gave it."""

from __future__ import annotations

import importlib
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType


def spec(was: str, now: str) -> ModuleSpec:
    """What the import system makes the module `now` of when it is asked for `was`. Raises
    ImportError where `now` cannot be imported."""
    return ModuleSpec(was, _Renamed(now))


class _Renamed(Loader):
    def __init__(self, name: str) -> None:
        self._module = importlib.import_module(name)
        # The import system writes the old name's spec into the module that it is handed.
        self._spec = self._module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec
