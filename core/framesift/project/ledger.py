"""The ledger of cycles: append-only, and enough of it to make every selection again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.project.checkpoints import Checkpoints
from framesift.project.classes import ClassList
from framesift.project.database import Database
from framesift.project.evaluation import EvaluationSet
from framesift.project.events import Events
from framesift.project.inputs import SelectionInputs, by_drive
from framesift.project.journal import ProjectJournal
from framesift.project.kept_inputs import KeptInputs, described
from framesift.project.label_table import digest
from framesift.project.labelling import ProjectLabels
from framesift.project.masks import Masks
from framesift.project.missing import unwanted_frames
from framesift.project.picks import Picks
from framesift.project.records import (
    Cycle,
    Event,
    PickRecord,
    ProjectThen,
)
from framesift.project.sentences import damaged
from framesift.project.series import SeriesStore
from framesift.project.shown import ledger_plot, ledger_table
from framesift.project.subjects import ClassesKey
from framesift.project.timelines import Timelines
from framesift.project.videos import Videos
from framesift.selection import DESCRIPTORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Ledger:
    """Cycles in order, and what happened around them. Nothing in it ever changes; SQLite
    itself refuses."""

    def __init__(
        self,
        database: Database,
        journal: ProjectJournal,
        videos: Videos,
        masks: Masks,
        series: SeriesStore,
        labels: ProjectLabels,
        class_list: ClassList,
        evaluation: EvaluationSet,
        checkpoints: Checkpoints,
    ) -> None:
        self._database, self._journal = database, journal
        self._videos, self._masks = videos, masks
        self._series, self._timelines = series, Timelines(series)
        self._labels, self._class_list, self._evaluation = labels, class_list, evaluation
        self._picks = Picks(database, journal, evaluation)
        self._checkpoints = checkpoints
        self._events = Events(database)
        self._kept = KeptInputs(database, videos, series)

    def __len__(self) -> int:
        """The number of cycles."""
        return int(self._database.value("SELECT count(*) FROM cycles"))

    def inputs(
        self,
        recipes: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        descriptors: Iterable[str] = tuple(DESCRIPTORS),
        missing: Iterable[str] = (),
        damaged: bool = False,
    ) -> SelectionInputs:
        """What a selection would be made from now: the pool, its best series of each signal,
        taken, labelled and excluded frames.

        recipes: by signal the recipe entries that its series must have, e.g. {"entropy":
        {"detector": …, "score": …}} (SeriesStore.best); a strategy without signals needs
        none. descriptors: names of those that are read, as far as they are stored.
        Excluded are the frames of `missing` videos (ids), too, and those that are known as
        damaged, unless `damaged`.
        """
        with self._database.reading():
            drives = self._videos.drives("pool")
            clips = [clip for drive in drives for clip in drive.clips]
            masks = self._masks.digests(clips)
            ids = {clip.id for clip in clips}
            series = {}
            for signal, entries in (recipes or {}).items():
                best = self._series.best(entries, masks, signal=signal)
                series[signal] = {
                    video: record for video, record in best.items() if video in ids
                }
            values = {
                signal: {video: self._series.values(record) for video, record in of.items()}
                for signal, of in series.items()
            }
            taken, labelled = self._picks.taken(), {*self._labels.states()}
            unwanted = unwanted_frames(self._videos, clips, {*missing}, damaged)
            excluded = ({*self._evaluation.sampled()} | labelled | unwanted) - taken
            return self._timelines.joined(
                drives,
                series,
                values,
                (by_drive(taken, drives), by_drive(excluded, drives)),
                by_drive(labelled, drives),
                descriptors,
                len(self) + 1,
            )

    def taken(self) -> dict[str, tuple[int, ...]]:
        """Frames picked in any cycle so far, by video id."""
        taken: dict[str, list[int]] = {}
        for key in sorted(self._picks.taken()):
            taken.setdefault(key.video, []).append(key.frame)
        return {video: tuple(frames) for video, frames in taken.items()}

    def take(
        self,
        inputs: SelectionInputs,
        picks: Iterable[PickRecord],
        *,
        detector: str,
        checkpoint: str,
        settings: Mapping[str, Any],
    ) -> Cycle:
        """Writes a cycle: its picks are taken from now on.

        `inputs` is what `inputs()` gave and the picks were selected from; `detector` the
        identity of the detector that scored, `checkpoint` its name or path; `settings` the
        selection's, JSON-able. ValueError for a pick that was taken before or is excluded.
        """
        picks = tuple(picks)
        with self._database.writing():
            number = len(self) + 1
            # Redoing what is undone now could set apart or add the very frames that are taken.
            position = self._journal.note(
                "take", f"Take {_counted(len(picks), 'pick')} (cycle {number})", ends_redo=True
            )
            self._database.run(
                "INSERT INTO cycles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    time.time(),
                    detector,
                    checkpoint,
                    json.dumps(dict(settings)),
                    described(inputs),
                    inputs.hash(),
                    self._labels.snapshot(),
                    position,
                ),
            )
            self._kept.keep(number, inputs)
            self._picks.take(number, picks)
        return self.cycle(number)

    def add_pick(self, cycle: int, pick: PickRecord) -> None:
        """Adds a frame to a cycle after it was made: by hand, or in place of a dropped one. An
        edit: undo takes it back. InputError when the frame was taken before or is for
        measuring only."""
        self.cycle(cycle)
        self._picks.add(cycle, pick)

    def drop_pick(self, cycle: int, key: FrameKey) -> None:
        """Declines a pick, as an edit. It stays taken: nothing offers it again. InputError
        when it is no pick of the cycle."""
        self._picks.drop(cycle, key)

    def record(self, kind: str, data: Mapping[str, Any], *, cycle: int | None = None) -> Event:
        """Writes a line beside the cycles (default: of the latest one, 0 before the first):
        "training", "evaluation", "report" with a "path", or another kind."""
        return self._events.record(kind, data, len(self) if cycle is None else cycle)

    def events(self, cycle: int | None = None, kind: str | None = None) -> tuple[Event, ...]:
        """What was recorded, the oldest first: of one cycle and kind, or of all."""
        return self._events.all(cycle, kind)

    def cycles(self) -> tuple[Cycle, ...]:
        """All cycles, the first first."""
        return tuple(self.cycle(number) for number in range(1, len(self) + 1))

    def __repr__(self) -> str:
        return f"<Ledger: {len(self)} cycles>"

    def to_dataframe(self) -> Any:
        """The cycles as a pandas.DataFrame.

        Returns:
            A table with a row per cycle, cycle 0 being the start: cycle, time (UTC), strategy,
            picks, frames (picks so far), miss_rate, log_average_miss_rate, map (missing where
            it was not measured), detector_out.

        Raises:
            EnvironmentProblem: pandas is not installed.

        Example:
            >>> project.ledger.to_dataframe()["cycle"].tolist()
            [0]
        """
        return ledger_table(self.cycles(), self.events(kind="evaluation"))

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draws the miss rate after each cycle over the picks so far.

        Args:
            axes: matplotlib axes to draw into; new ones by default.

        Returns:
            The axes.

        Example:
            >>> project.ledger.plot().get_xlabel()
            'picked frames'
        """
        return ledger_plot(self.cycles(), self.events(kind="evaluation"), axes)

    def cycle(self, number: int) -> Cycle:
        """One cycle, from 1 up; InputError when there is none."""
        row = self._database.one(
            "SELECT number, time, detector, checkpoint, settings, hash, labels FROM cycles "
            "WHERE number = ?",
            (number,),
        )
        if row is None:
            raise InputError(f"The project has no cycle {number}; it has {len(self)}.")
        number, when, detector, checkpoint, settings, digest, labels = row
        picks, dropped = self._picks.of_cycle(number)
        removed = self._videos.removed()
        return Cycle(
            number,
            when,
            detector,
            checkpoint,
            self._database.json(settings, dict),
            digest,
            labels,
            picks,
            dropped,
            self.events(number),
            self._checkpoints.of_cycle(number),
            frozenset(pick.key for pick in picks if pick.key.video in removed),
        )

    def replay_inputs(self, number: int) -> SelectionInputs:
        """The very inputs that a cycle was selected from, whatever happened since.

        InputError when something of them is no longer there.
        """
        cycle = self.cycle(number)
        try:
            inputs = self._kept.inputs(number)
        except KeyError as error:
            raise damaged(self._database.path, f"{error} of a cycle is missing") from error
        if inputs.hash() != cycle.hash:
            raise InputError(
                f"The scores or thumbnails that cycle {number} was selected from "
                "have changed since; it cannot be made again."
            )
        return inputs

    def as_of(self, number: int) -> ProjectThen:
        """The classes, drives, labels and sampled frames as they were when a cycle was taken.

        InputError when they are not known: a project of format 1 did not keep when something
        was undone.
        """
        cycle = self.cycle(number)
        position = self._database.value(
            "SELECT journal FROM cycles WHERE number = ?", (number,)
        )
        labels = self._labels.then(position, self._videos.removed_then(position))
        if digest(labels) != cycle.labels:
            raise InputError(
                f"The labels of cycle {number} are not known any more: an older Framesift kept "
                "no time of what was undone."
            )
        return ProjectThen(
            cycle.number,
            position,
            self._journal.then(position, ClassesKey).get(ClassesKey(), self._class_list.all()),
            self._kept.drives(number),
            labels,
            self._evaluation.sampled_then(position),
        )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
