"""Writing files so that a reader sees the old one or the new one, never half of one."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from framesift.errors import EnvironmentProblem

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EACCES: "permission is denied; choose a folder that you may write to",
    errno.EPERM: "permission is denied; choose a folder that you may write to",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


def cannot_write(path: Path, error: OSError) -> EnvironmentProblem:
    """The sentence for an OSError that arose while writing `path`."""
    reason = _REASONS.get(error.errno or 0, f"{error.strerror or error}; choose another place")
    return EnvironmentProblem(f"Cannot write {path}: {reason}.")


def make_folder(path: Path) -> Path:
    """Creates a folder and its parents; EnvironmentProblem when the machine refuses."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`; on success it takes the place of `path` in one
    step, flushed to disk; on any exception it is removed and `path` is as it was.

    Raises EnvironmentProblem where the disk is full, read-only or not ours to write.
    """
    make_folder(path.parent)
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{path.name[:40]}.", suffix=path.suffix, dir=path.parent
        )
        os.close(handle)
    except OSError as error:
        raise cannot_write(path, error) from error
    part = Path(name)
    try:
        yield part
        _flush(part)
        part.chmod(0o666 & ~_umask())
        part.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise cannot_write(path, error) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Writes a whole file atomically."""
    with replacing(path) as part:
        part.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Writes a whole UTF-8 file atomically, with the line ends as given."""
    write_bytes(path, text.encode("utf-8"))


_LIST = ".framesift-written"


def write_list(folder: Path) -> None:
    """Lists in a folder what is in it, so that another command knows its own files again."""
    rows = [
        f"{stat.st_size} {stat.st_mtime_ns} {path.relative_to(folder).as_posix()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (stat := path.stat())
    ]
    (folder / _LIST).write_bytes("".join(f"{row}\n" for row in rows).encode("utf-8", _ESCAPED))


_ESCAPED = "surrogateescape"


def foreign_files(folder: Path) -> Iterator[str]:
    """What is in a folder and not, as it is, in its list: files that were added or changed, and
    links. Everything where there is no list."""
    known: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for line in (folder / _LIST).read_bytes().decode("utf-8", _ESCAPED).splitlines():
            size, _, rest = line.partition(" ")
            time, _, name = rest.partition(" ")
            known[name] = f"{size} {time}"
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            yield name
        elif path.is_file() and name != _LIST:
            stat = path.stat()
            if known.get(name) != f"{stat.st_size} {stat.st_mtime_ns}":
                yield name


def swap(new: Path, there: Path) -> None:
    """Puts the folder `new` in the place of the folder `there`, which then lies at `new`: in
    one step, so that a reader sees the old one or the new one, and whoever is killed leaves one
    of them; where the system cannot do that, in two. OSError where the system refuses."""
    if _exchange(new, there):
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{there.name[:40]}.", dir=there.parent))
    try:
        there.rename(aside / "old")
        try:
            new.rename(there)
        except OSError:
            (aside / "old").rename(there)
            raise
        (aside / "old").rename(new)
    finally:
        with contextlib.suppress(OSError):
            aside.rmdir()


_AT_FDCWD, _EXCHANGE = -100, 2
"""Of Linux' renameat2; macOS' renamex_np calls the same thing RENAME_SWAP."""


def _exchange(one: Path, other: Path) -> bool:
    if os.name != "posix":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    a, b = os.fsencode(one), os.fsencode(other)
    if hasattr(library, "renameat2"):
        return bool(library.renameat2(_AT_FDCWD, a, _AT_FDCWD, b, _EXCHANGE) == 0)
    if hasattr(library, "renamex_np"):
        return bool(library.renamex_np(a, b, _EXCHANGE) == 0)
    return False


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(text: str) -> str:
    """A text for a CSV cell: one that spreadsheets would take for a formula (it begins with
    = + - @, a tab or a return) gets an apostrophe before it. Numbers are no texts and stay."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def text_of_cell(value: str) -> str:
    """The text that `cell` made a cell of."""
    bare = value.removeprefix("'")
    return bare if bare.lstrip("'").startswith(_FORMULA) else value


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def flush_folder(path: Path) -> None:
    """Brings a folder's entries, such as a rename in it, to the disk."""
    # Windows cannot open folders; there the rename itself is durable enough.
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
