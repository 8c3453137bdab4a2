"""Archives of a folder: sorted names, one time, no owners, so that equal folders give equal
archives."""

from __future__ import annotations

import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

from bundle.listing import entries

LEVEL = 10
"""Of zstd: twice as small costs ten times as long."""


def tar_zst(folder: Path, target: Path, epoch: int) -> None:
    """Writes `folder` as a .tar.zst whose only top folder is named like it. `epoch`: the time
    of all entries, seconds since 1970. Needs the program zstd."""
    with target.open("wb") as out:
        packer = subprocess.Popen(
            ["zstd", "-q", f"-{LEVEL}", "-T0", "--long=27"], stdin=subprocess.PIPE, stdout=out
        )
        assert packer.stdin is not None
        with (
            packer.stdin as pipe,
            tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT) as archive,
        ):
            write_tar(folder, archive, epoch)
        if packer.wait() != 0:
            raise OSError(f"zstd could not write {target}")


def write_tar(folder: Path, archive: tarfile.TarFile, epoch: int) -> None:
    """Adds the entries of `folder`, under its name, to an open archive."""
    for path in entries(folder):
        info = archive.gettarinfo(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
        # The same file twice stays two files: a link would depend on the order on the disk.
        if info.islnk():
            info.type, info.linkname, info.size = tarfile.REGTYPE, "", path.stat().st_size
        info.mtime, info.uid, info.gid, info.uname, info.gname = epoch, 0, 0, "", ""
        info.mode = 0o755 if info.mode & 0o100 or not info.isreg() else 0o644
        if info.isreg():
            with path.open("rb") as file:
                archive.addfile(info, file)
        else:
            archive.addfile(info)


def zip_file(folder: Path, target: Path, epoch: int) -> None:
    """Writes `folder` as a .zip, for Windows, which opens nothing else by itself."""
    moment = time.gmtime(max(epoch, 315532800))[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in entries(folder):
            if path.is_dir():
                continue
            info = zipfile.ZipInfo(
                f"{folder.name}/{path.relative_to(folder).as_posix()}", moment
            )
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o755 if path.stat().st_mode & 0o100 else 0o644) << 16
            with path.open("rb") as file, archive.open(info, "w", force_zip64=True) as inside:
                while piece := file.read(1 << 20):
                    inside.write(piece)
