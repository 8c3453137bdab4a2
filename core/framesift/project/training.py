"""The frozen training set of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.errors import InputError
from framesift.project.missing import missing_videos

if TYPE_CHECKING:
    from framesift.project.project import Project
    from framesift.training.data import SplitRule, TrainingSet
    from framesift.training.schedule import Labels


def labels_to_learn(project: Project) -> Labels:
    """How many labels a training set made now would hold, without weak ones; nothing is
    stored."""
    from framesift.training.schedule import Labels

    frames = objects = validation = 0
    labels = project.labels.all()
    for key, part in project.split.planned().items():
        count = sum(not box.ignore for box in labels[key].counted)
        frames += part == "train"
        objects += count if part == "train" else 0
        validation += count if part == "validation" else 0
    return Labels(frames, objects, validation)


def training_set(
    project: Project,
    rule: SplitRule | None = None,
    *,
    unlabelled: bool = False,
    weak: bool = False,
) -> TrainingSet:
    """Everything that may train now: labelled frames of the pool without the evaluation set,
    parted by the stored split, whose new frames are assigned and stored here.

    Paths are absolute and point to where the videos lie now; videos that were removed, are gone
    or changed are left out (`missing_videos` names those).

    Args:
        project: a project open for writing.
        rule: how new frames are parted into training and validation; None: as the project keeps
            it.
        unlabelled: the pool's videos that hold no label are in it, too, since their frames are
            learnt from.
        weak: frames with weak labels are in it, too, in stretches that train.

    Returns:
        A TrainingSet.

    Raises:
        InputError: there is no labelled frame, or no video of them is there.

    Example:
        >>> try:
        ...     training_set(project)
        ... except InputError as error:
        ...     print(error)
        There is no labelled frame to train on; label some picks first, or import labels.
    """
    from framesift.training.data import Entry, TrainingSet, VideoRef

    parts = project.split.assign(rule)
    partial = project.split.weakly() if weak else ()
    parts |= dict.fromkeys(partial, "train")
    if not parts:
        raise InputError(
            "There is no labelled frame to train on; label some picks first, or import labels."
        )
    labels, pictures = project.labels.all(), project.labels.pictures.all()
    videos = {video.id: video for video in project.videos.all()}
    names = {key.video for key in parts}
    if unlabelled:
        names |= {video.id for video in project.videos.all("pool")}
    used = [videos[name] for name in sorted(names) if name in videos]
    missing = missing_videos(project.videos, used)
    entries = []
    for key, part in parts.items():
        if part == "margin" or key.video not in videos or key.video in missing:
            continue
        video, picture = videos[key.video], pictures.get(key)
        entries.append(
            Entry(
                key,
                picture.width if picture else video.width,
                picture.height if picture else video.height,
                labels[key].boxes if key in partial else labels[key].counted,
                part,
                picture.hash if picture else "",
                picture.timestamp if picture else None,
                labels[key].weak if key in partial else None,
            )
        )
    if not entries and missing:
        raise InputError(" ".join(missing.values()))
    refs = []
    shown = [entry.key.video for entry in entries]
    if unlabelled:
        shown += [video.id for video in used if video.id not in missing]
    for name in dict.fromkeys(shown):
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
