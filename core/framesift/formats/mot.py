"""MOTChallenge: a folder for each video with gt/gt.txt, seqinfo.ini and gt/labels.txt.

Frames count from 1. A labels.txt is the mark of CVAT and Datumaro, whose pixels count from 0;
without one the file is the benchmark's own and its pixels count from 1, too.
"""

from __future__ import annotations

import configparser
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import (
    BadValueError,
    at,
    decimal,
    label_name,
    number_of,
    side_of,
    whole_of,
)
from framesift.formats.files import picture_index, picture_size, text_lines, walk
from framesift.formats.kitti import track_out
from framesift.formats.model import (
    ANY_CLASS,
    IGNORE_NAME,
    LabelFile,
    LabelledImage,
    Size,
    VideoFacts,
)
from framesift.formats.names import clean_name
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.records import Progress

CLASSES = (
    "pedestrian",
    "person on vehicle",
    "car",
    "bicycle",
    "motorbike",
    "non motorized vehicle",
    "static person",
    "distractor",
    "occluder",
    "occluder on the ground",
    "occluder full",
    "reflection",
    "crowd",
)
"""The benchmark's own class table; ids count from 1."""
_GT, _LABELS, _INFO = "gt/gt.txt", "gt/labels.txt", "seqinfo.ini"


def sequences(path: Path) -> list[Path]:
    """The folders that hold gt/gt.txt: the one given, the one a file is of, or those inside."""
    if path.is_file():
        return [path.parent.parent] if path.name == "gt.txt" else []
    if path.name == "gt" and (path / "gt.txt").is_file():
        return [path.parent]
    return [
        (path / n).parent.parent
        for n in walk(path)
        if f"/{n}".endswith(f"/{_GT}") and n.count("/") <= 3
    ]


class Mot(Format):
    name = "mot"
    title = "MOT"
    capability = Capability(
        stills=False,
        names=False,
        unnamed=False,
        size="video",
        nothing=False,
        truncated=False,
        tracks="each",
    )

    def recognises(self, path: Path) -> bool:
        return bool(sequences(path))

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        folders = sequences(source.path)
        if not folders:
            raise InputError(
                f"{source.path} holds no gt/gt.txt; give the folder of a MOT sequence."
            )
        items: list[LabelledImage | None] = []
        for folder in folders:
            items += yield from _sequence(folder, source)
        return source.finish(items)

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        names = [*labels.classes]
        if any(box.category == ANY_CLASS for item in labels.items for box in item.boxes):
            names.append(IGNORE_NAME)
        ids = {**{name: number for number, name in enumerate(names, 1)}, ANY_CLASS: len(names)}
        groups: dict[str, list[LabelledImage]] = {video or "": [] for video in options.bare}
        for item in labels.items:
            groups.setdefault(item.video or "", []).append(item)
        for video, items in groups.items():
            here = folder / options.short[video]
            (here / "gt").mkdir(parents=True)
            items.sort(key=lambda item: item.frame or 0)
            _write(
                here / _GT,
                "".join(
                    f"{(item.frame or 0) + 1},{track_out(b)},{decimal(b.x1)},{decimal(b.y1)},"
                    f"{decimal(b.width)},{decimal(b.height)},{int(not b.ignore)},"
                    f"{ids[b.category]},{int(not b.occluded)}\n"
                    for item in items
                    for b in item.boxes
                ),
            )
            _write(here / _LABELS, "".join(f"{name}\n" for name in names))
            width, height = (items[0].size if items else None) or (0, 0)
            rate = options.rates.get(video)
            told = "" if rate is None else f"frameRate={decimal(rate)}\n"
            length = max(
                options.frames.get(video, 0), (items[-1].frame or 0) + 1 if items else 0
            )
            _write(
                here / _INFO,
                f"[Sequence]\nname={video}\nimDir=img1\n{told}seqLength={length}\n"
                f"imWidth={width}\nimHeight={height}\nimExt=.jpg\n",
            )
            yield Progress(len(items), len(labels.items), "pictures", stage="writing labels")

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        return f"{options.short[item.video or '']}/img1/{(item.frame or 0) + 1:06d}.jpg"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


@dataclass(frozen=True, slots=True)
class SequenceInfo:
    """What seqinfo.ini says: the sequence's name (else the folder's: not `named`), its size,
    its frames per second, the folder of its pictures, how many frames it has."""

    name: str
    size: Size | None = None
    rate: float | None = None
    pictures: str = "img1"
    length: int | None = None
    named: bool = False


def sequence_info(folder: Path) -> SequenceInfo:
    """What is known of a sequence. InputError for a seqinfo.ini that is none."""
    path = folder / _INFO
    name = folder.resolve().name
    if not path.is_file():
        return SequenceInfo(name)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_file(text_lines(path))
    except configparser.Error as error:
        raise InputError(
            f"{path} is no seqinfo file ({str(error).splitlines()[0][:80]}); "
            "mend it or take it away."
        ) from error
    if not parser.has_section("Sequence"):
        raise InputError(f"{path} has no [Sequence] section; mend it or take it away.")
    with at(path, "[Sequence]"):
        fields = parser["Sequence"]
        sides = side_of(fields.get("imWidth")), side_of(fields.get("imHeight"))
        size = (sides[0], sides[1]) if sides[0] and sides[1] else None
        rate = number_of(fields["frameRate"]) if fields.get("frameRate") else 0.0
        return SequenceInfo(
            label_name(fields["name"]) if fields.get("name") else name,
            size,
            rate if 0 < rate <= 1000 else None,
            clean_name(fields["imDir"]) if fields.get("imDir") else "img1",
            (whole_of(fields["seqLength"]) or None) if fields.get("seqLength") else None,
            bool(fields.get("name")),
        )


def _picture(folder: Path) -> Size | None:
    """The size of the first picture that lies beside the labels."""
    name = next(iter(picture_index(folder / "img1").values()), None)
    return None if name is None else picture_size(folder / "img1" / name)


def _sequence(
    folder: Path,
    source: Source,
) -> Generator[Progress, None, list[LabelledImage | None]]:
    info = sequence_info(folder)
    video, size = info.name, info.size
    source.videos[video] = VideoFacts(
        rate=info.rate, frames=info.length, assumed=not info.named
    )
    labels = folder / _LABELS
    # Before the classes of labels.txt were spelled out, class ids meant the benchmark's table.
    custom = labels.is_file()
    names = [n.strip() for n in text_lines(labels) if n.strip()] if custom else [*CLASSES]
    if custom:
        with at(labels, "class names"):
            for name in names:
                source.category(name)
    else:
        source.note("MOT without labels.txt: class ids as in MOTChallenge, pixels from 1.")
    pictures: dict[int, Picture] = {}
    for place, line in enumerate(text_lines(folder / _GT), 1):
        if not line.strip():
            continue
        with source.entry(folder / _GT, f"line {place}"):
            cells = [cell.strip() for cell in line.split(",")]
            picture = pictures.setdefault(whole_of(cells[0], 1) - 1, Picture(source))
            with source.entry(folder / _GT, f"line {place}", picture):
                track = source.track(video, cells[1] if len(cells) > 1 else None)
                _row(cells, names, custom, track, picture)
        if source.due():
            yield source.progress(place, None, "rows")
    size = size or source.told_size(None, video) or _picture(folder)
    return [
        picture.labelled(video=video, frame=frame, size=size)
        for frame, picture in sorted(pictures.items())
    ]


def _row(
    cells: list[str], names: list[str], custom: bool, track: int | None, picture: Picture
) -> None:
    if len(cells) < 6:
        raise BadValueError(
            f"it has {len(cells)} columns where at least 6 are due",
            "lines with too few columns",
        )
    x, y, width, height = (number_of(cell) for cell in cells[2:6])
    counts = number_of(cells[6]) if len(cells) > 6 else 1.0
    visible = number_of(cells[8]) if len(cells) == 9 else -1.0
    # Ten columns are the first benchmark's, which had one class and world coordinates.
    if len(cells) in {8, 9} and cells[7] != "-1":
        number = whole_of(cells[7], 1)
        if number > len(names):
            raise BadValueError(
                f"the class {number} is not among the {len(names)} classes",
                f"a class beyond the {len(names)} classes",
            )
        name = names[number - 1]
    else:
        name = names[0] if custom else CLASSES[0]
    offset = 0 if custom else 1
    crowd = not custom and name == "crowd"
    picture.add(
        CLASSES[0] if crowd else name,
        x - offset,
        y - offset,
        x - offset + width,
        y - offset + height,
        ignore=counts == 0 or crowd,
        occluded=0 <= visible < 0.5,
        track=track,
    )
