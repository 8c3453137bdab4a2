"""The house of the app: parts are composed, and no class is a crowd."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import FunctionType

import pytest

import framesift_app

MOST_METHODS = 30
MOST_SUPERCLASSES = 2


def _classes() -> list[type]:
    """Every class that the app defines."""
    kinds: dict[str, type] = {}
    for module in pkgutil.walk_packages(framesift_app.__path__, "framesift_app."):
        if module.name != "framesift_app.__main__":
            for _, kind in inspect.getmembers(
                importlib.import_module(module.name), inspect.isclass
            ):
                if kind.__module__.startswith("framesift_app"):
                    kinds[f"{kind.__module__}.{kind.__qualname__}"] = kind
    return list(kinds.values())


def _ours(kind: type) -> list[type]:
    """Its superclasses that the app defines."""
    return [base for base in kind.__mro__[1:] if base.__module__.startswith("framesift_app")]


def _methods(kind: type) -> set[str]:
    """The public methods that it and its superclasses of the app define; those that Qt calls
    or declares are aside."""
    theirs = {
        name
        for base in kind.__mro__
        if not base.__module__.startswith("framesift_app")
        for name in vars(base)
    }
    return {
        name
        for base in (kind, *_ours(kind))
        for name, value in vars(base).items()
        if isinstance(value, FunctionType | property | staticmethod | classmethod)
        and not name.startswith("_")
        and name not in theirs
    }


CLASSES = _classes()


def test_all_of_the_app_is_there() -> None:
    names = {kind.__name__ for kind in CLASSES}
    assert len(names) > 80
    assert {"Session", "Workbench", "MainWindow", "Jobs", "Detector"} <= names


def test_stacking_is_counted() -> None:
    """The counts see what is inherited from our own classes, and leave Qt's aside."""
    from PySide6.QtCore import QObject

    class Lower(QObject):
        def low(self) -> None: ...

        def event(self, _: object) -> bool: ...  # Qt's

        def _hidden(self) -> None: ...

    class Upper(Lower):
        @property
        def high(self) -> int: ...

    for kind in (Lower, Upper):
        kind.__module__ = "framesift_app.example"
    assert _methods(Upper) == {"low", "high"}
    assert _ours(Upper) == [Lower]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__qualname__)
def test_a_class_is_no_crowd(kind: type) -> None:
    methods, bases = _methods(kind), _ours(kind)
    assert len(methods) <= MOST_METHODS, sorted(methods)
    assert len(bases) <= MOST_SUPERCLASSES, [base.__name__ for base in bases]
