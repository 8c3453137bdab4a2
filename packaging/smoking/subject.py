"""The bundle under test: moved elsewhere, run with a bare environment."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

AWKWARD = "Ünï 名前 & (x)"
"""A user's name as people have them."""
_NOBODY = 65534


class Subject:
    """A copy of the bundle in a folder of its own, with a home and a place to work in.

    `given`: the built folder, or its archive, which is unpacked. `awkward`: user name and all
    paths hold spaces and non-Latin letters. `read_only`: nothing may be written beside the
    executable; it runs as an unprivileged user where this is the superuser, who could write
    anywhere.
    """

    def __init__(self, given: Path, *, awkward: bool, read_only: bool) -> None:
        self.user = AWKWARD if awkward else "user"
        self.top = Path(
            tempfile.mkdtemp(
                prefix=f"framesift smoke {AWKWARD} " if awkward else "framesift-smoke-"
            )
        )
        self.folder = self._moved(given)
        suffix = ".exe" if sys.platform == "win32" else ""
        self.executable = self.folder / f"framesift{suffix}"
        self.home, self.work = self.top / "home" / self.user, self.top / f"work of {self.user}"
        self._nothing = self.top / "nothing"
        for folder in (self.home, self.work, self._nothing, self.work / "tmp"):
            folder.mkdir(parents=True)
        self._unprivileged = read_only and hasattr(os, "geteuid") and os.geteuid() == 0
        if self._unprivileged:
            self.top.chmod(0o755)
            for folder in (self.home, self.work, self.work / "tmp"):
                os.chown(folder, _NOBODY, _NOBODY)
        if read_only:
            _forbid_writing(self.folder)
        self._before = self._state()

    def _moved(self, given: Path) -> Path:
        place = self.top / "programs"
        if given.is_dir():
            return Path(shutil.copytree(given, place / given.name, symlinks=True))
        place.mkdir()
        if given.suffix == ".zip":
            shutil.unpack_archive(given, place)
        else:
            subprocess.run(
                [
                    "tar",
                    "--use-compress-program=zstd --long=27 -d",
                    "-xf",
                    str(given),
                    "-C",
                    str(place),
                ],
                check=True,
            )
        [folder] = place.iterdir()
        return folder

    def environment(self, display: str | None = None) -> dict[str, str]:
        """All that the bundle gets to see: a home, a name, a path with nothing on it."""
        names = {
            "HOME": str(self.home),
            "USER": self.user,
            "LOGNAME": self.user,
            "PATH": str(self._nothing),
            "TMPDIR": str(self.work / "tmp"),
        }
        if display:
            names["DISPLAY"] = display
        if sys.platform == "win32":
            names |= {
                "USERPROFILE": str(self.home),
                "APPDATA": str(self.home / "Roaming"),
                "LOCALAPPDATA": str(self.home / "Local"),
                "TEMP": str(self.work / "tmp"),
                "TMP": str(self.work / "tmp"),
                "SYSTEMROOT": os.environ["SYSTEMROOT"],
            }
        return names

    def start(self, *arguments: str, display: str | None = None) -> subprocess.Popen[str]:
        """Starts the executable; its output is read from the process."""
        who = (
            {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
            if self._unprivileged
            else {}
        )
        return subprocess.Popen(
            [str(self.executable), *arguments],
            cwd=self.work,
            env=self.environment(display),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            **who,
        )  # type: ignore[call-overload]

    def run(self, *arguments: str, timeout: float = 600) -> str:
        """Runs a command that must succeed without a word of warning; what it said."""
        with self.start(*arguments) as process:
            try:
                out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise AssertionError(f"{' '.join(arguments)} took over {timeout:g} s") from None
        if process.returncode != 0:
            raise AssertionError(
                f"{' '.join(arguments)} ended with status {process.returncode}:\n{out}{err}"
            )
        for word in ("Traceback", "Warning:"):
            if word in err:
                raise AssertionError(f"{' '.join(arguments)} said:\n{err}")
        return out

    def check_untouched(self) -> str:
        """Nothing was written beside the executable."""
        changed = sorted(set(self._state().items()) ^ set(self._before.items()))
        if changed:
            names = ", ".join(dict.fromkeys(name for name, _ in changed))
            raise AssertionError(f"the bundle was written to: {names[:500]}")
        return f"{len(self._before)} files"

    def _state(self) -> dict[str, tuple[int, int]]:
        return {
            str(path.relative_to(self.folder)): (info.st_size, info.st_mtime_ns)
            for path in self.folder.rglob("*")
            for info in [path.lstat()]
        }

    def remove(self) -> None:
        """Takes everything away again."""
        for path in [self.folder, *self.folder.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | stat.S_IWUSR)
        shutil.rmtree(self.top, ignore_errors=True)


def _forbid_writing(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)
