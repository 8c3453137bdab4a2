"""Recognising what a foreign model's outputs mean, from their shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.detectors.onnx.layouts import (
    MOST_ANCHORS,
    STRIDES,
    BoxLists,
    BoxTable,
    Layout,
    Outputs,
    Queries,
    Size,
    Yolo,
    cells,
    decoded,
    grids,
)
from framesift.errors import InputError

SHARE = 1.5
"""Positions up to this are shares of the picture (boxes may reach beyond its edge)."""
MOST_QUERIES = 1000
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
    tables = {
        output: np.asarray(value, np.float32)
        for output, value in outputs.items()
        if value.ndim == 3 and value.dtype.kind == "f"
    }
    for output, value in tables.items():
        found_queries = _queries(output, value, known, metadata)
        if found_queries is not None:
            return found_queries
        found_dense = _dense(file, output, value, seen, known)
        if found_dense is not None:
            return found_dense
    for output, value in tables.items():
        more = task != "detect" or metadata.get("end2end") == "True"
        if value.shape[2] == 6 or (value.shape[2] > 6 and more):
            _check_pixels(file, value)
            return BoxTable(output, known)
    lists = _lists(outputs, known)
    if lists is not None:
        return lists
    shapes = ", ".join(
        f"{name[:30]} {'×'.join(map(str, value.shape))}"
        for name, value in list(outputs.items())[:6]
    )
    raise InputError(
        f"The outputs of {file} ({shapes}) are none that can be read: YOLO's N×A×(5+C) or "
        "N×(4+C)×A, end-to-end N×M×6, or boxes, scores and labels; export it in one of these "
        "forms."
    )


def _queries(
    output: str, value: NDArray[np.float32], known: int | None, metadata: Mapping[str, str]
) -> Layout | None:
    """RT-DETR by what its metadata say, or by as many columns as four and the classes, all
    boxes being shares."""
    description = " ".join(
        metadata.get(key, "") for key in ("head", "description", "architecture")
    )
    named = "rtdetr" in description.casefold().replace("-", "").replace("_", "")
    class_columns = value.shape[2] - 4
    if class_columns < 1 or (known is not None and known != class_columns):
        return None
    shares = value[..., :4].size > 0 and bool((np.abs(value[..., :4]) <= SHARE).all())
    queries = value.shape[1] <= MOST_QUERIES and known is not None and known != 2
    return Queries(output, class_columns) if named or (shares and queries) else None


def _check_pixels(file: str, table: NDArray[np.float32]) -> None:
    """Raises InputError for an end-to-end table whose boxes are shares of the picture: whether
    corners or middles, nothing says."""
    boxes = table[..., :4]
    if boxes.size and boxes.any() and bool((np.abs(boxes) <= SHARE).all()):
        raise InputError(
            f"The model {file} gives its boxes as shares of the picture, and does not say "
            "whether as corners or as middle and size; export it with boxes in pixels."
        )


def _dense(
    file: str, output: str, value: NDArray[np.float32], seen: Size, known: int | None
) -> Layout | None:
    _, rows, columns = value.shape
    for strides in STRIDES:
        if any(side % strides[-1] for side in seen):
            continue
        count = sum(h * w for h, w in grids(seen, strides))
        # Rows of predictions, then columns of them; a lone class makes 5 + 1 = 6 columns, as
        # end-to-end tables have, and the number of rows tells them apart.
        if rows % count == 0 and 0 < rows // count <= MOST_ANCHORS and columns > 5:
            class_columns = columns - 5
            _check_nanodet(file, rows // count, columns, strides, known)
            if known is None or known <= class_columns:
                classes, anchors = known or class_columns, rows // count
                raw, bgr = _of_yolox(value, seen, strides, anchors)
                return Yolo(
                    output,
                    classes,
                    strides,
                    anchors=anchors,
                    objectness=True,
                    raw=raw,
                    bgr_bytes=bgr,
                )
        if columns == count and rows > 4:
            class_columns = rows - 4
            if known is None or known <= class_columns:
                return Yolo(
                    output, known or class_columns, strides, anchors=1, objectness=False
                )
    return None


def _check_nanodet(
    file: str, anchors: int, columns: int, strides: Sequence[int], known: int | None
) -> None:
    """Raises InputError for NanoDet-Plus: classes, then eight bins for each side of a box."""
    if anchors == 1 and (columns - 32 == known or (known is None and len(strides) == 4)):
        raise InputError(
            f"The model {file} is a NanoDet-Plus, whose boxes are distributions over "
            "distances; those are not read: export a YOLO, RT-DETR or end-to-end model."
        )


def _of_yolox(
    value: NDArray[np.float32], seen: Size, strides: Sequence[int], anchors: int
) -> tuple[bool, bool]:
    """(whether boxes are raw, whether the model is YOLOX's and wants BGR bytes). Of one anchor
    per cell and with objectness there are YOLOX and YOLOv6, whose objectness is always 1. Raw
    positions lie about their cells only once they are decoded."""
    if anchors != 1:
        return False, False
    grid = cells(grids(seen, strides), strides)
    middles = (grid[:, :2] + 0.5) * grid[:, 2:]

    def off(rows: NDArray[np.float32]) -> float:
        return float(np.median(np.abs(rows[..., :2] - middles) / grid[:, 2:]))

    raw = off(decoded(value[..., :4], grid)) < off(value[..., :4])
    return raw, raw or not bool((value[..., 4] > 0.999).all())


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
