"""Writes core/framesift/__init__.pyi: `import framesift` as type checkers and editors see it.

`python packaging/stub.py` (or `make stub`). Where a function takes settings, the stub names
each of them, as the tables have it; a test fails while the file lags behind them.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import framesift

ROOT = Path(__file__).resolve().parents[1]
PATH = ROOT / "core" / "framesift" / "__init__.pyi"
_HEAD = '''\
"""Made by packaging/stub.py from the code; `make stub` writes it again."""

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

'''
_IMPORTED = {
    "framesift._version": ("__version__",),
    "framesift.detectors": ("Detector",),
    "framesift.evaluation": ("Evaluation",),
    "framesift.loop.given": ("FramesLike", "VideoLike"),
    "framesift.loop.steps": ("FrameFunction",),
    "framesift.simulate.results": ("Simulation as _Simulation",),
    "framesift.simulate.settings": ("Experiment as _Experiment",),
    "framesift.training": ("Finished",),
}
"""What signatures speak of."""
_WRITTEN = ("framesift.loop.steps", "framesift.loop.learning")
"""The modules whose functions take settings."""


def text() -> str:
    """The stub."""
    functions = "\n".join(map(_function, _functions()))
    parts = [_HEAD + "\n".join(_imports()), functions, _SIMULATE + _names()]
    return "\n\n".join(parts) + "\n"


def _functions() -> list[str]:
    return sorted(name for name, module in framesift._NAMES.items() if module in _WRITTEN)


def _imports() -> Iterator[str]:
    lines = [
        f"from framesift import {name} as {name}"
        for name in framesift._MODULES
        if name != "simulate"
    ]
    for module, names in _IMPORTED.items():
        renamed = f" as {names[0]}" if names == ("__version__",) else ""
        lines.append(f"from {module} import {', '.join(names)}{renamed}")
    lines += [
        f"from {module} import {name} as {name}"
        for name, module in framesift._NAMES.items()
        if module not in _WRITTEN
    ]
    yield from sorted(lines, key=_place)


def _place(line: str) -> tuple[str, bool, str]:
    """As isort orders imports: by module; in one module what is renamed first."""
    _, module, _, name, *_ = line.split()
    return module, " as " not in line, name


def _function(name: str) -> str:
    function = getattr(importlib.import_module(framesift._NAMES[name]), name)
    signature = inspect.signature(function)
    lines, keyword = [], False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword:
            lines.append("    *,")
            keyword = True
        lines.append(f"    {_parameter(parameter)},")
    return "\n".join([f"def {name}(", *lines, f") -> {signature.return_annotation}: ..."])


def _parameter(parameter: inspect.Parameter) -> str:
    shown = f"{parameter.name}: {parameter.annotation}".replace("'", '"')
    default = parameter.default
    if default is parameter.empty:
        return shown
    plain = default is None or isinstance(default, bool | int | float | str)
    return f"{shown} = {repr(default).replace(chr(39), chr(34)) if plain else '...'}"


_SIMULATE = '''\
class _Simulate(ModuleType):
    """The module framesift.simulate, which can be called."""

    Experiment: type[_Experiment]
    Simulation: type[_Simulation]
    def load_experiment(self, path: str | Path) -> _Experiment: ...
    def preset(self, name: str) -> _Experiment: ...
    def __call__(
        self,
        experiment: _Experiment | str | Path,
        folder: str | Path,
        *,
        devices: Sequence[str] = (),
        progress: bool = False,
    ) -> _Simulation: ...

simulate: _Simulate

'''


def _names() -> str:
    names = "\n".join(f'    "{name}",' for name in framesift.__all__)
    return f"__all__ = [\n{names}\n]"


def main() -> int:
    """Writes the file; says where."""
    PATH.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{PATH}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
