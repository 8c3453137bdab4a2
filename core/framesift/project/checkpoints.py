"""The detectors that a project holds: files under checkpoints/, and a list that only grows."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from framesift.errors import InputError
from framesift.files import (
    cannot_write,
    flush_file,
    flush_folder,
    held,
    make_folder,
    replacing,
)
from framesift.project.database import Database
from framesift.project.records import CheckpointRecord
from framesift.project.settings import CHOSEN

FOLDER = "checkpoints"
_COLUMNS = "number, identity, path, classes, parent, cycle, lineage, time"


class Checkpoints:
    """Checkpoints by the order of their adoption."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database, self._folder = database, folder

    def all(self) -> tuple[CheckpointRecord, ...]:
        """All checkpoints, the oldest first."""
        return tuple(
            map(
                self._record,
                self._database.rows(f"SELECT {_COLUMNS} FROM checkpoints ORDER BY number"),
            )
        )

    def latest(self) -> CheckpointRecord | None:
        """The one adopted last; None before any."""
        return next(reversed(self.all()), None)

    def find(self, text: str) -> CheckpointRecord:
        """A checkpoint by its number, its file's name or the beginning of its identity (six
        digits at least); InputError when none is meant."""
        for record in reversed(self.all()):
            if text in (str(record.number), record.path.name, record.path.stem) or (
                len(text) >= 6 and record.identity.startswith(text)
            ):
                return record
        raise InputError(
            f"The project has no checkpoint {text!r}; `framesift status` lists them."
        )

    def adopt(
        self,
        file: Path,
        *,
        identity: str,
        classes: Sequence[str],
        parent: str | None = None,
        cycle: int | None = None,
        lineage: Mapping[str, Any] | None = None,
        stay_with: str | None = None,
    ) -> CheckpointRecord:
        """Takes a checkpoint file into the project: it is moved to checkpoints/ under a name
        of its own and stays there. `cycle`: default, the latest. It is in use from now on,
        unless the project is to `stay_with` another detector (a name or a path).

        When it raises, the file is where it was. A process that is killed meanwhile may leave
        it in checkpoints/ without being listed; adopting it from there is no harm.
        """
        with _Moved(file) as moved, self._database.writing():
            number = int(
                self._database.value("SELECT coalesce(max(number), 0) + 1 FROM checkpoints")
            )
            if cycle is None:
                cycle = int(self._database.value("SELECT coalesce(max(number), 0) FROM cycles"))
            name = f"{number:03d}-{identity[:8]}{file.suffix or '.safetensors'}"
            moved.to(held(self._folder, FOLDER, name))
            self._database.run(
                f"INSERT INTO checkpoints ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    identity,
                    f"{FOLDER}/{name}",
                    json.dumps(list(classes)),
                    parent,
                    cycle,
                    json.dumps(dict(lineage or {})),
                    time.time(),
                ),
            )
            # What was learnt last is in use from now on, whatever was chosen before.
            self._database.run("DELETE FROM settings WHERE name = ?", (CHOSEN,))
            if stay_with is not None:
                self._database.run(
                    "INSERT INTO settings VALUES (?, ?)",
                    (CHOSEN, json.dumps(self.stored_name(stay_with))),
                )
        return self.all()[-1]

    def stored_name(self, source: str) -> str:
        """What the project's settings call a detector: a checkpoint of its own by its path
        inside the project's folder, all else as it is."""
        path = Path(source)
        held_here = path.is_absolute() and path.is_relative_to(self._folder / FOLDER)
        return path.relative_to(self._folder).as_posix() if held_here else source

    def of_cycle(self, cycle: int) -> CheckpointRecord | None:
        """The latest checkpoint trained in a cycle."""
        return next((c for c in reversed(self.all()) if c.cycle == cycle), None)

    def _record(self, row: tuple[Any, ...]) -> CheckpointRecord:
        number, identity, path, classes, parent, cycle, lineage, when = row
        return CheckpointRecord(
            number,
            identity,
            self._folder / path,
            tuple(map(str, self._database.json(classes, list))),
            parent,
            cycle,
            self._database.json(lineage, dict),
            when,
        )


class _Moved:
    """A file that goes back where it was when the block fails."""

    def __init__(self, source: Path) -> None:
        self._source, self._target = source, source

    def __enter__(self) -> Self:
        return self

    def to(self, target: Path) -> None:
        _move(self._source, target)
        self._target = target

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and self._target != self._source:
            _move(self._target, self._source)


def _move(source: Path, target: Path) -> None:
    make_folder(target.parent)
    try:
        flush_file(source)
        os.replace(source, target)
        for folder in (target.parent, source.parent):
            flush_folder(folder)
    except FileNotFoundError as error:
        raise InputError(f"There is no checkpoint at {source}.") from error
    except OSError:
        # Another disk, or a file in use: copy it in one step, then let the old one go.
        try:
            with replacing(target) as part:
                shutil.copyfile(source, part)
            source.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(target, error) from error
