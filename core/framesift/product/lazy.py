"""Names of packages, and libraries, that are imported when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any


def lazily(package: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """A module's `__getattr__` that finds `names` in the submodules they map to.

    So that importing a package imports nothing heavy (torch, PyAV) before a name needs it.
    Raises AttributeError for every other name. `dir` of the package gives its `__all__`.
    """

    module = sys.modules[package]
    vars(module)["__dir__"] = lambda: sorted(module.__all__)

    def find(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{names[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return find


class _LazyModule(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self.__name__), name)
        setattr(self, name, value)
        return value


def lazy_module(name: str) -> types.ModuleType:
    """A library that is imported when something of it is first used: for files that are read to
    list what there is (scores, strategies), long before anything is computed.

        if TYPE_CHECKING:
            import numpy as np
        else:
            np = lazy_module("numpy")
    """
    return _LazyModule(name)
