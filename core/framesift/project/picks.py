"""The picks of a project's cycles: taken for good, and dropped or added by edits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from framesift.errors import InputError
from framesift.labels import Edit, FrameKey
from framesift.project.database import Database, Row
from framesift.project.evaluation import EvaluationSet
from framesift.project.journal import ProjectJournal
from framesift.project.records import PickRecord
from framesift.project.subjects import PickKey, Subject

_COLUMNS = "place, video, frame, rank, score, raw, reason, origin, state"


class Picks:
    """Picks by cycle. A row stays for good; an edit changes only whether it is "picked",
    "dropped" (still taken, so that nothing offers it again) or "withdrawn" (added, and taken
    back: as if it had never been there)."""

    def __init__(
        self, database: Database, journal: ProjectJournal, evaluation: EvaluationSet
    ) -> None:
        self._database, self._journal, self._evaluation = database, journal, evaluation
        journal.register(Subject("pick", PickKey, str, _state, self._put))

    def taken(self) -> set[FrameKey]:
        """Frames picked in any cycle so far."""
        return {
            FrameKey(video, frame)
            for video, frame in self._database.rows(
                "SELECT video, frame FROM picks WHERE state <> 'withdrawn'"
            )
        }

    def count(self) -> int:
        """How many frames were picked in all cycles."""
        return int(
            self._database.value("SELECT count(*) FROM picks WHERE state <> 'withdrawn'")
        )

    def of_cycle(self, cycle: int) -> tuple[tuple[PickRecord, ...], frozenset[FrameKey]]:
        """All picks of a cycle, in order, and which of them were dropped."""
        picks, dropped = [], set()
        for _, video, frame, rank, score, raw, reason, origin, state in self._rows(cycle):
            if state == "withdrawn":
                continue
            key = FrameKey(video, frame)
            about = self._database.json(reason, dict)
            picks.append(PickRecord(key, rank, score, raw, about, origin))
            if state == "dropped":
                dropped.add(key)
        return tuple(picks), frozenset(dropped)

    def take(self, cycle: int, picks: Iterable[PickRecord]) -> None:
        """Writes the picks of a new cycle. ValueError for one that was taken before or is for
        measuring only."""
        picks = tuple(picks)
        for pick in picks:
            if not self._free(pick.key):
                raise ValueError(f"{pick.key} was taken before or is for measuring only")
        self._insert(cycle, 0, picks, "picked")

    def add(self, cycle: int, pick: PickRecord) -> None:
        """Adds a frame to a cycle that was made. InputError when it was taken before or is for
        measuring only."""
        key = pick.key
        with self._journal.gesture("add", f"Add frame {key.frame} of {key.video} to the picks"):
            if not self._free(key):
                raise InputError(
                    f"Frame {key.frame} of {key.video} was picked before, or is for "
                    "measuring only; choose another one."
                )
            place = len(self._rows(cycle))
            self._insert(cycle, place, [pick], "withdrawn")
            named = PickKey(cycle, place, key.video, key.frame)
            self._journal.write([Edit(named, "withdrawn", "picked")])

    def drop(self, cycle: int, key: FrameKey) -> None:
        """Declines a pick. It stays taken. InputError when it is no pick of the cycle."""
        for place, video, frame, rank, *_, state in self._rows(cycle):
            if FrameKey(video, frame) == key and state == "picked":
                which = f"frame {frame} of {video}" if rank is None else f"pick {rank}"
                self._journal.write(
                    [Edit(PickKey(cycle, place, video, frame), "picked", "dropped")],
                    kind="drop",
                    text=f"Drop {which}",
                )
                return
        raise InputError(f"Frame {key.frame} of {key.video} is no pick of cycle {cycle}.")

    def _rows(self, cycle: int) -> list[Row]:
        return self._database.rows(
            f"SELECT {_COLUMNS} FROM picks WHERE cycle = ? ORDER BY place", (cycle,)
        )

    def _free(self, key: FrameKey) -> bool:
        picked = self._database.value(
            "SELECT 1 FROM picks WHERE video = ? AND frame = ? AND state <> 'withdrawn'",
            (key.video, key.frame),
        )
        return not picked and not self._evaluation.holds(key)

    def _insert(self, cycle: int, first: int, picks: Iterable[PickRecord], state: str) -> None:
        self._database.many(
            "INSERT INTO picks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    cycle,
                    first + place,
                    p.key.video,
                    p.key.frame,
                    p.rank,
                    p.score,
                    p.raw,
                    json.dumps(dict(p.reason)),
                    p.origin,
                    state,
                )
                for place, p in enumerate(picks)
            ],
        )

    def _put(self, values: Mapping[PickKey, str]) -> None:
        self._database.many(
            "UPDATE picks SET state = ? WHERE cycle = ? AND place = ?",
            [(state, key.cycle, key.place) for key, state in values.items()],
        )


def _state(text: str | None) -> str:
    if text is None:
        raise ValueError("a pick is in no state")
    return text
