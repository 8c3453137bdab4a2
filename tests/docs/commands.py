"""Runs the commands of the README and the tutorial in order, as written, in a folder with small
drawn files of the names that they use: `python tests/docs/commands.py [PAGE]`, a line each.

Blocks with <!-- not run, data: why --> before them are passed over; test_commands.py counts
those.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
SECONDS = 900
"""For one command, on a machine that does other things, too."""


def load(path: Path) -> ModuleType:
    """A module by its file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


media, pages = load(HERE.parent / "media.py"), load(HERE / "test_commands.py")


def prepare(folder: Path) -> Path:
    """The files that the pages name, and `framesift` as a command; the folder of that."""
    drive = media.encode(folder / "drive.mp4", media.pictures(30), rate=10)
    for name in ("mon_am.mp4", "mon_pm.mp4"):
        shutil.copy(drive, folder / name)
    (folder / "footage").mkdir()
    for seed, name in enumerate(("one", "two")):
        images = media.pictures(75, seed=seed)
        media.encode(folder / "footage" / f"{name}.mp4", images, rate=10)
    for kind in ("numbered_images", "stills"):
        (folder / kind).mkdir()
        for number, image in enumerate(media.pictures(8)):
            (folder / kind / f"{number:06d}.jpg").write_bytes(media.jpeg(image))
    command = folder / "bin" / "framesift"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m framesift "$@"\n')
    command.chmod(0o755)
    return command.parent


def run(page: str) -> list[str]:
    """Runs a page's commands; those that failed, with what they said."""
    failed = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = f"{prepare(folder)}{os.pathsep}{os.environ['PATH']}"
        for block in pages.blocks(page):
            for line in () if block.not_run is not None else block.lines:
                began = time.monotonic()
                ended = subprocess.run(
                    ["/bin/bash", "-c", line],
                    cwd=folder,
                    env={**os.environ, "PATH": path},
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=SECONDS,
                    check=False,
                )
                word = "ok" if ended.returncode == 0 else f"STATUS {ended.returncode}"
                sys.stdout.write(f"{word:9} {time.monotonic() - began:5.1f} s  {line}\n")
                sys.stdout.flush()
                if ended.returncode:
                    failed.append(f"{line}\n{ended.stdout[-1000:]}{ended.stderr[-1000:]}")
        if page == "README" and not [*(folder / "to-label").rglob("*.png")]:
            failed.append("to-label holds no frame to label")
    return failed


def main(names: list[str]) -> int:
    failed = [each for page in names or sorted(pages.PAGES) for each in run(page)]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stdout.write(f"{used.ru_utime + used.ru_stime:.0f} s of processor time in all\n")
    for each in failed:
        sys.stdout.write(f"\n{each}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
