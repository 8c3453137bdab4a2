"""Detectors into ONNX files that other programs can run and Framesift reads again.

One input `images`, float32 N×3×h×w, RGB in [0, 1]; the dense heads' outputs as they are, in
the order that the detector's `finish` reads. metadata_props hold, under "framesift",
architecture, classes, settings, name and lineage as JSON, and under "names" the classes as
others expect them.
"""

from __future__ import annotations

import contextlib
import io
import json
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from framesift import files
from framesift.detectors.base import Detector
from framesift.detectors.onnx.exported import KEY, VERSION
from framesift.detectors.onnx.runtime import Session, require_onnx
from framesift.errors import EnvironmentProblem, InputError, first_line
from framesift.records import Progress

CLOSE = 1e-3
"""Probabilities of the file may differ from the detector's by this much."""
OPSET = 18


@dataclass(frozen=True, slots=True)
class Exported:
    """A written ONNX file: its outputs by name, and the largest difference between its
    probabilities and the detector's on a picture of noise."""

    path: Path
    outputs: tuple[str, ...]
    difference: float
    size: tuple[int, int] | None


def export_onnx(
    detector: Detector, path: Path, *, size: tuple[int, int] | None = None
) -> Iterator[Progress | Exported]:
    """Writes a detector's dense network as an ONNX file, atomically, after it was compared with
    the detector. `size`: (height, width) that all pictures shall have (multiples of the
    detector's); None: any.

    Raises InputError for a detector that has no such network or a size that does not fit;
    EnvironmentProblem without onnx, onnxruntime and onnxscript, or where the disk refuses.
    """
    _require_exporter()
    if path.suffix.lower() != ".onnx":
        raise InputError(f"{path} is no name for an ONNX file; let it end in .onnx.")
    step = detector.multiple
    if size is not None and (min(size) < step or any(side % step for side in size)):
        raise InputError(
            f"Pictures of {size[0]}×{size[1]} (height×width) do not suit the "
            f"detector {detector.name!r}; both sides are multiples of {step}."
        )
    network = detector.network().eval()
    yield Progress(0, 3, "steps", stage="tracing the network")
    model = _traced(network, step, size, detector.name)
    yield Progress(1, 3, "steps", stage="comparing")
    _describe(model, detector)
    content = model.SerializeToString()
    session = Session(path.name, content)
    difference = _difference(session, network, size or (4 * step, 6 * step))
    if not difference < CLOSE:
        raise EnvironmentProblem(
            f"The exported file's probabilities differ from the detector's by "
            f"{difference:.2g}, more than {CLOSE:g}, so it was not kept; another version of "
            "torch or onnxruntime may export it rightly."
        )
    yield Progress(2, 3, "steps", stage="writing")
    files.write_bytes(path, content)
    yield Progress(3, 3, "steps", stage="writing")
    yield Exported(path, session.outputs, difference, size)


def _require_exporter() -> None:
    require_onnx()
    try:
        import onnxscript

        assert onnxscript.__name__
    except ImportError as error:
        raise EnvironmentProblem(
            "onnxscript is not installed, so nothing can be exported to ONNX; install it with "
            'pip install "framesift[onnx]".'
        ) from error


def _traced(network: nn.Module, step: int, size: tuple[int, int] | None, name: str) -> Any:
    from torch.export import Dim

    sides = size or (4 * step, 6 * step)
    shapes: dict[int, Any] = {0: Dim("batch")}
    if size is None:
        shapes |= {2: step * Dim("rows"), 3: step * Dim("columns")}
    with torch.no_grad():
        outputs = network(torch.zeros(2, 3, *sides))
    try:
        # The exporter speaks to a person at a terminal, and torch warns of its own insides.
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            torch.no_grad(),
        ):
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                network,
                (torch.zeros(2, 3, *sides),),
                dynamo=True,
                input_names=["images"],
                output_names=_names(outputs),
                dynamic_shapes=(shapes,),
                opset_version=OPSET,
                verbose=False,
            )
    except Exception as error:  # whatever torch's exporter raises
        raise EnvironmentProblem(
            f"This torch cannot export the detector {name!r} to ONNX "
            f"({first_line(error).rstrip('.')}); update torch and "
            "onnxscript."
        ) from error
    assert program is not None
    return program.model_proto


def _names(outputs: Sequence[Tensor]) -> list[str]:
    return [f"head{number}" for number in range(len(outputs))]


def _describe(model: Any, detector: Detector) -> None:
    about = {
        "version": VERSION,
        "architecture": detector.architecture,
        "classes": list(detector.classes),
        "settings": detector.settings,
        "name": detector.name,
        "lineage": detector.lineage,
    }
    names = dict(enumerate(detector.classes))
    for key, value in (
        (KEY, json.dumps(about, sort_keys=True)),
        ("names", repr(names)),
        ("producer", "Framesift"),
    ):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value


def _difference(session: Session, network: nn.Module, size: tuple[int, int]) -> float:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(1, 3, *size, generator=generator)
    with torch.no_grad():
        expected = network(images)
    answer = session.run(images.numpy())
    return max(
        float(
            np.abs(
                torch.sigmoid(ours).numpy()
                - torch.sigmoid(torch.from_numpy(answer[name])).numpy()
            ).max()
        )
        for name, ours in zip(session.outputs, expected, strict=True)
    )
