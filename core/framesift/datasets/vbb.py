"""Caltech's video bounding boxes (.vbb): a MATLAB struct A with every frame's objects.

A box is [x y w h] with x and y counted from 1 to the pixel that it begins with: x = 1, w = 4
are the first four pixels of a row, which is 0 … 4 here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from framesift.boxes import Box
from framesift.datasets import matvalues
from framesift.datasets.matfile import Value, read_mat
from framesift.errors import InputError
from framesift.formats.checks import BadValueError, at, label_name

HIDDEN = 0.65
"""Below this visible share a box is marked occluded: the benchmark's “reasonable” setting."""
_MOST_FRAMES = 10**6


@dataclass(frozen=True, slots=True)
class Vbb:
    """The boxes of each frame that has any, in Caltech's own classes, of `frames` frames."""

    frames: int
    boxes: Mapping[int, tuple[Box, ...]]


def read_vbb(path: Path) -> Vbb:
    """Reads a file. InputError, naming file and place, for whatever cannot be right."""
    variables = read_mat(path)
    if "A" not in variables:
        raise InputError(f"{path} holds no annotation called A; give a .vbb file of Caltech's.")
    with at(path, "A"):
        whole = matvalues.one_struct(variables["A"], "nFrame", "objLists", "objLbl")
        frames = matvalues.whole(whole["nFrame"], 0, _MOST_FRAMES)
        names = matvalues.cells(whole["objLbl"])
        lists = matvalues.cells(whole["objLists"])
        if len(lists) != frames:
            raise BadValueError(f"it lists {len(lists)} frames and says that it has {frames}")
    boxes: dict[int, tuple[Box, ...]] = {}
    for frame, objects in enumerate(lists):
        with at(path, f"frame {frame + 1} (from 1)"):
            present = [
                _box(entry, names)
                for entry in matvalues.structs(objects, "id", "pos", "occl", "posv")
            ]
        boxes[frame] = tuple(box for box in present if box.width > 0 and box.height > 0)
    return Vbb(frames, {frame: present for frame, present in boxes.items() if present})


def _box(fields: dict[str, Value], names: tuple[Value, ...]) -> Box:
    name = label_name(matvalues.string(names[matvalues.whole(fields["id"], 1, len(names)) - 1]))
    x, y, width, height = matvalues.row(fields["pos"], 4)
    if width < 0 or height < 0:
        raise BadValueError("a box has a negative width or height")
    hidden = bool(matvalues.whole(fields["occl"], 0, 1))
    seen = matvalues.row(fields["posv"], 4)
    return Box(
        x - 1,
        y - 1,
        x - 1 + width,
        y - 1 + height,
        name,
        occluded=hidden and _visible((x, y, width, height), tuple(seen)) < HIDDEN,
    )


def _visible(whole: tuple[float, ...], seen: tuple[float, ...]) -> float:
    """The visible share of a box that is marked occluded; 0 where the visible box is the whole
    (nothing is to be seen), 1 where none is given."""
    if not any(seen):
        return 1.0
    area = whole[2] * whole[3]
    return 0.0 if seen == whole or area <= 0 else seen[2] * seen[3] / area
