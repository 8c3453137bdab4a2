"""Which backend runs a detector: the one that is named, or the fastest on this machine."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import torch

from framesift import files
from framesift.detectors.backends import BACKENDS, TORCH
from framesift.detectors.backends.engine import Engine
from framesift.detectors.base import Detector, Frames
from framesift.detectors.devices import Precision, choose_precision
from framesift.detectors.run_settings import BACKEND_NAMES
from framesift.errors import EnvironmentProblem, InputError

NAMED = "FRAMESIFT_BACKEND"
"""The variable that says what `auto` means, for people who want the same on every machine."""
TRIED = (1, 240, 320)
"""Frames of noise that engines are tried on: N, height, width."""
REPEATS = 3
GAIN = 1.1
"""An engine has to be this much faster than torch to be worth another."""
CLOSE = 1e-3
"""Its probabilities may differ from torch's in float32 by this much."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A measured backend: seconds per frame of the try, and the largest difference of its
    probabilities from torch's (0 for torch)."""

    backend: str
    seconds: float
    difference: float


def run_by(detector: Detector, backend: str = "auto", precision: str = "auto") -> Detector:
    """The detector, run by the backend of this name, in this precision.

    "auto": on a processor the fastest of torch and the engines that are here, measured once per
    machine and kind of detector, in float32 unless a precision is named; the one that the
    variable FRAMESIFT_BACKEND names, where it is set. On a graphics card, and for detectors
    without a dense network, torch.

    Raises InputError for a name that is none, or does not suit the detector or its device;
    EnvironmentProblem for an engine that is not here.
    """
    if backend not in BACKEND_NAMES:
        raise InputError(
            f"There is no backend {backend!r}; choose one of {', '.join(BACKEND_NAMES)}."
        )
    if backend == "auto" and os.environ.get(NAMED, "auto") != "auto":
        return _named(detector, os.environ[NAMED], precision)
    if backend != "auto":
        return _by(detector, backend, precision)
    if detector.device.type != "cpu" or not has_network(detector):
        return _by(detector, TORCH, precision)
    return _by(detector, fastest(detector, precision), precision)


def has_network(detector: Detector) -> bool:
    """Whether a detector has a dense network that an engine could run."""
    return type(detector.plain).network is not Detector.network


def _named(detector: Detector, backend: str, precision: str) -> Detector:
    if backend not in BACKEND_NAMES:
        raise InputError(
            f"{NAMED} is {backend!r}, which is no backend; let it be one of "
            f"{', '.join(BACKEND_NAMES)}."
        )
    suits = detector.device.type == "cpu" and has_network(detector)
    return _by(detector, backend if suits else TORCH, precision)


def _by(detector: Detector, backend: str, precision: str) -> Detector:
    if backend == TORCH:
        return detector.run_by(None).to(precision=choose_precision(precision, detector.device))
    engine = BACKENDS[backend]
    problem = engine.why_unavailable()
    if problem is not None:
        raise EnvironmentProblem(problem)
    if detector.device.type != "cpu":
        raise InputError(
            f"{engine.title} runs on the processor here; choose --device cpu, or "
            "--backend torch."
        )
    if not has_network(detector):
        raise InputError(
            f"The detector {detector.name!r} has no dense network that {engine.title} could "
            "run; choose --backend torch."
        )
    form = choose_precision(precision, detector.device)
    if form not in engine.precisions:
        raise InputError(
            f"{engine.title} computes in {' or '.join(engine.precisions)}, not in {form}."
        )
    return detector.to(precision=form).run_by(Engine(engine))


def fastest(detector: Detector, precision: str = "auto") -> str:
    """The name of the fastest backend for a detector on the processor, measured at the first
    call and remembered in the user's cache."""
    form = choose_precision(precision, torch.device("cpu"))
    candidates = [
        name
        for name, engine in BACKENDS.items()
        if engine.by_itself and form in engine.precisions and engine.why_unavailable() is None
    ]
    if not candidates:
        return TORCH
    place = _place(detector, form, candidates)
    known = _remembered(place)
    if known in (TORCH, *candidates):
        return known
    tried = measured(detector, candidates, form)
    sound = [t for t in tried[1:] if form != "float32" or t.difference <= CLOSE]
    best = min(sound, key=lambda t: t.seconds, default=tried[0])
    chosen = best.backend if best.seconds * GAIN < tried[0].seconds else TORCH
    _remember(place, chosen, tried)
    return chosen


def measured(detector: Detector, names: list[str], precision: Precision) -> list[Tried]:
    """torch and these engines on the same frames in turn, torch first; an engine that cannot
    take the network is left out."""
    noise = np.random.default_rng(0).integers(0, 256, (*TRIED, 3), np.uint8)
    runs = {TORCH: _trial(detector, None, precision)}
    answers = {TORCH: _answer(runs[TORCH], noise)}
    for name in names:
        trial = _trial(detector, Engine(BACKENDS[name]), precision)
        try:
            answers[name] = _answer(trial, noise)
        except EnvironmentProblem:
            continue
        runs[name] = trial
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(REPEATS):
        for name, trial in runs.items():
            started = time.perf_counter()
            _answer(trial, noise)
            times[name].append(time.perf_counter() - started)
    return [
        Tried(
            name,
            statistics.median(times[name]),
            max(
                float((a - b).abs().max())
                for a, b in zip(answers[name], answers[TORCH], strict=True)
            ),
        )
        for name in runs
    ]


def _trial(detector: Detector, engine: Engine | None, precision: Precision) -> Detector:
    """The same weights at the frames' own size, run by an engine."""
    trial = copy.copy(detector.plain)
    trial.working_height = None
    trial.precision = precision
    trial.forget()
    return trial.run_by(engine)


def _answer(detector: Detector, frames: Frames) -> list[torch.Tensor]:
    with torch.no_grad():
        size = detector.geometry(*frames.shape[1:3])
        return [level.float().sigmoid() for level in detector.dense_outputs(frames, size)]


def _place(detector: Detector, precision: str, names: list[str]) -> Path:
    about: list[Any] = [
        detector.architecture,
        detector.settings,
        len(detector.classes),
        precision,
        torch.get_num_threads(),
        os.cpu_count(),
        torch.__version__,
        [(name, BACKENDS[name].version()) for name in names],
    ]
    key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:32]
    named = os.environ.get("FRAMESIFT_CACHE_DIR")
    root = Path(named) if named else Path(platformdirs.user_cache_dir("framesift", False))
    return root / "backends" / f"{key}.json"


def _remembered(place: Path) -> str:
    try:
        return str(json.loads(place.read_text(encoding="utf-8"))["backend"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _remember(place: Path, chosen: str, tried: list[Tried]) -> None:
    content = {"backend": chosen, "seconds": {t.backend: t.seconds for t in tried}}
    try:
        files.write_text(place, json.dumps(content) + "\n")
    except (EnvironmentProblem, OSError):
        return  # It is measured again.
