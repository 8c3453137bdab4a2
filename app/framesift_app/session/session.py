"""The Session: the only one that changes the open project. It has parts; each has a noun."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from framesift.project import Project
from framesift_app import settings
from framesift_app.session.checking import Checking
from framesift_app.session.chooser import Chooser
from framesift_app.session.cycles import Cycles
from framesift_app.session.demo import FRAMES, Demo, demo_project
from framesift_app.session.detector import Detector
from framesift_app.session.exchange import Exchange
from framesift_app.session.footage import Footage
from framesift_app.session.frame_maps import FrameMaps
from framesift_app.session.frames import Frames
from framesift_app.session.jobs import Jobs
from framesift_app.session.journal import Journal
from framesift_app.session.labels import Labels
from framesift_app.session.machine import Machine
from framesift_app.session.measurements import Measurements
from framesift_app.session.messages import Messages
from framesift_app.session.part import OpenProject, Part
from framesift_app.session.picks import Picks
from framesift_app.session.pictures import Pictures
from framesift_app.session.playhead import Playhead
from framesift_app.session.proposals import Proposals
from framesift_app.session.reports import Reports
from framesift_app.session.scores import Scores
from framesift_app.session.selection import Selection
from framesift_app.session.tracks import Tracks
from framesift_app.session.training import Training
from framesift_app.session.upkeep import Upkeep
from framesift_app.workers.crew import Crew
from framesift_app.workers.relay import Relay


class Session(QObject):
    """Opens and closes the project for all parts together, and lets them hear of each other.

    Panels ask a part, the part acts and announces, panels repaint.
    """

    projectChanged = Signal()  # noqa: N815 (Qt's way of naming)
    """Another project is open, or none; the parts announce themselves after it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project_name: str | None = None
        self._project: OpenProject | None = None
        self._coming: OpenProject | None = None
        self._closed = False
        self._relay = Relay(self)
        self._crew = Crew(self._relay)
        self._make_parts()
        self._connect()

    def _make_parts(self) -> None:
        relay, crew = self._relay, self._crew
        files, inference = crew.files, crew.inference
        self.messages = messages = Messages(self)
        self.jobs = jobs = Jobs(relay, messages)
        self.machine = Machine(jobs, files, messages)
        self.footage = footage = Footage(jobs, files, messages)
        self.detector = detector = Detector(inference, jobs, messages)
        self.playhead = playhead = Playhead(footage)
        self.cycles = cycles = Cycles(detector)
        self.measurements = Measurements()
        self.journal = journal = Journal(messages)
        chooser = Chooser(crew.selecting)
        self.scores = scores = Scores(
            footage,
            detector,
            jobs,
            inference,
            relay,
            messages,
            lambda: chooser.pause,
            lambda: self.selection.rules,
        )
        self.pictures = pictures = Pictures(
            footage,
            detector,
            crew.frames,
            crew.thumbnails,
            inference,
            messages,
            scores.heat_options,
            scores.recipes,
        )
        self.labels = labels = Labels(journal, messages, pictures.shown, footage.clips_beside)
        self.frames = Frames(footage, cycles, labels, journal, scores.score_of, files, messages)
        self.frame_maps = FrameMaps(files, messages)
        self.selection = selection = Selection(
            footage, scores, cycles, chooser, messages, labels.cover
        )
        self._demo = Demo(footage, scores, jobs, files)
        self.picks = Picks(
            footage, detector, scores, selection, cycles, labels, playhead, messages
        )
        self.proposals = Proposals(labels, journal, pictures.request_boxes)
        self.tracks = Tracks(journal, labels, jobs, files, messages)
        self.training = Training(jobs, crew.training, labels, footage, messages)
        self.checking = Checking(labels, detector, jobs, inference, messages)
        self.reports = Reports(cycles, jobs, files, messages)
        self.exchange = Exchange(jobs, files, messages)
        self.upkeep = Upkeep(footage, journal)
        self._parts: tuple[Part, ...] = (
            footage,
            detector,
            journal,
            labels,
            cycles,
            self.measurements,
            pictures,
            playhead,
            scores,
            selection,
            self.picks,
            self.frames,
            self.frame_maps,
            self.proposals,
            self.tracks,
            self.training,
            self.checking,
            self.reports,
            self.exchange,
            self.upkeep,
        )
        for part in (jobs, self.machine, *self._parts):
            part.setParent(self)

    def _connect(self) -> None:
        footage, detector, scores = self.footage, self.detector, self.scores
        selection, cycles = self.selection, self.cycles
        self.jobs.held.connect(self._crew.inference.free)
        footage.changed.connect(selection.fit)
        footage.reloaded.connect(self.playhead.begin)
        footage.reloaded.connect(scores.load)
        footage.masksChanged.connect(scores.load)
        detector.changed.connect(scores.fit_radius)
        detector.identified.connect(scores.load)
        detector.replaced.connect(selection.keep_earlier)
        detector.replaced.connect(self.proposals.forget_predicted)
        detector.replaced.connect(scores.load)
        detector.chosen.connect(cycles.reload)
        detector.measured.connect(cycles.reload)
        detector.measured.connect(self.measurements.reload)
        scores.loaded.connect(selection.scores_loaded)
        scores.grown.connect(selection.scores_grown)
        cycles.changed.connect(selection.fit)
        cycles.changed.connect(selection.explain)
        self.pictures.predicted.connect(self.proposals.keep)
        self.picks.reached.connect(self.proposals.prepare)
        self._connect_journal()
        self.training.trained.connect(self._go_on_with)
        self.training.kept.connect(self.cycles.reload)
        self.reports.written.connect(cycles.reload)
        for reload in (self.labels.reload, self.journal.reload, footage.reload):
            self.exchange.imported.connect(reload)

    def _connect_journal(self) -> None:
        journal = self.journal
        journal.wentBack.connect(self.playhead.go_to_key)
        journal.picksWentBack.connect(self.cycles.reload)
        journal.picksWentBack.connect(self.scores.load)
        journal.projectWentBack.connect(self.labels.reload)
        journal.projectWentBack.connect(self.footage.reload)
        self.picks.edited.connect(journal.reload)
        self.footage.reloaded.connect(journal.reload)

    def _go_on_with(self, checkpoint: str, identity: str) -> None:
        self.detector.use(checkpoint, identity)
        self.selection.choose_next()
        self.cycles.reload()

    def warm_up(self, *modules: str) -> None:
        """Imports modules, and torch, in the background; called when the window is there."""
        for name in modules:
            self._crew.inference.submit(partial(importlib.import_module, name))
        self._crew.inference.warm_up()
        self.detector.list_choices()

    # Opening and closing

    @property
    def folder(self) -> Path | None:
        """The open project's; None without one."""
        return None if self._project is None else self._project.folder

    def new_project(
        self,
        folder: str | Path,
        classes: Sequence[str] = ("pedestrian",),
        detector: str = "pedestrian",
    ) -> None:
        """Makes a project in a folder and opens it."""
        self._open(lambda: Project.create(folder, classes=classes, detector=detector))

    def open_project(self, folder: str | Path) -> None:
        """Opens a project for writing. That it is open elsewhere is told in a sentence."""
        if Path(folder).absolute() != self.folder:
            self._open(lambda: Project.open(folder))

    def open_demo(self, folder: Path, detector: str, frames: int = FRAMES) -> None:
        """Opens the demo project in a folder; the first time, draws its footage, and scores
        it while it is drawn."""
        self._open(lambda: demo_project(folder, detector), lambda: self._draw_demo(frames))

    def close_project(self) -> None:
        """Closes the project as soon as its jobs have ended; the welcome page comes back."""

        def close() -> None:
            self._crew.rest()
            self._crew.project.shut()
            self._let_go()
            self._announce()

        self.jobs.end_all(close)

    def close(self) -> None:
        """Ends all jobs and threads; what was edited is on the disk then."""
        if self._closed:
            return
        self._closed = True
        self.jobs.cancel_all()
        self._crew.close()
        self._relay.close()

    def _open(
        self, opening: Callable[[], Project], then: Callable[[], None] | None = None
    ) -> None:
        """Opens a project in place of the one that is open, which stays where that fails."""

        def opened(folder: Path) -> None:
            self._let_go()
            self._coming = coming = OpenProject(self._crew.project, folder, self.messages.fail)
            coming.ask(
                lambda project: [part.read(project) for part in self._parts],
                lambda stored: self._opened(coming, stored, then),
                self._unreadable,
            )

        def go() -> None:
            self._crew.rest()
            self._crew.project.open(opening, opened, self.messages.fail)

        self.jobs.end_all(go)

    def _opened(
        self, project: OpenProject, stored: Sequence[Any], then: Callable[[], None] | None
    ) -> None:
        self._project, self._coming = project, None
        self.project_name = project.folder.name
        for part, what in zip(self._parts, stored, strict=True):
            part.opened(project, what)
        settings.remember_project(project.folder)
        self._announce()
        if then is not None:
            then()

    def _unreadable(self, error: BaseException) -> None:
        self.messages.fail(error)
        self.close_project()

    def _let_go(self) -> None:
        """Drops all that came of the open project."""
        for project in (self._project, self._coming):
            if project is not None:
                project.end()
        self._project = self._coming = self.project_name = None
        for part in self._parts:
            part.closed()

    def _announce(self) -> None:
        self.projectChanged.emit()
        for part in self._parts:
            part.announce()

    def _draw_demo(self, frames: int) -> None:
        if self._project is not None:
            title = self.tr("Drawing a drive for the demo")
            self._demo.go_on(self._project, title, frames)
