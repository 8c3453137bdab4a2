"""Writing an export so that it is there completely and proven, or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from framesift.errors import EnvironmentProblem, FramesiftError, InputError
from framesift.files import cannot_write, make_folder
from framesift.formats.base import Format, Pictures, WriteOptions
from framesift.formats.fit import Fitted, differences, fit
from framesift.formats.model import LabelFile, LabelledImage, Size
from framesift.formats.names import PICTURE_SUFFIXES, file_collision, unique_names
from framesift.formats.source import Source
from framesift.records import Progress

_OF_EXPORTS = frozenset(
    {
        "annotations.json",
        "tasks.json",
        "label_config.xml",
        "labels.json",
        "labels.csv",
        "annotations.xml",
        "Annotations",
        "ImageSets",
        "JPEGImages",
        "label_2",
        "image_2",
        "label_02",
        "image_02",
        "data.yaml",
        "train.txt",
        "val.txt",
        "valid.txt",
        "obj.data",
        "obj.names",
        "obj_train_data",
        "obj_valid_data",
        "images",
        "labels",
    }
)
"""What lies at the top of exports: a folder with anything else in it is never replaced."""


@dataclass(frozen=True, slots=True)
class Written:
    """An export that was read back and found equal: its folder, how many pictures and boxes
    it holds, and what the format could not hold, counted by reason."""

    path: Path
    format: str
    pictures: int
    boxes: int
    lost: Counter[str] = field(default_factory=Counter)


def writing_in(
    format_: Format,
    labels: LabelFile,
    out: Path,
    *,
    overwrite: bool,
    pictures: Pictures | None,
    suffix: str,
    frames: Mapping[str, int],
    validation: Callable[[LabelledImage], bool] | None,
) -> Iterator[Progress | Written]:
    fitted = fit(labels, format_.capability, format_.title, suffix=suffix)
    if not fitted.labels.items:
        raise InputError(
            f"There is nothing that {format_.title} could hold; label a picture first."
        )
    chosen = frozenset(
        item.key
        for item, origin in zip(fitted.labels.items, fitted.origins, strict=True)
        if validation and validation(origin)
    )
    videos = dict.fromkeys(i.video for i in fitted.labels.items if i.video is not None)
    options = WriteOptions(frames, unique_names(videos), chosen)
    _check_free(out, overwrite)
    make_folder(out.parent)
    try:
        part = Path(tempfile.mkdtemp(prefix=f".{out.name[:40]}.", dir=out.parent))
    except OSError as error:
        raise cannot_write(out, error) from error
    try:
        yield from format_.write(fitted.labels, part, options)
        if pictures is not None:
            yield from _lay_pictures(format_, fitted, part, options, pictures)
        yield from _prove(format_, fitted, part, out)
        _flush(part)
        part.chmod(0o777 & ~_umask())
        _take_place(part, out)
    except OSError as error:
        raise cannot_write(out, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    yield Written(
        out, format_.name, len(fitted.labels.items), fitted.labels.box_count, fitted.lost
    )


def _check_free(out: Path, overwrite: bool) -> None:
    try:
        if out.is_symlink() or (out.exists() and not out.is_dir()):
            raise InputError(f"{out} is no folder; name a new folder for the export.")
        if not overwrite and out.is_dir() and any(out.iterdir()):
            raise InputError(
                f"{out} is there and not empty; name a new folder, or allow it to be replaced."
            )
    except OSError as error:
        raise cannot_write(out, error) from error


def _lay_pictures(
    format_: Format, fitted: Fitted, part: Path, options: WriteOptions, pictures: Pictures
) -> Iterator[Progress]:
    paths = [format_.picture_path(item, options) for item in fitted.labels.items]
    clash = file_collision(paths)
    if clash:
        raise InputError(f"{clash[0]} and {clash[1]} would be one file; rename one of them.")
    for place, (path, origin) in enumerate(zip(paths, fitted.origins, strict=True)):
        target = part / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(pictures(origin, path))
        yield Progress(place + 1, len(paths), "pictures", stage="writing pictures")


def _prove(
    format_: Format,
    fitted: Fitted,
    part: Path,
    out: Path,
) -> Generator[Progress, None, None]:
    """Reads the export back and compares it with what was to be written."""
    sizes: dict[str, Size] = {}
    for item in fitted.labels.items:
        if item.image is not None and item.size is not None:
            sizes[item.image] = item.size
    try:
        found = yield from format_.read(Source(part, format_.name, sizes))
        wrong = differences(fitted.labels, found, format_.capability)
    except FramesiftError as error:
        wrong = [str(error)]
    if wrong:
        raise EnvironmentProblem(
            f"The export to {out} did not read back as it was written "
            f"({wrong[0]}), so nothing was kept; try another format."
        )


def _flush(folder: Path) -> None:
    """Brings the label files to disk before the rename; pictures can be made again."""
    for here, _, names in os.walk(folder):
        for name in names:
            path = Path(here) / name
            if path.suffix not in PICTURE_SUFFIXES:
                with path.open("rb+") as file:
                    os.fsync(file.fileno())


def _take_place(part: Path, out: Path) -> None:
    """Renames the finished folder; one that is there steps aside first and is then removed."""
    if not out.exists():
        part.rename(out)
        return
    ours = _OF_EXPORTS | {path.name for path in part.iterdir()}
    foreign = sorted(path.name for path in out.iterdir() if path.name not in ours)
    if foreign:
        raise InputError(
            f"{out} holds {foreign[0]}, which is no part of such an export; name a new folder."
        )
    aside = Path(tempfile.mkdtemp(prefix=f".{out.name[:40]}.", dir=out.parent))
    try:
        out.rename(aside / "old")
        try:
            part.rename(out)
        except OSError:
            (aside / "old").rename(out)
            raise
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(aside)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
