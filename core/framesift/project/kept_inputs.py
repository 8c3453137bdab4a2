"""What cycles were selected from, read back from what the ledger keeps of it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from framesift.project.chunks import FloatArray
from framesift.project.database import Database
from framesift.project.inputs import SelectionInputs
from framesift.project.records import SeriesRecord, StoredDrive
from framesift.project.sentences import damaged
from framesift.project.series import SeriesStore
from framesift.project.timelines import Timelines
from framesift.project.videos import Videos


class KeptInputs:
    """The inputs of past cycles, whatever happened to the project since."""

    def __init__(self, database: Database, videos: Videos, series: SeriesStore) -> None:
        self._database, self._videos = database, videos
        self._series, self._timelines = series, Timelines(series)

    def keep(self, cycle: int, inputs: SelectionInputs) -> None:
        """Notes which scores were there when a cycle was selected."""
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

    def inputs(self, number: int) -> SelectionInputs:
        """What a cycle was selected from. KeyError when a part of it is missing."""
        kept = self._kept(number)
        drives = self._drives_of(kept)
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

    def _drives_of(self, kept: Mapping[str, Any]) -> tuple[StoredDrive, ...]:
        videos = {video.id: video for video in self._videos.every()}
        return tuple(
            StoredDrive(key, tuple(videos[video] for video in ids))
            for key, ids in kept["drives"]
        )

    def drives(self, number: int) -> tuple[StoredDrive, ...]:
        """The drives that a cycle was selected from."""
        return self._drives_of(self._kept(number))

    def _values_then(self, series: SeriesRecord, scored: bytes) -> FloatArray:
        values = self._series.values(series)
        try:
            packed = np.frombuffer(zlib.decompress(scored), np.uint8)
        except zlib.error as error:
            raise damaged(self._database.path, "a cycle cannot be read") from error
        there = np.unpackbits(packed, count=len(values)).astype(np.bool_)
        return np.where(there, values, np.float32(np.nan)).astype(np.float32)


def described(inputs: SelectionInputs) -> str:
    """All of the inputs but the scores, as JSON."""
    return json.dumps(
        {
            "drives": [[d.key, [c.id for c in d.clips]] for d in inputs.drives],
            "taken": inputs.taken,
            "excluded": inputs.excluded,
            "labelled": inputs.labelled,
            "signals": list(inputs.signals),
            "descriptors": list(inputs.descriptors),
        }
    )


def _tuples(frames: Mapping[str, Iterable[int]]) -> dict[str, tuple[int, ...]]:
    return {drive: tuple(of) for drive, of in frames.items()}
