"""Pictures that a label file lists, as stills."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.footage.base import TableLabels
from framesift.footage.request import Found
from framesift.records import Notice, Progress
from framesift.video.images import index_listed


def find_folder(places: Iterable[Path], names: Sequence[str]) -> Path | None:
    """The first of `places` that holds one of the first few pictures."""
    some = names[:20]
    return next((place for place in places
                 if any((place / name).is_file() for name in some)), None)


def listed_stills(name: str, folder: Path, boxes: Mapping[str, Sequence[Box]], *,
                  drive: str | None = None, classes: tuple[str, ...] = (),
                  ) -> Generator[Progress | Notice, None, Found]:
    """The pictures of a folder that have labels: `boxes` by their paths below it, in order.

    Pictures that are not there are left out with a Notice. InputError where none is.
    """
    there = [picture for picture in boxes if (folder / picture).is_file()]
    if len(there) < len(boxes):
        lost = next(picture for picture in boxes if picture not in set(there))
        if not there:
            raise InputError(f"None of the {len(boxes)} labelled pictures of {name} is in "
                             f"{folder}, {lost} for one; check the folder of the pictures.")
        yield Notice(f"{len(boxes) - len(there)} of {len(boxes)} labelled pictures of {name} "
                     f"are not in {folder} and are left out, the first is {lost}.")
    video = yield from index_listed(folder, [folder / picture for picture in there])
    kept = video.names
    return Found(name, video, TableLabels({
        frame: boxes[picture] for frame, picture in enumerate(kept)}),
        drive=drive, classes=classes)
