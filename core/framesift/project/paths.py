"""Where a referenced file is now: the project's folder may have moved, with it or without."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath

from framesift.errors import InputError
from framesift.files.printable import path_of, path_text

_NEARBY = 4
"""A relative path with more steps up than this says nothing about a common move."""
_LOOKED_THROUGH = 200_000


@dataclass(frozen=True, slots=True)
class Reference:
    """What is remembered about a file: its path from the project's folder (None: not nearby)
    and from the root, as texts (`path_text`), size and time of change (None for folders)."""

    relative: str | None
    absolute: str
    bytes: int | None
    modified: int | None

    @staticmethod
    def to(path: Path, folder: Path) -> Reference:
        """The reference to an existing file or folder from a project's `folder`."""
        path, folder = Path(os.path.abspath(path)), Path(os.path.abspath(folder))
        size = modified = None
        if path.is_file():
            stat = path.stat()
            size, modified = stat.st_size, stat.st_mtime_ns
        relative = _relative(path, folder)
        return Reference(
            None if relative is None else path_text(relative),
            path_text(str(path)),
            size,
            modified,
        )

    def places(self, folder: Path) -> Iterator[Path]:
        """Where it may be, the likeliest place first."""
        if self.relative is not None:
            yield Path(
                os.path.normpath(folder.absolute() / PurePosixPath(path_of(self.relative)))
            )
        yield self.path

    @property
    def path(self) -> Path:
        """Where it was when it was remembered."""
        return Path(path_of(self.absolute))

    def unchanged(self, path: Path) -> bool:
        """Whether size and time of change say that the content is the same."""
        if self.bytes is None or not path.is_file():
            return False
        stat = path.stat()
        return stat.st_size == self.bytes and stat.st_mtime_ns == self.modified


def _relative(path: Path, folder: Path) -> str | None:
    try:
        relative = PurePath(os.path.relpath(path, folder))
    except ValueError:
        return None
    return relative.as_posix() if relative.parts.count("..") <= _NEARBY else None


def find(
    reference: Reference,
    folder: Path,
    same: Callable[[Path], bool],
    search: Sequence[Path] = (),
) -> Path:
    """The file that `reference` means: where it was from the project's folder, where it was
    from the root, else a file of that name anywhere under the folders of `search`.

    `same` says by content whether a file is the one; it is only asked where size and time do
    not say so. Raises InputError when the file is gone or another one stands in its place.
    """
    other: Path | None = None
    for path in dict.fromkeys(reference.places(folder)):
        if path.exists():
            if reference.unchanged(path) or same(path):
                return path
            other = other or path
    name = reference.path.name
    for path in _named(name, search):
        if same(path):
            return path
    if other is not None:
        raise InputError(
            f"{other} is no longer the video that was added: its content has "
            "changed. Put the original back, or add this one under another name."
        )
    where = f" or in {', '.join(map(str, search))}" if search else ""
    raise InputError(
        f"{name} is not at {reference.path} any more{where}; put it back, or "
        "say where it is now."
    )


def _named(name: str, search: Sequence[Path]) -> Iterator[Path]:
    seen = 0
    for top in search:
        for root, folders, files in os.walk(top):
            seen += len(files) + len(folders)
            if name in files or name in folders:
                yield Path(root) / name
            if seen > _LOOKED_THROUGH:
                return
