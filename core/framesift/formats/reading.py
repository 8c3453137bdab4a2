"""Telling formats apart, and reading labels of any of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from framesift.errors import InputError
from framesift.formats.archive import unpacked
from framesift.formats.base import Format
from framesift.formats.files import opened
from framesift.formats.model import LabelFile, Sizes
from framesift.formats.source import Source
from framesift.formats.strangers import why_not
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
    if _packed(path):
        with unpacked(path) as folder:
            return _recognised(formats, folder)
    return _recognised(formats, path)


def _recognised(formats: dict[str, Format], path: Path) -> Format:
    for candidate in formats.values():
        # One odd file of a folder, such as a pipe, does not keep the others from being known.
        with contextlib.suppress(*((InputError,) if path.is_dir() else ())):
            if candidate.recognises(path):
                return candidate
    reason = why_not(path)
    if reason is not None:
        raise InputError(reason)
    raise InputError(
        f"{path} is in none of the label formats that are known; name the format "
        f"({', '.join(formats)}) if it should be one of them."
    )


def _check_there(path: Path) -> None:
    if not path.exists():
        raise InputError(f"{path} does not exist; give a file or folder of labels.")
    if not path.is_dir():
        opened(path).close()


def _packed(path: Path) -> bool:
    if not path.is_file():
        return False
    with opened(path) as file:
        # Files that only end in an archive are somebody's trick, or a checkpoint of torch.
        return file.read(4) == b"PK\x03\x04"


def reading_in(
    formats: dict[str, Format],
    path: Path,
    name: str | None,
    sizes: Sizes,
    lengths: Mapping[str, int] | None,
    outlines: bool,
) -> Iterator[Progress | LabelFile]:
    _check_there(path)
    if _packed(path):
        with unpacked(path) as folder:
            yield from _reading(formats, folder, name, sizes, lengths, outlines)
    else:
        yield from _reading(formats, path, name, sizes, lengths, outlines)


def _reading(
    formats: dict[str, Format],
    path: Path,
    name: str | None,
    sizes: Sizes,
    lengths: Mapping[str, int] | None,
    outlines: bool,
) -> Iterator[Progress | LabelFile]:
    format_ = member(formats, name) if name else _recognised(formats, path)
    result = yield from format_.read(Source(path, format_.name, sizes, lengths, outlines))
    yield result
