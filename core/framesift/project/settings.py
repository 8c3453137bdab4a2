"""A project's own settings: JSON values by name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from framesift.errors import InputError
from framesift.project.database import Database
from framesift.project.sentences import damaged

CLASSES = "classes"
DETECTOR = "detector"
CHOSEN = "detector.chosen"
SCORED_CLASSES = "scored_classes"
CLASS_WEIGHTS = "class_weights"
TILES = "tiles"
BACKEND = "backend"
EIGHT_BITS = "eight_bits"
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    CLASSES: list,
    DETECTOR: str,
    CHOSEN: (str, type(None)),
    SCORED_CLASSES: (list, type(None)),
    CLASS_WEIGHTS: dict,
    TILES: str,
    BACKEND: list,
}
"""What the settings that the engine itself reads must be."""


class Settings:
    """Values that belong to the project rather than to a machine."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, or `default`."""
        text = self._database.value("SELECT value FROM settings WHERE name = ?", (name,))
        if text is None:
            return default
        value = self._database.json(text, _KINDS.get(name, object))
        names = (value or ()) if name in (CLASSES, SCORED_CLASSES) else ()
        if not all(isinstance(text, str) for text in names):
            raise damaged(self._database.path, f"the setting {name} is none")
        return value

    def set(self, name: str, value: Any) -> None:
        """Stores a JSON-able value."""
        with self._database.writing():
            self._database.run(
                "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET "
                "value = excluded.value",
                (name, json.dumps(value)),
            )

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that labels may have, in order."""
        return tuple(self.get(CLASSES, []))

    @property
    def detector(self) -> str:
        """The name or path of the detector that fine-tunings start from."""
        return str(self.get(DETECTOR, "pedestrian"))

    @property
    def chosen_detector(self) -> str | None:
        """The detector that somebody chose since the latest checkpoint was adopted: a name, a
        path, or a path inside the project's folder; None: nobody did."""
        chosen = self.get(CHOSEN)
        return None if chosen is None else str(chosen)

    @property
    def tiles(self) -> str:
        """Columns and rows of the tiles that the detector sees a frame in, as "2x2"."""
        return str(self.get(TILES, "1x1"))

    def set_tiles(self, tiles: str) -> None:
        """Keeps them; `detectors.run_settings.parse_tiles` says what they may be."""
        self.set(TILES, tiles)

    @property
    def backend(self) -> tuple[str, str] | None:
        """What runs the detector's network, and in which precision, as scores were made first;
        None: nothing was scored since there was a choice."""
        kept = self.get(BACKEND)
        if kept is None:
            return None
        if len(kept) != 2 or not all(isinstance(text, str) for text in kept):
            raise damaged(self._database.path, "the setting backend is none")
        return kept[0], kept[1]

    def set_backend(self, backend: str, precision: str) -> None:
        """Keeps them; `detectors.running.run_by` says what they may be."""
        self.set(BACKEND, [backend, precision])

    @property
    def eight_bits(self) -> dict[str, Any] | None:
        """Which detector scores in 8 bits, and by which ranges; None: none does."""
        kept = self.get(EIGHT_BITS)
        if kept is not None and not isinstance(kept, dict):
            raise damaged(self._database.path, "the setting eight_bits is none")
        return kept

    def set_eight_bits(self, kept: Mapping[str, Any] | None) -> None:
        """Keeps them; `loop.eight_bits` says what they are."""
        self.set(EIGHT_BITS, None if kept is None else dict(kept))

    @property
    def scored_classes(self) -> tuple[str, ...] | None:
        """The classes that count in the score, empty for all; None: not said."""
        kept = self.get(SCORED_CLASSES)
        return None if kept is None else tuple(kept)

    def set_scored_classes(self, names: Sequence[str] | None) -> None:
        """Keeps the classes that count in the score; None: all."""
        self.set(SCORED_CLASSES, list(class_names(names or ())))

    @property
    def class_weights(self) -> dict[str, float]:
        """How much a class counts in the score, by name; 1 where none is kept."""
        try:
            return {name: float(value) for name, value in self.get(CLASS_WEIGHTS, {}).items()}
        except (TypeError, ValueError) as error:
            raise damaged(self._database.path, "a class's weight is none") from error

    def set_class_weights(self, weights: Mapping[str, float]) -> None:
        """Keeps weights of classes, beside those kept before; a weight of 1 drops the class's.
        InputError for a weight below 0."""
        for name, weight in weights.items():
            if not 0 <= weight < float("inf"):
                raise InputError(
                    f"The weight of {name!r} is {weight}; give a number from 0 up."
                )
        kept = {**self.class_weights, **weights}
        self.set(CLASS_WEIGHTS, {name: w for name, w in kept.items() if w != 1})


def class_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names without repetitions; InputError for empty ones and those with line breaks."""
    for name in names:
        if not name.strip() or name != name.strip() or not name.isprintable():
            raise InputError(f"{name!r} is not a name for a class; write a word or a few.")
    return tuple(dict.fromkeys(names))
