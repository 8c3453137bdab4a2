"""What happened around the cycles: training, evaluations, reports."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from framesift.project.database import Database
from framesift.project.records import Event


class Events:
    """Lines beside the cycles; none is ever changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, kind: str, data: Mapping[str, Any], cycle: int) -> Event:
        """Writes a line."""
        text, now = json.dumps(dict(data)), time.time()
        with self._database.writing():
            number = self._database.run(
                "INSERT INTO events (cycle, kind, time, data) VALUES (?, ?, ?, ?)",
                (cycle, kind, now, text),
            )
        return Event(number, cycle, kind, now, json.loads(text))

    def all(self, cycle: int | None, kind: str | None) -> tuple[Event, ...]:
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
