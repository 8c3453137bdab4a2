"""The viewer: the frame at the playhead, and what the detector makes of it."""

from __future__ import annotations

from framesift_app.panels.viewer.panel import ViewerPanel

__all__ = ["ViewerPanel"]
