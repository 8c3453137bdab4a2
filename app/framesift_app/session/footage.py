"""Opening and making projects; bringing footage in."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framesift.errors import FramesiftError, InputError
from framesift.labels import FrameKey, FrameLabels
from framesift.project import CameraMask, Cycle, Event, Project, StoredDrive
from framesift.records import Notice, Progress
from framesift.records.settings import current
from framesift.selection.rules import Rules
from framesift_app import settings
from framesift_app.session.choosing import OWN_DISTANCES, STORED_RULES
from framesift_app.session.marking import Marking
from framesift_app.workers.inference import DetectorView

STORED_SCORE = "app.score"
STORED_PLAIN = "app.plain_score"
STORED_IDENTITY = "app.identity"
STORED_EVERY = "app.every"
VIDEOS = frozenset(
    (
        "mp4",
        "m4v",
        "mov",
        "mkv",
        "webm",
        "avi",
        "ts",
        "mts",
        "m2ts",
        "mpg",
        "mpeg",
        "seq",
        "wmv",
        "flv",
        "3gp",
        "ogv",
        "h264",
        "hevc",
    )
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the session begins with when a project is opened."""

    folder: Path
    classes: tuple[str, ...]
    drives: tuple[StoredDrive, ...]
    evaluation: tuple[StoredDrive, ...]
    sampled: tuple[FrameKey, ...]
    labels: Mapping[FrameKey, FrameLabels]
    cycles: tuple[Cycle, ...]
    events: tuple[Event, ...]
    undo: str | None
    redo: str | None
    detector: str
    identity: str
    stored: Mapping[str, Any]
    masks: tuple[CameraMask, ...]
    tiles: str


def snapshot(project: Project) -> Snapshot:
    """Reads it; on the project's thread."""
    source, get = project.detector, project.settings.get
    known = dict([get(STORED_IDENTITY)] if get(STORED_IDENTITY) else ())
    known.update((str(one.path), one.identity) for one in project.checkpoints.all())
    return Snapshot(
        project.folder,
        project.classes,
        project.videos.drives("pool"),
        project.videos.drives("evaluation"),
        project.evaluation.sampled(),
        project.labels.all(),
        project.ledger.cycles(),
        project.ledger.events(),
        project.labels.undo_text,
        project.labels.redo_text,
        source,
        known.get(source, ""),
        {name: get(name) for name in (STORED_RULES, STORED_SCORE, STORED_PLAIN, STORED_EVERY)},
        project.masks.all(),
        project.settings.tiles,
    )


class Footage(Marking):
    """The open project and what it holds."""

    def _reset(self) -> None:
        super()._reset()
        self.detector_source = ""
        self.every = 1
        self.masks: tuple[CameraMask, ...] = ()

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
        if self.folder is not None and Path(folder).absolute() == self.folder:
            return
        self._open(lambda: Project.open(folder))

    def _open(self, opening: Callable[[], Project]) -> None:
        def opened(_: Path) -> None:
            self._ask(snapshot, self._opened)

        def go() -> None:
            self._rest()
            self._project.open(opening, opened, self.fail)

        self._after_jobs(go)

    def _opened(self, found: Snapshot) -> None:
        self._reset()
        self.folder, self.project_name = found.folder, found.folder.name
        self.classes, self.drives = found.classes, found.drives
        self.evaluation, self.sampled = found.evaluation, found.sampled
        self._labels, self.masks = dict(found.labels), found.masks
        self.events, self.cycles = found.events, found.cycles
        self.undo_text, self.redo_text = found.undo, found.redo
        self.detector_source, self._identity = found.detector, found.identity
        self.detector_name = Path(found.detector).stem
        self._inference.tiles = found.tiles
        self._read_settings(found.stored)
        cycle = found.cycles[-1] if found.cycles else None
        self.choosing = cycle is None or (
            cycle.detector_out is not None and self._cycle_done(cycle)
        )
        settings.remember_project(found.folder)
        self.projectChanged.emit()
        self.footageChanged.emit()
        self.detectorChanged.emit()
        self.historyChanged.emit()
        self._cycles_changed(found.cycles)
        if self.drives:
            self.go_to(self.drives[0].key, 0)
            self.load_scores()
            self.load_earlier()
        else:
            self._show_picks()
        self.load_detector()

    def _read_settings(self, stored: Mapping[str, Any]) -> None:
        with contextlib.suppress(InputError, TypeError, ValueError):
            kept = stored[STORED_RULES] or {}
            self.rules = Rules.from_settings(kept)
            self._own_distances = bool(kept) and kept.get(OWN_DISTANCES, True) is not False
        self._fit_rules()
        if isinstance(stored[STORED_SCORE], Mapping):
            self.score_options |= _score_options(stored[STORED_SCORE])
        if isinstance(stored[STORED_PLAIN], Mapping):
            self._plain_score = dict(stored[STORED_PLAIN])
        if isinstance(stored[STORED_EVERY], int):
            self.every = stored[STORED_EVERY]

    def close_project(self) -> None:
        """Closes the project as soon as its jobs have ended; the welcome page comes back."""
        self._after_jobs(self._close_now)

    def _close_now(self) -> None:
        self._rest()
        self._project.shut()
        self._reset()
        self.projectChanged.emit()
        self.footageChanged.emit()
        self.cyclesChanged.emit()
        self.selectionChanged.emit()
        self.playheadChanged.emit()

    def _rest(self) -> None:
        """Lets go of what is open of the project."""
        for thread in (self._frames, self._small, self._inference):
            thread.rest()

    # The detector

    def load_detector(self) -> None:
        """Loads the project's current detector, on the inference thread."""
        if self.folder is None or not self.detector_source:
            return
        source = self.detector_source

        def done(found: DetectorView) -> None:
            if source != self.detector_source:
                return
            known, self.detector = self._identity, found
            if found.radii is None:
                self.score_options.pop("radius_by_box", None)
            self._identity = found.identity
            self.detectorChanged.emit()
            if known != found.identity:
                self._ask(lambda p: p.settings.set(STORED_IDENTITY, [source, found.identity]))
                if self.drives:
                    self.load_scores()

        self._inference.load(
            source, settings.device(), self._while_open(done), self._while_open(self.fail)
        )

    # Footage

    def add_footage(self, paths: Sequence[str | Path], evaluation: bool = False) -> None:
        """Adds videos and folders in the background; clips of one drive are joined."""
        if self.folder is None:
            return
        role = "evaluation" if evaluation else "pool"
        wanted = [Path(path) for path in paths]

        def make() -> Iterator[Any]:
            with self._project.borrowed() as project:
                yield from adding(project, wanted, role)

        self._start_job(
            "add",
            self.tr("Adding footage"),
            make,
            self._files,
            on_end=lambda _: self._footage_again(),
            pausable=False,
            on_records=self._tell_refused,
        )

    def _tell_refused(self, records: list[Any]) -> None:
        for record in records:
            if isinstance(record, Refused):
                self.fail(record.error)

    def _footage_again(self) -> None:
        def read(project: Project) -> Any:
            return (
                project.videos.drives("pool"),
                project.videos.drives("evaluation"),
                project.evaluation.sampled(),
                project.classes,
            )

        def done(found: Any) -> None:
            self.drives, self.evaluation, self.sampled, self.classes = found
            self._fit_rules()
            self.footageChanged.emit()
            if self.playhead is None and self.drives:
                self.go_to(self.drives[0].key, 0)
            if self.drives:
                self.load_scores()

        self._ask(read, done)

    def sample_evaluation(self, n: int = 100) -> None:
        """Draws random frames to measure by: never selected, never trained on."""

        def draw(project: Project) -> int:
            return len(project.evaluation.sample(n))

        def done(count: int) -> None:
            self._footage_again()
            self.told.emit(self.tr("{0} frames are set apart to measure by.").format(count))

        self._ask(draw, done)

    def set_mask(self, mask: CameraMask) -> None:
        """Stores a camera's mask: what of the picture takes no part in scoring."""

        def put(project: Project) -> Any:
            project.masks.set(mask)
            return project.masks.all()

        def done(masks: tuple[CameraMask, ...]) -> None:
            self.masks = masks
            self.masksChanged.emit()
            self.load_scores()

        self._ask(put, done)

    def add_classes(self, names: Sequence[str]) -> None:
        """Adds classes to label, behind those there are."""

        def done(classes: tuple[str, ...]) -> None:
            self.classes = classes
            self.projectChanged.emit()

        self._ask(lambda project: project.settings.add_classes(names), done)


def _score_options(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Score options of a project, as this version has them: earlier ones kept the radius of
    each level where it went by the boxes."""
    found = current(stored, "score")
    if isinstance(found.get("radius"), list):
        del found["radius"]
        found["radius_by_box"] = True
    return found


@dataclass(frozen=True, slots=True)
class Refused:
    """A path that could not be added; the others go on."""

    path: Path
    error: BaseException


def expanded(paths: Sequence[Path]) -> list[Path]:
    """The videos of folders that hold some, instead of the folders."""
    found: list[Path] = []
    for path in paths:
        inside = (
            sorted(p for p in path.iterdir() if p.suffix[1:].lower() in VIDEOS)
            if path.is_dir()
            else []
        )
        found += inside or [path]
    return found


def adding(project: Project, paths: Sequence[Path], role: Any) -> Iterator[Any]:
    """Opens paths (Progress while long ones are indexed), joins clips, adds drives."""
    from framesift.video import Video, join_drives
    from framesift.video.opening import Indexed, index_video

    with contextlib.ExitStack() as stack:
        videos: list[Video] = []
        every = expanded(paths)
        for number, path in enumerate(every):
            yield Progress(number, len(every), "videos", stage=path.name)
            try:
                for record in index_video(path):
                    if isinstance(record, Indexed):
                        stack.callback(record.video.close)
                        videos.append(record.video)
                    else:
                        yield record
            except FramesiftError as error:
                yield Refused(path, error)
        yield from (
            Notice(f"{video.name}: {text}") for video in videos for text in video.warnings
        )
        for drive in join_drives(videos) if videos else ():
            try:
                project.videos.add_drive(drive.clips, role=role)
            except FramesiftError as error:
                yield Refused(drive.clips[0].path, error)
            yield Progress(len(every), len(every), "videos")
