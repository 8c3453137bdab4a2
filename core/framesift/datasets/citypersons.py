"""CityPersons: anno_train.mat and anno_val.mat over Cityscapes' leftImg8bit pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from framesift.boxes import Box
from framesift.datasets import matvalues
from framesift.datasets.classes import ClassTable
from framesift.datasets.matfile import Cell, Value, read_mat
from framesift.datasets.pictures import find_folder, listed_stills
from framesift.datasets.request import Found, Reader, Request
from framesift.datasets.vbb import HIDDEN
from framesift.errors import InputError
from framesift.formats.checks import BadValueError, at
from framesift.formats.names import clean_name
from framesift.records import Notice, Progress

NAMES = ("ignore", "pedestrian", "rider", "sitting person", "other person", "group")
"""The data set's class numbers, from 0."""


class CityPersons(Reader):
    """Stills, those of a city being one group (a drive without time)."""

    name = "citypersons"
    title = "CityPersons"
    table = ClassTable(
        {"pedestrian": "pedestrian", "rider": "rider"},
        {
            "pedestrian": ("ignore", "rider", "sitting person", "other person", "group"),
            "rider": ("ignore", "group"),
        },
    )
    splits: ClassVar[Mapping[str, str]] = {"train": "anno_train.mat", "val": "anno_val.mat"}

    def read(self, request: Request) -> Iterator[Progress | Notice | Found]:
        split = self.split_of(request)
        files = [
            (part, file, root)
            for root in request.folders()
            for part, file in _files(root)
            if split in (None, part)
        ]
        if not files:
            raise InputError(
                f"{request.paths[0]} holds no {self.splits[split or 'train']}; "
                "give the folder with CityPersons' annotations."
            )
        for part, file, root in files:
            yield from _of_part(part, file, root, request)


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    if root.is_file():
        yield ("val" if root.stem.endswith("val") else "train"), root
        return
    for part in CityPersons.splits:
        name = f"anno_{part}.mat"
        places = [
            root / name,
            root / "annotations" / name,
            *sorted(root.glob(f"*/annotations/{name}")),
        ]
        yield from ((part, place) for place in [p for p in places if p.is_file()][:1])


def _of_part(
    part: str,
    file: Path,
    root: Path,
    request: Request,
) -> Iterator[Progress | Notice | Found]:
    cities = _read(file)
    names = [f"{city}/{name}" for city, pictures in cities.items() for name in pictures]
    base = root if root.is_dir() else root.parent
    near = (
        [request.pictures]
        if request.pictures
        else [base, base.parent, *sorted(base.glob("leftImg8bit*"))]
    )
    places = [
        place / below
        for place in near
        for below in (
            f"leftImg8bit/{part}",
            part,
            ".",
            f"leftImg8bit_trainvaltest/leftImg8bit/{part}",
        )
    ]
    folder = find_folder(places, names)
    if folder is None:
        raise InputError(
            f"The pictures of {file} are not found, leftImg8bit/{part}/{names[0]} "
            "for one; unpack Cityscapes' leftImg8bit beside it, or say where the "
            "pictures are."
        )
    for city, pictures in cities.items():
        name = f"{part}/{city}"
        if request.wants(name):
            yield (
                yield from listed_stills(
                    name,
                    folder,
                    {f"{city}/{picture}": boxes for picture, boxes in pictures.items()},
                )
            )


def _read(file: Path) -> dict[str, dict[str, tuple[Box, ...]]]:
    """The boxes by city and picture."""
    cells = [value for value in read_mat(file).values() if isinstance(value, Cell)]
    if len(cells) != 1 or not cells[0].values:
        raise InputError(
            f"{file} holds no list of pictures; give CityPersons' anno_train.mat "
            "or anno_val.mat."
        )
    cities: dict[str, dict[str, tuple[Box, ...]]] = {}
    for place, value in enumerate(cells[0].values, 1):
        with at(file, f"picture {place} (from 1)"):
            fields = matvalues.one_struct(value, "cityname", "im_name", "bbs")
            city, name = (
                clean_name(matvalues.string(fields[key])).replace("/", "_")
                for key in ("cityname", "im_name")
            )
            pictures = cities.setdefault(city, {})
            if name in pictures:
                raise BadValueError(f"the picture {name} is there twice")
            pictures[name] = _boxes(fields["bbs"])
    return cities


def _boxes(value: Value) -> tuple[Box, ...]:
    """Rows of class, x, y, width, height of the whole person, id, and x, y, width, height of
    what is seen of it; pixels from 0."""
    boxes = []
    for kind, x, y, width, height, _, _, _, seen_width, seen_height in matvalues.table(
        value, 10
    ).tolist():
        if kind not in range(len(NAMES)):
            raise BadValueError(f"{kind:g} is none of the classes 0 to {len(NAMES) - 1}")
        if width < 0 or height < 0:
            raise BadValueError("a box has a negative width or height")
        if width and height:
            hidden = seen_width * seen_height < HIDDEN * width * height
            boxes.append(Box(x, y, x + width, y + height, NAMES[int(kind)], occluded=hidden))
    return tuple(boxes)
