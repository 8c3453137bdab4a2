"""The protocol: what a unit of work is, and what makes its result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from framesift.records import Notice, Progress


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece of work: a task (JSON-able; what it means is the handler's) and its key, the
    sha256 (hex) of the task and of what all units of a run share."""

    key: str
    task: Mapping[str, Any]

    @staticmethod
    def of(task: Mapping[str, Any], shared: Mapping[str, Any]) -> Unit:
        """The unit of a task: equal tasks of equal runs have equal keys, on every machine."""
        text = json.dumps([shared, task], sort_keys=True, separators=(",", ":"))
        return Unit(hashlib.sha256(text.encode()).hexdigest(), task)


@dataclass(frozen=True, slots=True)
class Made:
    """The end of a unit: its result."""

    content: bytes


Handler = Callable[[Mapping[str, Any], Mapping[str, Any]], Iterator[Made | Progress | Notice]]
"""Makes the result of a unit: (shared, task) → records, the last of them Made. Deterministic.
Raises InputError or EnvironmentProblem for what cannot be done here."""
