"""Framesift's desktop application; `framesift_app.window.MainWindow` is its window."""
