"""What this computer remembers: the layout, shortcuts, recent projects, the device. Nothing of
a project's content."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings

MOST_RECENT = 10


def store() -> QSettings:
    """The settings; FRAMESIFT_SETTINGS names another file for them."""
    path = os.environ.get("FRAMESIFT_SETTINGS")
    if path:
        return QSettings(path, QSettings.Format.IniFormat)
    return QSettings("Framesift", "Framesift")


def get(name: str, default: Any = None) -> Any:
    """A value as it was stored, or the default."""
    return store().value(name, default)


def put(name: str, value: Any) -> None:
    """Stores a value, or forgets it (None)."""
    kept = store()
    if value is None:
        kept.remove(name)
    else:
        kept.setValue(name, value)
    kept.sync()


def device() -> str:
    """The device to compute on: auto, cpu, cuda or mps."""
    return str(get("device", "auto"))


def recent_projects() -> list[Path]:
    """Projects opened lately that are still there, the latest first."""
    found = get("recent", [])
    paths = [found] if isinstance(found, str) else list(found or [])
    return [Path(path) for path in paths if holds_project(Path(path))]


def holds_project(folder: Path) -> bool:
    """Whether there is a project in a folder."""
    return (folder / "project.sqlite").exists()


def remember_project(folder: Path) -> None:
    """Puts a project at the head of the recent ones."""
    paths = [folder, *(path for path in recent_projects() if path != folder)]
    put("recent", [str(path) for path in paths[:MOST_RECENT]])
