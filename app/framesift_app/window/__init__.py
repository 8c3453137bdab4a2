"""The window: what it is made of, its commands, keys, theme and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift_app.window.window import MainWindow as MainWindow
else:
    __getattr__ = lazily(__name__, {"MainWindow": "window"})

__all__ = ["MainWindow"]
