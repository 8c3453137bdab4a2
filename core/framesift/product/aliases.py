"""Modules and functions of earlier versions, by their old names for one more release.

The tables of names are imported where one is asked for: `import framesift` comes up without
them.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class MovedModules:
    """Imports modules by their old names, with a notice for whoever wrote the import."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As importlib.abc.MetaPathFinder says; None where it was never a name."""
        now = today(fullname)
        if now is None:
            return None
        from framesift.product.moved import spec

        warnings.warn(
            f"{fullname} is now called {now}; the old name goes with the next release.",
            DeprecationWarning,
            stacklevel=2,
        )
        return spec(fullname, now)


def today(module: str) -> str | None:
    """What a module of an earlier version is called now; None where it was never a name."""
    if not module.startswith("framesift."):
        return None
    from framesift.records.aliases import MODULES

    return MODULES.get(module)


def by_old_name(module: str, name: str) -> Any:
    """What a module calls by another name now, with a notice for whoever asked for it.
    AttributeError for names that never were."""
    from framesift.records.aliases import FUNCTIONS

    if name not in FUNCTIONS:
        text = f"module {module!r} has no attribute {name!r}"
        # What Python finds the nearest name by.
        raise AttributeError(text, name=name, obj=sys.modules[module])
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
