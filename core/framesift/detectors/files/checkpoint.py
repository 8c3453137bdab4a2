"""Detectors in files: weights, classes, settings, lineage. And detectors by name.

A checkpoint is one safetensors file; its metadata holds, under "framesift", a JSON object of
`version`, `architecture`, `classes`, `settings`, `name` and `lineage`. Reading one runs no
code. A .pt file of `{"framesift": that JSON, "weights": state dict}` is read with torch's
weights-only unpickler, which runs none either. ONNX files are read by detectors/onnx. Whatever
does not fit is an InputError.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from framesift import files
from framesift.detectors import DETECTORS, Detector, choose_device, choose_precision
from framesift.detectors.files.heads import heads_from, split, tensors_of
from framesift.detectors.files.reading import (
    KEY,
    VERSION,
    metadata,
    read_pickled,
    read_safetensors,
)
from framesift.detectors.files.tensors import unusual, write_tensors
from framesift.detectors.running import run_by
from framesift.detectors.weights import CATALOGUE
from framesift.errors import InputError
from framesift.product.resources import resource

__all__ = ["BUNDLED", "choose_device", "load_checkpoint", "load_detector", "save_checkpoint"]

ONNX = ".onnx"
BUNDLED = ("pedestrian",)
"""Names of the detectors whose weights come with Framesift."""


def save_checkpoint(
    path: Path | str, detector: Detector, lineage: Mapping[str, Any] | None = None
) -> None:
    """Writes a detector atomically; the same detector and lineage give the same bytes.

    `lineage`: where the weights come from, JSON-able (None: the detector's own). A detector
    that came as a file of another kind (ONNX) is written as that file, whose suffix `path`
    must have. Raises EnvironmentProblem when the disk refuses.
    """
    content = detector.file_content()
    if content is not None:
        if Path(path).suffix.lower() != detector.suffix:
            raise InputError(
                f"The detector {detector.name!r} can only be kept as a {detector.suffix} file."
            )
        files.write_bytes(Path(path), content)
        return
    about = {
        "version": VERSION,
        "architecture": detector.architecture,
        "classes": list(detector.classes),
        "settings": detector.settings,
        "name": detector.name,
        "lineage": dict(detector.lineage if lineage is None else lineage),
    }
    weights = {
        key: value.detach().cpu().contiguous() for key, value in detector.weights().items()
    } | tensors_of(detector.heads)
    with files.replacing(Path(path)) as part:
        write_tensors(part, weights, {KEY: json.dumps(about, sort_keys=True)})


def load_checkpoint(path: Path | str, *, classes: Sequence[str] | None = None) -> Detector:
    """The detector of a file, on the CPU in float32.

    `classes`: those it must have, in that order (None: any). Raises InputError for a file that
    is missing, cut, damaged, no checkpoint, of a newer version or of other classes.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"There is no file {path}; give a checkpoint or a detector's name.")
    if path.suffix.lower() == ONNX:
        return _load_onnx(path, classes=classes)
    read = read_pickled if path.suffix in (".pt", ".pth") else read_safetensors
    text, weights = read(path)
    about = metadata(path, text)
    if classes is not None and tuple(classes) != tuple(about["classes"]):
        raise InputError(
            f"The detector {path.name} knows {', '.join(about['classes'])}, not "
            f"{', '.join(classes)}; choose another or grow its classes."
        )
    with torch.random.fork_rng(devices=[]):
        try:
            detector = DETECTORS[about["architecture"]](about["classes"], about["settings"])
        except InputError as error:
            raise InputError(f"The checkpoint {path.name} cannot be used: {error}") from error
    weights, of_heads = split(weights)
    _adopt(path, detector, weights)
    detector.heads = heads_from(of_heads, path.name)
    detector.name = about["name"] or path.stem
    detector.lineage = about["lineage"]
    return detector


def load_detector(
    name_or_path: str | PathLike[str],
    device: str = "auto",
    *,
    precision: str = "auto",
    backend: str = "auto",
    classes: Sequence[str] | None = None,
    weights: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Detector:
    """A detector ready for use. Nothing is downloaded.

    Args:
        name_or_path: "pedestrian" (the weights that come with Framesift), an architecture's
            name ("paper", "fcos_resnet50_fpn" …: random weights, always the same ones),
            published weights that were fetched ("fcos_resnet50_fpn:coco"), or a checkpoint or
            ONNX file.
        device: "auto", "cpu", "cuda", "cuda:1" …, "mps".
        precision: "auto", "float32", "bfloat16", "float16".
        backend: what runs its dense network: "auto", "torch" or a name of BACKENDS (see
            running.run_by; training is torch's always).
        classes: for an architecture, those it is made for; for published weights, those that
            are wanted of them; for others, those they must have. None: all it has, or
            "pedestrian".
        weights: published weights of the architecture, "coco", say, where the name leaves them
            out.
        settings: of the architecture, to be changed (working_height, …).

    Returns:
        A Detector on its device.

    Raises:
        InputError: there is no such detector, the file is none, or an argument does not fit it.
        EnvironmentProblem: the device, or a package that the detector needs, is not there.

    Example:
        >>> load_detector("pedestrian", "cpu").classes
        ('pedestrian',)
    """
    if not isinstance(name_or_path, str | PathLike):
        raise InputError(
            "Give a detector's name, such as pedestrian, or a checkpoint file, not a value of "
            f"type {type(name_or_path).__name__}."
        )
    name = f"{fspath(name_or_path)}:{weights}" if weights else fspath(name_or_path)
    if name.lower().endswith(ONNX):
        if settings:
            raise InputError(
                f"The model {Path(name).name} is an ONNX file, whose settings are "
                "as it was exported; export it again with others."
            )
        # torch: no engine in place of what the detector itself brings.
        if backend not in ("auto", "torch", "onnxruntime"):
            raise InputError(
                f"The model {Path(name).name} is an ONNX file, which ONNX Runtime runs; leave "
                "out --backend."
            )
        return _load_onnx(Path(name), device=device, precision=precision, classes=classes)
    where = choose_device(device)
    choose_precision(precision, where)
    if name in CATALOGUE:
        from framesift.detectors.files.published import load_published

        detector = load_published(CATALOGUE[name], classes or ("pedestrian",))
    elif name in BUNDLED:
        bundled = resource("detectors", f"{name}.safetensors")
        detector = load_checkpoint(bundled, classes=classes)
    elif name in DETECTORS:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            detector = DETECTORS[name](classes or ("pedestrian",))
    elif Path(name).exists() or "/" in name or "\\" in name or Path(name).suffix:
        detector = load_checkpoint(Path(name), classes=classes)
    else:
        known = ", ".join([*BUNDLED, *DETECTORS, *CATALOGUE])
        raise InputError(
            f"There is no detector {name!r}; choose one of {known} or give a checkpoint file."
        )
    if settings:
        detector = with_settings(detector, settings)
    return run_by(detector.to(where), backend, precision)


def architecture_of(name_or_path: str | Path) -> str:
    """The architecture of what `load_detector` takes, without loading weights where a file's
    head tells; "" for what it would refuse."""
    name = str(name_or_path)
    if name in CATALOGUE:
        return CATALOGUE[name].architecture
    if name in BUNDLED:
        return "paper"
    if name in DETECTORS:
        return name
    return str(_head(Path(name)).get("architecture", ""))


def lineage_of(name_or_path: str | Path) -> dict[str, Any]:
    """The lineage that a checkpoint or a bundled detector tells in its head; empty where there
    is none."""
    return dict(_head(_file_of(name_or_path)).get("lineage", {}))


def classes_of(name_or_path: str | Path) -> tuple[str, ...]:
    """The classes that a checkpoint or a bundled detector tells in its head; empty for an
    architecture and for published weights, which take the classes that they are given."""
    return tuple(_head(_file_of(name_or_path)).get("classes", ()))


def _file_of(name_or_path: str | Path) -> Path:
    name = str(name_or_path)
    return resource("detectors", f"{name}.safetensors") if name in BUNDLED else Path(name)


def _head(path: Path) -> dict[str, Any]:
    """What a checkpoint says of itself, read without its weights where the format allows; empty
    for a file that is none."""
    try:
        if path.suffix in (".pt", ".pth"):
            return metadata(path, read_pickled(path)[0])
        with safe_open(path, framework="pt", device="cpu") as file:
            text = (file.metadata() or {}).get(KEY)
        return metadata(path, text)
    except (InputError, SafetensorError, OSError, ValueError, RuntimeError):
        return {}


def with_settings(detector: Detector, changes: Mapping[str, Any]) -> Detector:
    """The same weights and classes under other settings, on the CPU in float32. Raises
    InputError for settings that the architecture lacks or that its weights do not fit."""
    with torch.random.fork_rng(devices=[]):
        made = DETECTORS[detector.architecture](
            detector.classes, {**detector.settings, **changes}
        )
    _adopt(Path(detector.name), made, detector.module.state_dict())
    made.name, made.lineage = detector.name, dict(detector.lineage)
    return made


def _load_onnx(path: Path, **options: Any) -> Detector:
    from framesift.detectors.onnx import load_onnx

    return load_onnx(path, DETECTORS, **options)


def _adopt(path: Path, detector: Detector, weights: Mapping[str, Tensor]) -> None:
    odd = unusual(weights)
    if odd is not None:
        raise InputError(
            f"The weights in {path.name} are no plain numbers (first at {odd[:80]!r}); save "
            "the network's state dict in float32."
        )
    state = detector.module.state_dict()
    wrong = sorted(set(state) ^ set(weights)) or [
        key for key, value in state.items() if value.shape != weights[key].shape
    ]
    if wrong:
        raise InputError(
            f"The weights in {path.name} do not fit its {detector.architecture!r} "
            f"network (first at {wrong[0][:80]!r}); the file is damaged."
        )
    for key, value in weights.items():
        if value.is_floating_point() != state[key].is_floating_point() or not bool(
            torch.isfinite(value).all()
        ):
            raise InputError(
                f"The weights in {path.name} are not all finite numbers (first at "
                f"{key[:80]!r}); training went wrong or the file is damaged."
            )
    with torch.no_grad():
        for key, value in weights.items():
            state[key].copy_(value)
