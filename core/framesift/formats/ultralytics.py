"""YOLO as Ultralytics lays it out: data.yaml, images/PART/…, labels/PART/…; a picture without
a label file has nothing on it."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from pathlib import Path

from framesift.errors import InputError
from framesift.formats.base import Format, WriteOptions
from framesift.formats.checks import BadValueError, at, whole_of
from framesift.formats.files import is_picture, text_lines, walk
from framesift.formats.model import LabelFile, LabelledImage
from framesift.formats.names import Inside, clean_name, inside, without_suffix
from framesift.formats.source import Source
from framesift.formats.yaml_subset import Value, parse
from framesift.formats.yolo_lines import CAPABILITY, class_names, lines_out, read_picture
from framesift.records import Progress

_PARTS = ("train", "val", "test")
_LAST_IMAGES = re.compile(r"(^|/)images(/|$)(?!.*(^|/)images(/|$))")
_UNDER_IMAGES = re.compile(r"^(?:.*?/)??images/(?:(?:train|val|test)/)?")


def _yaml(path: Path) -> Path | None:
    """The file that declares the data set."""
    if path.is_file():
        return path if path.suffix.lower() in {".yaml", ".yml"} else None
    declarations = [
        p
        for p in sorted(path.iterdir())
        if p.suffix.lower() in {".yaml", ".yml"}
        and any(line.startswith("names") for line in _head(p))
    ]
    best = [p for p in declarations if p.stem in {"data", "dataset"}]
    return next(iter(best + declarations), None)


def _head(path: Path) -> list[str]:
    try:
        return [line for line, _ in zip(text_lines(path), range(10_000), strict=False)]
    except InputError:
        return []


class Ultralytics(Format):
    name = "yolo-ultralytics"
    title = "YOLO (Ultralytics)"
    capability = CAPABILITY

    def recognises(self, path: Path) -> bool:
        return _yaml(path) is not None

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        file = _yaml(source.path)
        if file is None:
            raise InputError(f"{source.path} holds no data.yaml with names; give that file.")
        with at(file, "as YAML"):
            values = parse(text_lines(file), (*_PARTS, "names", "path"))
            names = class_names(_names(values.get("names", [])), file, source)
        folder = file.parent
        prefix = values.get("path", "")
        items: list[LabelledImage | None] = []
        done: set[Path] = set()
        unlabelled = 0
        for place in _places(folder, prefix if isinstance(prefix, str) else "", values):
            if place in done:
                continue
            done.add(place)
            for image, picture, labels in _pictures(folder, place):
                unlabelled += labels is None
                items.append(read_picture(labels, image, picture, names, source))
                if source.due():
                    yield source.progress(len(items), None, "pictures")
        if not done:
            raise InputError(
                f"{file} names no folder of pictures that is there; give train:, "
                "val: or test: paths inside its folder."
            )
        if unlabelled:
            source.note(f"{unlabelled} pictures without a label file count as “nothing there”.")
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
            part = "val" if item.key in options.validation else "train"
            lists.setdefault(part, []).append(f"./{path}\n")
            file = folder / f"{_labels_of(without_suffix(path))}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(lines_out(item, labels.classes), encoding="utf-8", newline="\n")
            if place % 100 == 0:
                yield Progress(place, len(labels.items), "pictures", stage="writing labels")
        for part, lines in lists.items():
            (folder / f"{part}.txt").write_text("".join(lines), encoding="utf-8", newline="\n")
        rows = "".join(
            f"  {number}: {json.dumps(name, ensure_ascii=False)}\n"
            for number, name in enumerate(labels.classes)
        )
        # Ultralytics wants a validation part even where there is none of its own.
        validation = "val.txt" if "val" in lists else "train.txt"
        (folder / "data.yaml").write_text(
            f"train: train.txt\nval: {validation}\nnc: {len(labels.classes)}\n"
            + (f"names:\n{rows}" if rows else "names: []\n"),
            encoding="utf-8",
            newline="\n",
        )

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        part = "val" if item.key in options.validation else "train"
        return f"images/{part}/{item.image}"


def _labels_of(path: str) -> str:
    """Ultralytics' rule: the last folder "images" of a path becomes "labels"."""
    return _LAST_IMAGES.sub(r"\1labels\2", path)


def _names(value: Value) -> list[str]:
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        raise BadValueError("names is no list")
    numbers = {whole_of(key): name for key, name in value.items()}
    if sorted(numbers) != list(range(len(numbers))):
        raise BadValueError("the numbers of names do not run from 0 without a gap")
    return [numbers[number] for number in range(len(numbers))]


def _places(folder: Path, prefix: str, values: dict[str, Value]) -> list[Path]:
    """The parts that the file lists; where it lists none (supervision writes names only), the
    folders of pictures that have labels beside them."""
    parts = [values.get(part, []) for part in _PARTS]
    listed = [each for part in parts for each in ([part] if isinstance(part, str) else part)]
    if listed:
        return [place for each in listed if (place := _place(folder, prefix, each)) is not None]
    return [
        place
        for base in (folder, *sorted(p for p in folder.iterdir() if p.is_dir()))
        if (place := base / "images").is_dir() and (base / "labels").is_dir()
    ]


def _place(folder: Path, prefix: str, listed: str) -> Path | None:
    """What a part means: a list file, a folder of pictures, or, where the pictures are not
    there, the folder of their labels."""
    for name in (f"{prefix}/{listed}", listed, _labels_of(listed)):
        path = inside(folder, name)
        if path is not None and path != folder:
            return path
    return None


def _pictures(folder: Path, place: Path) -> Iterator[tuple[str, Path | None, Path | None]]:
    """(name, picture file, label file) of each picture of a part."""
    if place.is_file():
        pictures, labelled = Inside(folder), Inside(folder)
        for row, line in enumerate(text_lines(place), 1):
            if line.strip():
                with at(place, f"line {row}"):
                    image = clean_name(line)
                labels = labelled.find(without_suffix(_labels_of(image)) + ".txt")
                yield _UNDER_IMAGES.sub("", image, count=1), pictures.find(image), labels
        return
    here = place.relative_to(folder).as_posix()
    index = {without_suffix(n): n for n in walk(place) if is_picture(n)}
    apart = folder / _labels_of(here)
    texts = {n[:-4] for n in walk(apart) if n.endswith(".txt")} - {"classes"}
    for stem in sorted({*index, *texts}):
        labels = apart / f"{stem}.txt" if stem in texts else None
        if stem in index:
            yield index[stem], place / index[stem], labels
        else:
            yield stem, None, labels
