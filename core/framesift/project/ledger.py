"""The ledger of cycles: append-only, and enough of it to make every selection again."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.project.checkpoints import Checkpoints
from framesift.project.chunks import FloatArray
from framesift.project.classes import ClassList
from framesift.project.database import Database, damaged
from framesift.project.evaluation import EvaluationSet
from framesift.project.inputs import SelectionInputs, by_drive
from framesift.project.journal import ProjectJournal
from framesift.project.label_table import digest
from framesift.project.labelling import ProjectLabels
from framesift.project.masks import Masks
from framesift.project.picks import Picks
from framesift.project.records import (
    Cycle,
    Event,
    PickRecord,
    ProjectThen,
    SeriesRecord,
    StoredDrive,
    VideoRecord,
)
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
            unwanted = self._unwanted(clips, {*missing}, damaged)
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

    def _unwanted(
        self, clips: Iterable[VideoRecord], missing: set[str], damaged: bool
    ) -> set[FrameKey]:
        """The frames of missing videos, and unless `damaged` those known as damaged."""
        unwanted: set[FrameKey] = set()
        for clip in clips:
            if clip.id in missing:
                unwanted |= {FrameKey(clip.id, frame) for frame in range(clip.frames)}
            elif not damaged:
                known = self._videos.facts.damaged(clip.id)
                unwanted |= {FrameKey(clip.id, frame) for frame in known}
        return unwanted

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
            kept = {
                "drives": [[d.key, [c.id for c in d.clips]] for d in inputs.drives],
                "taken": inputs.taken,
                "excluded": inputs.excluded,
                "labelled": inputs.labelled,
                "signals": list(inputs.signals),
                "descriptors": list(inputs.descriptors),
            }
            self._database.run(
                "INSERT INTO cycles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    time.time(),
                    detector,
                    checkpoint,
                    json.dumps(dict(settings)),
                    json.dumps(kept),
                    inputs.hash(),
                    self._labels.snapshot(),
                    position,
                ),
            )
            self._keep_series(number, inputs)
            self._picks.take(number, picks)
        return self.cycle(number)

    def _keep_series(self, cycle: int, inputs: SelectionInputs) -> None:
        # Values never change once written, so which were there is all that a replay needs.
        for signal, of in inputs.series.items():
            for drive in inputs.drives:
                scored = ~np.isnan(inputs.signals[signal][drive.key])
                for clip, offset in zip(drive.clips, drive.offsets, strict=True):
                    if clip.id in of:
                        there = scored[offset : offset + clip.frames]
                        self._database.run(
                            "INSERT INTO cycle_series VALUES (?, ?, ?)",
                            (
                                cycle,
                                of[clip.id].number,
                                zlib.compress(np.packbits(there).tobytes()),
                            ),
                        )

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
        at = len(self) if cycle is None else cycle
        text, now = json.dumps(dict(data)), time.time()
        with self._database.writing():
            number = self._database.run(
                "INSERT INTO events (cycle, kind, time, data) VALUES (?, ?, ?, ?)",
                (at, kind, now, text),
            )
        return Event(number, at, kind, now, json.loads(text))

    def events(self, cycle: int | None = None, kind: str | None = None) -> tuple[Event, ...]:
        """What was recorded, the oldest first: of one cycle and kind, or of all."""
        rows = self._database.rows(
            "SELECT number, cycle, kind, time, data FROM events WHERE (?1 IS NULL OR cycle = "
            "?1) AND (?2 IS NULL OR kind = ?2) ORDER BY number",
            (cycle, kind),
        )
        return tuple(
            Event(number, at, what, when, self._database.json(data, dict))
            for number, at, what, when, data in rows
        )

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
            inputs = self._inputs_then(number)
        except KeyError as error:
            raise damaged(self._database.path, f"{error} of a cycle is missing") from error
        if inputs.hash() != cycle.hash:
            raise InputError(
                f"The scores or thumbnails that cycle {number} was selected from "
                "have changed since; it cannot be made again."
            )
        return inputs

    def _inputs_then(self, number: int) -> SelectionInputs:
        kept = self._kept(number)
        drives = self._drives_then(kept)
        series: dict[str, dict[str, SeriesRecord]] = {}
        values: dict[str, dict[str, FloatArray]] = {}
        for signal in kept.get("signals", ()):
            series[signal], values[signal] = {}, {}
        first = ""
        records = {record.number: record for record in self._series.all()}
        for which, scored in self._database.rows(
            "SELECT series, scored FROM cycle_series WHERE cycle = ?", (number,)
        ):
            record = records[which]
            # Ledgers of earlier versions name no signals: all was ranked as of one.
            first = first or record.signal
            signal = record.signal if "signals" in kept else first
            series.setdefault(signal, {})[record.video] = record
            values.setdefault(signal, {})[record.video] = self._values_then(record, scored)
        earlier = ["thumbnail"] if kept.get("thumbnails") else []
        return self._timelines.joined(
            drives,
            series,
            values,
            (_tuples(kept["taken"]), _tuples(kept["excluded"])),
            _tuples(kept.get("labelled", {})),
            kept.get("descriptors", earlier),
            number,
        )

    def _kept(self, number: int) -> Mapping[str, Any]:
        text = self._database.value("SELECT inputs FROM cycles WHERE number = ?", (number,))
        kept: Mapping[str, Any] = self._database.json(text, dict)
        return kept

    def _drives_then(self, kept: Mapping[str, Any]) -> tuple[StoredDrive, ...]:
        videos = {video.id: video for video in self._videos.every()}
        return tuple(
            StoredDrive(key, tuple(videos[video] for video in ids))
            for key, ids in kept["drives"]
        )

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
            self._drives_then(self._kept(number)),
            labels,
            self._evaluation.sampled_then(position),
        )

    def _values_then(self, series: SeriesRecord, scored: bytes) -> FloatArray:
        values = self._series.values(series)
        try:
            packed = np.frombuffer(zlib.decompress(scored), np.uint8)
        except zlib.error as error:
            raise damaged(self._database.path, "a cycle cannot be read") from error
        there = np.unpackbits(packed, count=len(values)).astype(np.bool_)
        return np.where(there, values, np.float32(np.nan)).astype(np.float32)


def _tuples(frames: Mapping[str, Iterable[int]]) -> dict[str, tuple[int, ...]]:
    return {drive: tuple(of) for drive, of in frames.items()}


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
