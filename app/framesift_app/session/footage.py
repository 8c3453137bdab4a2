"""The footage: its drives, what of it is measured by, camera masks; and where a frame is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from framesift.labels import FrameKey
from framesift.project import CameraMask, Project, StoredDrive
from framesift.video.settings import VideoSettings
from framesift_app.session.adding import AS_STATED, Refused, adding, open_choices
from framesift_app.session.jobs import Jobs
from framesift_app.session.messages import Messages
from framesift_app.session.part import OpenProject, Part
from framesift_app.workers.threads import Worker

if TYPE_CHECKING:
    from framesift.video import Choices


@dataclass(frozen=True, slots=True)
class StoredFootage:
    """What a project holds of footage."""

    drives: tuple[StoredDrive, ...]
    evaluation: tuple[StoredDrive, ...]
    sampled: tuple[FrameKey, ...]
    masks: tuple[CameraMask, ...]


class Footage(Part):
    """The drives that are selected from, and those that are only ever measured on. `lost`: the
    ids of the videos that are not where they were."""

    changed = Signal()
    reloaded = Signal()
    """After `changed`: there may be other drives to look at and to score."""
    lostChanged = Signal()  # noqa: N815 (Qt's way of naming)
    masksChanged = Signal()  # noqa: N815 (Qt's way of naming)

    def __init__(self, jobs: Jobs, files: Worker, messages: Messages) -> None:
        super().__init__()
        self._jobs, self._files, self._messages = jobs, files, messages

    def _clear(self) -> None:
        self.drives: tuple[StoredDrive, ...] = ()
        self.evaluation: tuple[StoredDrive, ...] = ()
        self.sampled: tuple[FrameKey, ...] = ()
        self.masks: tuple[CameraMask, ...] = ()
        self.lost: frozenset[str] = frozenset()

    def read(self, project: Project) -> StoredFootage:
        return StoredFootage(
            project.videos.drives("pool"),
            project.videos.drives("evaluation"),
            project.evaluation.sampled(),
            project.masks.all(),
        )

    def opened(self, project: OpenProject, stored: StoredFootage) -> None:
        super().opened(project, stored)
        self._take(stored)

    def _take(self, stored: StoredFootage) -> None:
        self.drives, self.evaluation = stored.drives, stored.evaluation
        self.sampled, self.masks = stored.sampled, stored.masks
        self._look_for_them()

    def _look_for_them(self) -> None:
        """A disk that does not answer, as one behind a network, keeps the window waiting for
        nothing."""
        clips = [clip for drive in (*self.drives, *self.evaluation) for clip in drive.clips]

        def done(lost: frozenset[str]) -> None:
            if lost != self.lost:
                self.lost = lost
                self.lostChanged.emit()

        if self._project is not None:
            self._files.submit(
                lambda: frozenset(clip.id for clip in clips if _is_lost(clip.path)),
                self._project.while_open(done),
                key="lost",
            )

    def announce(self) -> None:
        self.changed.emit()

    def reload(self) -> None:
        """Reads again what the project holds."""

        def done(stored: StoredFootage) -> None:
            self._take(stored)
            self.changed.emit()
            self.reloaded.emit()

        if self._project is not None:
            self._project.ask(self.read, done)

    def ask_about(self, paths: Sequence[Path], done: Callable[[list[Choices]], None]) -> None:
        """What is open about these files and folders, read in the background."""
        project = self._project
        if project is not None:
            self._files.submit(
                lambda: open_choices(paths),
                project.while_open(done),
                project.while_open(self._messages.failing("add")),
            )

    def add(
        self,
        paths: Sequence[str | Path],
        evaluation: bool = False,
        reading: VideoSettings = AS_STATED,
    ) -> None:
        """Adds videos and folders in the background, read as `reading` says; clips of one drive
        are joined."""
        project = self._project
        if project is None:
            return
        role = "evaluation" if evaluation else "pool"
        every = [Path(path) for path in paths]

        def make() -> Iterator[Any]:
            with project.borrowed() as borrowed:
                yield from adding(borrowed, every, role, reading)

        self._jobs.start(
            "add",
            self.tr("Adding footage"),
            make,
            self._files,
            project=project,
            on_end=lambda _: self.reload(),
            pausable=False,
            on_records=self._tell_refused,
        )

    def _tell_refused(self, records: list[Any]) -> None:
        for record in records:
            if isinstance(record, Refused):
                self._messages.fail(record.error, "add")

    def sample_evaluation(self, n: int = 100) -> None:
        """Draws random frames to measure by: never selected, never trained on."""

        def draw(project: Project) -> int:
            return len(project.evaluation.sample(n))

        def done(count: int) -> None:
            self.reload()
            self._messages.tell(
                self.tr("{0} frames are in the measuring set now.").format(count)
            )

        if self._project is not None:
            self._project.ask(draw, done)

    def set_mask(self, mask: CameraMask) -> None:
        """Stores a camera's mask: what of the picture takes no part in scoring."""

        def put(project: Project) -> tuple[CameraMask, ...]:
            project.masks.set(mask)
            return project.masks.all()

        def done(masks: tuple[CameraMask, ...]) -> None:
            self.masks = masks
            self.masksChanged.emit()

        if self._project is not None:
            self._project.ask(put, done)

    # Where things are

    def drive(self, key: str) -> StoredDrive | None:
        """A drive of the pool or of the evaluation set."""
        return next((d for d in (*self.drives, *self.evaluation) if d.key == key), None)

    def clips_beside(self, video: str) -> tuple[str, ...]:
        """The videos of a video's drive, in order."""
        for drive in (*self.drives, *self.evaluation):
            ids = tuple(clip.id for clip in drive.clips)
            if video in ids:
                return ids
        return ()

    def key_at(self, drive: str, frame: int) -> FrameKey | None:
        """The key of a drive's frame; None where there is none."""
        stored = self.drive(drive)
        if stored is None or not 0 <= frame < len(stored):
            return None
        return stored.key_of(frame)

    def place_of(self, key: FrameKey) -> tuple[str, int] | None:
        """A frame key as (drive, frame in it)."""
        for drive in (*self.drives, *self.evaluation):
            number = drive.number_of(key)
            if number is not None:
                return drive.key, number
        return None

    def seconds(self, drive: str, frame: int) -> float | None:
        """Seconds from the drive's first frame; None for stills."""
        stored = self.drive(drive)
        if stored is None or not 0 <= frame < len(stored):
            return None
        return stored.seconds_of(*stored.locate(frame))

    def spell(self, drive: str, frame: int) -> str:
        """A frame as it is written everywhere: number and time."""
        seconds = self.seconds(drive, frame)
        number = f"{frame:,}".replace(",", "\u2009")
        if seconds is None:
            return number
        minutes, rest = divmod(seconds, 60)
        return f"{number} · {int(minutes):02d}:{rest:05.2f}"


def _is_lost(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:  # a folder that may not be looked into, a disk that fails
        return True
