"""Whether a graphics card can really be used: told apart are no card, a driver that fails, a
card that this torch is too old or too new for, and one that computes wrongly."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Literal

import torch

from framesift.errors import first_line

Fit = Literal["fits", "too new", "too old"]
_CARRIED = re.compile(r"(sm|compute)_(\d+)(\d)[af]?$")


def fit(capability: tuple[int, int], built_for: Sequence[str]) -> Fit:
    """How a card of this compute capability fits a torch whose kernels are built for these
    architectures ("sm_86": machine code, runs on the same major version from that minor one
    up; "compute_90": code that the driver translates for anything newer)."""
    machine: list[tuple[int, int]] = []
    portable: list[tuple[int, int]] = []
    for name in built_for:
        match = _CARRIED.match(name)
        if match:
            kind = machine if match[1] == "sm" else portable
            kind.append((int(match[2]), int(match[3])))
    if not machine and not portable:
        return "fits"  # nothing is known: the kernel will tell
    if any(version[0] == capability[0] and version <= capability for version in machine) or any(
        version <= capability for version in portable
    ):
        return "fits"
    return "too old" if capability < min(machine + portable) else "too new"


@functools.cache
def trouble(device: str) -> str | None:
    """Why this device cannot be used ("cuda", "cuda:1", "mps"), one sentence without its full
    stop; None where a real convolution and a real suppression of boxes come out right. Looked
    at once in a process."""
    kind = device.split(":")[0]
    if kind == "cuda":
        return _cuda_trouble(device)
    if kind == "mps" and not torch.backends.mps.is_available():
        return "this machine has no Metal that torch can use"
    return None if kind == "cpu" else _kernel_trouble(device)


def _cuda_trouble(device: str) -> str | None:
    if not torch.cuda.is_available():
        if torch.version.cuda is None:
            return "this torch is built without CUDA"
        return f"no usable card: {_why_no_driver()}"
    number = int(device.split(":")[1]) if ":" in device else 0
    if number >= torch.cuda.device_count():
        return f"there is no card {number}; the first one is cuda:0"
    name = torch.cuda.get_device_name(number)
    capability = torch.cuda.get_device_capability(number)
    fits = fit(capability, torch.cuda.get_arch_list())
    if fits != "fits":
        other = "a newer" if fits == "too new" else "an older"
        return (
            f"the card {name} (compute capability {capability[0]}.{capability[1]}) is "
            f"{fits} for this torch {torch.__version__} (install {other} one)"
        )
    trouble = _kernel_trouble(device)
    return None if trouble is None else f"the card {name} {trouble}"


def _why_no_driver() -> str:
    try:
        torch.cuda.init()  # type: ignore[no-untyped-call]
    except Exception as error:  # a driver may raise anything
        return first_line(error).rstrip(".")
    return "no card was found"


def _kernel_trouble(device: str) -> str | None:
    """A small convolution, and the suppression of boxes where torchvision is at hand."""
    from framesift.detectors.foreign import why_no_torchvision

    try:
        with torch.no_grad():
            x = torch.linspace(-1, 1, 3 * 32 * 32).reshape(1, 3, 32, 32)
            w = torch.linspace(-1, 1, 8 * 3 * 9).reshape(8, 3, 3, 3)
            here = torch.nn.functional.conv2d(x, w)
            there = torch.nn.functional.conv2d(x.to(device), w.to(device)).cpu()
            error = float((here - there).abs().max())
            if why_no_torchvision() is None:
                from torchvision.ops import nms

                boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]])
                scores = torch.tensor([0.5, 0.9, 0.1])
                kept = nms(boxes.to(device), scores.to(device), 0.5).tolist()
                if kept != [1, 2]:
                    return f"suppresses boxes wrongly (keeps {kept})"
    except Exception as problem:  # a driver may raise anything; the answer is its sentence
        return f"does not compute: {first_line(problem).rstrip('.')}"
    return None if error < 1e-2 else f"computes wrongly (error {error:.3g})"


def fallback() -> str | None:
    """Why "auto" works on the processor although there is a card, one sentence; None where it
    does not, or where there is none."""
    if torch.cuda.is_available():
        why = trouble("cuda")
    elif torch.backends.mps.is_available():
        why = trouble("mps")
    else:
        return None
    return None if why is None else f"The processor does the work, since {why}."
