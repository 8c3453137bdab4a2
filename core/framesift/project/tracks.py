"""A project's tracks: one object's boxes over the frames of a drive.

A track is its **key boxes**, which a person made or confirmed and which are labels like any
other, and the **derived boxes** of the frames between, which the program interpolated or
tracked. Derived boxes make no frame labelled; in frames that are, they count as ignore regions
until somebody confirms them.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import FrameKey, FrameLabels, LabelGroup
from framesift.project.database import Database
from framesift.project.derived_boxes import Seconds, by_rate, interpolated_boxes
from framesift.project.journal import ProjectJournal
from framesift.project.label_table import PRESENT
from framesift.project.labelling import ProjectLabels
from framesift.project.track_frames import TrackFrames
from framesift.project.videos import Videos

MOST = 100_000
"""Frames between two key boxes that are filled at most."""
Changes = dict[FrameKey, FrameLabels]


@dataclass(frozen=True, slots=True)
class StoredTrack:
    """A track as the project holds it: its boxes by frame, in the order of time."""

    id: int
    keys: Mapping[FrameKey, Box]
    derived: Mapping[FrameKey, Box]

    def __len__(self) -> int:
        return len(self.keys) + len(self.derived)


class Tracks:
    """Tracks by id. Every change is one gesture that undo takes back."""

    def __init__(
        self,
        database: Database,
        journal: ProjectJournal,
        labels: ProjectLabels,
        videos: Videos,
    ) -> None:
        self._database, self._journal = database, journal
        self._labels, self._frames = labels, TrackFrames(database, videos)

    def new(self, count: int = 1) -> range:
        """Ids for tracks that are to be: never given before, nor again."""
        with self._database.writing():
            ids = [
                self._database.run("INSERT INTO tracks (time) VALUES (?)", (time.time(),))
                for _ in range(count)
            ]
        return range(ids[0], ids[-1] + 1) if ids else range(0)

    def all(self, video: str | None = None) -> tuple[int, ...]:
        """The ids of the tracks that have boxes, in any video or in one."""
        return tuple(
            track
            for (track,) in self._database.rows(
                "SELECT DISTINCT track FROM track_boxes WHERE (?1 IS NULL OR video = ?1) "
                f"AND {PRESENT} ORDER BY track",
                (video,),
            )
        )

    def get(self, track: int) -> StoredTrack:
        """A track with its boxes. InputError when it has none."""
        keys: dict[FrameKey, Box] = {}
        derived: dict[FrameKey, Box] = {}
        for frame in self._frames.of(track):
            labels = self._labels.get(frame)
            box = labels.of_track(track)
            if box is not None:
                (keys if box in labels.boxes else derived)[frame] = box
        if not keys and not derived:
            raise InputError(f"The project has no track {track}.")
        return StoredTrack(track, keys, derived)

    def put_key(
        self,
        track: int,
        frame: FrameKey,
        box: Box,
        seconds: Seconds | None = None,
        *,
        done: bool = True,
    ) -> LabelGroup | None:
        """Gives a track a key box in a frame, in place of its box there, and interpolates anew
        from the key before to the key behind it. Tracked boxes behind it, up to the next key,
        go: they were followed from another box. `seconds` as for `interpolate`; `done`:
        whether a frame that was not labelled is now, else it is started."""
        key = replace(box, track=track, origin="person")
        before = self._labels.get(frame)
        at = [n for n, b in zip(before.ids, before.boxes, strict=True) if b.track == track]
        after = before.with_box(at[0], key) if at else before.with_boxes(key)
        changes = {frame: after if done else after.started(before)}
        if at or track in self.all():
            changes |= self._without_tracked(track, frame)
            self._interpolated(track, changes, seconds, around=frame)
        return self._change(changes, f"Place track {track} in {_named(frame)}")

    def remove_key(
        self, track: int, frame: FrameKey, seconds: Seconds | None = None
    ) -> LabelGroup | None:
        """Takes a track's box in a frame away, and interpolates anew between the key boxes
        beside it; interpolated boxes that lie between no two of them go. `seconds` as for
        `interpolate`. InputError for a track without boxes."""
        whole = self.get(track)
        if not any(key != frame for key in whole.keys):
            return self.remove(track)
        changes = {frame: _without(self._labels.get(frame), track)}
        for key, box in whole.derived.items():
            if box.origin == "interpolated":
                changes[key] = self._labels.get(key).without_derived(track)
        self._interpolated(track, changes, seconds)
        return self._change(changes, f"Remove the box of track {track} in {_named(frame)}")

    def interpolate(self, track: int, seconds: Seconds | None = None) -> LabelGroup | None:
        """Gives every frame between two key boxes a box on the straight way between them;
        tracked boxes stay. `seconds` tells when a frame is (default: by the drive's average
        rate). InputError for a track without key boxes, or with keys too far apart."""
        changes: Changes = {}
        self._interpolated(track, changes, seconds)
        return self._change(changes, f"Interpolate track {track}")

    def put_tracked(self, track: int, boxes: Mapping[FrameKey, Box]) -> LabelGroup | None:
        """Stores boxes that a tracker found, in place of derived ones of the track. Where a
        person made its box, that one stays."""
        changes = {
            frame: self._labels.get(frame).with_derived(
                replace(box, track=track, origin="tracked")
            )
            for frame, box in boxes.items()
        }
        return self._change(changes, f"Track {track}: {_counted(len(boxes))} tracked")

    def confirm(
        self, track: int, frames: Collection[FrameKey] | None = None, *, done: bool = True
    ) -> LabelGroup | None:
        """Makes derived boxes of a track (default: all) labels: somebody looked at them.
        `done`: whether frames that were not labelled are now, else they are started."""
        there = [f for f in self.get(track).derived if frames is None or f in frames]
        before = {frame: self._labels.get(frame) for frame in there}
        changes = {frame: labels.confirmed(track) for frame, labels in before.items()}
        if not done:
            changes = {f: labels.started(before[f]) for f, labels in changes.items()}
        return self._change(changes, f"Confirm {_counted(len(there))} of track {track}")

    def remove(self, track: int) -> LabelGroup | None:
        """Takes all boxes of a track away."""
        changes = {f: _without(self._labels.get(f), track) for f in self._there(track)}
        return self._change(changes, f"Remove track {track}")

    def join(self, track: int, to: int) -> LabelGroup | None:
        """Makes two tracks one, of the id `to`. InputError when a person placed both in one
        frame: then they are two objects."""
        both = self.get(track).keys.keys() & self.get(to).keys.keys()
        if both:
            raise InputError(
                f"Tracks {track} and {to} both have a key box in {_named(min(both))}; they are "
                "two objects."
            )
        changes = {}
        for frame in self._there(track):
            labels = self._labels.get(frame)
            changes[frame] = _renamed(labels, track, to)
        return self._change(changes, f"Join track {track} to track {to}")

    def part(self, track: int, frame: FrameKey) -> tuple[int, LabelGroup | None]:
        """Gives the boxes of a track in its drive from a frame on to a new track, whose id
        comes back; what was interpolated across the cut goes. InputError when there is no box
        on both sides."""
        whole = self.get(track)
        drive, at = self._frames.place(frame)
        places = {f: self._frames.place(f) for f in (*whole.keys, *whole.derived)}
        behind = {f for f, (key, n) in places.items() if key == drive and n >= at}
        if not behind or len(behind) == len(places):
            raise InputError(
                f"Track {track} has no boxes on both sides of {_named(frame)}; choose a frame "
                "in between."
            )
        keys = [n for f, (key, n) in places.items() if key == drive and f in whole.keys]
        low = max((n for n in keys if n < at), default=-1)
        high = min((n for n in keys if n >= at), default=1 << 62)
        with self._journal.gesture("track", f"Part track {track} at {_named(frame)}"):
            [new] = self.new()
            changes = {}
            for f, (key, n) in places.items():
                labels = self._labels.get(f)
                box = whole.derived.get(f)
                cut = key == drive and low < n < high
                if cut and box is not None and box.origin == "interpolated":
                    changes[f] = labels.without_derived(track)
                elif f in behind:
                    changes[f] = _renamed(labels, track, new)
            group = self._change(changes, "")
        return new, group

    def _change(self, changes: Changes, text: str) -> LabelGroup | None:
        return self._labels.change(changes, kind="track", text=text)

    def _there(self, track: int) -> tuple[FrameKey, ...]:
        whole = self.get(track)
        return (*whole.keys, *whole.derived)

    def _without_tracked(self, track: int, frame: FrameKey) -> Changes:
        changes: Changes = {}
        for later in self._frames.behind(track, frame):
            labels = self._labels.get(later)
            box = labels.of_track(track)
            if box in labels.boxes:
                break
            if box is not None and box.origin == "tracked":
                changes[later] = labels.without_derived(track)
        return changes

    def _interpolated(
        self,
        track: int,
        changes: Changes,
        seconds: Seconds | None,
        around: FrameKey | None = None,
    ) -> None:
        """Adds to `changes` the frames between key boxes, with what is changed already."""
        keys = {
            frame: box
            for frame in {*self._frames.of(track), *changes}
            for labels in [changes.get(frame) or self._labels.get(frame)]
            for box in labels.boxes
            if box.track == track
        }
        if not keys:
            raise InputError(f"Track {track} has no key box to interpolate between.")
        places = self._frames.places({frame.video for frame in keys})
        for a, b in pairwise(sorted(keys, key=self._frames.order(keys))):
            drive, first = places[a.video]
            other, last = places[b.video]
            if drive.key != other.key or (around is not None and around not in (a, b)):
                continue
            numbers = range(first + a.frame + 1, last + b.frame)
            if len(numbers) > MOST:
                raise InputError(
                    f"Track {track} has no key box between {_named(a)} and {_named(b)}, "
                    f"{len(numbers)} frames apart; place one in between."
                )
            when = seconds or by_rate(drive)
            for frame, box in interpolated_boxes(drive, a, b, keys, numbers, when, track):
                labels = changes.get(frame) or self._labels.get(frame)
                if not any(d.track == track and d.origin == "tracked" for d in labels.derived):
                    changes[frame] = labels.with_derived(box)


def _renamed(labels: FrameLabels, track: int, to: int) -> FrameLabels:
    boxes, derived = (
        tuple(replace(b, track=to) if b.track == track else b for b in some)
        for some in (labels.boxes, labels.derived)
    )
    kept = tuple(b for b in labels.derived if b.track == to)
    # Of two derived boxes of one track the later in the list is kept.
    return replace(labels, boxes=boxes, derived=(*derived, *kept))


def _without(labels: FrameLabels, track: int) -> FrameLabels:
    ids = [n for n, b in zip(labels.ids, labels.boxes, strict=True) if b.track == track]
    return labels.without_boxes(*ids).without_derived(track)


def _named(frame: FrameKey) -> str:
    return f"frame {frame.frame} of {frame.video}"


def _counted(count: int) -> str:
    return f"{count} box{'' if count == 1 else 'es'}"
