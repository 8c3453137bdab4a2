"""What is looked at before anything is done with a project's file: whether it is one.

A database of another program is left as it is: no lock is put beside it, and SQLite, which may
write to what it opens, never sees it.
"""

from __future__ import annotations

from pathlib import Path

from framesift.errors import InputError
from framesift.files import cannot_read
from framesift.project.sentences import damaged

APPLICATION = 0x46534654
"""SQLite's application id of a project: "FSFT"."""
_MAGIC = b"SQLite format 3\0"
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""Ends a rollback journal that names another file. SQLite deletes that file when it rolls such
a journal back; a project, which is one file, has none."""


def check_head(path: Path) -> None:
    """Raises InputError where the file at `path` is a link, a device or pipe, no SQLite file,
    another program's, or has a journal beside it that names other files."""
    if path.is_symlink() or not path.is_file():
        raise InputError(
            f"{path} is a link or a device, which no Framesift made; put the file itself there."
        )
    try:
        with path.open("rb") as file:
            head = file.read(100)
        journal = _end(path.with_name(f"{path.name}-journal"))
    except OSError as error:
        raise cannot_read(path, error) from error
    # SQLite takes an empty file for an empty database.
    if head and not head.startswith(_MAGIC):
        raise damaged(path, "file is not a database")
    if int.from_bytes(head[68:72]) != APPLICATION:
        raise InputError(
            f"{path} is not a Framesift project; name a folder that `framesift init` made."
        )
    if journal == _JOURNAL_MAGIC:
        raise damaged(path, "the journal beside it names other files")


def _end(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - len(_JOURNAL_MAGIC)))
        return file.read()
