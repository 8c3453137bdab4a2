"""The timeline: where score, picks and both distances meet."""

from __future__ import annotations

from framesift_app.panels.timeline.panel import TimelinePanel

__all__ = ["TimelinePanel"]
