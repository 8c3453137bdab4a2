"""KITTI tracking: label_02/VIDEO.txt, each line an object of one frame; frames from 0."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import at, label_name, whole_of
from framesift.formats.files import text_lines, walk
from framesift.formats.kitti import add_object, columns, find_folder, object_out, track_out
from framesift.formats.model import LabelFile, LabelledImage, VideoFacts
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.records import Progress

LABELS, PICTURES = "label_02", "image_02"


class KittiTracking(Format):
    name = "kitti-tracking"
    title = "KITTI tracking"
    capability = Capability(
        stills=False,
        names=False,
        unnamed=False,
        plain_names=True,
        size=None,
        nothing=False,
        ignore="plain",
        spaces=False,
        class_list=False,
        tracks="each",
    )

    def recognises(self, path: Path) -> bool:
        if path.is_dir():
            return find_folder(path, LABELS) is not None
        cells = columns(path) if path.suffix.lower() == ".txt" else []
        return len(cells) in {17, 18} and cells[0].isdigit()

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        path = source.path
        if path.is_file():
            files = [path]
        else:
            root = find_folder(path, LABELS) or path
            files = [root / n for n in walk(root) if n.lower().endswith(".txt")]
        if not files:
            raise InputError(f"{path} holds no label files; give the folder with {LABELS}/.")
        items: list[LabelledImage | None] = []
        for file in files:
            pictures: dict[int, Picture] = {}
            with at(file, "its name"):
                video = label_name(file.stem)
                source.videos[video] = VideoFacts(assumed=True)
            for place, line in enumerate(text_lines(file), 1):
                if not line.strip():
                    continue
                with source.entry(file, f"line {place}"):
                    cells = line.split()
                    picture = pictures.setdefault(whole_of(cells[0]), Picture(source))
                    with source.entry(file, f"line {place}", picture):
                        track = source.track(video, cells[1]) if len(cells) > 1 else None
                        add_object(cells[2:], picture, track)
                if source.due():
                    yield source.progress(place, None, "rows")
            items += [
                picture.labelled(video=video, frame=frame, size=source.told_size(None, video))
                for frame, picture in sorted(pictures.items())
            ]
        return source.finish(items)

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        (folder / LABELS).mkdir()
        groups: dict[str, list[LabelledImage]] = {video or "": [] for video in options.bare}
        for item in labels.items:
            groups.setdefault(item.video or "", []).append(item)
        for video, items in groups.items():
            items.sort(key=lambda item: item.frame or 0)
            with (folder / LABELS / f"{video}.txt").open(
                "w", encoding="utf-8", newline="\n"
            ) as file:
                for item in items:
                    for box in item.boxes:
                        file.write(f"{item.frame} {track_out(box)} {object_out(box)}\n")
            yield Progress(len(items), len(labels.items), "pictures", stage="writing labels")

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        return f"{PICTURES}/{item.video}/{item.frame or 0:06d}.png"
