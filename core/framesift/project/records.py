"""The small frozen records that a project gives out."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from framesift.labels import FrameKey, FrameLabels
from framesift.selection.timeline import clip_seconds

Role = Literal["pool", "evaluation"]
StoredKind = Literal["file", "images", "stills"]
ROLES: tuple[Role, ...] = ("pool", "evaluation")


@dataclass(frozen=True, slots=True)
class LabelClass:
    """A class that labels may have. `color`: "#rrggbb" to draw it in, None for the program's
    choice. `former`: names that it had, and those of classes that were merged into it; a
    detector may still say them."""

    name: str
    color: str | None = None
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VideoRecord:
    """A video as the project remembers it; nothing is opened.

    `path` is where it was last known to lie (Videos.locate finds where it is now), `frames`
    the number of frames that decode, `fps` NaN for stills, width and height upright and
    native. `drive` is the key of its drive, `place` its order in it; `times` (float64, seconds
    of the frames from the first) where the rate varies, else None. len() is `frames`.
    """

    id: str
    name: str
    path: Path
    fingerprint: str
    kind: StoredKind
    stream: int | None
    frames: int
    fps: float
    width: int
    height: int
    role: Role
    drive: str
    place: int
    added: float
    times: NDArray[np.float64] | None = field(default=None, compare=False, repr=False)

    def __len__(self) -> int:
        return self.frames


@dataclass(frozen=True, slots=True)
class StoredDrive:
    """A drive as the project remembers it: clips in order, one timeline of frame numbers.
    `offsets[i]` is the drive's frame number of clip i's first frame."""

    key: str
    clips: tuple[VideoRecord, ...]
    offsets: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        ends = accumulate((len(clip) for clip in self.clips), initial=0)
        object.__setattr__(self, "offsets", tuple(ends)[:-1])

    def __len__(self) -> int:
        return self.offsets[-1] + len(self.clips[-1])

    @property
    def fps(self) -> float:
        return self.clips[0].fps

    @property
    def kind(self) -> str:
        return self.clips[0].kind

    def locate(self, frame: int) -> tuple[int, int]:
        """A frame of the drive as (clip, frame in that clip); IndexError outside."""
        if not 0 <= frame < len(self):
            raise IndexError(f"frame {frame} of {len(self)}")
        clip = bisect_right(self.offsets, frame) - 1
        return clip, frame - self.offsets[clip]

    def key_of(self, frame: int) -> FrameKey:
        """A frame of the drive as a frame key; IndexError outside."""
        clip, number = self.locate(frame)
        return FrameKey(self.clips[clip].id, number)

    def frame_of(self, clip: int, frame: int) -> int:
        """A clip's frame as a frame of the drive; IndexError outside."""
        if not 0 <= frame < len(self.clips[clip]):
            raise IndexError(f"frame {frame} of {len(self.clips[clip])}")
        return self.offsets[clip] + frame

    def number_of(self, key: FrameKey) -> int | None:
        """The inverse of `key_of`; None for a frame of another drive."""
        for clip, offset in zip(self.clips, self.offsets, strict=True):
            if clip.id == key.video and 0 <= key.frame < len(clip):
                return offset + key.frame
        return None

    def seconds_of(self, clip: int, frame: int) -> float | None:
        """Seconds from the drive's first frame, by the frames' own times (a clip's end for a
        frame behind its last); None without time."""
        here = self.clips[clip]
        if math.isnan(here.fps):
            return None
        before = sum(clip_seconds(earlier) for earlier in self.clips[:clip])
        if here.times is None:
            return before + frame / here.fps
        return before + (clip_seconds(here) if frame >= len(here) else float(here.times[frame]))


@dataclass(frozen=True, slots=True)
class SeriesRecord:
    """A stored score series of one video: `identity` is the hash of `recipe`, `scored` the
    number of frames that have a score, `updated` when the latest was written, in seconds since
    1970."""

    number: int
    video: str
    identity: str
    recipe: Mapping[str, Any]
    scored: int
    updated: float

    @property
    def signal(self) -> str:
        """The score that its values are of."""
        score = self.recipe.get("score")
        return str(score.get("method", "")) if isinstance(score, Mapping) else ""


@dataclass(frozen=True, slots=True)
class PickRecord:
    """One frame that a cycle took. `score` is the value it was ranked by, `raw` the frame
    score; `rank`, `score` and `raw` are None for frames added by hand. `reason` is whatever
    else explains it (JSON-able). `origin`: "selection", "replacement" or "hand"."""

    key: FrameKey
    rank: int | None
    score: float | None
    raw: float | None
    reason: Mapping[str, Any] = field(default_factory=dict)
    origin: str = "selection"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the ledger beside the cycles: `kind` ("training", "evaluation", "report",
    …) and what there is to say (JSON-able). `cycle` 0: before the first."""

    number: int
    cycle: int
    kind: str
    time: float
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CheckpointRecord:
    """A detector that the project holds. `path` is absolute; `parent` the identity of the
    detector that it was trained from; `cycle` the last cycle whose labels it has seen."""

    number: int
    identity: str
    path: Path
    classes: tuple[str, ...]
    parent: str | None
    cycle: int
    lineage: Mapping[str, Any]
    time: float


@dataclass(frozen=True, slots=True)
class Cycle:
    """One line of the ledger.

    `detector` is the identity of the detector that scored, `checkpoint` its name or path;
    `settings` the selection's settings; `labels` the snapshot of labels when it was made;
    `picks` all that it took, in order, `dropped` those that were declined later; `events`
    what happened since; `detector_out` the latest checkpoint trained in it; `removed` the
    picks whose video was removed from the project.
    """

    number: int
    time: float
    detector: str
    checkpoint: str
    settings: Mapping[str, Any]
    hash: str
    labels: str
    picks: tuple[PickRecord, ...]
    dropped: frozenset[FrameKey]
    events: tuple[Event, ...]
    detector_out: CheckpointRecord | None
    removed: frozenset[FrameKey] = frozenset()

    @property
    def to_label(self) -> tuple[PickRecord, ...]:
        """The picks that were not dropped, of videos that are there."""
        gone = self.dropped | self.removed
        return tuple(pick for pick in self.picks if pick.key not in gone)

    @property
    def report(self) -> str | None:
        """The path of the latest report, as it was recorded."""
        paths = [
            str(e.data["path"]) for e in self.events if e.kind == "report" and "path" in e.data
        ]
        return paths[-1] if paths else None


@dataclass(frozen=True, slots=True)
class ProjectThen:
    """A project as it was when a cycle was taken. `position`: the line of the journal that
    the cycle wrote; `drives` those it was selected from; `labels` by frame, without UNSEEN;
    `sampled` the frames kept apart to measure by."""

    cycle: int
    position: int
    classes: tuple[LabelClass, ...]
    drives: tuple[StoredDrive, ...]
    labels: Mapping[FrameKey, FrameLabels]
    sampled: tuple[FrameKey, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """A project at a glance. `states` counts frames by state of their labels, `boxes` their
    boxes; `scored` counts frames of the pool with a score in the fullest series of each
    video; `steps` the groups in the journal."""

    videos: int
    drives: int
    frames: int
    evaluation_frames: int
    scored: int
    states: Mapping[str, int]
    boxes: int
    cycles: int
    picks: int
    checkpoints: int
    undo: str | None
    redo: str | None
