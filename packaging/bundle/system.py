"""The licences of the system's own libraries that PyInstaller took along."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

_DOC = Path("/usr/share/doc")


def complete(listed: Path, sources: Iterable[str], environment: Path) -> int:
    """Adds to the list of licences `listed` (third-party.json) the Debian packages that the
    bundle's files come from, `sources` being where they were found; those under `environment`
    belong to Python packages. How many were added; 0 on systems without dpkg."""
    if shutil.which("dpkg-query") is None:
        return 0
    system_files = [
        path
        for path in map(Path, sources)
        if path.is_absolute() and not path.is_relative_to(environment)
    ]
    libraries = [
        entry
        for name in sorted({owner for path in system_files for owner in owners(path)})
        if (entry := licence(name)) is not None
    ]
    known = json.loads(listed.read_text(encoding="utf-8"))
    known = sorted([*known, *libraries], key=lambda library: library["name"].casefold())
    listed.write_text(json.dumps(known, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(libraries)


def owners(path: Path) -> list[str]:
    """The packages that a file belongs to; none for files that no package brought."""
    # Where /lib is a link to /usr/lib, packages know their files by either name.
    names = {str(path), str(path.resolve())}
    names |= {name.removeprefix("/usr") for name in names}
    done = subprocess.run(
        ["dpkg-query", "--search", *names], capture_output=True, text=True, check=False
    )
    lines = [
        line.rpartition(": ")[0]
        for line in done.stdout.splitlines()
        if not line.startswith("diversion ")
    ]
    return [owner.strip().split(":")[0] for line in lines for owner in line.split(",")]


def licence(package: str) -> dict[str, str] | None:
    """A package as an entry of the list; None where it brings no licence."""
    file = _DOC / package / "copyright"
    if not file.is_file():
        return None
    version = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Version}\n", package],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")[0]
    return {
        "name": package,
        "version": version,
        "licence": "see its text",
        "text": file.read_text(encoding="utf-8", errors="replace"),
    }


def readable(listed: Path) -> str:
    """The whole list as one text for people: LICENCES.txt."""
    libraries = json.loads(listed.read_text(encoding="utf-8"))
    head = (
        "Framesift is published under the MIT licence. This folder also holds the software\n"
        "listed here, under the licences that follow.\n\n"
        "Qt (LGPL version 3), FFmpeg and the other libraries are files of their own under\n"
        "_internal/: you may replace them by versions of yours that have the same names and\n"
        "interfaces. Their sources are at https://download.qt.io and https://ffmpeg.org;\n"
        "PyAV's builds of FFmpeg, with the configuration named below, are at\n"
        "https://github.com/PyAV-Org/pyav-ffmpeg.\n\n"
    )
    names = "".join(
        f"    {library['name']} {library['version']}: {library['licence']}\n"
        for library in libraries
    )
    line = "=" * 80
    texts = "".join(
        f"\n{line}\n{library['name']} {library['version']}\n{library['licence']}\n"
        f"{line}\n\n{library['text']}"
        for library in libraries
    )
    return head + names + texts
