"""A detector from an ONNX file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from framesift.detectors.base import DetectorFactory
from framesift.detectors.onnx.detector import OnnxDetector, check_input
from framesift.detectors.onnx.exported import KEY, ExportedDetector
from framesift.detectors.onnx.foreign import ForeignDetector
from framesift.detectors.onnx.names import class_names
from framesift.detectors.onnx.runtime import Session, choose_onnx_device, require_onnx
from framesift.detectors.onnx.untrusted import read_model
from framesift.errors import InputError


def load_onnx(
    path: Path,
    family: Mapping[str, DetectorFactory],
    *,
    device: str = "cpu",
    precision: str = "auto",
    classes: Sequence[str] | None = None,
) -> OnnxDetector:
    """The detector of an ONNX file, ready for use.

    `family`: the architectures that an exported one may be of. `classes`: those it must have,
    in that order (None: any). Raises InputError, one sentence, for a file that is missing,
    damaged, dangerous or no detector that can be read; EnvironmentProblem without onnxruntime
    or the device.
    """
    require_onnx()
    if precision not in ("auto", "float32"):
        raise InputError(
            f"The detector {path.name} computes in the precision that it was "
            f"exported in, not in {precision}; leave out --precision."
        )
    where = choose_onnx_device(device)
    session = Session(path.name, read_model(path))
    check_input(path, session)
    detector: OnnxDetector
    if KEY in session.metadata:
        detector = ExportedDetector(path, session, family)
    else:
        detector = ForeignDetector(path, session, class_names(path, session.metadata))
    if classes is not None and tuple(classes) != detector.classes:
        raise InputError(
            f"The detector {path.name} knows {', '.join(detector.classes)}, not "
            f"{', '.join(classes)}; choose another."
        )
    return detector.to(where)
