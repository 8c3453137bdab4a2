"""Where the frames of tracks lie in their drives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from framesift.labels import FrameKey
from framesift.project.database import Database
from framesift.project.label_table import PRESENT
from framesift.project.records import StoredDrive
from framesift.project.videos import Videos


class TrackFrames:
    """The frames that tracks have boxes in, in the order of their drives."""

    def __init__(self, database: Database, videos: Videos) -> None:
        self._database, self._videos = database, videos

    def of(self, track: int) -> Iterator[FrameKey]:
        """The frames of a track, in the order of time."""
        frames = [
            FrameKey(video, frame)
            for video, frame in self._database.rows(
                f"SELECT video, frame FROM track_boxes WHERE track = ? AND {PRESENT}", (track,)
            )
        ]
        return iter(sorted(frames, key=self.order(frames)))

    def behind(self, track: int, frame: FrameKey) -> tuple[FrameKey, ...]:
        """The frames of a track behind one, in its drive, in the order of time."""
        frames = tuple(self.of(track))
        order = self.order([*frames, frame])
        drive, at = order(frame)
        return tuple(f for f in frames if order(f)[0] == drive and order(f)[1] > at)

    def order(self, frames: Iterable[FrameKey]) -> Callable[[FrameKey], tuple[str, int]]:
        """A key to sort frames by: their drive, and their number in it."""
        places = self.places({frame.video for frame in frames})
        return lambda frame: (
            places[frame.video][0].key,
            places[frame.video][1] + frame.frame,
        )

    def places(self, videos: Collection[str]) -> dict[str, tuple[StoredDrive, int]]:
        """By video its drive, and the number that its first frame has in it."""
        return {
            clip.id: (drive, offset)
            for drive in self._videos.drives(None)
            for clip, offset in zip(drive.clips, drive.offsets, strict=True)
            if clip.id in videos
        }

    def place(self, frame: FrameKey) -> tuple[str, int]:
        """A frame's drive, and its number in it."""
        video = self._videos.get(frame.video).id
        return self.order([FrameKey(video, 0)])(frame)
