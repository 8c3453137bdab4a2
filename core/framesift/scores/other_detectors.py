"""The other detectors of an ensemble: checkpoints that look at frames beside the detector."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.product.resources import resource
from framesift.records.settings import setting

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

SHOWN = 32
"""Digits of the sha256 of each file that a recipe keeps."""


def checkpoint_names(value: object) -> tuple[str, ...]:
    """Files of checkpoints, from a list or a text with commas. Raises ValueError for anything
    else."""
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",") if name.strip()]
    if not isinstance(value, list | tuple) or not all(isinstance(n, str) for n in value):
        raise ValueError
    return tuple(value)


def ensemble_setting() -> Any:
    """The field of the other detectors, which several members have."""
    return setting(
        (),
        title="Other detectors",
        help="detectors that look at each frame beside the one that scores, a pass for each: "
        "files of checkpoints, or, in a project, numbers of its checkpoints and initial; "
        "snapshots of one training count, so do the detectors of earlier cycles",
        parse=checkpoint_names,
        metavar="FILE[,FILE…]",
        empty="in a project its latest checkpoints",
    )


def detectors_of(detector: Detector, names: Sequence[str], signal: str) -> tuple[Detector, ...]:
    """The detector and the checkpoints named, on its device, with its precision and tiles.

    Raises InputError where none is named, one is no checkpoint or knows other classes.
    """
    if not names:
        raise InputError(
            f"The signal {signal} compares several detectors and was given one; name other "
            "checkpoints of it with --ensemble FILE,FILE."
        )
    place = (
        str(detector.device),
        str(detector.precision),
        detector.tiles,
        str(getattr(detector, "backend", "torch")),
    )
    return (detector, *(_loaded(*_version(name), detector.classes, *place) for name in names))


def in_recipe(recipe: dict[str, Any]) -> dict[str, Any]:
    """A recipe with what the files hold in the place of their names. Raises InputError for one
    that cannot be read."""
    return {
        **recipe,
        "ensemble": [_digest(*_version(name))[:SHOWN] for name in recipe["ensemble"]],
    }


def forget_others() -> None:
    """Lets go of the detectors that were read to compare with; they are read again on use."""
    _loaded.cache_clear()


@functools.lru_cache(maxsize=64)
def _digest(path: str, changed: int, size: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _version(name: str) -> tuple[str, int, int]:
    """Path, time and size of a checkpoint: a file that changed is another one."""
    from framesift.detectors.files.checkpoint import BUNDLED

    path = resource("detectors", f"{name}.safetensors") if name in BUNDLED else Path(name)
    if not path.is_file():
        raise InputError(
            f"There is no checkpoint {name} to compare with; name a file (--ensemble FILE), or "
            "one of the project's checkpoints by its number."
        )
    about = path.stat()
    return str(path.absolute()), about.st_mtime_ns, about.st_size


@functools.lru_cache(maxsize=8)
def _loaded(
    path: str,
    changed: int,
    size: int,
    classes: tuple[str, ...],
    device: str,
    precision: str,
    tiles: str,
    backend: str,
) -> Detector:
    """A checkpoint once read; a file that changed is read again."""
    from framesift.detectors.files.checkpoint import load_detector
    from framesift.detectors.tiled import tiled

    # Another file may be of another kind; what cannot be run so is run as it can.
    runs = "auto" if path.endswith(".onnx") or backend == "onnxruntime" else backend
    detector = load_detector(path, device, precision=precision, classes=classes, backend=runs)
    return tiled(detector, tiles)
