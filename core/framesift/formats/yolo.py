"""YOLO as Darknet and CVAT lay it out (obj.data, obj.names, lists of pictures), or as labels/
beside images/ with a classes.txt (Label Studio, labelImg)."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path

from framesift.errors import InputError
from framesift.formats.base import Format, WriteOptions
from framesift.formats.checks import at
from framesift.formats.files import picture_index, text_lines, walk
from framesift.formats.model import LabelFile, LabelledImage
from framesift.formats.names import Inside, clean_name, inside, without_suffix
from framesift.formats.source import Source
from framesift.formats.yolo_lines import CAPABILITY, class_names, lines_out, read_picture
from framesift.records import Progress

_PREFIX = re.compile(r"^(?:.*?/)??(?:obj_\w+_data|images)/")
_IMAGES = re.compile(r"(^|/)images/(?!.*(^|/)images/)")
_NO_LABELS = {
    "classes.txt",
    "train.txt",
    "val.txt",
    "valid.txt",
    "test.txt",
    "readme.txt",
    "notes.txt",
    "license.txt",
}


def _data_file(path: Path) -> Path | None:
    if path.is_file():
        return path if path.suffix.lower() == ".data" else None
    return next(iter(sorted(path.glob("*.data"))), None)


def _names_file(folder: Path) -> Path | None:
    places = [
        folder / "classes.txt",
        folder / "labels" / "classes.txt",
        *sorted(folder.glob("*.names")),
    ]
    path = next((p for p in places if p.is_file()), None)
    return None if path is None else inside(folder, path.relative_to(folder).as_posix())


class Yolo(Format):
    name = "yolo"
    title = "YOLO"
    capability = CAPABILITY

    def recognises(self, path: Path) -> bool:
        if path.is_file() or _data_file(path):
            return _data_file(path) is not None
        return _names_file(path) is not None

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        data = _data_file(source.path)
        if data is not None:
            return (yield from self._listed(data, source))
        if not source.path.is_dir():
            raise InputError(f"{source.path} is no folder; give the folder with the labels.")
        return (yield from self._beside(source.path, source))

    def _listed(self, data: Path, source: Source) -> Generator[Progress, None, LabelFile]:
        """The layout with lists of pictures."""
        folder = data.parent
        fields = {}
        for line in text_lines(data):
            key, equals, value = line.partition("=")
            if equals:
                fields[key.strip().casefold()] = value.strip()
        named = inside(folder, fields.get("names", "obj.names"))
        if named is None:
            raise InputError(f"{data} names no list of classes that is there; add obj.names.")
        names = class_names((n for n in text_lines(named) if n.strip()), named, source)
        items: list[LabelledImage | None] = []
        seen: set[Path] = set()
        for key in ("train", "valid", "val", "test"):
            listed = inside(folder, fields[key]) if fields.get(key) else None
            if listed is None or listed in seen:
                continue
            seen.add(listed)
            beside, apart, pictures = Inside(folder), Inside(folder), Inside(folder)
            for place, line in enumerate(text_lines(listed), 1):
                if not line.strip():
                    continue
                with at(listed, f"line {place}"):
                    image = clean_name(line)
                stem = without_suffix(image)
                labels = beside.find(f"{stem}.txt") or apart.find(
                    _IMAGES.sub(r"\1labels/", stem) + ".txt"
                )
                if labels is None:
                    source.left_out["listed pictures without a label file"] += 1
                    continue
                short = _PREFIX.sub("", image, count=1)
                items.append(read_picture(labels, short, pictures.find(image), names, source))
                if source.due():
                    yield source.progress(place, None, "files")
        if not seen:
            raise InputError(f"{data} names no list of pictures that is there; add train.txt.")
        return source.finish(items)

    def _beside(self, folder: Path, source: Source) -> Generator[Progress, None, LabelFile]:
        """The layout of labels/ beside images/, or of both in one folder."""
        named = _names_file(folder)
        if named is None:
            raise InputError(
                f"{folder} has no list of class names; add classes.txt with one name a line."
            )
        names = class_names((n for n in text_lines(named) if n.strip()), named, source)
        labels = folder / "labels" if (folder / "labels").is_dir() else folder
        images = folder / "images" if (folder / "images").is_dir() else labels
        index = picture_index(images)
        files = [
            n
            for n in walk(labels)
            if n.lower().endswith(".txt") and n.rpartition("/")[2].lower() not in _NO_LABELS
        ]
        if not files:
            raise InputError(f"{folder} holds no label files; give the folder with labels/.")
        items: list[LabelledImage | None] = []
        for place, name in enumerate(files):
            image = index.get(name[:-4])
            items.append(
                read_picture(
                    labels / name,
                    image or name[:-4],
                    images / image if image else None,
                    names,
                    source,
                )
            )
            if source.due():
                yield source.progress(place, len(files), "files")
        return source.finish(items)

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        lists: dict[str, list[str]] = {"train": []}
        for place, item in enumerate(labels.items):
            path = self.picture_path(item, options)
            part = "valid" if item.key in options.validation else "train"
            lists.setdefault(part, []).append(f"data/{path}\n")
            file = folder / f"{without_suffix(path)}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(lines_out(item, labels.classes), encoding="utf-8", newline="\n")
            if place % 100 == 0:
                yield Progress(place, len(labels.items), "pictures", stage="writing labels")
        files = {f"{part}.txt": "".join(lines) for part, lines in lists.items()}
        files["obj.names"] = "".join(f"{name}\n" for name in labels.classes)
        files["obj.data"] = (
            f"classes = {len(labels.classes)}\n"
            + "".join(f"{part} = data/{part}.txt\n" for part in lists)
            + "names = data/obj.names\nbackup = backup/\n"
        )
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8", newline="\n")

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        part = "valid" if item.key in options.validation else "train"
        return f"obj_{part}_data/{item.image}"
