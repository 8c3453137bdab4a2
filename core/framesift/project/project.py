"""The project: a folder that owns videos, scores, labels, detectors and the ledger."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from framesift.errors import InputError
from framesift.files import cannot_write, flush_file, flush_folder, held, make_folder
from framesift.project.checkpoints import FOLDER as CHECKPOINTS
from framesift.project.checkpoints import Checkpoints
from framesift.project.classes import ClassList
from framesift.project.database import Database
from framesift.project.embeddings import Embeddings
from framesift.project.evaluation import EvaluationSet
from framesift.project.head import check_head
from framesift.project.journal import ProjectJournal
from framesift.project.label_table import LabelTable
from framesift.project.labelling import ProjectLabels
from framesift.project.ledger import Ledger
from framesift.project.lock import WriterLock
from framesift.project.masks import Masks
from framesift.project.proposals import Proposals
from framesift.project.records import Status
from framesift.project.schema import check_version, create_file
from framesift.project.sentences import explained
from framesift.project.series import SeriesStore
from framesift.project.settings import CHOSEN, CLASSES, DETECTOR, Settings, class_names
from framesift.project.shown import status_html
from framesift.project.split import StoredSplit
from framesift.project.tracks import Tracks
from framesift.project.videos import Videos

FILE = "project.sqlite"
REPORTS = "reports"


class Project:
    """An opened project. One process writes, any number read; see `open`.

    A Project belongs to the thread that opened it; other threads open it for reading once
    more. Use as a context manager, or close().
    """

    def __init__(self, folder: Path, database: Database, lock: WriterLock | None) -> None:
        """Use `open`, `create` or `open_or_create`."""
        self.folder = folder
        self._database, self._lock = database, lock
        self.journal = ProjectJournal(database)
        self.settings = Settings(database)
        self.videos = Videos(database, self.journal, folder)
        self.masks = Masks(database)
        self.evaluation = EvaluationSet(database, self.journal, self.videos)
        self.series = SeriesStore(database)
        table = LabelTable(database, self.journal)
        self.class_list = ClassList(self.settings, self.journal, table)
        self.labels = ProjectLabels(database, self.journal, table, self.class_list)
        self.tracks = Tracks(database, self.journal, self.labels, self.videos)
        self.proposals = Proposals(database, self.labels, self.class_list)
        self.split = StoredSplit(
            database, self.settings, self.videos, self.labels, self.evaluation
        )
        self.checkpoints = Checkpoints(database, folder)
        self.ledger = Ledger(
            database,
            self.journal,
            self.videos,
            self.masks,
            self.series,
            self.labels,
            self.class_list,
            self.evaluation,
            self.checkpoints,
        )

    def embeddings(self, recipe: Mapping[str, Any]) -> Embeddings:
        """The frame embeddings that are made along with scores.

        Args:
            recipe: the recipe of those scores.

        Returns:
            Embeddings, stored in the project.
        """
        return Embeddings(self._database, self.folder, recipe)

    @staticmethod
    def exists(folder: str | Path) -> bool:
        """Whether there is a project in a folder.

        Args:
            folder: where to look.

        Returns:
            True where there is one.
        """
        return (Path(folder) / FILE).exists()

    @staticmethod
    def create(
        folder: str | Path,
        *,
        classes: Sequence[str] = ("pedestrian",),
        detector: str = "pedestrian",
        settings: Mapping[str, Any] | None = None,
    ) -> Project:
        """Makes a project in a folder, which is made where it is not there, and opens it for
        writing. The project is there completely or not at all, whatever happens.

        Args:
            folder: where it goes.
            classes: what is labelled in it, one name or more.
            detector: the name or path of the one to begin with.
            settings: what else to store at the beginning, by the name of the setting.

        Returns:
            The Project, open for writing; `with` closes it.

        Raises:
            InputError: the folder holds a project, or a class has no proper name.
            EnvironmentProblem: the machine refuses.
        """
        folder = Path(folder).absolute()
        names = class_names(classes)
        if not names:
            raise InputError("A project needs a class to label; name at least one.")
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder} is a file; choose another name for the project.")
        if Project.exists(folder):
            raise InputError(
                f"There is a project in {folder} already; open it, or choose another folder."
            )
        make_folder(folder)
        lock = WriterLock(folder)
        try:
            values = {**(settings or {}), CLASSES: list(names), DETECTOR: detector}
            _create_file(folder, {name: json.dumps(value) for name, value in values.items()})
            return _opened(folder, lock)
        except BaseException:
            lock.release()
            raise

    @staticmethod
    def open(folder: str | Path, *, readonly: bool = False) -> Project:
        """Opens a project, for writing or for reading only.

        Args:
            folder: where it lies.
            readonly: whether it is only read; any number of processes may read.

        Returns:
            The Project; `with` closes it.

        Raises:
            InputError: there is none, it is damaged, or a newer Framesift made it.
            EnvironmentProblem: another process writes it, or the folder is read-only (for
                writing).
        """
        folder = Path(folder).absolute()
        if folder.name == FILE:
            folder = folder.parent
        if not Project.exists(folder):
            raise InputError(
                f"There is no project in {folder}; make one with `framesift "
                f"init {folder.name}`, or name another folder."
            )
        check_head(folder / FILE)
        if readonly:
            return _opened(folder, None)
        lock = WriterLock(folder)
        try:
            return _opened(folder, lock)
        except BaseException:
            lock.release()
            raise

    @staticmethod
    def open_or_create(folder: str | Path, **made_with: Any) -> Project:
        """Opens a project for writing; where there is none, makes it.

        Args:
            folder: where it lies, or goes.
            **made_with: what `create` takes; not used where there is one.

        Returns:
            The Project, open for writing; `with` closes it.

        Raises:
            InputError: as `open` and `create`.
            EnvironmentProblem: as `open` and `create`.
        """
        if Project.exists(folder):
            return Project.open(folder)
        return Project.create(folder, **made_with)

    @property
    def readonly(self) -> bool:
        return self._database.readonly

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that labels may have, in order."""
        return self.settings.classes

    def place(self, *names: str) -> Path:
        """A path inside the project's folder, to be written.

        Args:
            *names: folders and the file, from the project's folder on.

        Returns:
            The path.

        Raises:
            InputError: a link leads out of the project.
        """
        return held(self.folder, *names)

    @property
    def reports(self) -> Path:
        """The folder for reports, made when needed."""
        return make_folder(self.place(REPORTS))

    @property
    def checkpoint_folder(self) -> Path:
        """The folder of the checkpoints, made when needed; training writes beside them."""
        return make_folder(self.place(CHECKPOINTS))

    @property
    def detector(self) -> str:
        """What to score with now: the detector that was chosen, else the path of the latest
        checkpoint, else the name of the detector that the project began with."""
        chosen = self.settings.chosen_detector
        if chosen is not None:
            inside = self.folder / chosen
            return str(inside) if inside.is_file() else chosen
        latest = self.checkpoints.latest()
        return self.settings.detector if latest is None else str(latest.path)

    def choose_detector(self, source: str) -> None:
        """Goes on with another detector. It holds until a fine-tuning is adopted; the choice
        stands in the ledger.

        Args:
            source: one of the project's checkpoints (its path), or a name or file from
                elsewhere, which is then also what fine-tunings start from.
        """
        name = self.checkpoints.stored_name(source)
        with self._database.writing():
            self.settings.set(CHOSEN, name)
            if name == source:
                self.settings.set(DETECTOR, source)
            self.ledger.record("detector", {"source": name})

    def status(self) -> Status:
        """The project at a glance; reads no scores."""
        with self._database.reading():
            pool = self.videos.all("pool")
            in_pool = {video.id for video in pool}
            states, boxes = self.labels.counts()
            whole = sum(len(video) for video in self.videos.all("evaluation"))
            return Status(
                videos=len(pool),
                drives=len(self.videos.drives("pool")),
                frames=sum(len(video) for video in pool),
                evaluation_frames=whole + len(self.evaluation.sampled()),
                scored=sum(
                    series.scored
                    for video, series in self.series.best().items()
                    if video in in_pool
                ),
                states=dict(states),
                boxes=boxes,
                cycles=len(self.ledger),
                picks=sum(map(len, self.ledger.taken().values())),
                checkpoints=int(self._database.value("SELECT count(*) FROM checkpoints")),
                undo=self.journal.undo_text,
                redo=self.journal.redo_text,
            )

    def check(self) -> tuple[str, ...]:
        """Goes through the whole database; a sentence for each thing that is wrong."""
        problems = [
            str(text)
            for (text,) in self._database.rows("PRAGMA quick_check(20)")
            if text != "ok"
        ]
        problems += [
            f"{table} refers to {parent} that is not there."
            for table, _, parent, _ in self._database.rows("PRAGMA foreign_key_check")
        ]
        return tuple(problems)

    def close(self) -> None:
        """Closes it and lets others write; twice is no harm."""
        self._database.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _repr_html_(self) -> str:
        return status_html(self.name, self.classes, self.detector, self.status())

    def __repr__(self) -> str:
        return f"<Project {str(self.folder)!r}{' (reading)' if self.readonly else ''}>"


def _opened(folder: Path, lock: WriterLock | None) -> Project:
    database = Database(folder / FILE, readonly=lock is None)
    try:
        check_version(database)
        return Project(folder, database, lock)
    except BaseException:
        database.close()
        raise


def _create_file(folder: Path, settings: Mapping[str, str]) -> None:
    """Under the writer's lock: the file appears complete, in one step."""
    path = folder / FILE
    if path.exists():
        raise InputError(
            f"There is a project in {folder} already; open it, or choose another folder."
        )
    part = folder / f".{FILE}.part"
    try:
        # The log of a file that somebody deleted must not be taken for the new one's.
        for left in (
            part,
            folder / f"{part.name}-journal",
            folder / f"{FILE}-wal",
            folder / f"{FILE}-shm",
        ):
            left.unlink(missing_ok=True)
        create_file(part, settings)
        flush_file(part)
        part.replace(path)
        for here in (folder, folder.parent):
            flush_folder(here)
    except sqlite3.Error as error:
        part.unlink(missing_ok=True)
        raise explained(path, error) or error from error
    except OSError as error:
        raise cannot_write(path, error) from error
