"""COCO's mean average precision, computed by faster-coco-eval."""

from __future__ import annotations

import contextlib
import io
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.evaluation.class_result import Coco


@dataclass(frozen=True, slots=True, eq=False)
class CocoFrame:
    """One class in one frame: boxes float N×4 with scores N, labels float M×4 with bool M
    ignored."""

    frame: int
    category: int
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: NDArray[np.float64]
    ignored: NDArray[np.bool_]


def mean_average_precision(
    parts: Sequence[CocoFrame],
    classes: Sequence[str],
    frames: int,
) -> Coco:
    """mAP over IoU 0.5 … 0.95, AP50 and AP75; ignored labels are COCO's crowds.

    NaN where no label counts.
    """
    annotations = [
        {
            "id": 0,
            "image_id": part.frame + 1,
            "category_id": part.category + 1,
            "bbox": _xywh(box),
            "area": float((box[2] - box[0]) * (box[3] - box[1])),
            "iscrowd": int(ignored),
        }
        for part in parts
        for box, ignored in zip(part.labels, part.ignored, strict=True)
    ]
    for number, annotation in enumerate(annotations, start=1):
        annotation["id"] = number
    if not any(not annotation["iscrowd"] for annotation in annotations):
        return Coco(
            math.nan,
            math.nan,
            math.nan,
            tuple((name, math.nan, math.nan, math.nan) for name in classes),
        )
    detections = [
        {
            "image_id": part.frame + 1,
            "category_id": part.category + 1,
            "bbox": _xywh(box),
            "score": float(score),
        }
        for part in parts
        for box, score in zip(part.boxes, part.scores, strict=True)
    ]
    if not detections:
        held = {a["category_id"] for a in annotations if not a["iscrowd"]}
        none = [0.0 if k + 1 in held else math.nan for k in range(len(classes))]
        return Coco(
            0.0,
            0.0,
            0.0,
            tuple(
                (name, value, value, value) for name, value in zip(classes, none, strict=True)
            ),
        )
    dataset: dict[str, object] = {
        "info": {},
        "licenses": [],
        "images": [{"id": n + 1, "width": 1, "height": 1} for n in range(frames)],
        "categories": [{"id": k + 1, "name": name} for k, name in enumerate(classes)],
        "annotations": annotations,
    }
    precision = _precision(dataset, detections)
    rows = tuple((name, *_precisions(precision[:, :, [k]])) for k, name in enumerate(classes))
    return Coco(*_precisions(precision), per_class=rows)


def _precision(
    dataset: dict[str, object],
    detections: list[dict[str, object]],
) -> NDArray[np.float64]:
    """Precision T×R×K (IoU, recall, class) over all areas with at most 100 detections."""
    from faster_coco_eval import COCO, COCOeval_faster

    logger = logging.getLogger("faster_coco_eval")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            truth = COCO(dataset)
            evaluator = COCOeval_faster(
                truth, truth.loadRes(detections), "bbox", print_function=lambda *_: None
            )
            evaluator.evaluate()
            evaluator.accumulate()
    finally:
        logger.setLevel(level)
    return np.asarray(evaluator.eval["precision"], np.float64)[:, :, :, 0, -1]


def _precisions(precision: NDArray[np.float64]) -> tuple[float, float, float]:
    # Rows are IoU 0.5, 0.55 … 0.95; −1 marks classes without labels.
    return _mean(precision), _mean(precision[0]), _mean(precision[5])


def _mean(values: NDArray[np.float64]) -> float:
    known = values[values > -1]
    return float(known.mean()) if len(known) else math.nan


def _xywh(box: NDArray[np.float32] | NDArray[np.float64]) -> list[float]:
    return [
        float(box[0]),
        float(box[1]),
        float(box[2]) - float(box[0]),
        float(box[3]) - float(box[1]),
    ]
