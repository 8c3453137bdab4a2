"""COCO JSON (object detection), with the video fields that COCO-VID style files add.

x, y, width, height are continuous native pixels counted from 0; category ids are arbitrary.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import (
    BadValueError,
    at,
    label_name,
    mapping,
    refusal,
    shown,
    side,
    text,
    whole,
)
from framesift.formats.coco_annotations import ImageEntry, add_annotation, id_of
from framesift.formats.coco_writing import annotations_out, dump, image_out
from framesift.formats.files import walk
from framesift.formats.jsonstream import JsonFile, top_keys
from framesift.formats.model import ANY_CLASS, IGNORE_NAME, LabelFile, LabelledImage
from framesift.formats.names import clean_name
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.records import Progress

_FILE = "annotations/instances_default.json"
"""Where pycocotools, Datumaro and CVAT look for it."""


def is_coco(path: Path) -> bool:
    """Whether a file is COCO's; its list of categories alone (Label Studio puts one beside
    YOLO's files) is none, and an object with "data" is a task of Label Studio's."""
    kind, keys = top_keys(path, {"images", "annotations", "data", "items"})
    if kind != "object" or "data" in keys or "items" in keys:
        return False
    return "images" in keys or "annotations" in keys


def _files(path: Path) -> list[Path]:
    """The COCO files of a folder: those called instances_… where there are such (keypoint and
    caption files repeat their pictures)."""
    if path.is_file():
        return [path]
    names = [n for n in walk(path) if n.lower().endswith(".json") and n.count("/") <= 1]
    instances = [n for n in names if n.rpartition("/")[2].startswith("instances_")]
    return [path / n for n in instances or names if is_coco(path / n)]


class Coco(Format):
    name = "coco"
    title = "COCO JSON"
    capability = Capability(timestamps=True, tracks="each", origins=True)

    def recognises(self, path: Path) -> bool:
        if path.is_file():
            return path.suffix.lower() == ".json" and is_coco(path)
        folders = (path, path / "annotations")
        return any(
            is_coco(file)
            for folder in folders
            if folder.is_dir()
            for file in sorted(folder.glob("*.json"))[:5]
        )

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        items: list[LabelledImage | None] = []
        files = _files(source.path)
        if not files:
            raise InputError(f"{source.path} holds no COCO file; give the JSON itself.")
        for path in files:
            items += yield from self._read_file(path, source)
        return source.finish(items)

    def _read_file(
        self,
        path: Path,
        source: Source,
    ) -> Generator[Progress, None, list[LabelledImage | None]]:
        file = JsonFile(path)

        def each(
            section: str, use: Callable[[dict[str, Any]], None], strict: bool = False
        ) -> Iterator[Progress]:
            for place, element in enumerate(file.items(section)):
                with (at if strict else source.entry)(path, f"{section}[{place}]"):
                    use(mapping(element))
                if source.due():
                    yield source.progress(file.done, file.size)

        categories: dict[object, object] = {}
        videos: dict[object, str] = {}
        entries: dict[object, ImageEntry] = {}
        annotated = [False]

        def category(element: dict[str, Any]) -> None:
            key, name = id_of(element.get("id")), element.get("name")
            _once("category", categories, key, name)
            categories[key] = name
            source.category(name)

        def video(element: dict[str, Any]) -> None:
            key = id_of(element.get("id"))
            name = label_name(element.get("name") or element.get("file_name"))
            _once("video", videos, key, name)
            videos[key] = name

        def image(element: dict[str, Any]) -> None:
            key, fields = id_of(element.get("id")), _image_fields(element, videos)
            if key in entries:
                if entries[key].fields != fields:
                    # Whose the annotations are cannot be told: that is no entry's own fault.
                    raise refusal(path, "images", f"the image id {shown(key)} is there twice")
                raise BadValueError(
                    f"the image {shown(key)} is listed twice", "images that are listed twice"
                )
            entries[key] = ImageEntry(fields, Picture(source))

        def annotation(element: dict[str, Any]) -> None:
            annotated[0] = True
            entry = entries.get(id_of(element.get("image_id")))
            if entry is None:
                source.left_out["annotations of images that the file does not list"] += 1
                return
            try:
                add_annotation(element, entry, categories, source)
            except BadValueError:
                entry.picture.missed = True
                raise

        yield from each("categories", category, strict=True)
        if file.mentions_videos:
            yield from each("videos", video, strict=True)
        yield from each("images", image)
        yield from each("annotations", annotation)
        if not entries and not categories:
            raise InputError(
                f"{path} lists neither images nor categories; give a COCO file of labels."
            )
        if not annotated[0] and not file.has_key("annotations"):
            source.left_out["pictures of a file without annotations"] += len(entries)
            return []
        return [entry.picture.labelled(**entry.fields) for entry in entries.values()]

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        names = [*labels.classes]
        if any(box.category == ANY_CLASS for item in labels.items for box in item.boxes):
            names.append(IGNORE_NAME)
        ids = {name: number for number, name in enumerate(names, 1)}
        ids[ANY_CLASS] = len(names)
        videos = {
            name: number
            for number, name in enumerate(
                dict.fromkeys(i.video for i in labels.items if i.video is not None), 1
            )
        }
        (folder / _FILE).parent.mkdir()
        with (folder / _FILE).open("w", encoding="utf-8", newline="\n") as file:
            file.write('{"info": {"description": "written by Framesift"},\n"categories": ')
            dump(file, ({"id": ids[n], "name": n} for n in names))
            if videos:
                file.write(',\n"videos": ')
                dump(file, ({"id": v, "name": n} for n, v in videos.items()))
            file.write(',\n"images": ')
            dump(
                file,
                (image_out(place, item, videos) for place, item in enumerate(labels.items, 1)),
            )
            yield Progress(0, len(labels.items), "pictures", stage="writing labels")
            file.write(',\n"annotations": ')
            dump(file, annotations_out(labels, ids))
            file.write("}\n")


def _once(what: str, known: Mapping[object, object], key: object, name: object) -> None:
    """Refuses an id that means two things: which one, nobody can tell."""
    if known.get(key, name) != name:
        raise BadValueError(
            f"the {what} id {shown(key)} means {shown(known[key])} and {shown(name)}"
        )


def _image_fields(element: dict[str, Any], videos: dict[object, str]) -> dict[str, Any]:
    frame = element.get("frame_index")
    if frame is None:
        frame = element.get("frame_id")
        if frame is not None and "prev_image_id" in element:
            # Files of the ByteTrack family count from 1, and only they have this field.
            frame = whole(frame, 1) - 1
    name = element.get("file_name")
    width, height = side(element.get("width")), side(element.get("height"))
    video = element.get("video_id")
    timestamp = element.get("pts")
    return {
        "video": None if video is None else videos.get(id_of(video)),
        "frame": None if frame is None else whole(frame),
        "image": clean_name(text(name) if name is not None else str(element.get("id"))),
        "size": (width, height) if width and height else None,
        "timestamp": None if timestamp is None else whole(timestamp, -(2**62), 2**62),
    }
