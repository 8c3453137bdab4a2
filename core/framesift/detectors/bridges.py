"""Boxes as other libraries have them: supervision, torchvision, COCO. Corners and sizes are
native pixels everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box, Prediction, as_array
from framesift.errors import EnvironmentProblem, InputError

if TYPE_CHECKING:
    import supervision

Boxes = Prediction | Iterable[Box]


def to_supervision(boxes: Boxes, classes: Sequence[str]) -> supervision.Detections:
    """Boxes as `supervision` draws, tracks and filters them.

    Args:
        boxes: labels, or what a detector found.
        classes: the detector's or project's, in order.

    Returns:
        supervision.Detections: xyxy, class_id, the names as data["class_name"], the scores of
        a Prediction as confidence, the tracks as tracker_id where every box has one; ignore
        regions are marked by data["ignore"].

    Raises:
        InputError: a box has a class that is not among them.
        EnvironmentProblem: supervision is not installed.

    Example:
        >>> labels = [Box(10, 20, 30, 60, "pedestrian")]
        >>> framesift.detectors.to_supervision(labels, ["pedestrian"]).xyxy.tolist()
        [[10.0, 20.0, 30.0, 60.0]]
    """
    try:
        import supervision
    except ModuleNotFoundError as error:
        raise EnvironmentProblem(
            "supervision is not installed; install it with `pip install supervision`."
        ) from error
    corners, numbers, scores, labels = _columns(boxes, classes)
    tracks = [box.track for box in labels]
    return supervision.Detections(
        xyxy=corners.astype(np.float32),
        class_id=numbers,
        confidence=scores,
        tracker_id=np.array(tracks, int) if labels and None not in tracks else None,
        data={
            "class_name": np.array([classes[number] for number in numbers], str),
            "ignore": np.array([box.ignore for box in labels] or [False] * len(numbers), bool),
        },
    )


def from_supervision(
    detections: supervision.Detections, classes: Sequence[str] | None = None
) -> tuple[Box, ...]:
    """The boxes of `supervision.Detections`, for labels; their scores are not kept.

    Args:
        detections: what `supervision` holds.
        classes: names by class_id; where none are given, those of data["class_name"].

    Returns:
        A Box for each detection.

    Raises:
        InputError: the class of a detection is not known.

    Example:
        >>> labels = [Box(10, 20, 30, 60, "pedestrian", track=4)]
        >>> there = framesift.detectors.to_supervision(labels, ["pedestrian"])
        >>> framesift.detectors.from_supervision(there) == tuple(labels)
        True
    """
    names = detections.data.get("class_name")
    ignored = detections.data.get("ignore")
    if classes is None and names is None and len(detections):
        raise InputError("The detections hold no names of classes; give classes.")
    boxes = []
    for i, (x1, y1, x2, y2) in enumerate(np.asarray(detections.xyxy, float).tolist()):
        number = None if detections.class_id is None else int(detections.class_id[i])
        name = (
            str(names[i]) if classes is None and names is not None else _name(classes, number)
        )
        track = None if detections.tracker_id is None else int(detections.tracker_id[i])
        ignore = ignored is not None and bool(ignored[i])
        boxes.append(Box(x1, y1, x2, y2, name, ignore=ignore, track=track))
    return tuple(boxes)


def to_torchvision(
    boxes: Boxes, classes: Sequence[str], *, image_id: int = 0
) -> dict[str, Any]:
    """Boxes as the target of a torchvision detector; of a Prediction, as its output.

    Args:
        boxes: labels, or what a detector found.
        classes: the detector's or project's, in order.
        image_id: the picture's number.

    Returns:
        boxes float32 N×4, labels int64 N (0 is the background: the first class is 1), image_id,
        area, iscrowd (1 for ignore regions); scores float32 N for a Prediction.

    Raises:
        InputError: a box has a class that is not among them.

    Example:
        >>> labels = [Box(10, 20, 30, 60, "pedestrian")]
        >>> framesift.detectors.to_torchvision(labels, ["pedestrian"])["labels"]
        tensor([1])
    """
    import torch

    corners, numbers, scores, labels = _columns(boxes, classes)
    sizes = (corners[:, 2:] - corners[:, :2]).prod(axis=1)
    ignored = [box.ignore for box in labels] or [False] * len(numbers)
    target: dict[str, Any] = {
        "boxes": torch.tensor(corners, dtype=torch.float32).reshape(-1, 4),
        "labels": torch.tensor(numbers + 1, dtype=torch.int64),
        "image_id": image_id,
        "area": torch.tensor(sizes, dtype=torch.float32),
        "iscrowd": torch.tensor(ignored, dtype=torch.int64),
    }
    if scores is not None:
        target["scores"] = torch.from_numpy(np.asarray(scores, np.float32).copy())
    return target


def from_torchvision(target: Mapping[str, Any], classes: Sequence[str]) -> tuple[Box, ...]:
    """The boxes of a torchvision target or output, for labels; scores are not kept.

    Args:
        target: at least boxes N×4 and labels N, 0 being the background.
        classes: names of the labels from 1 up.

    Returns:
        A Box for each; those with iscrowd are ignore regions.

    Raises:
        InputError: a label has no name.

    Example:
        >>> target = framesift.detectors.to_torchvision([Box(1, 2, 3, 4, "car")], ["car"])
        >>> framesift.detectors.from_torchvision(target, ["car"])[0].category
        'car'
    """
    corners = np.asarray(target["boxes"].detach().cpu(), np.float64).reshape(-1, 4).tolist()
    labels = target["labels"].detach().cpu().tolist()
    crowd = target["iscrowd"].tolist() if "iscrowd" in target else [0] * len(labels)
    return tuple(
        Box(x1, y1, x2, y2, _name(classes, label - 1), ignore=bool(ignored))
        for (x1, y1, x2, y2), label, ignored in zip(corners, labels, crowd, strict=True)
    )


def to_coco(
    boxes: Boxes, classes: Sequence[str], *, image_id: int = 0, first_id: int = 1
) -> list[dict[str, Any]]:
    """Boxes as COCO's annotations; of a Prediction, as COCO's results.

    Args:
        boxes: labels, or what a detector found.
        classes: the detector's or project's, in order: category 1, 2 …
        image_id: the picture's number.
        first_id: the number of the first annotation.

    Returns:
        A dict for each box: id, image_id, category_id, bbox (x, y, width, height), area,
        iscrowd (1 for ignore regions); score for a Prediction.

    Raises:
        InputError: a box has a class that is not among them.

    Example:
        >>> framesift.detectors.to_coco([Box(10, 20, 30, 60, "car")], ["car"])[0]["bbox"]
        [10.0, 20.0, 20.0, 40.0]
    """
    corners, numbers, scores, labels = _columns(boxes, classes)
    annotations = []
    for i, (x1, y1, x2, y2) in enumerate(corners.tolist()):
        annotation = {
            "id": first_id + i,
            "image_id": image_id,
            "category_id": int(numbers[i]) + 1,
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "area": (x2 - x1) * (y2 - y1),
            "iscrowd": int(bool(labels) and labels[i].ignore),
        }
        if scores is not None:
            annotation["score"] = float(scores[i])
        annotations.append(annotation)
    return annotations


def from_coco(
    annotations: Iterable[Mapping[str, Any]], classes: Sequence[str] | Mapping[int, str]
) -> tuple[Box, ...]:
    """The boxes of COCO's annotations, for labels.

    Args:
        annotations: dicts with bbox and category_id.
        classes: names by category_id, or in order from category 1 up.

    Returns:
        A Box for each; those with iscrowd are ignore regions.

    Raises:
        InputError: a category has no name.

    Example:
        >>> framesift.detectors.from_coco([{"bbox": [1, 2, 3, 4], "category_id": 1}], ["car"])
        (Box(x1=1.0, y1=2.0, x2=4.0, y2=6.0, category='car'),)
    """
    named = classes if isinstance(classes, Mapping) else dict(enumerate(classes, start=1))
    boxes = []
    for annotation in annotations:
        x, y, width, height = (float(value) for value in annotation["bbox"])
        number = annotation["category_id"]
        if number not in named:
            raise InputError(f"The category {number} has no name; give one among classes.")
        ignored = bool(annotation.get("iscrowd", 0))
        boxes.append(Box(x, y, x + width, y + height, named[number], ignore=ignored))
    return tuple(boxes)


def _columns(
    boxes: Boxes, classes: Sequence[str]
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.float32] | None, list[Box]]:
    """Corners N×4, class numbers, scores (None for labels), and the labels themselves."""
    if isinstance(boxes, Prediction):
        for number in boxes.categories.tolist():
            _name(classes, number)
        return boxes.boxes, boxes.categories, boxes.scores, []
    labels, known = list(boxes), list(classes)
    for box in labels:
        if box.category not in known:
            raise InputError(
                f"A box is a {box.category!r}, which is not among the classes "
                f"{', '.join(known) or '(none)'}; add it."
            )
    numbers = np.array([known.index(box.category) for box in labels], np.int64)
    return as_array(labels), numbers, None, labels


def _name(classes: Sequence[str] | None, number: int | None) -> str:
    if classes is None or number is None or not 0 <= number < len(classes):
        raise InputError(f"The class number {number} has no name; give one among classes.")
    return classes[number]
