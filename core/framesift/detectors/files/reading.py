"""What a checkpoint's file holds, read without running any of it."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from framesift.detectors import DETECTORS
from framesift.detectors.files.pickled import holds_code, saved
from framesift.errors import InputError

VERSION = 1
KEY = "framesift"
LONGEST_METADATA = 10_000_000


def read_safetensors(path: Path) -> tuple[object, dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            text = (file.metadata() or {}).get(KEY)
            if text is None:
                raise InputError(
                    f"The file {path.name} holds weights but does not say for "
                    "what; only checkpoints that Framesift wrote can be loaded."
                )
            return text, {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, RuntimeError) as error:
        raise InputError(
            f"The file {path.name} is no readable checkpoint: it is damaged, cut "
            "short or of another kind; get it again."
        ) from error


def read_pickled(path: Path) -> tuple[object, dict[str, Tensor]]:
    try:
        content = saved(path)
    except pickle.UnpicklingError as error:
        raise holds_code(path, error) from error
    except Exception as error:  # whatever a damaged archive makes torch raise
        raise InputError(
            f"The file {path.name} is no readable checkpoint: it is damaged, cut "
            "short or of another kind; get it again."
        ) from error
    weights = content.get("weights") if isinstance(content, dict) else None
    if not (
        isinstance(content, dict)
        and isinstance(weights, dict)
        and KEY in content
        and all(isinstance(v, Tensor) for v in weights.values())
    ):
        raise InputError(
            f"The file {path.name} does not say what its weights are for; it must "
            f"hold {{{KEY!r}: metadata, 'weights': state dict}}."
        )
    return content[KEY], {str(key): value for key, value in weights.items()}


def metadata(path: Path, text: object) -> dict[str, Any]:
    """Checked metadata; its strings are the file's, so nothing in it is trusted."""
    try:
        if isinstance(text, str) and len(text) > LONGEST_METADATA:
            raise ValueError
        parsed = json.loads(text) if isinstance(text, str) else text
        assert isinstance(parsed, dict)
        about: dict[str, Any] = parsed
        version, classes = about["version"], about["classes"]
        sound = (
            isinstance(version, int)
            and isinstance(about["architecture"], str)
            and isinstance(about["settings"], dict)
            and isinstance(classes, list)
            and 0 < len(classes) <= 10_000
            and all(isinstance(name, str) for name in classes)
            and isinstance(about.get("name", ""), str)
            and isinstance(about.get("lineage", {}), dict)
        )
    except (ValueError, KeyError, AssertionError, RecursionError):
        sound, about, version = False, {}, 0
    if not sound:
        raise InputError(
            f"The file {path.name} does not say rightly what its weights are for; "
            "only checkpoints that Framesift wrote can be loaded."
        )
    if version > VERSION:
        raise InputError(
            f"The checkpoint {path.name} was written by a newer Framesift; update this one."
        )
    if about["architecture"] not in DETECTORS:
        raise InputError(
            f"The checkpoint {path.name} is for {about['architecture'][:40]!r}, "
            f"which this Framesift lacks; it has {', '.join(DETECTORS)}."
        )
    return {"name": "", "lineage": {}, **about}
