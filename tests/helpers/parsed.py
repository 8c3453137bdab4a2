"""Source files as syntax trees."""

from __future__ import annotations

import ast
import gc
from pathlib import Path


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file. Without garbage collection: in Python 3.11 `ast.parse` raises
    SystemError ("recursion depth mismatch") where it is entered again from a finalizer of what
    other tests left, as happened once in a long run."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    finally:
        if collecting:
            gc.enable()
