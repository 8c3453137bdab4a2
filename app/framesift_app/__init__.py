"""Framesift's desktop application; `framesift_app.window.MainWindow` is its window."""

from framesift_app.none_references import keep_constants

keep_constants()
