"""What a training child is told, and how its records travel: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from framesift.errors import InputError
from framesift.files import read_json, write_text
from framesift.records import Notice, Progress
from framesift.training.records import Finished, Step, Validated
from framesift.training.settings import TrainSettings

Record = Step | Validated | Progress | Notice | Finished
MOST_BYTES = 16 << 20
"""Of a job file; what is larger is none."""
DEVICES = ("auto", "cpu", "cuda", "mps")
_KINDS: dict[str, type] = {kind.__name__: kind for kind in (Step, Validated, Progress, Notice)}


@dataclass(frozen=True, slots=True)
class TrainJob:
    """One run in a child process.

    detector: a checkpoint's path or a bundled detector's name; training_set: the path of the
    file; its classes become the detector's. out: the folder for state and checkpoints.
    fresh: its weights are drawn at random first. fit_boxes: the detector's fixed box sizes are
    fitted to the training labels first.
    validate: whether the set's validation frames are measured. cache_mb: memory for decoded
    pictures. lineage: goes into the checkpoints. previous: the checkpoint of the cycle before,
    for HUALE's loss; "" in a first cycle.
    """

    detector: str
    training_set: Path
    out: Path
    settings: TrainSettings = field(default_factory=TrainSettings)
    resume: bool = False
    device: str = "auto"
    fit_boxes: bool = False
    fresh: bool = False
    validate: bool = True
    cache_mb: int = 2048
    lineage: Mapping[str, Any] = field(default_factory=dict)
    previous: str = ""

    def check(self) -> None:
        """Raises ValueError for values that no job can have."""
        sound = (
            isinstance(self.detector, str)
            and isinstance(self.previous, str)
            and "\0" not in f"{self.detector}{self.previous}{self.training_set}{self.out}"
            and self.device.split(":")[0] in DEVICES
            and all(
                isinstance(v, bool)
                for v in (self.resume, self.fit_boxes, self.fresh, self.validate)
            )
            and type(self.cache_mb) is int
            and 0 <= self.cache_mb < 1 << 24
            and isinstance(self.lineage, Mapping)
        )
        if not sound:
            raise ValueError("a value is of the wrong kind")

    def save(self, path: Path) -> None:
        """Writes the job file in one step."""
        data = {name: getattr(self, name) for name in self.__slots__}
        data["settings"] = self.settings.to_json()
        data["lineage"] = dict(self.lineage)
        here = path.parent.absolute()
        for name in ("training_set", "out"):
            full = Path(data[name]).absolute()
            # What lies with the job is found again wherever that is copied or moved to.
            inside = full.is_relative_to(here)
            data[name] = full.relative_to(here).as_posix() if inside else str(full)
        write_text(path, json.dumps(data, indent=1) + "\n")

    @staticmethod
    def load(path: Path) -> TrainJob:
        """Reads a job file; InputError when it is none."""
        try:
            data = read_json(path, MOST_BYTES)
            settings = TrainSettings.from_json(data.pop("settings", {}))
            here = path.parent.absolute()
            training_set, out = (here / data.pop(name) for name in ("training_set", "out"))
            job = TrainJob(training_set=training_set, out=out, settings=settings, **data)
            job.check()
            return job
        except InputError:
            raise
        except OSError as error:
            raise InputError(
                f"Cannot read the training job {path}: {error.strerror or error}."
            ) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(f"{path} is not a training job ({error!r}).") from error


def to_line(record: Record) -> dict[str, Any]:
    """A record as plain JSON values, its kind under "record"."""
    return {"record": type(record).__name__, **_plain(asdict(record))}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def from_line(data: dict[str, Any]) -> Record | None:
    """The inverse of `to_line`; None for what is no record (a heartbeat)."""
    values = dict(data)
    name = values.pop("record", None)
    if name == "Finished":
        values["history"] = tuple(Validated(**entry) for entry in values["history"])
        for path in ("checkpoint", "last", "best"):
            values[path] = None if values[path] is None else Path(values[path])
        return Finished(**values)
    kind = _KINDS.get(str(name))
    record: Record | None = kind(**values) if kind else None
    return record
