"""The labels of the frame, and the tools to change them."""

from __future__ import annotations

from framesift_app.panels.labels.panel import LabelsPanel

__all__ = ["LabelsPanel"]
