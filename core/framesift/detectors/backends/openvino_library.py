"""OpenVINO itself, without what it would report home."""

from __future__ import annotations

import functools
import sys
from typing import Any

from framesift.errors import first_line


def library() -> Any:
    """The library, without what it would report home. Raises whatever its import does."""
    # Importing openvino imports its tools, and these the package that reports home: with None
    # in its place they go on without it, as they do where it is not installed.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


@functools.cache
def why_no_graphics() -> str | None:
    """Why there are no Intel graphics to compute on, one sentence; None where there are."""
    problem = why_not()
    if problem is None:
        try:
            devices = library().Core().available_devices
        except Exception as error:  # whatever a driver raises
            return f"OpenVINO cannot look for graphics ({first_line(error).rstrip('.')})."
        if not any(device.partition(".")[0] == "GPU" for device in devices):
            problem = (
                "OpenVINO sees no Intel graphics here; install Intel's compute runtime for "
                "them, or choose --backend openvino."
            )
    return problem


@functools.cache
def why_not() -> str | None:
    """Why it cannot be imported, one sentence; None where it can."""
    try:
        library().Core  # noqa: B018 (what a broken installation lacks)
    except Exception as error:  # a compiled library may fail in any way
        return (
            f"OpenVINO cannot be imported ({first_line(error).rstrip('.')}); install it with "
            "pip install openvino, or choose --backend torch."
        )
    return None
