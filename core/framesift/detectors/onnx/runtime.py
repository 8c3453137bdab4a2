"""onnx and onnxruntime, which the engine can do without: their import, and their absence in
one sentence; and a session that runs a model."""

from __future__ import annotations

import contextlib
import functools
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from framesift.errors import EnvironmentProblem, InputError, first_line

QUIET = 4
"""onnxruntime's log level at which only what ends the process is printed: what goes wrong with
a file is said in our own sentence."""


@functools.cache
def why_no_onnx() -> str | None:
    """Why ONNX detectors cannot be used here, one sentence; None where they can."""
    try:
        import onnx
        import onnxruntime

        onnx.ModelProto  # noqa: B018 (what a broken installation lacks)
        onnxruntime.InferenceSession  # noqa: B018
    except ModuleNotFoundError as error:
        if error.name in ("onnx", "onnxruntime"):
            return (
                f"{error.name} is not installed, so detectors in ONNX files are "
                'unavailable; install it with pip install "framesift[onnx]".'
            )
        return _broken(error)
    except Exception as error:  # a compiled library may fail in any way
        return _broken(error)
    return None


def _broken(error: Exception) -> str:
    first = first_line(error).rstrip(".")
    return (
        f"onnxruntime cannot be imported ({first}), so detectors in ONNX files are "
        'unavailable; install it again with pip install "framesift[onnx]".'
    )


def require_onnx() -> None:
    """Raises EnvironmentProblem where ONNX files cannot be used."""
    problem = why_no_onnx()
    if problem is not None:
        raise EnvironmentProblem(problem)


def choose_onnx_device(device: str) -> torch.device:
    """The device of this name that onnxruntime computes on; "auto": CUDA where this
    onnxruntime and this machine have it, else the CPU.

    Raises EnvironmentProblem for one that is not here.
    """
    import onnxruntime

    kind = device.split(":")[0]
    cuda = (
        "CUDAExecutionProvider" in onnxruntime.get_available_providers()
        and torch.cuda.is_available()
    )
    if kind == "cpu" or (kind == "auto" and not cuda):
        return torch.device("cpu")
    if kind in ("auto", "cuda") and cuda:
        return torch.device("cuda" if kind == "auto" else device)
    raise EnvironmentProblem(
        f"This onnxruntime computes on {'CUDA and ' if cuda else ''}the processor, not on "
        f"{kind}; choose --device cpu or auto"
        + ("." if cuda or kind != "cuda" else ", or install onnxruntime-gpu.")
    )


def loads(content: bytes) -> bool:
    """Whether onnxruntime takes a model."""
    try:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = QUIET
        onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception:  # whatever a file makes onnxruntime raise
        return False
    return True


class Session:
    """Runs a model that has one input; made at the first use, dropped by `release`."""

    def __init__(self, name: str, content: bytes) -> None:
        """Raises InputError for a model that onnxruntime does not take."""
        self.name, self._content = name, content
        self.device = torch.device("cpu")
        self._made: Any = None
        made = self._session()
        try:
            inputs, outputs = made.get_inputs(), made.get_outputs()
            about = dict(made.get_modelmeta().custom_metadata_map or {})
        except UnicodeDecodeError as error:
            raise InputError(
                f"The model {name} has names that are no text; it is damaged, so get it again."
            ) from error
        if len(inputs) != 1:
            names = ", ".join(repr(node.name[:40]) for node in inputs[:4]) or "none"
            raise InputError(
                f"The model {name} has {len(inputs)} inputs ({names}); a detector "
                "that can be read has one, the picture."
            )
        self.input: str = inputs[0].name
        self.kind: str = inputs[0].type
        self.shape = tuple(
            side if isinstance(side, int) and side > 0 else None for side in inputs[0].shape
        )
        self.outputs: tuple[str, ...] = tuple(node.name for node in outputs)
        self.metadata: dict[str, str] = about

    @property
    def content(self) -> bytes:
        """The file, with the weights that lay beside it taken in."""
        return self._content

    def to(self, device: torch.device) -> None:
        if device != self.device:
            self.device = device
            self.release()

    def release(self) -> None:
        self._made = None

    def run(self, batch: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """The outputs by name. Raises InputError when the model fails, EnvironmentProblem when
        memory runs out."""
        import onnxruntime

        try:
            values = self._session().run(None, {self.input: batch})
        except onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException as error:
            if "alloc" in str(error).lower():
                raise torch.OutOfMemoryError(str(error)) from error
            raise self._failed(batch, error) from error
        except Exception as error:  # whatever a model makes onnxruntime raise
            raise self._failed(batch, error) from error
        arrays = {
            name: np.asarray(value) for name, value in zip(self.outputs, values, strict=True)
        }
        for name, value in arrays.items():
            if value.dtype.kind == "f" and not np.isfinite(value).all():
                raise InputError(
                    f"The model {self.name} gives numbers that are none (output "
                    f"{name[:60]!r}); it is damaged or was exported wrongly."
                )
        return arrays

    def _failed(self, batch: NDArray[Any], error: Exception) -> InputError:
        size = "×".join(map(str, batch.shape))
        first = (str(error).strip().splitlines() or [type(error).__name__])[-1][:160]
        return InputError(
            f"The model {self.name} does not take pictures of {size} "
            f"({first.rstrip('.')}); export it again."
        )

    def _session(self) -> Any:
        if self._made is None:
            import onnxruntime

            # Nothing leaves the machine.
            with contextlib.suppress(Exception):
                onnxruntime.disable_telemetry_events()
            options = onnxruntime.SessionOptions()
            options.log_severity_level = QUIET
            options.intra_op_num_threads = torch.get_num_threads()
            options.inter_op_num_threads = 1
            providers: list[Any] = ["CPUExecutionProvider"]
            if self.device.type == "cuda":
                providers.insert(
                    0, ("CUDAExecutionProvider", {"device_id": self.device.index or 0})
                )
            try:
                self._made = onnxruntime.InferenceSession(
                    self._content, options, providers=providers
                )
            except Exception as error:  # whatever a file makes onnxruntime raise
                first = first_line(error)
                raise InputError(
                    f"The file {self.name} holds no model that onnxruntime can "
                    f"run ({first.rstrip('.')}); export it again."
                ) from error
        return self._made
