"""The frozen training set of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.errors import InputError

if TYPE_CHECKING:
    from framesift.project.project import Project
    from framesift.training.data import SplitRule, TrainingSet


def training_set(project: Project, rule: SplitRule | None = None) -> TrainingSet:
    """Everything that may train now: labelled frames of the pool without the evaluation set,
    parted by the stored split, whose new frames are assigned and stored here.

    Paths are absolute and point to where the videos lie now. InputError without labelled
    frames, or when a video is gone or changed.
    """
    from framesift.training.data import Entry, TrainingSet, VideoRef

    parts = project.split.assign(rule)
    if not parts:
        raise InputError(
            "There is no labelled frame to train on; label some picks first, or import labels."
        )
    labels, pictures = project.labels.all(), project.labels.pictures.all()
    videos = {video.id: video for video in project.videos.all()}
    entries = []
    for key, part in parts.items():
        if part == "margin":
            continue
        video, picture = videos[key.video], pictures.get(key)
        entries.append(
            Entry(
                key,
                picture.width if picture else video.width,
                picture.height if picture else video.height,
                labels[key].counted,
                part,
                picture.hash if picture else "",
                picture.timestamp if picture else None,
            )
        )
    refs = []
    for name in dict.fromkeys(entry.key.video for entry in entries):
        video = videos[name]
        refs.append(
            VideoRef(
                name,
                str(project.videos.locate(name)),
                video.stream,
                video.fingerprint,
                video.kind,
            )
        )
    return TrainingSet(
        project.classes,
        tuple(refs),
        tuple(entries),
        frozenset(project.evaluation.sampled()),
        frozenset(v.fingerprint for v in project.videos.all("evaluation")),
    )
