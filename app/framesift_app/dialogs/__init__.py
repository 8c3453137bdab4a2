"""The window's dialogs. None blocks the window while work runs."""
