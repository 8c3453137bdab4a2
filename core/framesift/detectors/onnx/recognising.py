"""Recognising what a foreign model's outputs mean, from their shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from framesift.detectors.onnx.layouts import (
    MOST_ANCHORS,
    STRIDES,
    BoxLists,
    BoxTable,
    Layout,
    Outputs,
    Size,
    Yolo,
    grids,
)
from framesift.errors import InputError

BOXES = ("box",)
SCORES = ("score", "conf")
LABELS = ("label", "class", "cls")
COUNTS = ("num",)


def recognise(
    file: str,
    outputs: Outputs,
    seen: Size,
    names: Sequence[str] | None,
    metadata: Mapping[str, str],
) -> Layout:
    """The layout of outputs that a model gave for pictures of (height, width) `seen`.

    `names`: the classes, where they are known. Raises InputError for outputs that are none of
    the layouts, saying which can be read.
    """
    task = metadata.get("task", "detect")
    if task not in ("detect", "segment", "pose"):
        raise InputError(
            f"The model {file} does not detect upright boxes (its task is "
            f"{task[:40]!r}); give a detector."
        )
    known = None if names is None else len(names)
    for output, value in outputs.items():
        if value.ndim == 3 and value.dtype.kind == "f":
            found = _dense(output, value.shape, seen, known)
            if found is not None:
                return found
    for output, value in outputs.items():
        if value.ndim == 3 and value.dtype.kind == "f" and value.shape[2] == 6:
            return BoxTable(output, known)
    found = _lists(outputs, known)
    if found is not None:
        return found
    shapes = ", ".join(
        f"{name[:30]} {'×'.join(map(str, value.shape))}"
        for name, value in list(outputs.items())[:6]
    )
    raise InputError(
        f"The outputs of {file} ({shapes}) are none that can be read: YOLO's N×A×(5+C) or "
        "N×(4+C)×A, end-to-end N×M×6, or boxes, scores and labels; export it in one of these "
        "forms."
    )


def _dense(output: str, shape: tuple[int, ...], seen: Size, known: int | None) -> Layout | None:
    _, rows, columns = shape
    for strides in STRIDES:
        if any(side % strides[-1] for side in seen):
            continue
        cells = sum(h * w for h, w in grids(seen, strides))
        # Rows of predictions, then columns of them; a lone class makes 5 + 1 = 6 columns, as
        # end-to-end tables have, and the number of rows tells them apart.
        if rows % cells == 0 and 0 < rows // cells <= MOST_ANCHORS and columns > 5:
            own = columns - 5
            if known is None or known <= own:
                return Yolo(
                    output, known or own, strides, anchors=rows // cells, objectness=True
                )
        if columns == cells and rows > 4:
            own = rows - 4
            if known is None or known <= own:
                return Yolo(output, known or own, strides, anchors=1, objectness=False)
    return None


def _lists(outputs: Outputs, known: int | None) -> Layout | None:
    boxes = _named(
        outputs, BOXES, lambda v: v.ndim in (2, 3) and v.shape[-1] == 4 and v.dtype.kind == "f"
    )
    if boxes is None:
        return None
    size = outputs[boxes].size // 4
    scores = _named(outputs, SCORES, lambda v: v.dtype.kind == "f" and v.size == size)
    if scores is None:
        return None
    labels = _named(
        outputs, LABELS, lambda v: v.dtype.kind in "iuf" and v.size == size, but=scores
    )
    count = _named(
        outputs, COUNTS, lambda v: v.dtype.kind in "iu" and v.ndim > 0 and v.size == len(v)
    )
    return BoxLists(boxes, scores, labels, count, known if labels is not None else None)


def _named(outputs: Outputs, words: Sequence[str], fits: Any, but: str = "") -> str | None:
    def named(name: str) -> bool:
        return any(word in name.lower() for word in words)

    return next(
        (
            name
            for name, value in outputs.items()
            if name != but and named(name) and fits(np.asarray(value))
        ),
        None,
    )
