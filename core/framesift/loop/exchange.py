"""Labels into a project and out of it, in the formats of other tools."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framesift.errors import InputError
from framesift.formats import (
    LabelFile,
    LabelledImage,
    VideoRef,
    Written,
    adapt_classes,
    bind,
    frame_name,
    reading,
    writing,
)
from framesift.labels import FrameKey, FrameLabels
from framesift.project import Project, fill_pictures
from framesift.records import Notice, Progress


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought: frames and boxes, what was left out (reason → count), and the
    sentences that belong to it."""

    frames: int
    boxes: int
    changed: int
    left_out: Mapping[str, int]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote, read back and compared."""

    folder: Path
    format: str
    frames: int
    boxes: int
    left_out: Mapping[str, int]


def import_labels(
    project: Project,
    path: Path,
    *,
    format: str | None = None,
    video: str | None = None,
    by_order: bool = False,
    class_map: Mapping[str, str] | None = None,
    ignore_classes: Mapping[str, str | None] | None = None,
    add_classes: bool = False,
    keep: bool = False,
) -> Iterator[Progress | Notice | Imported]:
    """Brings the labels of a file or folder into the project, as one gesture that undo takes
    back. Labelled frames that the file has too get the file's labels, unless `keep`.

    `class_map`, `ignore_classes` and `add_classes` say what becomes of the file's classes, as
    for `formats.adapt_classes`. `video` names the project's video where the file does not say
    which. Raises InputError for a file that is none, names no video of the project, or holds
    boxes that cannot be.
    """
    which = None if video is None else project.videos.find(video).id
    sizes = {v.name: (v.width, v.height) for v in project.videos.all()}
    if which is not None:
        record = project.videos.get(which)
        size: Any = (record.width, record.height)
    else:
        size = next(iter(sizes.values())) if len(set(sizes.values())) == 1 else sizes
    found: LabelFile | None = None
    for one in reading(path, format=format, size=size or None):
        if isinstance(one, LabelFile):
            found = one
        else:
            yield one
    assert found is not None
    adapted = adapt_classes(
        found,
        project.classes,
        class_map=class_map,
        ignore=ignore_classes,
        add_classes=add_classes,
    )
    bound = bind(adapted, _refs(project), video=which, by_order=by_order)
    if not bound.frames:
        why = " ".join(bound.unbound) or "It holds no labelled picture."
        raise InputError(f"Nothing of {path} could be bound to a frame of the project. {why}")
    after = {key: FrameLabels.of(item.boxes) for key, item in bound.frames.items()}
    if keep:
        known = project.labels.states()
        after = {key: value for key, value in after.items() if key not in known}
    new = [name for name in adapted.classes if name not in project.classes]
    if new:
        project.settings.add_classes(new)
    group = project.labels.change(after, kind="import", text=f"labels from {path.name}")
    yield from fill_pictures(project)
    left_out: Counter[str] = Counter(adapted.left_out)
    left_out.update(bound.unbound)
    yield Imported(
        len(after),
        sum(len(v.boxes) for v in after.values()),
        0 if group is None else len(group.edits),
        left_out,
        adapted.notes,
    )


def _refs(project: Project) -> list[VideoRef]:
    refs = []
    for video in project.videos.all():
        images = None
        if video.kind in ("images", "stills"):
            with contextlib.suppress(InputError), project.videos.open(video.id) as opened:
                images = [path.name for path in getattr(opened, "files", ())] or None
        size = None if video.kind == "stills" else (video.width, video.height)
        refs.append(VideoRef(video.id, video.name, video.frames, size, images))
    return refs


def export_labels(
    project: Project,
    out: Path,
    *,
    format: str,
    pictures: bool = False,
    to_label: bool = False,
    overwrite: bool = False,
) -> Iterator[Progress | Notice | Exported]:
    """Writes the project's labels as the new folder `out`, read back and compared before it
    is there.

    `pictures`: the frames themselves go along, as JPEG. `to_label`: the picks of the latest
    cycle that have no labels yet go along as empty frames (with their pictures), to be
    labelled elsewhere. Raises InputError with nothing to write, or where the format cannot
    hold the labels.
    """
    labels = {key: value for key, value in project.labels.all().items() if value.trains}
    wanted = dict(labels)
    if to_label and len(project.ledger):
        for pick in project.ledger.cycle(len(project.ledger)).to_label:
            wanted.setdefault(pick.key, FrameLabels("nothing"))
    if not wanted:
        raise InputError(
            "There is no label to export yet; label some of the picks, or say "
            "--to-label to export the picks themselves."
        )
    videos = {video.id: video for video in project.videos.all()}
    known = project.labels.pictures.all()
    items = []
    for key in sorted(wanted):
        video, picture = videos[key.video], known.get(key)
        items.append(
            LabelledImage(
                video.name,
                key.frame,
                frame_name(Path(video.name).stem, key.frame, ".jpg"),
                picture.width if picture else video.width,
                picture.height if picture else video.height,
                wanted[key].boxes,
                picture.timestamp if picture else None,
            )
        )
    file = LabelFile(project.classes, tuple(items))
    parts = project.split.parts()
    ids = {video.name: video.id for video in videos.values()}

    def validates(item: LabelledImage) -> bool:
        return parts.get(_key(item, ids)) == "validation"

    with contextlib.ExitStack() as stack:
        encode = _Encoder(project, ids, stack) if pictures or to_label else None
        for record in writing(
            file,
            out,
            format=format,
            overwrite=overwrite,
            pictures=encode,
            frames={v.name: v.frames for v in videos.values()},
            validation=validates,
        ):
            if isinstance(record, Written):
                yield Exported(out, record.format, record.pictures, record.boxes, record.lost)
            else:
                yield record


def _key(item: LabelledImage, ids: Mapping[str, str]) -> FrameKey:
    if item.video is None or item.frame is None:
        raise ValueError(f"{item} is no frame of a video")
    return FrameKey(ids[item.video], item.frame)


class _Encoder:
    """Encodes the picture of an item; keeps the video of the last one open."""

    def __init__(
        self, project: Project, ids: Mapping[str, str], stack: contextlib.ExitStack
    ) -> None:
        self._project, self._ids, self._stack = project, ids, stack
        self._open: dict[str, Any] = {}

    def __call__(self, item: LabelledImage, name: str) -> bytes:
        from framesift.report.pictures import encode

        key = _key(item, self._ids)
        video, frame = key.video, key.frame
        if video not in self._open:
            for opened in self._open.values():
                opened.close()
            self._open = {video: self._stack.enter_context(self._project.videos.open(video))}
        return encode(self._open[video][frame], Path(name).suffix or ".jpg")
