"""KITTI object detection: label_2/NAME.txt, one line for each object.

left, top, right, bottom are continuous native pixels from 0. The picture's size is nowhere.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import BadValueError, decimal, number_of
from framesift.formats.files import picture_index, picture_size, text_lines, walk
from framesift.formats.model import LabelFile, LabelledImage
from framesift.formats.names import without_suffix
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.records import Progress

LABELS, PICTURES = "label_2", "image_2"
DONT_CARE = "DontCare"


def find_folder(path: Path, name: str) -> Path | None:
    """The folder called `name`: the one given, or inside it, or inside its training folder."""
    places = (path, path / name, path / "training" / name)
    return next((p for p in places if p.name == name and p.is_dir()), None)


def columns(path: Path) -> list[str]:
    """The first line of a text file in columns; empty where it is none."""
    try:
        return next((line.split() for line in text_lines(path) if line.strip()), [])
    except InputError:
        return []


def _is_detection(cells: list[str]) -> bool:
    return len(cells) in {15, 16} and not cells[0].lstrip("-").isdigit()


class Kitti(Format):
    name = "kitti"
    title = "KITTI detection"
    capability = Capability(
        numbers=False,
        suffix=".png",
        size=None,
        ignore="plain",
        spaces=False,
        class_list=False,
        file_each=True,
    )

    def recognises(self, path: Path) -> bool:
        if path.is_file():
            return path.suffix.lower() == ".txt" and _is_detection(columns(path))
        return find_folder(path, LABELS) is not None

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        path = source.path
        if path.is_file():
            return source.finish([_picture(path, path.stem, {}, path.parent, source)])
        root = find_folder(path, LABELS) or path
        names = [n for n in walk(root) if n.lower().endswith(".txt")]
        if not names:
            raise InputError(f"{path} holds no label files; give the folder with {LABELS}/.")
        images = root.parent / PICTURES
        index = picture_index(images)
        items: list[LabelledImage | None] = []
        for place, name in enumerate(names):
            items.append(_picture(root / name, name[:-4], index, images, source))
            if source.due():
                yield source.progress(place, len(names), "files")
        return source.finish(items)

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        (folder / LABELS).mkdir()
        for place, item in enumerate(labels.items):
            path = folder / LABELS / f"{without_suffix(str(item.image))}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                "".join(f"{object_out(box)}\n" for box in item.boxes),
                encoding="utf-8",
                newline="\n",
            )
            if place % 100 == 0:
                yield Progress(place, len(labels.items), "pictures", stage="writing labels")

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        return f"{PICTURES}/{item.image}"


def _picture(
    path: Path, stem: str, index: dict[str, str], images: Path, source: Source
) -> LabelledImage | None:
    picture = Picture(source)
    for place, line in enumerate(text_lines(path), 1):
        if line.strip():
            with source.entry(path, f"line {place}", picture):
                add_object(line.split(), picture)
    image = index.get(stem, f"{stem}.png")
    size = picture_size(images / image) if stem in index else None
    return picture.labelled(image=image, size=size or source.told_size(image))


def add_object(cells: list[str], picture: Picture, track: int | None = None) -> None:
    """Adds one object: type, truncated, occluded, alpha, left, top, right, bottom, 3-D …"""
    if len(cells) not in {15, 16}:
        raise BadValueError(
            f"it has {len(cells)} columns where 15 are due",
            "lines with another count of columns",
        )
    truncated, occluded = number_of(cells[1]), number_of(cells[2])
    x1, y1, x2, y2 = (number_of(cell) for cell in cells[4:8])
    picture.add(
        cells[0],
        x1,
        y1,
        x2,
        y2,
        truncated=truncated > 0,
        occluded=occluded in {1, 2},
        track=track,
    )


def object_out(box: Box) -> str:
    corners = " ".join(decimal(v) for v in (box.x1, box.y1, box.x2, box.y2))
    if box.ignore:
        return f"{DONT_CARE} -1 -1 -10 {corners} -1 -1 -1 -1000 -1000 -1000 -10"
    return (
        f"{box.category} {'0.50' if box.truncated else '0.00'} {int(box.occluded)} -10 "
        f"{corners} -1 -1 -1 -1000 -1000 -1000 -10"
    )


def track_out(box: Box) -> int:
    """The number of a box's track; -1 for a box of none."""
    return -1 if box.track is None else box.track
