"""CSV of our own: one row for each box, one row without a box where nothing was there.

    video,frame,image,width,height,timestamp,category,x1,y1,x2,y2,ignore,occluded,truncated

Native continuous pixels, frames from 0; x1, y1, x2, y2 and category are needed, the rest may
be missing or empty. The columns that other tools write (filename, class, xmin, ymin, xmax,
ymax) are read as these, their positions as they are.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from framesift.errors import InputError
from framesift.files import cell, text_of_cell
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import (
    BadValueError,
    at,
    label_name,
    number_of,
    side_of,
    whole_of,
)
from framesift.formats.files import text_lines, walk
from framesift.formats.model import ANY_CLASS, IGNORE_NAME, Key, LabelFile
from framesift.formats.names import clean_name
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.records import Progress

_FILE = "labels.csv"
COLUMNS = (
    "video",
    "frame",
    "image",
    "width",
    "height",
    "timestamp",
    "category",
    "x1",
    "y1",
    "x2",
    "y2",
    "ignore",
    "occluded",
    "truncated",
)
_OTHERS = {
    "filename": "image",
    "file_name": "image",
    "image_name": "image",
    "image_path": "image",
    "class": "category",
    "class_name": "category",
    "label": "category",
    "label_name": "category",
    "xmin": "x1",
    "x_min": "x1",
    "ymin": "y1",
    "y_min": "y1",
    "xmax": "x2",
    "x_max": "x2",
    "ymax": "y2",
    "y_max": "y2",
    "img_width": "width",
    "image_width": "width",
    "img_height": "height",
    "image_height": "height",
}
"""Column names of other tools by ours."""
_NEEDED = {"category", "x1", "y1", "x2", "y2"}
_BOX = ("category", "x1", "y1", "x2", "y2")


def _header(path: Path) -> tuple[str, list[str]]:
    """(the delimiter, the column names in small letters); ("", []) where it is no such file."""
    line = next(text_lines(path), "")
    for delimiter in ",;\t":
        columns = [n.strip().strip('"').casefold() for n in line.split(delimiter)]
        names = [
            _OTHERS[n] if n in _OTHERS and _OTHERS[n] not in columns else n for n in columns
        ]
        if _NEEDED.issubset(names) and ("frame" in names or "image" in names):
            return delimiter, names
    return "", []


def _is_table(path: Path) -> bool:
    try:
        return bool(_header(path)[0])
    except InputError:
        return False


class Table(Format):
    name = "csv"
    title = "CSV"
    capability = Capability(timestamps=True, class_list=False)

    def recognises(self, path: Path) -> bool:
        if path.is_file():
            return path.suffix.lower() in {".csv", ".tsv", ".txt"} and _is_table(path)
        return any(_is_table(file) for file in sorted(path.glob("*.csv"))[:5])

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        path = source.path
        if path.is_dir():
            tables = [
                path / n for n in walk(path) if n.endswith(".csv") and _is_table(path / n)
            ]
            if len(tables) != 1:
                raise InputError(f"{path} holds {len(tables)} CSV files of labels; give one.")
            path = tables[0]
        delimiter, names = _header(path)
        if not delimiter:
            raise InputError(
                f"{path} does not begin with the column names category, x1, y1, "
                "x2, y2 and frame or image; add that line."
            )
        pictures: dict[Key, tuple[Picture, dict[str, Any]]] = {}
        rows = csv.reader(text_lines(path), delimiter=delimiter)
        place = 0
        while True:
            where = f"line {rows.line_num + 1}"
            with at(path, where):
                try:
                    cells = next(rows, None)
                except csv.Error as error:
                    raise BadValueError(f"it is no CSV ({error})") from error
            if cells is None:
                break
            place += 1
            if place > 1 and any(cells):
                with source.entry(path, where):
                    _row(dict(zip(names, cells, strict=False)), (path, where), pictures, source)
            if source.due():
                yield source.progress(place, None, "rows")
        return source.finish(p.labelled(**fields) for p, fields in pictures.values())

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        with (folder / _FILE).open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(COLUMNS)
            for item in labels.items:
                place = [
                    cell(item.video or ""),
                    item.frame,
                    cell(item.image or ""),
                    item.width,
                    item.height,
                    item.timestamp,
                ]
                if not item.boxes:
                    rows.writerow([*place, *[""] * 8])
                for box in item.boxes:
                    name = IGNORE_NAME if box.category == ANY_CLASS else box.category
                    rows.writerow(
                        [
                            *place,
                            cell(name),
                            repr(box.x1),
                            repr(box.y1),
                            repr(box.x2),
                            repr(box.y2),
                            int(box.ignore),
                            int(box.occluded),
                            int(box.truncated),
                        ]
                    )
        yield Progress(len(labels.items), len(labels.items), "pictures", stage="writing labels")


def _row(
    row: dict[str, str],
    where: tuple[Path, str],
    pictures: dict[Key, tuple[Picture, dict[str, Any]]],
    source: Source,
) -> None:
    values = {name: text_of_cell(value.strip()) for name, value in row.items()}
    video, frame, image, width, height, timestamp = (
        values.get(name) or None for name in COLUMNS[:6]
    )
    if frame is None and image is None:
        raise BadValueError("neither frame nor image is given")
    sides = side_of(width), side_of(height)
    fields: dict[str, Any] = {
        "video": None if video is None else label_name(video),
        "frame": None if frame is None else whole_of(frame),
        "image": None if image is None else clean_name(image),
        "size": sides if all(sides) else None,
        "timestamp": None if timestamp is None else whole_of(timestamp, -(2**62), 2**62),
    }
    key = fields["video"], fields["frame"], fields["image"]
    picture, _ = pictures.setdefault(key, (Picture(source), fields))
    if any(values.get(name) for name in _BOX):
        with source.entry(*where, picture):
            _add(values, picture, source)


def _add(values: dict[str, str], picture: Picture, source: Source) -> None:
    x1, y1, x2, y2 = (number_of(values.get(name)) for name in ("x1", "y1", "x2", "y2"))
    picture.add(
        values.get("category"),
        x1,
        y1,
        x2,
        y2,
        ignore=source.mark(values.get("ignore"), "ignore"),
        occluded=source.mark(values.get("occluded"), "occluded"),
        truncated=source.mark(values.get("truncated"), "truncated"),
    )
