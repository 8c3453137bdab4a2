"""The gallery: the frames to label, one after the other."""

from __future__ import annotations

from framesift_app.panels.gallery.panel import GalleryPanel

__all__ = ["GalleryPanel"]
