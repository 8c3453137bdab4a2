"""Reports of bugs and crashes: files on this disk, which nobody but the user ever sends.

While a program runs, its report is open and Python's fault handler may write into it even
when the process is dying. A run that ends in order removes it; one that crashed leaves it, and
the next start finds it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import platform
import sys
import time
import traceback
import uuid
from collections.abc import Iterator
from pathlib import Path

from framesift._version import __version__
from framesift.errors import EnvironmentProblem
from framesift.files import cannot_write, make_folder, write_text

KEPT = 20
"""Reports that are kept; older ones go."""
_OPEN = "running-"


def folder() -> Path:
    """Where the reports lie; it need not be there."""
    from platformdirs import user_data_path

    return user_data_path("framesift", appauthor=False) / "crashes"


class CrashReport:
    """The report of this process, open from now to `end`.

    Raises EnvironmentProblem where the folder cannot be written to.
    """

    def __init__(self, where: Path | None = None) -> None:
        self.folder = make_folder(where or folder())
        self._path = self.folder / f"{_OPEN}{os.getpid()}-{uuid.uuid4().hex[:8]}.txt"
        try:
            self._file = self._path.open("w", encoding="utf-8")
        except OSError as error:
            raise cannot_write(self._path, error) from error
        self._file.write(_head())
        self._file.flush()
        faulthandler.enable(self._file, all_threads=True)

    def bug(self, details: str) -> Path:
        """Writes the report of an error that the program survives; its file.

        Raises EnvironmentProblem where it cannot be written."""
        path = _named(self.folder, "bug", time.time())
        write_text(path, _head() + details)
        _thin_out(self.folder)
        return path

    def end(self) -> None:
        """The program ends in order: there is nothing to report."""
        faulthandler.disable()
        self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def collect(where: Path | None = None) -> list[Path]:
    """The reports that crashed runs have left since the last call, the latest last; each is
    given the name under which it stays."""
    where = where or folder()
    reports = []
    for path in sorted(where.glob(f"{_OPEN}*.txt"), key=_time):
        if _lives(path):
            continue
        # Another start may be collecting at the same time, or the folder be read-only.
        with contextlib.suppress(OSError):
            if path.read_text(encoding="utf-8", errors="replace").count("\n") <= _head().count(
                "\n"
            ):
                # Killed from outside, or the power went: there is nothing to read in it.
                path.unlink()
                continue
            reports.append(path.replace(_named(where, "crash", path.stat().st_mtime)))
    _thin_out(where)
    return reports


def _head() -> str:
    return (
        f"Framesift {__version__} · Python {platform.python_version()} · "
        f"{platform.platform()}\n{time.strftime('%Y-%m-%d %H:%M:%S %z')} · "
        f"{sys.executable}\n\n"
    )


def _named(where: Path, kind: str, moment: float) -> Path:
    stamp = time.strftime("%Y-%m-%d-%H%M%S", time.localtime(moment))
    return where / f"{kind}-{stamp}-{uuid.uuid4().hex[:4]}.txt"


def _lives(path: Path) -> bool:
    """Whether the process that opened a report still runs; numbers of processes are used
    again, so a younger process is another one."""
    import psutil

    try:
        number = int(path.name.removeprefix(_OPEN).split("-")[0])
        return bool(psutil.Process(number).create_time() <= path.stat().st_mtime + 1)
    except (ValueError, OSError, psutil.Error):
        return False


def _time(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _thin_out(where: Path) -> None:
    reports = sorted([*where.glob("bug-*.txt"), *where.glob("crash-*.txt")], key=_time)
    for path in reports[:-KEPT]:
        with contextlib.suppress(OSError):
            path.unlink()


@contextlib.contextmanager
def reporting() -> Iterator[CrashReport | None]:
    """A report for as long as the block runs; None where none can be written: a program must
    not fail to start for want of it."""
    try:
        report = CrashReport()
    except EnvironmentProblem:
        yield None
        return
    try:
        yield report
    except Exception:
        with contextlib.suppress(EnvironmentProblem):
            report.bug(traceback.format_exc())
        raise
    finally:
        report.end()
