"""Labels into a project and out of it, in the formats of other tools."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats import (
    LabelFile,
    LabelledImage,
    Written,
    adapt_classes,
    bind,
    frame_name,
    reading,
    writing,
)
from framesift.formats.names import safe_name, stem
from framesift.labels import FrameKey, FrameLabels
from framesift.loop.incoming import Incoming, check_classes, names_of, within_pictures
from framesift.loop.incoming_tracks import beside_labels, with_own_tracks
from framesift.project import Project, fill_pictures
from framesift.project.missing import missing_videos
from framesift.records import Notice, Progress

Part = Literal["training", "measuring", "both"]
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought: frames and boxes, how many frames it changed, what was left out
    (reason → count), the sentences that belong to it (`notes`), and by what the frames were
    found, with an example each (`found_by`). `derived` more boxes lie between the keyframes of
    tracks: no labels until somebody confirms them."""

    frames: int
    boxes: int
    changed: int
    left_out: Mapping[str, int]
    notes: tuple[str, ...]
    found_by: tuple[str, ...] = ()
    derived: int = 0


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote, read back and compared. `frames` have an entry; `to_label` lie
    beside them as pictures without one, where the format lists no empty pictures."""

    folder: Path
    format: str
    frames: int
    boxes: int
    left_out: Mapping[str, int]
    to_label: int = 0


def import_labels(
    project: Project,
    path: Path,
    *,
    format: str | None = None,
    video: str | None = None,
    by_order: bool = False,
    count_from: int | None = None,
    class_map: Mapping[str, str] | None = None,
    ignore_classes: Mapping[str, str | None] | None = None,
    add_classes: bool = False,
    keep: bool = False,
    outlines: bool = False,
    confirm: bool = False,
) -> Iterator[Progress | Notice | Imported]:
    """Brings the labels of a file, folder or .zip into the project, as one gesture that undo
    takes back. Entries that cannot be right are left out and counted.

    Args:
        project: a project open for writing.
        path: what to read.
        format: a name in FORMATS; None: recognised.
        video: the project's video, where the file does not say which.
        by_order: the frame is always the place in the file.
        count_from: what numbers in the names of pictures count from; None: found out.
        class_map: renames classes of the file ({"car": "vehicle"}).
        ignore_classes: classes of the file that become ignore regions, as for
            `formats.adapt_classes`.
        add_classes: adds the file's other classes to the project's.
        keep: labelled frames keep their labels where the file has some, too.
        outlines: polygons, masks, ellipses and turned boxes become the boxes around them.
        confirm: boxes between the keyframes of tracks become labels instead of derived boxes.

    Yields:
        Progress and Notices, and last Imported.

    Raises:
        InputError: the file is none, names no video of the project, or has no class of it; then
            nothing is changed.

    Example:
        >>> import_labels(project, Path("clip.coco.json"), video="clip").close()
    """
    which = None if video is None else project.videos.find(video).id
    incoming = Incoming(project, which)
    labels: LabelFile | None = None
    for record in reading(
        path,
        format=format,
        size=incoming.sizes,
        lengths=incoming.lengths,
        outlines=outlines,
    ):
        if isinstance(record, LabelFile):
            labels = record
        else:
            yield record
    assert labels is not None
    adapted = adapt_classes(
        labels,
        project.classes,
        class_map=class_map,
        ignore=ignore_classes,
        add_classes=add_classes,
    )
    check_classes(labels, adapted, project.classes, path)
    bound = bind(
        adapted, incoming.refs(), video=which, by_order=by_order, count_from=count_from
    )
    if not bound.frames:
        why = " ".join(bound.unbound) or "It holds no labelled picture."
        raise InputError(f"Nothing of {path} could be bound to a frame of the project. {why}")
    after, left_out = within_pictures(project, bound.frames)
    if keep:
        known = project.labels.states()
        after = {key: value for key, value in after.items() if key not in known}
    if confirm:
        after = {key: value.confirmed(*_tracks(value)) for key, value in after.items()}
    fewer = incoming.fewer(after)
    new = [name for name in adapted.classes if name not in project.classes]
    text = f"Import labels from {path.name}"

    def put() -> tuple[dict[FrameKey, FrameLabels], Any]:
        numbered = with_own_tracks(project, after)
        return numbered, project.labels.change(
            {key: beside_labels(project, key, value) for key, value in numbered.items()},
            kind="import",
            text=text,
            new_classes=new,
        )

    # On the thread of the project, where this one is another.
    after, group = project.journal.together("import", text, put)
    yield from fill_pictures(project)
    left_out.update(adapted.left_out)
    for reason, count in bound.unbound.items():
        left_out[f"{reason} (first: {bound.examples[reason]})"] += count
    yield Imported(
        len(after),
        sum(len(v.boxes) for v in after.values()),
        0 if group is None else len(group.edits),
        left_out,
        (*adapted.notes, *bound.notes, *fewer),
        bound.explanations,
        sum(len(value.derived) for value in after.values()),
    )


def _tracks(labels: FrameLabels) -> list[int]:
    return [box.track for box in labels.derived if box.track is not None]


def export_labels(
    project: Project,
    out: Path,
    *,
    format: str,
    pictures: bool = False,
    to_label: bool = False,
    overwrite: bool = False,
    part: Part = "both",
    derived: bool = False,
) -> Iterator[Progress | Notice | Exported]:
    """Writes the project's labels as a new folder, read back and compared before it is there.
    Videos that share a file name are told apart by their folders.

    Args:
        project: an open project.
        out: the new folder.
        format: a name in FORMATS.
        pictures: whether the frames themselves go along, as JPEG; those of a video that is lost
            or has changed are left out, and said.
        to_label: whether the picks of the latest cycle without labels go along as empty frames,
            with their pictures, to be labelled elsewhere; so they do where there is no label at
            all.
        overwrite: whether an earlier export may be replaced.
        part: "training", "measuring" or "both": labels of the frames that may train, of those
            that are only measured on, or of both.
        derived: whether boxes that the program made for tracks go along where the format cannot
            tell them from labels.

    Yields:
        Progress and Notices, and last Exported.

    Raises:
        InputError: there is nothing to write, or the format cannot hold the labels.
        EnvironmentProblem: the machine refuses.

    Example:
        >>> export_labels(project, Path("labels"), format="coco").close()
    """
    exported = _of_part(project, part)
    to_label = to_label or not exported
    if to_label and part != "measuring" and len(project.ledger):
        for pick in project.ledger.cycle(len(project.ledger)).to_label:
            exported.setdefault(pick.key, FrameLabels("nothing"))
    if not exported and part != "both":
        raise InputError(
            f"There is no label of a frame for {part} to export; label some, or "
            "export both parts."
        )
    if not exported:
        raise InputError(
            "There is no label to export yet, and no pick to be labelled; label some frames, "
            "or take some with `framesift cycle`."
        )
    videos = {video.id: video for video in project.videos.all()}
    names = names_of(videos.values())
    known = project.labels.pictures.all()
    items = []
    for key in sorted(exported):
        video, picture = videos[key.video], known.get(key)
        items.append(
            LabelledImage(
                names[key.video],
                key.frame,
                frame_name(safe_name(stem(names[key.video])), key.frame, ".jpg"),
                picture.width if picture else video.width,
                picture.height if picture else video.height,
                _boxes(exported[key]),
                picture.timestamp if picture else None,
            )
        )
    file = LabelFile(project.classes, tuple(items))
    parts = project.split.parts()
    ids = {name: video for video, name in names.items()}

    def validates(item: LabelledImage) -> bool:
        return parts.get(_key(item, ids)) == "validation"

    with contextlib.ExitStack() as stack:
        encode = _Encoder(project, ids, stack) if pictures or to_label else None
        if encode is not None:
            yield from encode.lost({key.video for key in exported})
        for record in writing(
            file,
            out,
            format=format,
            overwrite=overwrite,
            pictures=encode,
            frames={names[v.id]: v.frames for v in videos.values()},
            rates={names[v.id]: v.fps for v in videos.values() if v.fps > 0},
            validation=validates,
            derived=derived,
        ):
            if isinstance(record, Written):
                lost = Counter(record.lost)
                lost["derived boxes of frames with “nothing there”"] += sum(
                    len(value.derived)
                    for value in exported.values()
                    if value.state == "nothing"
                )
                yield Exported(
                    out, record.format, record.pictures, record.boxes, +lost, record.bare
                )
            else:
                yield record


def _of_part(project: Project, part: Part) -> dict[FrameKey, FrameLabels]:
    """The frames that somebody looked at or that have boxes of tracks, of a part."""
    whole, drawn = set(project.evaluation.videos()), set(project.evaluation.sampled())
    return {
        key: value
        for key, value in project.labels.all().items()
        if value.trains or (value.derived and value.state == "unseen")
        if part == "both" or (part == "measuring") == (key.video in whole or key in drawn)
    }


def _boxes(labels: FrameLabels) -> tuple[Box, ...]:
    """The boxes that a file gets: where a person said that nothing is there, that is so."""
    return () if labels.state == "nothing" else (*labels.boxes, *labels.derived)


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
        self._lost: set[str] = set()

    def lost(self, videos: Iterable[str]) -> Iterator[Notice]:
        """A sentence for each of these videos that cannot be opened."""
        records = [self._project.videos.get(video) for video in videos]
        for video, reason in missing_videos(self._project.videos, records).items():
            self._lost.add(video)
            yield Notice(f"The labels go without these pictures: {reason}")

    def __call__(self, item: LabelledImage, name: str) -> bytes | None:
        from framesift.report.pictures import encode

        key = _key(item, self._ids)
        video, frame = key.video, key.frame
        if video in self._lost:
            return None
        if video not in self._open:
            for opened in self._open.values():
                opened.close()
            self._open = {video: self._stack.enter_context(self._project.videos.open(video))}
        return encode(self._open[video][frame], Path(name).suffix or ".jpg")
