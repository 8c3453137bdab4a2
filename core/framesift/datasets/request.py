"""What is asked of a reader, and what a reader answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from framesift.datasets.classes import ClassTable
from framesift.datasets.labels import Labels
from framesift.errors import InputError
from framesift.records import Notice, Progress
from framesift.video import Video


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be opened. `paths`: files or folders, or what describes drawn footage;
    `split`: the data set's own name of a part; `only`: patterns (`*`, `?`) of clip names;
    `pictures`: the folder of the pictures where they lie apart; `fps`: the rate of folders of
    pictures, where the data set's own is not meant."""

    paths: tuple[str | Path | Mapping[str, object], ...]
    split: str | None = None
    only: tuple[str, ...] = ()
    pictures: Path | None = None
    fps: float | None = None

    def wants(self, name: str) -> bool:
        """Whether the clip of that name is asked for."""
        return not self.only or any(fnmatchcase(name, pattern) for pattern in self.only)

    def folders(self) -> tuple[Path, ...]:
        """The paths as such; InputError for one that is none or is not there."""
        folders = []
        for path in self.paths:
            if not isinstance(path, (str, Path)):
                raise InputError("This kind of footage is given by its path.")
            if not Path(path).exists():
                raise InputError(f"{path} does not exist; check the path.")
            folders.append(Path(path))
        return tuple(folders)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A clip as the data set has it: the categories of its boxes are the data set's own.

    `drive`: the key of the drive that it belongs to, where it is not one of its own; clips of
    a drive come in order. `labelled`: bool per frame (None: all). `classes`: the names in its
    label file, where any may be in it.
    """

    name: str
    video: Video
    labels: Labels
    labelled: NDArray[np.bool_] | None = None
    drive: str | None = None
    classes: tuple[str, ...] = ()


class Reader(ABC):
    """One data set. `splits`: the names of its parts and what they are."""

    name: ClassVar[str]
    title: ClassVar[str]
    table: ClassVar[ClassTable]
    splits: ClassVar[Mapping[str, str]] = {}
    free_splits: ClassVar[bool] = False
    """Whether the parts are called as the files happen to be."""

    @abstractmethod
    def read(self, request: Request) -> Iterator[Progress | Notice | Found]:
        """Opens what is asked for: each clip as it is ready, a Notice for what is out of the
        ordinary. Raises InputError with one sentence for files that are missing, damaged or of
        another layout."""

    def split_of(self, request: Request, default: str | None = None) -> str | None:
        """The part that is asked for; InputError for one that the data set lacks."""
        split = request.split or default
        if split is not None and not self.free_splits and split not in self.splits:
            names = ", ".join(self.splits)
            raise InputError(
                f"{self.title} has no part “{split}”; "
                + (f"choose one of {names}." if names else "leave it out.")
            )
        return split
