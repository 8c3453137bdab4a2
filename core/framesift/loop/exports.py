"""Labels out of a project, in the formats of other tools."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats import LabelFile, LabelledImage, Written, frame_name, writing
from framesift.formats.names import safe_name, stem
from framesift.labels import FrameKey, FrameLabels, Point
from framesift.loop.exchange_pictures import PictureEncoder, key_of
from framesift.loop.incoming import names_of
from framesift.loop.square_pixels import SquarePixels
from framesift.project import Project
from framesift.project.exchange_settings import ExportSettings
from framesift.records import Notice, Progress

_OUT = ExportSettings()


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


def export_labels(
    project: Project,
    out: str | PathLike[str],
    *,
    format: str,
    pictures: bool = _OUT.pictures,
    to_label: bool = _OUT.to_label,
    overwrite: bool = _OUT.overwrite,
    part: str = _OUT.part,
    derived: bool = _OUT.derived,
    square_pixels: bool = _OUT.square_pixels,
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
        square_pixels: whether boxes and pictures of videos whose pixels are not square are as
            players show them.

    Yields:
        Progress and Notices, and last Exported.

    Raises:
        InputError: there is nothing to write, or the format cannot hold the labels.
        EnvironmentProblem: the machine refuses.

    Example:
        >>> export_labels(project, Path("labels"), format="coco").close()
    """
    out, squares = Path(out), SquarePixels(project, square_pixels)
    exported = _of_part(project, ExportSettings(part=part).part)
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
        width, height = squares.size(
            key.video,
            (picture.width, picture.height) if picture else (video.width, video.height),
        )
        items.append(
            LabelledImage(
                names[key.video],
                key.frame,
                frame_name(safe_name(stem(names[key.video])), key.frame, ".jpg"),
                width,
                height,
                squares.counted(key.video, _boxes(exported[key])),
                picture.timestamp if picture else None,
                *_weak(squares, key, exported[key]),
            )
        )
    file = LabelFile(project.classes, tuple(items))
    parts = project.split.parts()
    ids = {name: video for video, name in names.items()}

    def validates(item: LabelledImage) -> bool:
        return parts.get(key_of(item, ids)) == "validation"

    with contextlib.ExitStack() as stack:
        encode = PictureEncoder(project, ids, stack) if pictures or to_label else None
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
                lost["boxes that somebody said no to"] += sum(
                    len(value.weak.denied) for value in exported.values()
                )
                yield Exported(
                    out, record.format, record.pictures, record.boxes, +lost, record.bare
                )
            else:
                yield record


def _of_part(project: Project, part: str) -> dict[FrameKey, FrameLabels]:
    """The frames that somebody looked at or that have boxes of tracks, of a part."""
    whole, drawn = set(project.evaluation.videos()), set(project.evaluation.sampled())
    return {
        key: value
        for key, value in project.labels.all().items()
        if value.trains or (value.derived and value.state == "unseen") or _weakly(value)
        if part == "both" or (part == "measuring") == (key.video in whole or key in drawn)
    }


def _weakly(labels: FrameLabels) -> bool:
    """Whether a file can say what was said of a frame without all of its boxes: boxes without a
    point beside them would read as all."""
    tagged = labels.weak.tags and labels.state == "unseen"
    return not labels.trains and bool(labels.weak.points or tagged)


def _weak(
    squares: SquarePixels, key: FrameKey, labels: FrameLabels
) -> tuple[tuple[Point, ...], bool, tuple[tuple[str, bool], ...]]:
    """Points, whether they are all, and tags, as a file gets them."""
    if not _weakly(labels):
        return (), False, ()
    weak = labels.weak
    points = squares.points_counted(key.video, weak.points)
    return points, weak.every and bool(points), weak.tags


def _boxes(labels: FrameLabels) -> tuple[Box, ...]:
    """The boxes that a file gets: where a person said that nothing is there, that is so."""
    return () if labels.state == "nothing" else (*labels.boxes, *labels.derived)
