"""What both YOLO layouts share: the label lines, class · centre x · centre y · width · height,
all but the class as shares of the picture's size; classes count from 0."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from framesift.boxes import Box
from framesift.formats.base import Capability
from framesift.formats.checks import BadValueError, at, decimal, label_name, number_of, whole_of
from framesift.formats.files import picture_size, text_lines
from framesift.formats.model import LabelledImage, Size
from framesift.formats.outlines import Corners, around, pairs
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.formats.stated import need_size

CAPABILITY = Capability(
    numbers=False,
    size=None,
    ignore=None,
    occluded=False,
    truncated=False,
    clipped=True,
    needs_size=True,
    file_each=True,
)


def class_names(names: Iterable[str], file: Path, source: Source) -> list[str]:
    """Checked class names in their order."""
    with at(file, "class names"):
        result = [label_name(name) for name in names]
        for name in result:
            source.category(name)
    return result


def read_picture(
    labels: Path | None,
    image: str,
    picture_file: Path | None,
    names: Sequence[str],
    source: Source,
) -> LabelledImage | None:
    """One picture's boxes; without a label file there is nothing on it."""
    picture = Picture(source)
    size = (picture_size(picture_file) if picture_file else None) or source.told_size(image)
    if labels is not None:
        for place, line in enumerate(text_lines(labels), 1):
            cells = line.split()
            if cells:
                needed = need_size(size, image, labels)
                with source.entry(labels, f"line {place}", picture):
                    _add(cells, names, needed, picture)
    return picture.labelled(image=image, size=size)


def _add(cells: list[str], names: Sequence[str], size: Size, picture: Picture) -> None:
    if len(cells) == 6:
        raise BadValueError("it has six columns: a detection with its confidence, not a label")
    number = whole_of(cells[0])
    if number >= len(names):
        raise BadValueError(
            f"the class {number} is not among the {len(names)} classes, which count from 0",
            f"a class beyond the {len(names)} classes, which count from 0",
        )
    if len(cells) >= 7 and len(cells) % 2:
        picture.outline(
            "outlines and rotated boxes", names[number], lambda: _around(cells[1:], size)
        )
        return
    if len(cells) != 5:
        raise BadValueError(
            f"it has {len(cells)} columns where 5 are due",
            "lines with another count of columns",
        )
    x, y, w, h = (number_of(cell) for cell in cells[1:])
    if max(abs(x), abs(y), w, h) > 2:
        raise BadValueError("its numbers are no shares of the picture (0 to 1)")
    width, height = size
    picture.add(
        names[number],
        (x - w / 2) * width,
        (y - h / 2) * height,
        (x + w / 2) * width,
        (y + h / 2) * height,
    )


def _around(cells: list[str], size: Size) -> Corners:
    x1, y1, x2, y2 = around(pairs([number_of(cell, 2) for cell in cells]))
    return x1 * size[0], y1 * size[1], x2 * size[0], y2 * size[1]


def line_out(box: Box, number: int, size: Size) -> str:
    shares = (
        (box.x1 + box.x2) / 2 / size[0],
        (box.y1 + box.y2) / 2 / size[1],
        box.width / size[0],
        box.height / size[1],
    )
    return " ".join([str(number), *(decimal(share, 12) for share in shares)]) + "\n"


def lines_out(item: LabelledImage, classes: Sequence[str]) -> str:
    if item.size is None:
        assert not item.boxes
        return ""
    return "".join(line_out(b, classes.index(b.category), item.size) for b in item.boxes)
