"""Framesift's desktop application; `framesift_app.window.MainWindow` is its window."""

from framesift_app.immortal import keep_constants

keep_constants()
