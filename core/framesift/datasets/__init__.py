"""Labelled footage: data sets as videos or stills with their boxes, read where they lie.

    with open_dataset("caltech", "/data/caltech", split="test", every=30) as footage:
        for drive in footage.drives:
            clip, frame = drive.locate(0)
            clip.video[frame], clip.boxes(frame)

What each reader expects on disk and which classes count stands in resources/docs/footage.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from framesift.datasets.base import LabelledClip, LabelledDataset, LabelledDrive
from framesift.datasets.bdd100k import Bdd100kDataset
from framesift.datasets.caltech import Caltech
from framesift.datasets.citypersons import CityPersons
from framesift.datasets.classes import ClassTable, Roles
from framesift.datasets.coco import CocoDataset
from framesift.datasets.kitti import KittiDataset
from framesift.datasets.labels import Labels, TableLabels
from framesift.datasets.mot import MotDataset
from framesift.datasets.opening import opening
from framesift.datasets.presets import PAPER, Preset, Tally, tally
from framesift.datasets.request import Found, Reader, Request
from framesift.datasets.synthetic import Synthetic
from framesift.errors import InputError
from framesift.product.aliases import by_old_name
from framesift.records import Notice, Progress, closing

DATASETS: dict[str, Reader] = {
    "caltech": Caltech(),
    "citypersons": CityPersons(),
    "bdd100k": Bdd100kDataset(),
    "kitti": KittiDataset(),
    "mot": MotDataset(),
    "coco": CocoDataset(),
    "synthetic": Synthetic(),
}
"""Every reader by name."""

__all__ = [
    "DATASETS",
    "PAPER",
    "ClassTable",
    "Found",
    "LabelledClip",
    "LabelledDataset",
    "LabelledDrive",
    "Labels",
    "Preset",
    "Reader",
    "Request",
    "Roles",
    "TableLabels",
    "Tally",
    "open_dataset",
    "opening_dataset",
    "tally",
]

Place = str | Path | Mapping[str, object]
"""A file or folder; for drawn footage "look=target,seed=0-3,frames=900", or such a mapping."""


def opening_dataset(
    kind: str,
    path: Place | Sequence[Place],
    *,
    split: str | None = None,
    classes: Sequence[str] = ("pedestrian",),
    class_map: Mapping[str, str] | None = None,
    ignore: Iterable[str] | None = None,
    only: str | Sequence[str] = (),
    every: int = 1,
    fps: float | None = None,
    pictures: str | Path | None = None,
) -> Iterator[Progress | Notice | LabelledDataset]:
    """Opens labelled footage, and tells how far it has come.

    Args:
        kind: a name in DATASETS.
        path: where it lies; several become one footage.
        split: the data set's own part ("train", "test", "val" …), where it has parts.
        classes: what counts, by our names.
        class_map: their names → ours, beside the reader's table.
        ignore: which classes, by their names, become ignore regions; None: as the reader's
            table has it.
        only: patterns (`*`, `?`) of the names of clips that are read; () is all.
        every: only the frames every − 1, 2·every − 1, … of each clip count as labelled, which
            is how Caltech's evaluation takes every 30th; 1 or more.
        fps: frames per second of pictures in folders; None: the data set's own.
        pictures: the folder of the pictures, where the data set is in two places.

    Yields:
        Progress, Notices of what is out of the ordinary (also kept as the footage's warnings),
        and last the LabelledDataset, which the caller closes.

    Raises:
        InputError: there is no such kind, nothing of it lies there, or an argument makes no
            sense.

    Example:
        >>> records = opening_dataset("synthetic", "look=target,seed=0,frames=4")
        >>> framesift.last(records, LabelledDataset).kind
        'synthetic'
    """
    places = (path,) if isinstance(path, (str, Path, Mapping)) else tuple(path)
    if kind not in DATASETS:
        raise InputError(
            f"There is no footage of the kind “{kind}”; choose one of {', '.join(DATASETS)}."
        )
    if not places:
        raise InputError("No footage is given; give its path.")
    request = Request(
        places,
        split,
        (only,) if isinstance(only, str) else tuple(only),
        None if pictures is None else Path(pictures),
        fps,
    )
    return opening(
        DATASETS[kind],
        request,
        classes=tuple(classes),
        class_map=class_map,
        ignore=ignore,
        every=every,
    )


def open_dataset(
    kind: str,
    path: Place | Sequence[Place],
    *,
    split: str | None = None,
    classes: Sequence[str] = ("pedestrian",),
    class_map: Mapping[str, str] | None = None,
    ignore: Iterable[str] | None = None,
    only: str | Sequence[str] = (),
    every: int = 1,
    fps: float | None = None,
    pictures: str | Path | None = None,
) -> LabelledDataset:
    """Opens labelled footage; `opening_dataset` does the same and tells how far it has come.

    Args:
        kind: a name in DATASETS.
        path: where it lies; several become one footage.
        split: the data set's own part ("train", "test", "val" …), where it has parts.
        classes: what counts, by our names.
        class_map: their names → ours, beside the reader's table.
        ignore: which classes, by their names, become ignore regions; None: as the reader's
            table has it.
        only: patterns (`*`, `?`) of the names of clips that are read; () is all.
        every: only the frames every − 1, 2·every − 1, … of each clip count as labelled; 1 or
            more.
        fps: frames per second of pictures in folders; None: the data set's own.
        pictures: the folder of the pictures, where the data set is in two places.

    Returns:
        A LabelledDataset, open; `with` closes it.

    Raises:
        InputError: there is no such kind, nothing of it lies there, or an argument makes no
            sense.

    Example:
        >>> with framesift.open_dataset("synthetic", "look=target,seed=0,frames=4") as dataset:
        ...     len(dataset)
        4
    """
    with closing(
        opening_dataset(
            kind,
            path,
            split=split,
            classes=classes,
            class_map=class_map,
            ignore=ignore,
            only=only,
            every=every,
            fps=fps,
            pictures=pictures,
        )
    ) as records:
        for record in records:
            if isinstance(record, LabelledDataset):
                return record
    raise AssertionError("opening ends with the footage")


def __getattr__(name: str) -> Any:
    return by_old_name(__name__, name)


def __dir__() -> list[str]:
    return sorted(__all__)
