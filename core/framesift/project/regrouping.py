"""Joining and parting drives by hand: gestures that undo takes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from framesift.errors import InputError
from framesift.project.records import StoredDrive, VideoRecord

if TYPE_CHECKING:
    from framesift.project.project import Project


def join_clips(project: Project, names: Sequence[str]) -> StoredDrive:
    """Makes one drive of videos (ids, names or paths), in the order given; it keeps the key of
    the first one's, and that drive's other clips. Labels, scores and cycles stay as they are.

    InputError for fewer than two, for one named twice, for stills, and for footage of the pool
    beside footage for measuring.
    """
    clips = _found(project, names)
    if len(clips) < 2:
        raise InputError("One video alone is a drive already; name two or more to join.")
    for clip in clips:
        if clip.kind == "stills":
            raise InputError(f"{clip.name} is stills, which have no time; leave them apart.")
    drive = clips[0].drive
    given = [clip.id for clip in clips]
    others = [clip.id for clip in project.videos.drive(drive).clips if clip.id not in given]
    text = f"Join {', '.join(clip.name for clip in clips)}"
    project.videos.arrange({drive: [*others, *given]}, text)
    return project.videos.drive(drive)


def part_clips(project: Project, names: Sequence[str]) -> tuple[StoredDrive, ...]:
    """Makes a drive of its own of each of these videos (ids, names or paths); their camera's
    masks go with them. Labels, scores and cycles stay as they are.

    InputError for one that is alone in its drive already.
    """
    clips = _found(project, names)
    return project.journal.together(
        "footage",
        f"Part {', '.join(clip.name for clip in clips)}",
        lambda: tuple(_parted(project, clip) for clip in clips),
    )


def _parted(project: Project, clip: VideoRecord) -> StoredDrive:
    if len(project.videos.drive(clip.drive).clips) < 2:
        raise InputError(f"{clip.name} is alone in its drive already; nothing is parted.")
    mask = project.masks.of(clip)
    key = project.videos.free_key(clip.id)
    project.videos.arrange({key: [clip.id]})
    if mask is not None:
        project.masks.set(replace(mask, drive=key))
    return project.videos.drive(key)


def _found(project: Project, names: Sequence[str]) -> list[VideoRecord]:
    clips = [project.videos.find(name) for name in names]
    if len({clip.id for clip in clips}) < len(clips):
        raise InputError("One of the videos is named twice; name each once.")
    return clips
