"""The session's signals, its state, and the threads that work for it."""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from framesift.errors import FramesiftError
from framesift.labels import FrameKey
from framesift.project import Cycle, StoredDrive
from framesift.selection import Selection
from framesift.selection.rules import Rules
from framesift_app.session.views import PickView
from framesift_app.workers.frame_loader import FrameLoader
from framesift_app.workers.inference import DetectorView, Inference
from framesift_app.workers.jobs import Job, JobView
from framesift_app.workers.project_thread import ProjectThread
from framesift_app.workers.relay import Relay
from framesift_app.workers.threads import Worker

if TYPE_CHECKING:
    from framesift.loop import DetectorChoice, Offer


_openings = itertools.count(1)


class SessionCore(QObject):
    """Signals, state and threads; what the parts of the Session build on.

    State is read on the GUI thread and always replaced whole, never changed in place.
    """

    projectChanged = Signal()  # noqa: N815 (Qt's way of naming)
    footageChanged = Signal()  # noqa: N815
    scoresChanged = Signal(str)  # noqa: N815
    selectionChanged = Signal()  # noqa: N815
    playheadChanged = Signal()  # noqa: N815
    labelsChanged = Signal(object)  # noqa: N815
    proposalsChanged = Signal(object)  # noqa: N815
    currentPickChanged = Signal()  # noqa: N815
    jobsChanged = Signal()  # noqa: N815
    cyclesChanged = Signal()  # noqa: N815
    detectorChanged = Signal()  # noqa: N815
    detectorsListed = Signal()  # noqa: N815
    masksChanged = Signal()  # noqa: N815
    historyChanged = Signal()  # noqa: N815
    failed = Signal(str, str)
    bug = Signal(str)
    """An error that is Framesift's own: its traceback."""
    told = Signal(str)
    saving = Signal(bool)
    frameReady = Signal(str, int, object)  # noqa: N815
    heatReady = Signal(object, object)  # noqa: N815
    boxesReady = Signal(object, object)  # noqa: N815
    thumbnailReady = Signal(object, object)  # noqa: N815
    maximaReady = Signal(object, object)  # noqa: N815
    trainingChanged = Signal()  # noqa: N815
    finished = Signal(str, object)
    """(kind, result): a job came to its end, e.g. ("plan", Plan), ("export", Exported)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._relay = Relay(self)
        self._project = ProjectThread(self._relay)
        self._inference = Inference(self._relay)
        self._frames = FrameLoader("frames", self._relay)
        self._small = FrameLoader("thumbnails", self._relay)
        self._chooser = Worker("selecting", self._relay)
        self._files = Worker("files", self._relay)
        self._training = Worker("training", self._relay)
        self._all_jobs: dict[int, tuple[Job, Worker]] = {}
        self._closed = False
        self.choices: tuple[DetectorChoice, ...] = ()
        self._reset()

    def _reset(self) -> None:
        """The state without a project."""
        self._opening = next(_openings)
        self.project_name: str | None = None
        self.folder: Path | None = None
        self.classes: tuple[str, ...] = ()
        self.drives: tuple[StoredDrive, ...] = ()
        self.evaluation: tuple[StoredDrive, ...] = ()
        self.sampled: tuple[FrameKey, ...] = ()
        self.raw: dict[str, NDArray[np.float32]] = {}
        self.smoothed: dict[str, NDArray[np.float64]] = {}
        self.earlier: dict[str, NDArray[np.float64]] = {}
        self.rules = Rules()
        self.selection: Selection | None = None
        self.offer: Offer | None = None
        self.taken: dict[str, tuple[int, ...]] = {}
        self.picks: tuple[PickView, ...] = ()
        self.playhead: tuple[str, int] | None = None
        self.current_key: FrameKey | None = None
        self.cycles: tuple[Cycle, ...] = ()
        self.events: tuple[Any, ...] = ()
        self.jobs: tuple[JobView, ...] = ()
        self.detector_name = ""
        self.detector: DetectorView | None = None
        self.undo_text: str | None = None
        self.redo_text: str | None = None

    # Asking the threads

    def _ask(
        self,
        function: Callable[[Any], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """A function of the project, on its thread; its error becomes a sentence. An answer
        that comes when another project is open, or none, is dropped."""
        self._project.ask(
            function, self._while_open(done), self._while_open(failed or self.fail)
        )

    def _while_open(self, answer: Callable[[Any], None] | None) -> Callable[[Any], None]:
        """The answer, if the project is still the one that was open when it was asked."""
        asked = self._opening

        def now(result: Any) -> None:
            if answer is not None and asked == self._opening:
                answer(result)

        return now

    def fail(self, error: BaseException) -> None:
        """Tells an error: its sentence where it is one of ours, else that there is a bug."""
        if isinstance(error, FramesiftError):
            sentence = str(error)
        elif isinstance(error, MemoryError):
            sentence = self.tr("The memory is full; close other programs and try again.")
        else:
            sentence = self.tr(
                "Something went wrong inside Framesift; what you had done is kept. The details "
                "help to mend it."
            )
        # Details come with bugs that a child process met.
        known = getattr(error, "details", "")
        details = known or "".join(traceback.format_exception(error))
        if known or not isinstance(error, (FramesiftError, MemoryError)):
            self.bug.emit(details)
        self.failed.emit(sentence, details)

    # Jobs

    def _start_job(
        self,
        kind: str,
        title: str,
        make: Callable[[], Iterator[Any]],
        worker: Worker,
        **hooks: Any,
    ) -> int:
        on_end = hooks.pop("on_end", None)

        def ended(result: Any) -> None:
            if on_end is not None:
                on_end(result)
            self.finished.emit(kind, result)

        on_error = hooks.pop("on_error", self.fail)

        def failed(error: BaseException) -> None:
            on_error(error)
            self.finished.emit(kind, None)

        job = Job(
            kind,
            title,
            make,
            self._relay,
            on_end=ended,
            on_error=failed,
            on_change=self._jobs_moved,
            **hooks,
        )
        self._all_jobs[job.id] = (job, worker)
        self._jobs_moved()
        worker.start(job)
        return job.id

    def _jobs_moved(self) -> None:
        views = tuple(job.view() for job, _ in self._all_jobs.values())
        over = [view.id for view in views if not view.active]
        # The last one that ended stays in sight; those before go.
        for number in over[:-1]:
            del self._all_jobs[number]
        self.jobs = tuple(view for view in views if view.id not in over[:-1])
        self.jobsChanged.emit()

    def _after_jobs(self, function: Callable[[], None]) -> None:
        """Ends all jobs, and runs a function when they have ended."""
        active = [job.id for job in self.jobs if job.active]
        if not active:
            self._all_jobs.clear()
            self._jobs_moved()
            function()
            return

        def look() -> None:
            if not any(job.active for job in self.jobs):
                self.jobsChanged.disconnect(look)
                self._after_jobs(function)

        self.told.emit(self.tr("Ending what runs…"))
        self.jobsChanged.connect(look)
        for number in active:
            self.cancel_job(number)

    def job(self, kind: str) -> JobView | None:
        """The job of a kind that is waiting, running or paused."""
        return next((job for job in self.jobs if job.kind == kind and job.active), None)

    def pause_job(self, number: int) -> None:
        """Holds a job; its device memory is given back."""
        self._on_job(number, Job.pause)
        self._inference.free()

    def resume_job(self, number: int) -> None:
        self._on_job(number, Job.resume)

    def cancel_job(self, number: int) -> None:
        """Ends a job; what it has done stays done."""
        self._on_job(number, Job.cancel)

    def _on_job(self, number: int, what: Callable[[Job], None]) -> None:
        if number in self._all_jobs:
            job, worker = self._all_jobs[number]
            what(job)
            worker.wake()
            self._jobs_moved()

    # Where things are

    def drive(self, key: str) -> StoredDrive | None:
        """A drive of the pool or of the evaluation set."""
        return next((d for d in (*self.drives, *self.evaluation) if d.key == key), None)

    def key_at(self, drive: str, frame: int) -> FrameKey | None:
        """The key of a drive's frame; None where there is none."""
        found = self.drive(drive)
        if found is None or not 0 <= frame < len(found):
            return None
        return found.key_of(frame)

    def place_of(self, key: FrameKey) -> tuple[str, int] | None:
        """A frame key as (drive, frame in it)."""
        for drive in (*self.drives, *self.evaluation):
            for clip, offset in zip(drive.clips, drive.offsets, strict=True):
                if clip.id == key.video and 0 <= key.frame < clip.frames:
                    return drive.key, offset + key.frame
        return None

    def seconds(self, drive: str, frame: int) -> float | None:
        """Seconds from the drive's first frame; None for stills."""
        found = self.drive(drive)
        if found is None or not 0 <= frame < len(found):
            return None
        return found.seconds_of(*found.locate(frame))

    def spell(self, drive: str, frame: int) -> str:
        """A frame as it is written everywhere: number and time."""
        seconds = self.seconds(drive, frame)
        number = f"{frame:,}".replace(",", "\u2009")
        if seconds is None:
            return number
        minutes, rest = divmod(seconds, 60)
        return f"{number} · {int(minutes):02d}:{rest:05.2f}"

    def close(self) -> None:
        """Ends all jobs and threads; what was edited is on the disk then."""
        if self._closed:
            return
        self._closed = True
        for job, _ in self._all_jobs.values():
            job.cancel()
        for worker in (
            self._inference,
            self._training,
            self._files,
            self._chooser,
            self._frames,
            self._small,
            self._project,
        ):
            worker.close()
        self._relay.close()


Scores = Mapping[str, NDArray[np.float32]]
