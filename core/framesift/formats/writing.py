"""Writing an export so that it is there completely and proven, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from framesift.errors import EnvironmentProblem, FramesiftError, InputError
from framesift.files.folders import replacing_folder
from framesift.formats.base import Format, Pictures, WriteOptions
from framesift.formats.differences import differences
from framesift.formats.fit import Fitted, fit
from framesift.formats.model import LabelFile, LabelledImage, Size
from framesift.formats.names import file_collision, unique_names
from framesift.formats.source import Source
from framesift.records import Progress


@dataclass(frozen=True, slots=True)
class Written:
    """An export that was read back and found equal: its folder, how many pictures and boxes
    it holds, and what the format could not hold, counted by reason; `bare`: pictures that lie
    beside the labels without an entry, because the format lists no empty ones."""

    path: Path
    format: str
    pictures: int
    boxes: int
    lost: Counter[str] = field(default_factory=Counter)
    bare: int = 0


def writing_in(
    format_: Format,
    labels: LabelFile,
    out: Path,
    *,
    overwrite: bool,
    pictures: Pictures | None,
    suffix: str,
    frames: Mapping[str, int],
    rates: Mapping[str, float],
    validation: Callable[[LabelledImage], bool] | None,
    derived: bool,
) -> Iterator[Progress | Written]:
    fitted = fit(labels, format_.capability, format_.title, suffix=suffix, derived=derived)
    bare = fitted.bare if pictures is not None else ()
    if not fitted.labels.items and not bare:
        raise InputError(
            f"There is nothing that {format_.title} could hold; label a picture first."
        )
    chosen = frozenset(
        item.key
        for item, origin in zip(fitted.labels.items, fitted.origins, strict=True)
        if validation and validation(origin)
    )
    placed = [*fitted.labels.items, *(item for item, _ in bare)]
    videos = dict.fromkeys(i.video for i in placed if i.video is not None)
    empty = dict.fromkeys(item.video for item, _ in bare)
    options = WriteOptions(frames, rates, unique_names(videos), chosen, tuple(empty))
    with replacing_folder(out, overwrite=overwrite) as part:
        yield from format_.write(fitted.labels, part, options)
        if pictures is not None:
            laid = [*zip(fitted.labels.items, fitted.origins, strict=True), *bare]
            yield from _lay_pictures(format_, laid, part, options, pictures)
        yield from _prove(format_, fitted, part, out)
    yield Written(
        out,
        format_.name,
        len(fitted.labels.items),
        fitted.labels.box_count,
        fitted.lost,
        len(bare),
    )


def _lay_pictures(
    format_: Format,
    laid: list[tuple[LabelledImage, LabelledImage]],
    part: Path,
    options: WriteOptions,
    pictures: Pictures,
) -> Iterator[Progress]:
    paths = [format_.picture_path(item, options) for item, _ in laid]
    clash = file_collision(paths)
    if clash:
        raise InputError(f"{clash[0]} and {clash[1]} would be one file; rename one of them.")
    for place, (path, (_, origin)) in enumerate(zip(paths, laid, strict=True)):
        data = pictures(origin, path)
        if data is not None:
            target = part / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
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
        reread = yield from format_.read(Source(part, format_.name, sizes))
        wrong = differences(fitted.labels, reread, format_.capability)
    except FramesiftError as error:
        wrong = [str(error)]
    if wrong:
        raise EnvironmentProblem(
            f"The export to {out} did not read back as it was written "
            f"({wrong[0]}), so nothing was kept; try another format."
        )
