"""Detectors in ONNX files: YOLO-style ones, end-to-end ones, and those that Framesift exported.

They run in onnxruntime and are score-only: an ONNX file cannot be fine-tuned. Importing this
package imports no torch; using a name of it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift.detectors.onnx.loading import load_onnx as load_onnx
    from framesift.detectors.onnx.runtime import why_no_onnx as why_no_onnx
else:
    __getattr__ = lazily(__name__, {"load_onnx": "loading", "why_no_onnx": "runtime"})

__all__ = ["load_onnx", "why_no_onnx"]
