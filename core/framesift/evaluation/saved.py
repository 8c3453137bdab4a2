"""Evaluations as JSON: everything that a later comparison needs, nothing that runs code."""

from __future__ import annotations

import base64
import binascii
import json
import math
import zlib
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.evaluation.bootstrap import Interval
from framesift.evaluation.class_result import ClassResult, Coco
from framesift.evaluation.matching import Matches
from framesift.evaluation.result import Evaluation
from framesift.evaluation.settings import EvaluationSettings
from framesift.files import write_text

FORMAT, VERSION = "framesift-evaluation", 1

_COLUMNS = {
    "detection_frame": ("<i4", 1),
    "detection_score": ("<f4", 1),
    "detection_state": ("|i1", 1),
    "detection_box": ("<f4", 2),
    "label_frame": ("<i4", 1),
    "label_box": ("<f4", 2),
    "label_score": ("<f4", 1),
    "label_reach": ("<f4", 1),
}


def to_document(evaluation: Evaluation) -> dict[str, Any]:
    """An evaluation in its JSON-able form; `from_document` gives the same one back, bit for
    bit.

    Args:
        evaluation: the one to save.

    Returns:
        A dictionary of texts, numbers and lists.

    Example:
        >>> to_document(evaluation)["classes"]
        ['pedestrian']
    """
    videos = list(dict.fromkeys(video for video, _ in evaluation.keys))
    number = {video: index for index, video in enumerate(videos)}
    return {
        "format": FORMAT,
        "version": VERSION,
        "summary": evaluation.summary(),
        "settings": evaluation.settings.to_dict(),
        "classes": list(evaluation.classes),
        "headline": evaluation.headline,
        "detector": evaluation.detector,
        "coco": _coco_document(evaluation.coco),
        "videos": videos,
        "frame_video": _pack([number[video] for video, _ in evaluation.keys], "<i4"),
        "frame_number": _pack([frame for _, frame in evaluation.keys], "<i8"),
        "blocks": _pack(evaluation.blocks, "<i8"),
        "results": [
            {
                "class": result.category,
                "iou": result.iou,
                "ignored": result.ignored,
                "miss_rate_interval": _interval_document(result.miss_rate_interval),
                "log_average_interval": _interval_document(result.log_average_interval),
                **{
                    name: _pack(getattr(result.matches, name), kind)
                    for name, (kind, _) in _COLUMNS.items()
                },
            }
            for result in evaluation.results
        ],
    }


def from_document(document: Any) -> Evaluation:
    """The inverse of `to_document`.

    Args:
        document: what `to_document` gave, or what was read of its JSON.

    Returns:
        The Evaluation, bit for bit.

    Raises:
        InputError: it is no saved evaluation, is damaged, or was saved by a newer Framesift.

    Example:
        >>> from_document(to_document(evaluation)).frames
        2
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError("This is no saved evaluation; give a file that Framesift wrote.")
    if not isinstance(document.get("version"), int) or document["version"] > VERSION:
        raise InputError("The evaluation was saved by a newer Framesift; update this one.")
    try:
        return _evaluation(document)
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        OverflowError,
        zlib.error,
        binascii.Error,
    ) as error:
        raise InputError(
            f"The saved evaluation is damaged ({error}); measure again."
        ) from error


def save_evaluation(path: str | PathLike[str], evaluation: Evaluation) -> None:
    """Writes an evaluation as a JSON file, whole or not at all.

    Args:
        path: the file; one that is there is replaced.
        evaluation: the one to save.

    Raises:
        EnvironmentProblem: the disk refuses.

    Example:
        >>> save_evaluation(Path("saved.json"), evaluation)
        >>> Path("saved.json").exists()
        True
    """
    write_text(Path(path), json.dumps(to_document(evaluation), allow_nan=False))


def load_evaluation(path: str | PathLike[str]) -> Evaluation:
    """Reads what `save_evaluation` wrote.

    Args:
        path: the file.

    Returns:
        The Evaluation, bit for bit.

    Raises:
        InputError: the file cannot be read, or is no saved evaluation.

    Example:
        >>> save_evaluation(Path("loaded.json"), evaluation)
        >>> load_evaluation(Path("loaded.json")).labels
        2
    """
    path = Path(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no JSON file; give a saved evaluation.") from error
    return from_document(document)


def _evaluation(document: dict[str, Any]) -> Evaluation:
    videos = [str(video) for video in document["videos"]]
    owner = _unpack(document["frame_video"], "<i4", 1)
    number = _unpack(document["frame_number"], "<i8", 1)
    keys = tuple((videos[v], int(n)) for v, n in zip(owner, number, strict=True))
    blocks = _unpack(document["blocks"], "<i8", 1).astype(np.int64)
    if not keys or len(blocks) not in (0, len(keys)):
        raise ValueError("frames are missing")
    settings = EvaluationSettings.from_dict(document["settings"])
    results = tuple(
        ClassResult(
            str(result["class"]),
            float(result["iou"]),
            _matches(result, len(keys)),
            int(result["ignored"]),
            _interval(result["miss_rate_interval"]),
            _interval(result["log_average_interval"]),
        )
        for result in document["results"]
    )
    classes = tuple(str(name) for name in document["classes"])
    headline = float(document["headline"])
    complete = {(name, iou) for name in classes for iou in settings.ious}
    if {
        (result.category, result.iou) for result in results
    } != complete or headline not in settings.ious:
        raise ValueError("a result is missing")
    return Evaluation(
        settings,
        classes,
        keys,
        results,
        headline,
        _coco(document["coco"]),
        str(document["detector"]),
        blocks,
    )


def _matches(result: dict[str, Any], frames: int) -> Matches:
    columns = {
        name: _unpack(result[name], kind, axes) for name, (kind, axes) in _COLUMNS.items()
    }
    matches = Matches(frames, **columns)
    for prefix in ("detection", "label"):
        frame = columns[f"{prefix}_frame"]
        if len(frame) and not (frame.min() >= 0 and frame.max() < frames):
            raise ValueError("a frame number is out of range")
        for name, values in columns.items():
            if name.startswith(prefix) and len(values) != len(frame):
                raise ValueError(f"{name} has another length than the others")
    if not np.isin(matches.detection_state, (-1, 0, 1)).all():
        raise ValueError("a state is unknown")
    return matches


def _pack(values: Any, kind: str) -> dict[str, Any]:
    array = np.ascontiguousarray(values, np.dtype(kind))
    return {
        "dtype": kind,
        "shape": list(array.shape),
        "data": base64.b64encode(zlib.compress(array.tobytes(), 6)).decode("ascii"),
    }


def _unpack(packed: dict[str, Any], kind: str, axes: int) -> NDArray[Any]:
    shape = tuple(int(length) for length in packed["shape"])
    fits = len(shape) == axes and min(shape) >= 0 and (axes == 1 or shape[1] == 4)
    if packed["dtype"] != kind or not fits:
        raise ValueError("an array has another type or shape")
    size = math.prod(shape) * np.dtype(kind).itemsize
    # One byte more than wanted, so that what is too long shows without being unpacked.
    data = zlib.decompressobj().decompress(base64.b64decode(packed["data"]), size + 1)
    if len(data) != size:
        raise ValueError("an array is too short or too long")
    array: NDArray[Any] = np.frombuffer(data, kind).reshape(shape)
    return array.astype(np.dtype(kind).newbyteorder("="))


def _interval_document(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high, interval.level]


def _interval(values: list[float] | None) -> Interval | None:
    return None if values is None else Interval(*(float(value) for value in values))


def _coco_document(coco: Coco | None) -> dict[str, Any] | None:
    if coco is None:
        return None
    return {
        "figures": [_number(v) for v in (coco.map, coco.ap50, coco.ap75)],
        "per_class": [[name, *map(_number, rest)] for name, *rest in coco.per_class],
    }


def _coco(document: dict[str, Any] | None) -> Coco | None:
    if document is None:
        return None
    rows = tuple(
        (str(name), _float(a), _float(b), _float(c)) for name, a, b, c in document["per_class"]
    )
    whole, half, three_quarters = (_float(value) for value in document["figures"])
    return Coco(whole, half, three_quarters, rows)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _float(value: float | None) -> float:
    return math.nan if value is None else float(value)
