"""Distances in time as people write them: "15" frames, "0.5s", "500ms"."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from framesift.errors import InputError

_TEXT = re.compile(r"\s*([0-9]*[.,]?[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[.,])\s*([a-zA-Z]*)\s*")
_UNITS = {
    "": "frames",
    "f": "frames",
    "frame": "frames",
    "frames": "frames",
    "s": "seconds",
    "sec": "seconds",
    "second": "seconds",
    "seconds": "seconds",
    "ms": "milliseconds",
}


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance along a drive, ≥ 0: `value` in frames (a whole number) or in seconds."""

    value: float
    unit: Literal["frames", "seconds"] = "frames"

    def frames(self, fps: float) -> int:
        """The distance in whole frames.

        Args:
            fps: frames per second of the footage; NaN without time.

        Returns:
            Frames, rounded down.

        Raises:
            InputError: it is in seconds, and the footage has no rate.
        """
        if self.unit == "frames":
            return int(self.value)
        if not (math.isfinite(fps) and fps > 0):
            raise InputError(
                f"A distance in seconds ({self}) needs footage with a frame rate; "
                "give it in frames."
            )
        return math.floor(self.value * fps + 1e-9)

    def __str__(self) -> str:
        return f"{self.value:g}s" if self.unit == "seconds" else f"{self.value:g}"


def parse_distance(text: str | float | Distance) -> Distance:
    """Reads a distance: "15" (frames), "15f", "0.5s", "500ms" or a plain number of frames.

    Args:
        text: what somebody wrote; a Distance stays as it is.

    Returns:
        A Distance, in frames or in seconds.

    Raises:
        InputError: it is anything else, or a fraction of a frame.

    Example:
        >>> parse_distance("0.5s").frames(30.0)
        15
    """
    if isinstance(text, Distance):
        return text
    match = _TEXT.fullmatch(str(text))
    unit = _UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None:
        raise InputError(
            f"{str(text)!r} is not a distance; write frames as in 15, seconds as "
            "in 0.5s, or milliseconds as in 500ms."
        )
    value = float(match[1].replace(",", "."))
    if not math.isfinite(value):
        raise InputError(f"{str(text)!r} is too long a distance; give a smaller one.")
    if unit == "frames":
        if value != int(value):
            raise InputError(
                f"{str(text)!r} is not a whole number of frames; for seconds write {value:g}s."
            )
        return Distance(value)
    return Distance(value / 1000 if unit == "milliseconds" else value, "seconds")


def rate_text(fps: float, *, varies: bool) -> str:
    """A frame rate for people.

    Args:
        fps: frames per second; NaN without one.
        varies: whether it is a mean.

    Returns:
        "29.97", or "≈30 (variable)"; empty without a rate.

    Example:
        >>> rate_text(29.97, varies=False)
        '29.97'
    """
    if math.isnan(fps):
        return ""
    return f"≈{fps:.3g} (variable)" if varies else f"{fps:.6g}"
