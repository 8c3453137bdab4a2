"""Label files as they are downloaded: packed as .zip.

Of pictures only the beginning is unpacked, because their size is all that labels need of them.
"""

from __future__ import annotations

import contextlib
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from framesift.errors import InputError
from framesift.files import cannot_write
from framesift.formats.checks import BadValueError
from framesift.formats.names import PICTURE_SUFFIXES, clean_name, safe_name

MOST_FILES = 500_000
MOST_BYTES = 2 << 30
"""What the label files of one archive may unpack to."""
_PICTURE_HEAD = 1 << 20
_BLOCK = 1 << 20


@contextlib.contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """A temporary folder with the labels of a .zip; it is gone afterwards.

    Names that lead out of the folder, links and devices are passed over; pictures are cut
    after their first MiB. Raises InputError for an archive that is damaged, locked by a
    password, or unpacks to more than MOST_FILES or MOST_BYTES: before anything is written
    where its directory says so, else as soon as it shows.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="framesift-labels."))
    except OSError as error:
        raise cannot_write(Path(tempfile.gettempdir()), error) from error
    try:
        root = folder / (safe_name(path.stem) or "labels")
        root.mkdir()
        _unpack(path, root)
        yield _lone_folder(root)
    except InputError as error:
        # People know the archive, not the folder that it was unpacked into.
        raise InputError(str(error).replace(str(root), str(path))) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lone_folder(root: Path) -> Path:
    """The one folder that everything in the archive lies in, else the archive's own."""
    entries = [entry for entry in root.iterdir() if entry.name != "__MACOSX"]
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else root


def _unpack(path: Path, root: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(path, archive)
            room = MOST_BYTES
            for info, name in members:
                room -= _write(archive, info, root / name, room, path)
    except OSError as error:
        if error.filename is not None and str(root) in str(error.filename):
            raise cannot_write(root, error) from error
        raise InputError(f"Cannot read {path}: {error.strerror or error}.") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        reason = " ".join(str(error).split())[:80]
        raise InputError(f"{path} cannot be unpacked ({reason}); download it again.") from error


def _members(path: Path, archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, str]]:
    listed = archive.infolist()
    if len(listed) > MOST_FILES:
        raise InputError(f"{path} holds {len(listed)} files; unpack it and give the folder.")
    members: dict[str, zipfile.ZipInfo] = {}
    for info in listed:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir() or kind not in (0, stat.S_IFREG):
            continue
        with contextlib.suppress(BadValueError):
            name = clean_name(info.filename)
            if name.split("/")[0] != "__MACOSX":
                members.setdefault(name, info)
    if any(info.flag_bits & 1 for info in members.values()):
        raise InputError(f"{path} is locked by a password; unpack it and give the folder.")
    size = sum(_due(name, info.file_size) for name, info in members.items())
    if size > MOST_BYTES:
        raise _too_large(path)
    return [(info, name) for name, info in members.items()]


def _due(name: str, size: int) -> int:
    return min(size, _PICTURE_HEAD) if name.lower().endswith(PICTURE_SUFFIXES) else size


def _write(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, room: int, path: Path
) -> int:
    """Unpacks one file; returns its size. What the archive's directory says is not believed."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            return 0
    except (FileExistsError, NotADirectoryError):
        # One name is a file here and a folder there: the file that came first stays.
        return 0
    limit = _due(target.name, room)
    done = 0
    with archive.open(info) as source, target.open("wb") as file:
        while done < limit and (block := source.read(min(_BLOCK, limit - done))):
            file.write(block)
            done += len(block)
        if limit == room and done >= room and source.read(1):
            raise _too_large(path)
    return done


def _too_large(path: Path) -> InputError:
    return InputError(
        f"{path} unpacks to more than {MOST_BYTES >> 30} GiB of labels; unpack it and give "
        "the folder."
    )
