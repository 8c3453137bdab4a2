"""The folder that coordinator and workers share: units, claims, results."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from framesift import files
from framesift.cluster.units import Unit
from framesift.errors import InputError

VERSION = 1
LEASE_S = 30.0
"""A claim that nobody touched for so long is anybody's."""
MOST_BYTES = 256 << 20
_SUM = 32


class Board:
    """The units of one run and what became of them.

    run.json names the kind of work, what all units share, and the units; done/KEY holds a
    unit's result behind its checksum, failed/KEY the sentence that says why it has none,
    claims/KEY who works at it now.
    """

    def __init__(
        self, folder: Path, kind: str, shared: Mapping[str, Any], units: Sequence[Unit]
    ) -> None:
        self.folder, self.kind = folder, kind
        self.shared, self.units = dict(shared), tuple(units)

    @classmethod
    def create(
        cls, folder: Path, kind: str, shared: Mapping[str, Any], units: Sequence[Unit]
    ) -> Self:
        """Writes the units of a run; results that lie there already stay, failures go."""
        for name in ("claims", "done", "failed"):
            files.make_folder(folder / name)
        for old in (folder / "failed").iterdir():
            old.unlink(missing_ok=True)
        tasks = [{"key": unit.key, "task": dict(unit.task)} for unit in units]
        about = {"version": VERSION, "kind": kind, "shared": dict(shared), "units": tasks}
        files.write_text(folder / "run.json", json.dumps(about, sort_keys=True) + "\n")
        return cls(folder, kind, shared, units)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The run that somebody wrote. Raises InputError where there is none."""
        try:
            about = files.read_json(folder / "run.json", MOST_BYTES)
            if about["version"] != VERSION:
                raise InputError(
                    f"The run in {folder} is of another version of Framesift; have all "
                    "machines run the same."
                )
            units = [Unit(str(unit["key"]), dict(unit["task"])) for unit in about["units"]]
            return cls(folder, str(about["kind"]), dict(about["shared"]), units)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{folder} holds no run to work at; name the folder that `framesift score "
                "--cluster` told of."
            ) from error

    def left(self) -> list[Unit]:
        """The units that have neither a result nor a failure, in their order."""
        over = self._names("done") | self._names("failed")
        return [unit for unit in self.units if unit.key not in over]

    def done(self) -> set[str]:
        """The keys of the units that have a result."""
        return self._names("done") & {unit.key for unit in self.units}

    def failures(self) -> dict[str, str]:
        """By key why a unit has no result."""
        failures = {}
        for key in self._names("failed"):
            with contextlib.suppress(OSError):
                failures[key] = (
                    (self.folder / "failed" / key).read_text(encoding="utf-8").strip()
                )
        return failures

    def put(self, key: str, content: bytes) -> None:
        """Writes a unit's result: whole or not at all."""
        data = hashlib.sha256(content).digest() + content
        files.write_bytes(self.folder / "done" / key, data)

    def fail(self, key: str, why: str) -> None:
        """Writes why a unit cannot be done."""
        files.write_text(self.folder / "failed" / key, why + "\n")

    def drop(self, key: str) -> None:
        """Takes a unit's result away."""
        (self.folder / "done" / key).unlink(missing_ok=True)

    def remove(self) -> None:
        """Takes the whole run away; what is in use elsewhere may stay behind."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def result(self, key: str) -> bytes | None:
        """A unit's result; None, and it is to be made again, where it is damaged."""
        path = self.folder / "done" / key
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(data[_SUM:]).digest() == data[:_SUM]:
            return data[_SUM:]
        path.unlink(missing_ok=True)
        return None

    def claim(self, unit: Unit, owner: str) -> bool:
        """Whether the unit is this worker's now: nobody else's, or of one that is gone."""
        path = self.folder / "claims" / unit.key
        # With its owner in it before it has its name: no claim is ever nobody's.
        part = path.with_name(f".{uuid.uuid4().hex}")
        try:
            part.write_text(owner, encoding="utf-8")
            with contextlib.suppress(FileNotFoundError):
                # Both by the clock of the disk, from which a worker's own may differ.
                if part.stat().st_mtime - path.stat().st_mtime > LEASE_S:
                    path.unlink(missing_ok=True)
            return _named(part, path)
        except OSError as error:
            raise files.cannot_write(path, error) from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)

    def touch(self, key: str) -> None:
        """Says that the work at a unit goes on."""
        with contextlib.suppress(OSError):
            os.utime(self.folder / "claims" / key)

    def release(self, key: str, owner: str) -> None:
        """Gives a worker's claim up; one that another has taken over meanwhile stays."""
        with contextlib.suppress(OSError):
            path = self.folder / "claims" / key
            if path.read_text(encoding="utf-8") == owner:
                path.unlink(missing_ok=True)

    def release_all_of(self, owner: str) -> None:
        """Gives up the claims of a worker that is known to be gone."""
        for key in self._names("claims"):
            self.release(key, owner)

    def _names(self, what: str) -> set[str]:
        return set(self._listed(what))

    def _listed(self, what: str) -> Iterator[str]:
        try:
            names = os.listdir(self.folder / what)
        except FileNotFoundError:
            return
        # What is being written has a name that begins with a dot.
        yield from (name for name in names if not name.startswith("."))


def _named(part: Path, path: Path) -> bool:
    """Gives a file its name, unless another one has it."""
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:
        # A file system without links: the claim has its owner a moment later.
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(part.read_text(encoding="utf-8"))
        except FileExistsError:
            return False
    return True
