"""What runs a detector's dense network on a processor: a family, by name. A member is one file
and one line here. None of the engines is imported before it is used."""

from __future__ import annotations

from framesift.detectors.backends.base import Backend, Runner
from framesift.detectors.backends.openvino import GRAPHICS, OpenVino

TORCH = "torch"
"""The detector's own code, which every detector has."""
BACKENDS: dict[str, Backend] = {backend.name: backend for backend in (OpenVino(), GRAPHICS)}
"""The engines besides torch. ONNX Runtime runs the detectors that come as ONNX files."""

__all__ = ["BACKENDS", "TORCH", "Backend", "Runner"]
