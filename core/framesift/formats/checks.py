"""Checks of single values from untrusted files. A BadValueError says what is wrong with the
value; the reader adds the file and the place and makes one InputError of it."""

from __future__ import annotations

import contextlib
import math
import re
import unicodedata
from collections.abc import Iterator

from framesift.errors import InputError

LIMIT = 1e7
"""Largest coordinate, in pixels."""
MAX_SIDE = 10**6
MAX_FRAME = 10**9
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)
_IGNORE = {
    "ignore",
    "ignored",
    "ignore region",
    "ignore regions",
    "ignored region",
    "ignored regions",
    "dontcare",
    "dont care",
    "don't care",
    "*",
}
_BACKGROUND = {"background", "bg"}
_NO_NUMBER = "something else in place of a number"
_NO_WHOLE = "something else in place of a whole number"
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", "", "none", "null", "unspecified"}


class BadValueError(ValueError):
    """What is wrong with a value, as the end of a sentence; `kind` says the same without the
    value, for counting."""

    def __init__(self, reason: str, kind: str | None = None) -> None:
        super().__init__(reason)
        self.kind = reason if kind is None else kind


@contextlib.contextmanager
def at(file: object, place: str) -> Iterator[None]:
    """Turns a BadValueError inside into an InputError that names the file and the place."""
    try:
        yield
    except BadValueError as fault:
        raise refusal(file, place, fault) from fault


def refusal(file: object, place: str, fault: object) -> InputError:
    return InputError(f"{file}, {place}: {fault}; correct the file or leave it out.")


def shown(value: object) -> str:
    """A value from a file, short and printable enough for a sentence."""
    if isinstance(value, (dict, list)):
        return "a list" if isinstance(value, list) else "an object"
    if isinstance(value, int) and abs(value) > 10**30:
        return "a huge whole number"
    text = str(value)
    text = "".join(c if c.isprintable() else "?" for c in text[:60])
    return f"“{text}”" if isinstance(value, str) else text


def number(value: object, limit: float = LIMIT) -> float:
    """A JSON number: finite, not larger than `limit`."""
    if type(value) is not float and type(value) is not int:
        raise BadValueError(f"{shown(value)} stands where a number is due", _NO_NUMBER)
    if not -limit <= value <= limit:  # NaN fails this as well
        raise BadValueError(
            f"the number {shown(value)} is out of range", "a number out of range"
        )
    return float(value)


def number_of(text: str | None, limit: float = LIMIT) -> float:
    """A number written as text (XML, CSV, YOLO …)."""
    if text is None or not _NUMBER.fullmatch(text.strip()):
        raise BadValueError(f"{shown(text or '')} stands where a number is due", _NO_NUMBER)
    return number(float(text), limit)


def whole(value: object, low: int = 0, high: int = MAX_FRAME) -> int:
    """A JSON whole number in [low, high]; 3.0 counts as 3."""
    result = value if isinstance(value, int) else number(value, 1e18)
    if isinstance(value, bool) or result != int(result) or not low <= result <= high:
        raise BadValueError(
            f"{shown(value)} stands where a whole number from {low} to {high} is due", _NO_WHOLE
        )
    return int(result)


def whole_of(text: str | None, low: int = 0, high: int = MAX_FRAME) -> int:
    """A whole number written as text; "3.0" counts as 3."""
    if text is None or not _WHOLE.fullmatch(text.strip()):
        raise BadValueError(
            f"{shown(text or '')} stands where a whole number is due", _NO_WHOLE
        )
    return whole(int(text.strip().partition(".")[0]), low, high)


def side(value: object) -> int | None:
    """A picture's width or height; None and 0 mean "not said"."""
    return None if value is None else (whole(value, 0, MAX_SIDE) or None)


def side_of(text: str | None) -> int | None:
    return None if text is None or not text.strip() else (whole_of(text, 0, MAX_SIDE) or None)


def flag(value: object) -> bool:
    """A yes or no in any of the ways in which tools write them."""
    if value is None or value in (0, 1):
        return bool(value)
    text = str(value).strip().casefold()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    with contextlib.suppress(BadValueError):
        return number_of(text) > 0
    raise BadValueError(
        f"{shown(value)} stands where yes or no is due", "something else in place of yes or no"
    )


def text(value: object) -> str:
    if not isinstance(value, str):
        raise BadValueError(
            f"{shown(value)} stands where text is due", "something else in place of text"
        )
    return value


def mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BadValueError(
            f"{shown(value)} stands where an object with fields is due",
            "something else in place of an object",
        )
    return value


def sequence(value: object) -> list[object]:
    if not isinstance(value, list):
        raise BadValueError(
            f"{shown(value)} stands where a list is due", "something else in place of a list"
        )
    return value


def unprintable(name: str) -> bool:
    """Whether a name holds a character that files of lines, XML or JSON cannot carry."""
    return any(
        unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in "\ufffe\uffff\ufeff"
        for c in name
    )


def label_name(value: object) -> str:
    """A class or video name: text without control characters, its ends stripped."""
    name = text(value).strip()
    if not name:
        raise BadValueError("a name is empty")
    if len(name) > 500 or unprintable(name):
        raise BadValueError(
            f"the name {shown(name)} is too long or holds control characters",
            "names that are too long or hold control characters",
        )
    return name


def special(name: str) -> str | None:
    """What a class name means in label files if it is no class: "an ignore region" (of every
    class), "the background", or None."""
    plain = " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
    if plain in _IGNORE:
        return "an ignore region"
    return "the background" if plain in _BACKGROUND else None


def decimal(value: float, digits: int = 6) -> str:
    """The shortest plain notation, exact to `digits` decimals: 3, 0.25, -1.000001."""
    result = f"{value:.{digits}f}"
    if "." in result:
        result = result.rstrip("0").rstrip(".")
    return "0" if result == "-0" else result


def finite(values: tuple[float, ...]) -> bool:
    return all(math.isfinite(v) for v in values)
