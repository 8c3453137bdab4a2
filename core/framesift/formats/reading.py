"""Telling formats apart, and reading labels of any of them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from framesift.errors import InputError
from framesift.formats.base import Format
from framesift.formats.model import LabelFile, Sizes
from framesift.formats.source import Source
from framesift.records import Progress


def member(formats: dict[str, Format], name: str) -> Format:
    """The format called `name`; InputError listing the names otherwise."""
    try:
        return formats[name]
    except KeyError:
        raise InputError(
            f"There is no label format “{name}”; choose one of {', '.join(formats)}."
        ) from None


def sniff_in(formats: dict[str, Format], path: Path) -> Format:
    _check_there(path)
    for candidate in formats.values():
        if candidate.recognises(path):
            return candidate
    raise InputError(
        f"{path} is in none of the label formats that are known; name the format "
        f"({', '.join(formats)}) if it should be one of them."
    )


def _check_there(path: Path) -> None:
    if not path.exists():
        raise InputError(f"{path} does not exist; give a file or folder of labels.")
    if path.is_file():
        try:
            packed = zipfile.is_zipfile(path)
        except OSError as error:
            raise InputError(f"Cannot read {path}: {error.strerror or error}.") from error
        if packed:
            raise InputError(f"{path} is a packed archive; unpack it and give the folder.")


def reading_in(
    formats: dict[str, Format],
    path: Path,
    name: str | None,
    sizes: Sizes,
) -> Iterator[Progress | LabelFile]:
    _check_there(path)
    format_ = member(formats, name) if name else sniff_in(formats, path)
    result = yield from format_.read(Source(path, format_.name, sizes))
    yield result
