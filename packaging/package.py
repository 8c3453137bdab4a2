"""Builds the Framesift that needs no Python: `python packaging/package.py`, or `make package`.

Makes a virtual environment under build/, installs Framesift as anybody would into it, has
PyInstaller collect a folder, and packs that: dist/framesift-VERSION-SYSTEM-VARIANT/, its
archive, and the list of its files beside it. packaging/README.md says what the variants are.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundle import archives, listing, system

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VARIANTS = ("cpu", "full")
EXTRAS = ("app", "onnx")
"""The extras of pyproject.toml that are part of the product."""
_WITHOUT = {"cpu": ("torchvision",), "full": ()}


class Refused(Exception):
    """What stands in the way, as a sentence."""


@dataclass(frozen=True, slots=True)
class Build:
    """One build: where everything of it lies."""

    variant: str
    out: Path
    work: Path

    @property
    def name(self) -> str:
        """Of the folder and the archive: framesift-0.1.0-linux-x86_64-cpu."""
        system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
        return f"framesift-{version()}-{system}-{platform.machine().lower()}-{self.variant}"

    @property
    def folder(self) -> Path:
        return self.out / self.name

    @property
    def python(self) -> Path:
        """The interpreter of the environment that is packaged."""
        inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
        return self.work / "environment" / inside


def version() -> str:
    """The version, from the one place where it is written."""
    text = (ROOT / "core" / "framesift" / "_version.py").read_text(encoding="utf-8")
    match = re.search(r'__version__ = "([^"]+)"', text)
    if match is None:
        raise Refused("core/framesift/_version.py names no version.")
    return match[1]


def epoch() -> int:
    """The time that the archive's entries bear: SOURCE_DATE_EPOCH, else the last commit's."""
    if os.environ.get("SOURCE_DATE_EPOCH", "").isdigit():
        return int(os.environ["SOURCE_DATE_EPOCH"])
    try:
        seconds = subprocess.run(
            ["git", "log", "-1", "--format=%ct"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        return int(seconds)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 1577836800


def requirements(variant: str, project: dict[str, Any]) -> list[str]:
    """What is installed besides torch: pyproject.toml's own requirements, those of the
    product's extras among them, without what the variant leaves out."""
    lines = [*project["dependencies"]]
    for extra in EXTRAS:
        lines += project["optional-dependencies"].get(extra, [])
    left_out = ("torch", *_WITHOUT[variant])
    return [line for line in lines if re.split(r"[^\w.-]", line)[0].lower() not in left_out]


def tools(project: dict[str, Any]) -> list[str]:
    """What builds the documentation; none of it goes into the bundle."""
    return [
        line
        for line in project["optional-dependencies"]["docs"]
        if not line.startswith("framesift")
    ]


def install(build: Build, torch: list[str], index: str | None) -> None:
    """Makes the environment: torch first, from its own index if one is named."""
    shutil.rmtree(build.work / "environment", ignore_errors=True)
    run([sys.executable, "-m", "venv", str(build.work / "environment")])
    pip = [str(build.python), "-m", "pip", "install", "--quiet"]
    run([*pip, *(["--index-url", index] if index else []), *torch])
    if build.variant == "cpu":
        cuda = subprocess.run(
            [str(build.python), "-c", "import torch; print(torch.version.cuda or '')"],
            check=True,
            capture_output=True,
            text=True,
            encoding="utf-8",
        ).stdout.strip()
        if cuda:
            raise Refused(
                f"{' '.join(torch)} is a build for CUDA {cuda} here, which needs gigabytes of "
                "CUDA libraries to start at all. Name an index of processor builds (make "
                "package TORCH_INDEX=…), another torch (TORCH=…), or VARIANT=full."
            )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    run(
        [
            *pip,
            "-r",
            str(HERE / "requirements.txt"),
            *requirements(build.variant, project),
            *tools(project),
        ]
    )
    run([*pip, "--no-deps", str(ROOT)])


def freeze(build: Build) -> None:
    """Has PyInstaller make the folder."""
    assets = build.work / "assets"
    run([str(build.python), "-m", "bundle.assets", str(assets)], PYTHONPATH=str(HERE))
    run([str(build.python), str(HERE / "docs" / "build.py"), str(assets / "site")])
    made = build.work / "made"
    shutil.rmtree(made, ignore_errors=True)
    run(
        [
            str(build.python),
            "-m",
            "PyInstaller",
            "--noconfirm",
            "--log-level",
            "WARN",
            "--distpath",
            str(made),
            "--workpath",
            str(build.work / "pyinstaller"),
            str(HERE / "framesift.spec"),
            "--",
            "--assets",
            str(assets),
        ],
        # Sets are stored in the order of their hashes.
        PYTHONHASHSEED="1",
        SOURCE_DATE_EPOCH=str(epoch()),
    )
    shutil.rmtree(build.folder, ignore_errors=True)
    build.out.mkdir(parents=True, exist_ok=True)
    shutil.move(made / "framesift", build.folder)
    slim(build.folder)
    for name in ("LICENSE", "README.md", "CHANGELOG.md"):
        shutil.copyfile(ROOT / name, build.folder / name)
    (build.folder / "LICENCES.txt").write_text(
        system.readable(assets / "third-party.json"), encoding="utf-8"
    )
    if (made / "Framesift.app").exists():
        application = build.out / "Framesift.app"
        shutil.rmtree(application, ignore_errors=True)
        shutil.move(made / "Framesift.app", application)


def slim(folder: Path) -> None:
    """Takes the symbols for debuggers out of Python's own library, which some makers of Pythons
    leave in. Libraries of wheels are left alone: some do not survive it."""
    strip = shutil.which("strip")
    if sys.platform.startswith("linux") and strip:
        for library in (folder / "_internal").glob("libpython*.so*"):
            if not library.is_symlink():
                run([strip, "--strip-unneeded", str(library)])


def pack(build: Build) -> Path:
    """Writes the list of files and the archive; the archive's path."""
    (build.out / f"{build.name}.files").write_text(
        listing.manifest(build.folder), encoding="utf-8"
    )
    if sys.platform == "win32":
        target = build.out / f"{build.name}.zip"
        archives.zip_file(build.folder, target, epoch())
    else:
        target = build.out / f"{build.name}.tar.zst"
        archives.tar_zst(build.folder, target, epoch())
    return target


def run(command: list[str], **environment: str) -> None:
    """Runs a step; Refused when it fails, after it has said why."""
    # What is packaged is what was installed, not what somebody's shell points at.
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=ROOT, env={**ours, **environment}, check=False)
    if done.returncode != 0:
        raise Refused(f"This step failed with status {done.returncode}: {' '.join(command)}")


def torch_requirements(variant: str, override: str | None) -> list[str]:
    """The lines of the variant's file, or what the user named instead."""
    if override:
        return override.split()
    lines = (HERE / f"requirements-{variant}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def main() -> int:
    """Builds what the command line says; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variant", choices=VARIANTS, default="cpu")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR")
    parser.add_argument(
        "--torch", metavar="REQUIREMENTS", help="instead of those in requirements-VARIANT.txt"
    )
    parser.add_argument("--torch-index", metavar="URL", help="where torch comes from")
    parser.add_argument(
        "--keep-environment",
        action="store_true",
        help="use the environment of the last build again",
    )
    args = parser.parse_args()
    build = Build(args.variant, args.out.resolve(), ROOT / "build" / f"package-{args.variant}")
    began = time.monotonic()
    try:
        if not (args.keep_environment and build.python.exists()):
            install(build, torch_requirements(args.variant, args.torch), args.torch_index)
        installed = time.monotonic()
        freeze(build)
        frozen = time.monotonic()
        archive = pack(build)
    except (Refused, OSError) as error:
        sys.stderr.write(f"package: {error}\n")
        return 2
    sys.stdout.write(
        f"{build.folder}: {listing.size(build.folder) / 1e9:.2f} GB\n"
        f"{archive}: {archive.stat().st_size / 1e6:.0f} MB\n"
        f"{installed - began:.0f} s for the environment, {frozen - installed:.0f} s for the "
        f"folder, {time.monotonic() - frozen:.0f} s for the archive\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
