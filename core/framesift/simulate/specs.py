"""Labelled footage and the initial detector, as an experiment's file says them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from framesift.errors import InputError
from framesift.records.settings import REQUIRED, check, from_plain, like, to_plain
from framesift.simulate.keys import FILE_ONLY, in_file, plain_table
from framesift.synth.settings import DriveSettings
from framesift.training import TrainSettings

PAPER = "paper"
"""The architecture of the paper's detector."""


def _paths(value: object) -> tuple[str | Mapping[str, Any], ...]:
    if not isinstance(value, list | tuple) or not all(
        isinstance(entry, str | Mapping) for entry in value
    ):
        raise ValueError
    if not value:
        raise InputError("The footage of an experiment has no path; give `paths`.")
    return tuple(value)


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    """Labelled footage; the table says what each key is. Raises InputError without paths."""

    kind: str = in_file(
        REQUIRED, title="Kind", help="which public data set, or synthetic for drawn drives"
    )
    paths: tuple[str | Mapping[str, Any], ...] = in_file(
        REQUIRED,
        title="Paths",
        help="of its files, from the experiment's folder; for drawn drives, what describes "
        "them",
        parse=_paths,
        plain=list,
    )
    split: str | None = in_file(
        None, title="Split", help="part of the data set, as its makers call it", empty="all"
    )
    every: int = in_file(
        1, title="Every n-th frame", help="only every n-th frame of a clip takes part", low=1
    )
    options: Mapping[str, Any] = in_file(
        dict, title="Options", help="further arguments of open_dataset", parse=plain_table
    )

    def __post_init__(self) -> None:
        check(self, "footage")


def _heads(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise ValueError
    return tuple(name.replace("-", "_") for name in value)


def dataset_spec(value: object) -> DatasetSpec:
    """Footage from a table of plain values. Raises InputError."""
    return (
        value if isinstance(value, DatasetSpec) else from_plain(DatasetSpec, value, "footage")
    )


@dataclass(frozen=True, slots=True)
class InitialSpec:
    """The initial detector (w_l); the table says what each key is."""

    source: str = in_file(
        "checkpoint",
        title="Source",
        help="checkpoint, or trained on drawn single frames or on footage",
        choices=("checkpoint", "drawn", "footage"),
    )
    detector: str = in_file(
        "pedestrian", title="Detector", help="name or file of the checkpoint"
    )
    architecture: str = in_file(
        PAPER,
        title="Architecture",
        help="of a detector that is trained first, from random weights",
    )
    settings: Mapping[str, Any] = in_file(
        dict,
        title="Settings",
        help="of an architecture other than the paper's, { proposals = 100 } say",
        parse=plain_table,
    )
    look: str = like(DriveSettings, "look", absent=FILE_ONLY)
    frames: int = in_file(1500, title="Frames", help="drawn frames to learn from", low=1)
    size: tuple[int, int] = in_file(
        (480, 640), title="Size", help="rows and columns of the drawn frames", low=1
    )
    footage: DatasetSpec | None = in_file(
        None,
        title="Footage",
        help="what it learns from, as [initial.footage]",
        parse=dataset_spec,
        plain=to_plain,
    )
    width: float = in_file(
        0.5,
        title="Width",
        help="channels of the paper's detector, as a share of the paper's",
        above=0,
        high=4,
    )
    working_height: int | None = in_file(
        480,
        title="Working height",
        help="height at which the detector sees frames",
        unit="px",
        low=16,
        empty="the frame's own",
    )
    box_sizes: str = in_file(
        "initial",
        title="Box sizes",
        help="of the paper's detector: fitted to the labels that it learns from, or to those "
        "of the pool; a checkpoint keeps its own",
        choices=("initial", "pool"),
    )
    seed: int = in_file(0, title="Seed", help="of everything random", low=0)
    heads: tuple[str, ...] = in_file(
        (),
        title="Heads",
        help="that it gets, as `framesift train-head` names them; they learn from a quarter as "
        "many drawn frames more, and each cycle trains them anew",
        parse=_heads,
        plain=list,
    )
    training: TrainSettings = field(default_factory=TrainSettings)

    def __post_init__(self) -> None:
        check(self, "initial")
        if (self.source == "footage") != (self.footage is not None):
            raise InputError(
                "An initial detector from footage needs [initial.footage], and "
                "others must not have it."
            )
        self._check_architecture()
        if self.heads and self.source == "footage":
            raise InputError(
                "Heads learn from drawn frames, which a detector from footage was not made "
                "for; leave `heads` out of [initial]."
            )

    def _check_architecture(self) -> None:
        if self.architecture == PAPER:
            if self.settings:
                raise InputError(
                    "The initial detector is the paper's, whose settings stand in [initial] "
                    "itself; leave [initial.settings] out, or name another architecture."
                )
            return
        from framesift.detectors import DETECTORS

        if self.architecture not in DETECTORS:
            raise InputError(
                f"There is no architecture {self.architecture!r} for an initial detector; "
                f"choose one of {', '.join(DETECTORS)}."
            )
        if self.box_sizes == "pool" or self.source == "checkpoint":
            raise InputError(
                "Box sizes of the pool are the paper's detector's, and a checkpoint has its "
                "own architecture; leave `architecture` out of [initial], or the other."
            )
