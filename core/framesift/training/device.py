"""Keeping the machine's randomness, threads and memory under control.

Each is set for the duration of a computation and put back: between two records of a training
run, whoever drains it sees the process as it was. Only the number of threads stays for the
whole run, since changing it costs a team of threads each time.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator

import torch

from framesift.detectors import choose_precision
from framesift.detectors.base import Detector
from framesift.detectors.devices import Precision
from framesift.training.settings import TrainSettings


@contextlib.contextmanager
def threads(count: int | None) -> Iterator[None]:
    """torch works with so many threads (None: as it does)."""
    before = torch.get_num_threads()
    if count not in (None, before):
        torch.set_num_threads(count)
    try:
        yield
    finally:
        if torch.get_num_threads() != before:
            torch.set_num_threads(before)


@contextlib.contextmanager
def controlled(settings: TrainSettings, device: torch.device) -> Iterator[None]:
    """A graphics card computes the same bits every time, if the settings want it; processors
    do anyway."""
    if not settings.deterministic or device.type == "cpu":
        yield
        return
    before = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        torch.backends.cudnn.benchmark,
    )
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*deterministic.*")
            yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
        torch.backends.cudnn.benchmark = before[2]


@contextlib.contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[torch.Generator]:
    """torch's own generators, and the one yielded (on the CPU), start from `seed`; afterwards
    the former are as before."""
    cards = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=cards):
        torch.manual_seed(seed)
        yield torch.Generator().manual_seed(seed)


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the device (or the process) has no memory left."""
    kinds = (MemoryError, getattr(torch, "OutOfMemoryError", torch.cuda.OutOfMemoryError))
    if isinstance(error, kinds):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and (
        "out of memory" in text or "can't allocate memory" in text
    )


def release(device: torch.device) -> None:
    """Gives cached memory back to the device."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def choose_training_precision(precision: str, device: torch.device) -> Precision:
    """The number format that a precision setting stands for on this device: "auto" is float32
    on processors, bfloat16 on cards that compute in it, and float16 with a scaled loss on
    others."""
    if precision == "float16" and device.type == "cpu":
        precision = "bfloat16"
    chosen = choose_precision(precision, device)
    return (
        "float16" if (precision, chosen, device.type) == ("auto", "float32", "cuda") else chosen
    )


@contextlib.contextmanager
def training_precision(detector: Detector, precision: Precision) -> Iterator[None]:
    """The detector computes its loss in this format; inference keeps its own."""
    before, detector.precision = detector.precision, precision
    try:
        yield
    finally:
        detector.precision = before
