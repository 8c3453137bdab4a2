"""Folders that appear whole or not at all, and that know what a command of ours wrote."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from framesift.errors import InputError
from framesift.files import cannot_write, flush_file, flush_folder, hold, make_folder, umask

_PART = ".framesift-part"
"""Lies, held, in a folder that is being written: one that nobody holds was left by a process
that was killed."""


def check_free(out: Path, *, overwrite: bool) -> None:
    """Raises InputError unless the folder `out` can be written: it is not there, is empty, or,
    with `overwrite`, holds nothing but what a command of ours wrote, as it wrote it."""
    try:
        if out.is_symlink() or (out.exists() and not out.is_dir()):
            raise InputError(f"{out} is no folder; name a new folder.")
        if not out.is_dir() or not any(out.iterdir()):
            return
        if not overwrite:
            raise InputError(
                f"{out} is there and not empty; name a new folder, or allow it to be replaced "
                "(--overwrite)."
            )
        foreign = next(foreign_files(out), None)
    except OSError as error:
        raise cannot_write(out, error) from error
    if foreign is not None:
        raise InputError(
            f"{out} is not empty: it holds {foreign}, which Framesift did not write so; name a "
            "new folder, or move that elsewhere."
        )


@contextlib.contextmanager
def replacing_folder(out: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yields a hidden folder beside `out`; on success it takes the place of `out` in one step,
    brought to the disk with a list of what is in it; on any exception it is removed and `out`
    is as it was. What killed processes left beside `out` is removed, too.

    Raises InputError where `out` is not free (`check_free`), EnvironmentProblem where the disk
    is full, read-only or not ours to write.
    """
    check_free(out, overwrite=overwrite)
    make_folder(out.parent)
    _clean(out)
    try:
        part = Path(tempfile.mkdtemp(prefix=_prefix(out), dir=out.parent))
    except OSError as error:
        raise cannot_write(out, error) from error
    handle = None
    try:
        handle = os.open(part / _PART, os.O_RDWR | os.O_CREAT)
        hold(handle)
        yield part
        os.close(handle)
        handle = None
        (part / _PART).unlink()
        _flush(part)
        _write_list(part)
        part.chmod(0o777 & ~umask())
        # It may have come in the meantime.
        check_free(out, overwrite=overwrite)
        _take_place(part, out)
    except OSError as error:
        raise cannot_write(out, error) from error
    finally:
        if handle is not None:
            os.close(handle)
        shutil.rmtree(part, ignore_errors=True)


def _prefix(out: Path) -> str:
    return f".{out.name[:40]}."


def _clean(out: Path) -> None:
    with contextlib.suppress(OSError):
        for left in out.parent.glob(f"{glob_escaped(_prefix(out))}*/{_PART}"):
            if not left.parent.is_symlink() and _abandoned(left):
                shutil.rmtree(left.parent, ignore_errors=True)


def glob_escaped(text: str) -> str:
    """A text that stands for itself in a pattern of file names."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text)


def _abandoned(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        hold(handle)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _flush(folder: Path) -> None:
    for here, _, names in os.walk(folder):
        for name in names:
            flush_file(Path(here) / name)
        flush_folder(Path(here))


def _take_place(part: Path, out: Path) -> None:
    if out.exists():
        swap(part, out)
    else:
        part.rename(out)
    flush_folder(out.parent)


_LIST = ".framesift-written"


def _write_list(folder: Path) -> None:
    """Lists in a folder what is in it, so that another command knows its own files again."""
    rows = [
        f"{stat.st_size} {stat.st_mtime_ns} {path.relative_to(folder).as_posix()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (stat := path.stat())
    ]
    path = folder / _LIST
    path.write_bytes("".join(f"{row}\n" for row in rows).encode("utf-8", _ESCAPED))
    flush_file(path)
    flush_folder(folder)


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


def _exchange(first: Path, second: Path) -> bool:
    if os.name != "posix":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    a, b = os.fsencode(first), os.fsencode(second)
    if hasattr(library, "renameat2"):
        return bool(library.renameat2(_AT_FDCWD, a, _AT_FDCWD, b, _EXCHANGE) == 0)
    if hasattr(library, "renamex_np"):
        return bool(library.renamex_np(a, b, _EXCHANGE) == 0)
    return False
