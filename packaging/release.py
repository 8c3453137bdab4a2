"""Trying and finishing a release: `python packaging/release.py smoke|dist|finish`; the Makefile
calls it after package.py."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bundle import debian, listing
from package import EXTRAS, ROOT, VARIANTS, Build, Refused, epoch, run, version

_WINDOW = """
from PySide6.QtWidgets import QApplication
from framesift_app.window import MainWindow
app = QApplication([])
window = MainWindow()
window.show()
app.processEvents()
assert window.isVisible() and not window.grab().isNull()
window.close()
"""


def smoke(build: Build, clip: Path | None) -> None:
    """The smoke test twice: of the folder as it is, and of the unpacked archive with a user
    name and paths of spaces and non-Latin letters, in a place that cannot be written to."""
    suffix = ".zip" if sys.platform == "win32" else ".tar.zst"
    archive = build.out / f"{build.name}{suffix}"
    test = [sys.executable, str(ROOT / "packaging" / "smoke.py")]
    given = ["--clip", str(clip)] if clip else []
    for name, options in (
        ("plain", [str(build.folder)]),
        ("awkward", [str(archive), "--awkward", "--read-only"]),
    ):
        sys.stdout.write(f"-- {name}: {options[0]}\n")
        sys.stdout.flush()
        run([*test, *options, *given, "--pictures", str(ROOT / "build" / "smoke" / name)])


def dist(out: Path, torch_index: str | None) -> None:
    """Wheel and source archive into `out`; each is installed into a clean environment."""
    with tempfile.TemporaryDirectory(prefix="framesift-dist-") as place:
        tools = _environment(Path(place) / "tools")
        run([str(tools), "-m", "pip", "install", "--quiet", "build"])
        for old in (*out.glob("framesift-*.whl"), *out.glob("framesift-*.tar.gz")):
            old.unlink()
        # The wheel from this folder, not from the source archive: with the documentation.
        run(
            [str(tools), "-m", "build", "--sdist", "--wheel", "--outdir", str(out), str(ROOT)],
            SOURCE_DATE_EPOCH=str(epoch()),
        )
        [wheel], [source] = out.glob("framesift-*.whl"), out.glob("framesift-*.tar.gz")
        python = _environment(Path(place) / "clean")
        pip = [str(python), "-m", "pip", "install", "--quiet"]
        if torch_index:
            run([*pip, "--index-url", torch_index, "torch", "torchvision"])
        # In the order in which they need one another: without Qt first.
        run([*pip, str(wheel)])
        _try(python, Path(place) / "wheel")
        run([*pip, f"framesift[{','.join(EXTRAS)}] @ {wheel.as_uri()}"])
        run([str(python), "-c", _WINDOW], QT_QPA_PLATFORM="offscreen")
        run([*pip, "--no-deps", "--force-reinstall", str(source)])
        _try(python, Path(place) / "source")
        run([str(python), "-c", _WINDOW], QT_QPA_PLATFORM="offscreen")
    sys.stdout.write(f"{wheel}\n{source}\nboth install and run\n")


def _environment(folder: Path) -> Path:
    run([sys.executable, "-m", "venv", str(folder)])
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _try(python: Path, place: Path) -> None:
    """The installed command in an empty folder: its version, and a short demo."""
    place.mkdir()
    command = shutil.which("framesift", path=python.parent)
    if command is None:
        raise Refused("The package installs no command framesift.")
    answer = subprocess.run(
        [command, "--version"], cwd=place, capture_output=True, text=True, check=True
    ).stdout.strip()
    if answer != f"framesift {version()}":
        raise Refused(f"The installed command says {answer}, not framesift {version()}.")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(
        [command, "demo", "--frames", "60", "--out", "report"],
        cwd=place,
        env=environment,
        check=True,
    )
    if not (place / "report" / "report.html").exists():
        raise Refused("The installed command wrote no report.")


def finish(build: Build) -> None:
    """The installer of this system, and the checksums of everything in the folder."""
    if sys.platform.startswith("linux") and shutil.which("dpkg-deb"):
        debian.build(
            build.folder,
            build.work / "assets",
            build.out / f"{build.name}.deb",
            version(),
            epoch(),
        )
    files = [
        path
        for path in build.out.iterdir()
        if path.is_file() and path.name.startswith("framesift-")
    ]
    (build.out / "SHA256SUMS").write_text(listing.checksums(files), encoding="utf-8")
    for path in sorted([*files, build.out / "SHA256SUMS"]):
        sys.stdout.write(f"{path.stat().st_size / 1e6:9.1f} MB  {path.name}\n")


def main() -> int:
    """Does what the command line says; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["smoke", "dist", "finish"])
    parser.add_argument("--variant", choices=VARIANTS, default="cpu")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR")
    parser.add_argument("--clip", type=Path, metavar="VIDEO")
    parser.add_argument("--torch-index", metavar="URL")
    args = parser.parse_args()
    build = Build(args.variant, args.out.resolve(), ROOT / "build" / f"package-{args.variant}")
    build.out.mkdir(parents=True, exist_ok=True)
    try:
        if args.what == "smoke":
            smoke(build, args.clip)
        elif args.what == "dist":
            dist(build.out, args.torch_index)
        else:
            finish(build)
    except (Refused, OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"release: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
