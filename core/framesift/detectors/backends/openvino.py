"""OpenVINO, on the processor or on Intel graphics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.detectors.backends.eight_bit import quantised
from framesift.detectors.backends.openvino_library import (
    converted,
    library,
    why_no_graphics,
    why_not,
)
from framesift.errors import EnvironmentProblem, first_line

if TYPE_CHECKING:
    from torch import Tensor, nn

    from framesift.detectors.backends.base import Runner
    from framesift.detectors.backends.eight_bit import Ranges

_HINTS = {"float32": "f32", "bfloat16": "bf16"}
_MOST_SHAPES = 4
"""Shapes of batches that are kept ready; a video has one."""


@dataclass(frozen=True, slots=True)
class OpenVino:
    """See the module; a network is taken over from torch's trace of it. `auto` never chooses
    graphics: a driver that crashes would take Framesift along."""

    name: str = "openvino"
    title: str = "OpenVINO"
    precisions: tuple[str, ...] = ("float32", "bfloat16")
    device: str = "CPU"

    @property
    def by_itself(self) -> bool:
        return self.device == "CPU"

    def why_unavailable(self) -> str | None:
        return why_not() if self.device == "CPU" else why_no_graphics()

    def version(self) -> str:
        return str(library().get_version()).partition("-")[0]

    def prepare(
        self, network: nn.Module, step: int, precision: str, ranges: Ranges | None = None
    ) -> Runner:
        """`ranges`: computes in 8 bits instead of `precision`."""
        import torch

        try:
            model = converted(network, step)
        except Exception as error:  # whatever the conversion raises
            raise EnvironmentProblem(
                f"OpenVINO cannot take over this detector's network ({first_line(error)[:200]}"
                "); choose --backend torch."
            ) from error
        if ranges is not None:
            model, precision = quantised(model, ranges), "float32"
        how: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            "PERFORMANCE_HINT": "LATENCY",
        }
        if self.device == "CPU":
            # Several processes would be pinned to the same cores.
            how |= {"NUM_STREAMS": "1", "ENABLE_CPU_PINNING": False}
            how |= {"INFERENCE_NUM_THREADS": torch.get_num_threads()}
        return _Runner(model, self.device, how)


GRAPHICS = OpenVino("openvino-gpu", "OpenVINO on Intel graphics", ("float32",), "GPU")


class _Runner:
    """Compiles the model for each shape of batch that it meets: fixed shapes run faster."""

    def __init__(self, model: Any, device: str, how: Mapping[str, Any]) -> None:
        """`how`: OpenVINO's properties."""
        self._model, self._ready = model, dict[tuple[int, ...], Any]()
        self._device, self._how = device, dict(how)

    def __call__(self, pictures: NDArray[np.uint8]) -> tuple[Tensor, ...]:
        import torch

        request = self._request(pictures.shape)
        request.infer([np.ascontiguousarray(pictures)], share_inputs=True)
        # The request's own memory is written over by the next batch.
        return tuple(torch.from_numpy(out.data.copy()) for out in request.output_tensors)

    def _request(self, shape: tuple[int, ...]) -> Any:
        if shape not in self._ready:
            openvino = library()
            if len(self._ready) == _MOST_SHAPES:
                self._ready.pop(next(iter(self._ready)))
            fixed = self._model.clone()
            fixed.reshape({0: openvino.PartialShape(list(shape))})
            try:
                compiled = openvino.Core().compile_model(fixed, self._device, self._how)
            except RuntimeError as error:
                raise EnvironmentProblem(
                    f"OpenVINO cannot run this network ({first_line(error)[:200]}); choose "
                    "--backend torch."
                ) from error
            self._ready[shape] = compiled.create_infer_request()
        return self._ready[shape]
