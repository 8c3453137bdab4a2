"""The project's own drawn drives."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from framesift import synth
from framesift.boxes import Box
from framesift.datasets.classes import ClassTable
from framesift.datasets.labels import Labels
from framesift.datasets.request import Found, Reader, Request
from framesift.errors import InputError
from framesift.records import Progress, RateMeter
from framesift.synth import SynthDrive

_SEEDS = re.compile(r"(\d+)-(\d+)", re.ASCII)
_SIZE = re.compile(r"(\d+)[x×](\d+)", re.ASCII)
_MOST = 1000
_KEYS = ("look", "seed", "frames", "size", "scenario", "pedestrian_share")


class DrawnLabels(Labels):
    """The labels of a drawn drive, computed when they are asked for. They have a reader of
    their own, so that asking does not disturb who reads the pictures."""

    def __init__(self, drive: SynthDrive) -> None:
        self._drive, self._lock = drive, threading.Lock()
        self._own: SynthDrive | None = None

    def boxes(self, frame: int) -> tuple[Box, ...]:
        with self._lock:
            self._own = self._own or self._drive.fork()
            return self._own.labels(frame)

    def identity(self) -> str:
        # Pictures and labels follow from the same recipe.
        return self._drive.fingerprint


class Synthetic(Reader):
    name = "synthetic"
    title = "Synthetic drives"
    table = ClassTable({"pedestrian": "pedestrian"})

    def read(self, request: Request) -> Iterator[Progress | Found]:
        self.split_of(request)
        recipes = [recipe for path in request.paths for recipe in _recipes(path)]
        if len(recipes) > _MOST:
            raise InputError(
                f"{len(recipes)} synthetic drives are asked for; the most is {_MOST}."
            )
        meter = RateMeter(len(recipes), "drives", "planning drives")
        for recipe in recipes:
            drive = synth.drive(**recipe)
            if request.wants(drive.name):
                yield Found(drive.name, drive, DrawnLabels(drive))
            yield meter.advance()


def _recipes(given: object) -> list[dict[str, Any]]:
    """The arguments of every drive that "look=target,seed=0-3,frames=900" stands for."""
    if isinstance(given, Mapping):
        fields = {str(key): value for key, value in given.items()}
    else:
        fields = {}
        for part in filter(None, (part.strip() for part in str(given).split(","))):
            key, equals, value = (piece.strip() for piece in part.partition("="))
            if not (equals and value):
                raise InputError(
                    f"“{part}” says nothing about a synthetic drive; write it as "
                    "look=target,seed=3,frames=900."
                )
            fields[key] = value
    unknown = [key for key in fields if key not in _KEYS]
    if unknown:
        raise InputError(
            f"A synthetic drive has no “{unknown[0]}”; choose from {', '.join(_KEYS)}."
        )
    first, last = _range(fields.pop("seed", 0))
    common: dict[str, Any] = {
        key: str(fields[key]) for key in ("look", "scenario") if key in fields
    }
    if "frames" in fields:
        common["frames"] = _whole("frames", fields["frames"])
    if "size" in fields:
        common["size"] = _rows_and_columns(fields["size"])
    if "pedestrian_share" in fields:
        common["pedestrian_share"] = _share(fields["pedestrian_share"])
    return [{**common, "seed": seed} for seed in range(first, last + 1)]


def _range(value: object) -> tuple[int, int]:
    match = _SEEDS.fullmatch(str(value))
    low, high = (match[1], match[2]) if match else (value, value)
    first, last = _whole("seed", low), _whole("seed", high)
    if last < first or last - first >= _MOST:
        raise InputError(
            f"The seeds {value} are no range; write the smaller one first, and at "
            f"most {_MOST} of them."
        )
    return first, last


def _whole(key: str, value: object) -> int:
    if not re.fullmatch(r"\d{1,9}", str(value), re.ASCII):
        raise InputError(f"{key} = {value} is no whole number; write it as {key}=900.")
    return int(str(value))


def _rows_and_columns(value: object) -> tuple[int, int]:
    """As `synth.drive` takes it; written as width×height, or given as (width, height)."""
    text = "x".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    match = _SIZE.fullmatch(text)
    if not match or max(int(match[1]), int(match[2])) > 8192:
        raise InputError(f"size = {value} is no picture size; write it as size=640x480.")
    return int(match[2]), int(match[1])


def _share(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise InputError(
            f"pedestrian_share = {value} is no number; write it as pedestrian_share=0.2."
        ) from None
