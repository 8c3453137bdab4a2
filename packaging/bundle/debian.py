"""A Debian package of the bundle: /opt/framesift, a command, an entry in the menu, and a type
for projects. `python -m bundle.debian FOLDER ASSETS TARGET.deb`; needs dpkg-deb."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bundle.listing import size

DEPENDS = ("libegl1", "libfontconfig1", "libgl1", "libx11-6", "libxcb1")
"""What the bundle leaves to the system: what belongs to its screen and its graphics driver."""
_LINUX = Path(__file__).resolve().parents[1] / "linux"
_DOC = "usr/share/doc/framesift"


def control(version: str, architecture: str, installed_kb: int, libc: str) -> str:
    """The text of DEBIAN/control. `libc`: that of the machine that builds; an older one cannot
    run what it bundles."""
    return f"""Package: framesift
Version: {version}
Architecture: {architecture}
Maintainer: The Framesift developers
Section: graphics
Priority: optional
Installed-Size: {installed_kb}
Depends: {", ".join((f"libc6 (>= {libc})", *DEPENDS))}
Description: Finds the frames of hours of video that are worth labelling
 Framesift runs a detector over every frame of dashcam video, finds where it
 is unsure, picks frames that are apart in time, and fine-tunes the detector
 on your labels. Nothing leaves the computer.
"""


def lay_out(folder: Path, assets: Path, root: Path, version: str, architecture: str) -> None:
    """Puts the package's tree together under `root`."""
    shutil.copytree(folder, root / "opt" / "framesift", symlinks=True)
    files = {
        _LINUX / "framesift.desktop": "usr/share/applications/framesift.desktop",
        _LINUX / "framesift.xml": "usr/share/mime/packages/framesift.xml",
        folder / "LICENCES.txt": f"{_DOC}/copyright",
    }
    for icon in assets.glob("icon-*.png"):
        side = icon.stem.removeprefix("icon-")
        files[icon] = f"usr/share/icons/hicolor/{side}x{side}/apps/framesift.png"
    for source, target in files.items():
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, root / target)
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "framesift").symlink_to("/opt/framesift/framesift")
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN" / "control").write_text(
        control(version, architecture, size(root) // 1024, platform.libc_ver()[1]),
        encoding="utf-8",
    )
    _readable(root)


def _readable(root: Path) -> None:
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def build(folder: Path, assets: Path, target: Path, version: str, epoch: int) -> Path:
    """Writes the package; its path."""
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="framesift-deb-", dir=target.parent) as place:
        root = Path(place) / "root"
        root.mkdir()
        lay_out(folder, assets, root, version, architecture)
        subprocess.run(
            [
                "dpkg-deb",
                "--root-owner-group",
                "-Zzstd",
                "-z10",
                "--build",
                str(root),
                str(target),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)},
        )
    return target


if __name__ == "__main__":
    from package import epoch, version

    build(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), version(), epoch())
