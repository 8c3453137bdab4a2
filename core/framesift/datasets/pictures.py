"""Pictures that label files speak of: those that are listed, as stills, and folders of numbered
ones, as videos."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from framesift.boxes import Box
from framesift.datasets.labels import TableLabels
from framesift.datasets.request import Found
from framesift.errors import InputError
from framesift.formats import LabelFile, reading
from framesift.records import Notice, Progress
from framesift.video.images import index_listed, sequence_of
from framesift.video.pictures import numbers_in, picture_files


def find_folder(places: Iterable[Path], names: Sequence[str]) -> Path | None:
    """The first of `places` that holds one of the first few pictures."""
    some = names[:20]
    return next(
        (place for place in places if any((place / name).is_file() for name in some)), None
    )


def listed_stills(
    name: str,
    folder: Path,
    boxes: Mapping[str, Sequence[Box]],
    *,
    drive: str | None = None,
    classes: tuple[str, ...] = (),
) -> Generator[Progress | Notice, None, Found]:
    """The pictures of a folder that have labels: `boxes` by their paths below it, in order.

    Pictures that are not there are left out with a Notice. InputError where none is.
    """
    there = [picture for picture in boxes if (folder / picture).is_file()]
    if len(there) < len(boxes):
        lost = next(picture for picture in boxes if picture not in set(there))
        if not there:
            raise InputError(
                f"None of the {len(boxes)} labelled pictures of {name} is in "
                f"{folder}, {lost} for one; check the folder of the pictures."
            )
        yield Notice(
            f"{len(boxes) - len(there)} of {len(boxes)} labelled pictures of {name} "
            f"are not in {folder} and are left out, the first is {lost}."
        )
    video = yield from index_listed(folder, [folder / picture for picture in there])
    kept = video.names
    return Found(
        name,
        video,
        TableLabels({frame: boxes[picture] for frame, picture in enumerate(kept)}),
        drive=drive,
        classes=classes,
    )


def read_labels(path: Path, format_name: str) -> Generator[Progress, None, LabelFile]:
    """The labels of a file or folder in a named format."""
    for record in reading(path, format=format_name):
        if isinstance(record, LabelFile):
            return record
        yield record
    raise AssertionError("a reader ended without a result")


def numbered_pictures(folder: Path, what: str) -> dict[int, Path]:
    """The pictures of a folder by the number that ends their names, ascending. InputError
    where there are none, or two of one number."""
    if not folder.is_dir():
        raise InputError(f"{folder} does not exist; put the pictures of {what} there.")
    pictures: dict[int, Path] = {}
    for file in picture_files(folder):
        numbers = numbers_in(file.stem)[1]
        if not numbers:
            continue
        if numbers[-1] in pictures:
            raise InputError(
                f"In {folder} both {pictures[numbers[-1]].name} and {file.name} "
                "carry the same number; remove one of them."
            )
        pictures[numbers[-1]] = file
    if not pictures:
        raise InputError(f"{folder} holds no numbered pictures; put those of {what} there.")
    return dict(sorted(pictures.items()))


def labelled_sequence(
    name: str,
    folder: Path,
    labels: LabelFile,
    *,
    first: int,
    fps: float,
) -> Iterator[Notice | Found]:
    """The clip of a folder of numbered pictures whose every frame is labelled: a label's frame
    f is the picture of number f + `first`. Labels of pictures that are not there are left out
    with a Notice."""
    pictures = numbered_pictures(folder, name)
    places = {number - first: place for place, number in enumerate(pictures)}
    lost = [item.frame for item in labels.items if item.frame not in places]
    if lost:
        yield Notice(
            f"{name} has labels of {len(lost)} frames whose pictures are not there, "
            f"frame {lost[0]} for one; they are left out."
        )
    boxes = {
        places[item.frame]: item.boxes
        for item in labels.items
        if item.frame is not None and item.frame in places
    }
    yield Found(
        name,
        sequence_of(folder, list(pictures.values()), fps),
        TableLabels(boxes),
        classes=labels.classes,
    )
