"""Remembers the tables of files that were opened before. Losing the cache costs only time."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import av
import numpy as np
import platformdirs

from framesift.errors import EnvironmentProblem
from framesift.files import replacing
from framesift.video.table import StreamTable

VERSION = 3
_BLOCK, _BLOCKS = 1 << 16, 8
_MOST_FILES = 2000


def fingerprint(path: Path) -> str:
    """Hex digest of a file's size and of blocks from its beginning to its end (the whole of
    a file up to half a megabyte): cheap, and the same wherever the file lies."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.sha256(str(size).encode())
        if size <= _BLOCK * _BLOCKS:
            digest.update(file.read())
        else:
            for number in range(_BLOCKS):
                file.seek((size - _BLOCK) * number // (_BLOCKS - 1))
                digest.update(file.read(_BLOCK))
    return digest.hexdigest()[:32]


def file_state(path: Path) -> tuple[str, int, int]:
    """What changes when a file does.

    Args:
        path: the file.

    Returns:
        Fingerprint, size in bytes, time of the last change in nanoseconds.

    Raises:
        OSError: the file cannot be read.

    Example:
        >>> fingerprint, size, _ = file_state(Path("clip.mp4"))
        >>> size == Path("clip.mp4").stat().st_size
        True
    """
    stat = path.stat()
    return fingerprint(path), stat.st_size, stat.st_mtime_ns


def folder() -> Path:
    """Where tables are kept: FRAMESIFT_CACHE_DIR, or the user's cache folder."""
    named = os.environ.get("FRAMESIFT_CACHE_DIR")
    root = Path(named) if named else Path(platformdirs.user_cache_dir("framesift", False))
    return root / "index"


def _place(path: Path, print_of_file: str, stream: int | None) -> Path:
    # The time of the last change tells apart what the sampled blocks cannot.
    key = (
        VERSION,
        print_of_file,
        path.stat().st_mtime_ns,
        stream,
        av.__version__,
        sorted(av.library_versions.items()),
    )
    return folder() / f"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}.npz"


def load(path: Path, print_of_file: str, stream: int | None) -> StreamTable | None:
    """The table remembered for this file, or None; a damaged one counts as none."""
    # Whatever is wrong with it, a cache is made again: zip, zlib, numpy and we ourselves
    # have a dozen ways to say that bytes make no sense.
    with (
        contextlib.suppress(Exception),
        _place(path, print_of_file, stream).open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        return StreamTable.of_arrays(dict(arrays))
    return None


def save(path: Path, print_of_file: str, stream: int | None, table: StreamTable) -> None:
    """Remembers a table; does nothing where the cache folder cannot be written."""
    with contextlib.suppress(EnvironmentProblem, OSError):
        place = _place(path, print_of_file, stream)
        with replacing(place) as part, part.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **table.arrays())
        _thin_out(place.parent)


def _thin_out(tables: Path) -> None:
    files = [f for f in tables.iterdir() if f.suffix == ".npz"]
    if len(files) > _MOST_FILES:
        oldest = sorted(files, key=lambda f: f.stat().st_mtime)
        for file in oldest[: len(files) - _MOST_FILES // 2]:
            file.unlink(missing_ok=True)
