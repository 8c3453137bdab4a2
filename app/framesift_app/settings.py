"""What this computer remembers: the layout, shortcuts, recent projects, the device. Nothing of
a project's content."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSettings

from framesift.detectors.run_settings import RunSettings
from framesift.errors import InputError
from framesift.records.settings import check, flat, like, setting

MOST_RECENT = 10


def _(text: str) -> str:
    """Marks a text of the table; it is translated when it is shown."""
    return text


ONLY_HERE = "a preference of this computer's window; commands have options"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What is chosen once for this computer."""

    theme: str = setting(
        "system",
        title=_("Appearance"),
        help=_("light or dark"),
        choices={
            "system": _("As the system"),
            "light": _("Light"),
            "dark": _("Dark"),
        },
        absent={"cli": ONLY_HERE, "simulate": ONLY_HERE},
    )
    device: str = like(
        RunSettings,
        "device",
        help=_("where detectors run; it counts from the next time a project is opened"),
        absent={"cli": ONLY_HERE, "simulate": ONLY_HERE},
    )

    def __post_init__(self) -> None:
        check(self, "preferences")


def preferences() -> Preferences:
    """What is chosen; a value that a newer or older version stored and this one does not know
    is the default."""
    usual = Preferences()
    kept = {}
    for name, default in flat(usual).items():
        value = str(get(name, default))
        try:
            Preferences(**{name: value})
        except InputError:
            continue
        kept[name] = value
    return Preferences(**kept)


def store() -> QSettings:
    """The settings; FRAMESIFT_SETTINGS names another file for them."""
    path = os.environ.get("FRAMESIFT_SETTINGS")
    if path:
        return QSettings(path, QSettings.Format.IniFormat)
    return QSettings("Framesift", "Framesift")


def get(name: str, default: object = None) -> object:
    """A value as it was stored, or the default."""
    return store().value(name, default)


def put(name: str, value: object) -> None:
    """Stores a value, or forgets it (None)."""
    kept = store()
    if value is None:
        kept.remove(name)
    else:
        kept.setValue(name, value)
    kept.sync()


def device() -> str:
    """The device to compute on: auto, cpu, cuda or mps."""
    return preferences().device


def recent_projects() -> list[Path]:
    """Projects opened lately that are still there, the latest first."""
    # A list of one comes back from an INI file as a text.
    stored = get("recent")
    texts = stored if isinstance(stored, list) else [stored] if stored else []
    paths = [Path(str(text)) for text in texts]
    return [path for path in paths if holds_project(path)]


def holds_project(folder: Path) -> bool:
    """Whether there is a project in a folder."""
    return (folder / "project.sqlite").exists()


def remember_project(folder: Path) -> None:
    """Puts a project at the head of the recent ones."""
    paths = [folder, *(path for path in recent_projects() if path != folder)]
    put("recent", [str(path) for path in paths[:MOST_RECENT]])
