"""OpenVINO itself, without what it would report home, and its models of our networks."""

from __future__ import annotations

import functools
import sys
import warnings
from typing import TYPE_CHECKING, Any

from framesift.errors import first_line

if TYPE_CHECKING:
    from torch import nn


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


def converted(network: nn.Module, step: int) -> Any:
    """An OpenVINO model of bytes N×h×w×3, of any N, h and w."""
    import torch

    openvino = library()
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder
    from openvino.preprocess import PrePostProcessor

    with warnings.catch_warnings(), torch.no_grad():
        # torch warns that traces are of the past, and of its own insides.
        warnings.simplefilter("ignore")
        example = torch.zeros(2, 3, 4 * step, 6 * step)
        trace: Any = torch.jit.trace
        traced = trace(network.eval(), (example,), check_trace=False)
        # The decoder has to outlive the conversion.
        decoder = TorchScriptPythonDecoder(traced)
        front = FrontEndManager().load_by_framework("pytorch")
        model = front.convert(front.load(decoder))
    model.reshape({0: openvino.PartialShape([-1, 3, -1, -1])})
    processor = PrePostProcessor(model)
    given = processor.input()
    given.tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    given.model().set_layout(openvino.Layout("NCHW"))
    given.preprocess().convert_element_type(openvino.Type.f32).scale(255.0)
    return processor.build()
