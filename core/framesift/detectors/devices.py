"""Which device and which number format a detector runs with."""

from __future__ import annotations

from typing import Literal

import torch

from framesift.detectors.cards import trouble
from framesift.errors import EnvironmentProblem, InputError

Precision = Literal["float32", "bfloat16", "float16"]
DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS: dict[str, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


def choose_device(device: str = "auto") -> torch.device:
    """The device of a name; "auto" is CUDA, else Metal, else the CPU, each only where it really
    computes (`cards.fallback` says why not).

    Args:
        device: "auto", "cpu", "cuda", "cuda:1" …, "mps".

    Returns:
        A torch.device.

    Raises:
        InputError: there is no such name.
        EnvironmentProblem: the device cannot be used on this machine.

    Example:
        >>> choose_device("cpu")
        device(type='cpu')
    """
    kind = device.split(":")[0]
    if kind not in DEVICES:
        raise InputError(f"There is no device {device!r}; choose one of {', '.join(DEVICES)}.")
    if device == "auto":
        kind = (
            "cuda"
            if torch.cuda.is_available()
            else "mps"
            if torch.backends.mps.is_available()
            else "cpu"
        )
        return torch.device(kind if trouble(kind) is None else "cpu")
    if kind in ("cuda", "mps") and _is_name(device):
        why = trouble(device)
        if why is not None:
            raise EnvironmentProblem(
                f"This machine has no usable {kind} device ({why}); "
                "choose --device cpu or auto."
            )
    try:
        return torch.device(device)
    except RuntimeError as error:
        raise InputError(f"There is no device {device!r}; write e.g. cuda:0.") from error


def _is_name(device: str) -> bool:
    kind, _, number = device.partition(":")
    return device == kind or number.isdigit()


def choose_precision(precision: str, device: torch.device) -> Precision:
    """The number format that a detector runs in. Logits are float32 always.

    Args:
        precision: "auto", "float32", "bfloat16" or "float16"; "auto" is bfloat16 on graphics
            cards that compute in it, float32 elsewhere: a processor is not to give other
            numbers than the next.
        device: what it runs on.

    Returns:
        "float32", "bfloat16" or "float16".

    Raises:
        InputError: there is no such name, or the device does not compute in it.

    Example:
        >>> choose_precision("float32", torch.device("cpu"))
        'float32'
    """
    if precision == "auto":
        return "bfloat16" if device.type != "cpu" and computes_bfloat16(device) else "float32"
    if precision not in PRECISIONS:
        names = ", ".join(["auto", *PRECISIONS])
        raise InputError(f"There is no precision {precision!r}; choose one of {names}.")
    if precision == "float16" and device.type == "cpu":
        raise InputError("float16 needs a graphics card; choose bfloat16 or float32.")
    return precision  # type: ignore[return-value]


def computes_bfloat16(device: torch.device) -> bool:
    """Whether a device multiplies in bfloat16, so that it gains by it."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type != "cpu":
        return False
    # Emulated bfloat16 is slower than float32: only processors that multiply in it qualify.
    # torch tells only by a name that is not public and not in every version.
    asked = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(asked()) if asked is not None else False
