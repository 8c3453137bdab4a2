"""The class names of an ONNX detector: from its metadata, or a text file beside it."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from framesift.errors import InputError

LONGEST = 1_000_000
MOST = 10_000
SUFFIX = ".names"


def class_names(path: Path, metadata: Mapping[str, str]) -> tuple[str, ...] | None:
    """The names in the order of their numbers: of a file MODEL.names beside the model (one a
    line), else of the metadata's `names` (a list or a mapping from numbers, as JSON or as
    Python writes them); None where there are none.

    Raises InputError for names that are none.
    """
    beside = path.with_suffix(SUFFIX)
    if beside.is_file():
        try:
            if beside.stat().st_size > LONGEST:
                raise ValueError
            lines = beside.read_text("utf-8-sig").splitlines()
        except (OSError, ValueError):
            raise InputError(
                f"The file {beside.name} is no list of class names; write one "
                "name a line, in UTF-8."
            ) from None
        return _checked(beside.name, [line.strip() for line in lines if line.strip()])
    text = metadata.get("names")
    return None if text is None else _checked(path.name, _parsed(path, text))


def _parsed(path: Path, text: str) -> list[Any]:
    parsed: Any = None
    if len(text) <= LONGEST:
        for read in (json.loads, ast.literal_eval):
            try:
                parsed = read(text)
                break
            except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
                continue
    if isinstance(parsed, dict):
        try:
            numbered = {int(key): value for key, value in parsed.items()}
        except (TypeError, ValueError):
            numbered = {}
        parsed = [numbered[n] for n in range(len(numbered)) if n in numbered]
        parsed = parsed if len(parsed) == len(numbered) else None
    if not isinstance(parsed, list | tuple):
        raise InputError(
            f"The class names in {path.name} cannot be read; write them into "
            f"{path.with_suffix('.names').name}, one a line."
        )
    return list(parsed)


def _checked(source: str, names: list[Any]) -> tuple[str, ...]:
    if not 0 < len(names) <= MOST or not all(
        isinstance(name, str) and name.strip() and name.isprintable() and len(name) <= 200
        for name in names
    ):
        raise InputError(
            f"The class names in {source} are not all words of up to 200 "
            "characters; write one a line into a file MODEL.names beside it."
        )
    seen: dict[str, int] = {}
    unique = []
    for name in (name.strip() for name in names):
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    if len(set(unique)) != len(unique):
        raise InputError(f"Class names in {source} are there twice; give each class its own.")
    return tuple(unique)
