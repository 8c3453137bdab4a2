"""The child's side of trying an ONNX file: loads it and shows it one picture; no torch."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

import numpy as np

from framesift.errors import first_line

SIDES = (256, 320)
"""Height and width of the picture for a model of any size."""
QUIET = 4
KINDS = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}
MOST_SIDE, MOST_BATCH = 8192, 256
MEMORY, FAILED = 3, 4
"""Exit statuses: the model wants more memory than it may have; it fails by itself."""


def attempt(content: bytes, room: int) -> int:
    """Loads a model and runs it on a grey picture, with `room` bytes of memory beyond what
    this process has; the exit status, 0 where all went well."""
    import onnxruntime

    _limit_memory(room)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = QUIET
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
        picture = _picture(session.get_inputs())
        if picture is not None:
            session.run(None, picture)
    except MemoryError:
        return MEMORY
    except Exception as error:  # whatever a model makes onnxruntime raise
        sys.stderr.write(first_line(error))
        return MEMORY if "alloc" in str(error).lower() else FAILED
    return 0


def _picture(inputs: list[Any]) -> dict[str, Any] | None:
    """What to show the model; None for one that takes no picture, which is refused later."""
    if len(inputs) != 1 or inputs[0].type not in KINDS or len(inputs[0].shape) not in (3, 4):
        return None
    sides = [side if isinstance(side, int) and side > 0 else None for side in inputs[0].shape]
    if any((side or 0) > MOST_SIDE for side in sides) or (sides[0] or 0) > MOST_BATCH:
        return None
    usual = (1, 3, *SIDES)[-len(sides) :]
    shape = [side or other for side, other in zip(sides, usual, strict=True)]
    return {inputs[0].name: np.zeros(shape, KINDS[inputs[0].type])}


def _limit_memory(room: int) -> None:
    """Where the system can: allocations beyond the limit fail, instead of being seen later."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        import psutil

        most = psutil.Process().memory_info().vms + room
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main() -> int:
    """Reads a model from stdin; the room is the first line."""
    source = sys.stdin.buffer
    room = int(source.readline())
    return attempt(source.read(), room)
