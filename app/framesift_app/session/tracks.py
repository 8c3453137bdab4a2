"""The tracks: one object's boxes over the frames of a drive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from framesift.boxes import Box
from framesift.labels import FrameKey
from framesift_app.session.jobs import Jobs
from framesift_app.session.journal import Journal
from framesift_app.session.labels import Labels
from framesift_app.session.messages import Messages
from framesift_app.session.part import Part
from framesift_app.workers.threads import Worker

if TYPE_CHECKING:
    from framesift.project import Project

FAR = 30
"""Frames that an object is followed, until somebody says otherwise."""


class Tracks(Part):
    """Every change is one gesture; the boxes come back as labels of their frames. Boxes that
    the program makes are derived: they are no labels until somebody confirms them."""

    def __init__(
        self, journal: Journal, labels: Labels, jobs: Jobs, files: Worker, messages: Messages
    ) -> None:
        super().__init__()
        self._journal, self._labels, self._jobs = journal, labels, jobs
        self._files, self._messages = files, messages

    def begin(self, key: FrameKey, number: int, done: Callable[[int], None]) -> None:
        """Begins a track with a box of a frame, by its id; done(the track's id)."""

        def begun(track: int) -> None:
            labels = self._labels.of(key)
            if number in labels.ids:
                box = replace(labels.box(number), track=track)
                text = self.tr("track {0} begun").format(track)
                self._labels.change(key, labels.with_box(number, box), text, "track")
                done(track)

        if self._project is not None:
            self._project.ask(lambda project: project.tracks.new()[0], begun)

    def place(self, key: FrameKey, track: int, box: Box) -> None:
        """Gives a track a box of a person's in a frame; the boxes up to its key boxes beside
        it are interpolated anew."""
        self._write(key, lambda project: project.tracks.put_key(track, key, box, done=False))

    def remove_key(self, key: FrameKey, track: int) -> None:
        """Takes a track's key box in a frame away; the boxes beside it follow."""
        self._write(key, lambda project: project.tracks.remove_key(track, key))

    def remove(self, key: FrameKey, track: int) -> None:
        """Takes all boxes of a track away."""
        self._write(key, lambda project: project.tracks.remove(track))

    def confirm(self, key: FrameKey) -> None:
        """The derived boxes of a frame become labels; that they are all has still to be
        said."""
        labels = self._labels.of(key)
        tracks = [box.track for box in labels.derived if box.track is not None]
        text = self.tr("{0} boxes of tracks confirmed").format(len(tracks))
        after = labels.confirmed(*tracks).started(labels)
        self._labels.change(key, after, text, "track")

    def confirm_all(self, key: FrameKey, track: int) -> None:
        """All derived boxes of a track become labels."""
        self._write(key, lambda project: project.tracks.confirm(track, done=False))

    def follow(self, key: FrameKey, track: int, frames: int = FAR) -> None:
        """Follows a track's box from a frame on, in the background."""
        project = self._project
        if project is None or self._jobs.active("follow") is not None:
            return

        def make() -> Iterator[Any]:
            from framesift.loop.carrying import carry_track

            with project.borrowed() as borrowed:
                yield from carry_track(borrowed, track, key, frames=frames)

        self._jobs.start(
            "follow",
            self.tr("Following track {0}").format(track),
            make,
            self._files,
            project=project,
            on_end=lambda carried: self._take(key, carried),
        )

    def _take(self, key: FrameKey, carried: Any) -> None:
        from framesift.loop.carrying import Carried, keep_carried

        if not isinstance(carried, Carried):
            return
        track, boxes = carried.track, carried.boxes
        if boxes:
            self._write(key, lambda project: keep_carried(project, carried))
        words = self.tr("Track {0} is followed {1} frames.").format(track, len(boxes))
        if carried.lost:
            words += " " + self.tr("Then it is lost: {0}.").format(carried.lost)
        self._messages.tell(words)

    def _write(self, key: FrameKey, change: Callable[[Project], Any]) -> None:
        self._journal.write(change, [key])
