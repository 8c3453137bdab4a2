"""The list of a folder's files, and of checksums: the same bytes give the same text."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def entries(folder: Path) -> Iterator[Path]:
    """Every file, link and empty folder under `folder`, in the order of their names."""
    listed = []
    for root, folders, files in os.walk(folder):
        here = Path(root)
        links = [name for name in folders if (here / name).is_symlink()]
        listed += [here / name for name in (*files, *links)]
        if here != folder and not folders and not files:
            listed.append(here)
    yield from sorted(listed, key=lambda path: path.relative_to(folder).as_posix())


def manifest(folder: Path) -> str:
    """A line for each entry of `folder`: SHA-256, size in bytes, path; links with where they
    point to. No times, no owners: two equal folders have equal lists."""
    lines = []
    for path in entries(folder):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            lines.append(f"{'link':64}  {0:>10}  {name} -> {os.readlink(path)}")
        elif path.is_dir():
            lines.append(f"{'folder':64}  {0:>10}  {name}/")
        else:
            lines.append(f"{digest(path)}  {path.stat().st_size:>10}  {name}")
    return "".join(f"{line}\n" for line in lines)


def checksums(files: Iterable[Path]) -> str:
    """The text of SHA256SUMS, as `sha256sum --check` reads it."""
    return "".join(
        f"{digest(path)}  {path.name}\n" for path in sorted(files, key=lambda path: path.name)
    )


def digest(path: Path) -> str:
    """The SHA-256 of a file's content, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size(folder: Path) -> int:
    """Bytes of all files under a folder, links not followed."""
    return sum(
        path.lstat().st_size for path in entries(folder) if path.is_file() or path.is_symlink()
    )
