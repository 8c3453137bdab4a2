"""Labels into a project, in the formats of other tools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from framesift.errors import InputError
from framesift.formats import (
    Binding,
    LabelFile,
    adapt_classes,
    bind,
    reading,
)
from framesift.labels import FrameKey, FrameLabels
from framesift.loop.incoming import Incoming, check_classes, within_pictures
from framesift.loop.incoming_tracks import beside_labels, with_own_tracks
from framesift.loop.square_pixels import SquarePixels, offered
from framesift.project import Project, fill_pictures
from framesift.project.exchange_settings import ImportSettings
from framesift.records import Notice, Progress

_INTO = ImportSettings()


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


def import_labels(
    project: Project,
    path: str | PathLike[str],
    *,
    format: str | None = None,
    video: str | None = None,
    by_order: bool = _INTO.by_order,
    count_from: int | None = _INTO.count_from,
    class_map: Mapping[str, str] | None = None,
    ignore_classes: Mapping[str, str | None] | None = None,
    add_classes: bool = _INTO.add_classes,
    keep: bool = _INTO.keep,
    outlines: bool = _INTO.outlines,
    confirm: bool = _INTO.confirm,
    square_pixels: bool = _INTO.square_pixels,
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
        square_pixels: the file counts pixels of videos whose pixels are not square as players
            show them.

    Yields:
        Progress and Notices, and last Imported.

    Raises:
        InputError: the file is none, names no video of the project, or has no class of it; then
            nothing is changed.

    Example:
        >>> import_labels(project, Path("clip.coco.json"), video="clip").close()
    """
    path = Path(path)
    which = None if video is None else project.videos.find(video).id
    squares = SquarePixels(project, square_pixels)
    incoming = Incoming(project, which, squares)
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
    shown = [] if square_pixels else _offer(project, adapted, bound)
    if not bound.frames:
        why = " ".join([*bound.unbound, *shown]) or "It holds no labelled picture."
        raise InputError(f"Nothing of {path} could be bound to a frame of the project. {why}")
    frames = {
        key: replace(
            item,
            boxes=squares.native(key.video, item.boxes),
            points=squares.points_native(key.video, item.points),
        )
        for key, item in bound.frames.items()
    }
    after, left_out = within_pictures(project, frames)
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
        (*adapted.notes, *bound.notes, *shown, *fewer, *_weakly(after)),
        bound.explanations,
        sum(len(value.derived) for value in after.values()),
    )


def _offer(project: Project, labels: LabelFile, bound: Binding) -> list[str]:
    """What to do about pictures that are not of a video's size, where that is known."""
    if not bound.unbound:
        return []
    return offered(project, {item.size for item in labels.items if item.size is not None})


def _weakly(after: Mapping[FrameKey, FrameLabels]) -> list[str]:
    """A sentence about frames with points or tags."""
    count = sum(bool(labels.weak) for labels in after.values())
    if not count:
        return []
    return [
        f"{count} frames have points or tags; they are learnt from with `framesift train "
        "--weak-labels`."
    ]


def _tracks(labels: FrameLabels) -> list[int]:
    return [box.track for box in labels.derived if box.track is not None]
