"""Detectors in ONNX files: YOLO-style ones, end-to-end ones, and those that Framesift exported.

They run in onnxruntime and are score-only: an ONNX file cannot be fine-tuned.
"""

from framesift.detectors.onnx.loading import load_onnx
from framesift.detectors.onnx.runtime import why_no_onnx

__all__ = ["load_onnx", "why_no_onnx"]
