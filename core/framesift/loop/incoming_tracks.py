"""Which tracks of a project a label file's tracks are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from framesift.boxes import Box, as_array, iou
from framesift.labels import FrameKey, FrameLabels
from framesift.project import Project

SAME = 0.5
"""IoU from which on two boxes of a frame are of one object."""
_Named = tuple[str, int]
"""A video's id and the number that the file gives a track in it."""


def with_own_tracks(
    project: Project, frames: Mapping[FrameKey, FrameLabels]
) -> dict[FrameKey, FrameLabels]:
    """The labels of a file with track numbers of the project: of a track that lies where one of
    the project does, that one's; else new ones. Give it inside of a gesture."""
    votes: Counter[tuple[_Named, int]] = Counter()
    named: dict[_Named, int | None] = {}
    for key, labels in frames.items():
        theirs = [box for box in (*labels.boxes, *labels.derived) if box.track is not None]
        if theirs:
            named.update({(key.video, box.track or 0): None for box in theirs})
            _vote(key.video, theirs, project.labels.get(key), votes)
    if not named:
        return dict(frames)
    given: set[_Named] = set()
    for (name, ours), _ in votes.most_common():
        # A track of a drive may be two in the file, one for each clip; never two in one clip.
        if named[name] is None and (name[0], ours) not in given:
            named[name] = ours
            given.add((name[0], ours))
    free = [name for name, ours in named.items() if ours is None]
    named.update(zip(free, project.tracks.new(len(free)), strict=True))

    def ours_of(video: str, box: Box) -> Box:
        return box if box.track is None else replace(box, track=named[video, box.track])

    return {
        key: replace(
            labels,
            boxes=tuple(ours_of(key.video, box) for box in labels.boxes),
            derived=tuple(ours_of(key.video, box) for box in labels.derived),
        )
        for key, labels in frames.items()
    }


def _vote(
    video: str, theirs: list[Box], there: FrameLabels, votes: Counter[tuple[_Named, int]]
) -> None:
    ours = [box for box in (*there.boxes, *there.derived) if box.track is not None]
    if not ours:
        return
    for box, row in zip(theirs, iou(as_array(theirs), as_array(ours)), strict=True):
        best = int(row.argmax())
        if row[best] >= SAME:
            votes[(video, box.track or 0), ours[best].track or 0] += 1


def beside_labels(project: Project, key: FrameKey, labels: FrameLabels) -> FrameLabels:
    """What an import makes of a frame: boxes that nobody confirmed never take the place of what
    a person said, nor do points and tags."""
    there = project.labels.get(key)
    if labels.state != "unseen" and not (labels.weak and there.trains):
        return labels
    beside = there.with_derived(*labels.derived)
    return replace(beside, weak=labels.weak) if labels.weak and not there.trains else beside
