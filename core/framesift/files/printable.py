"""Texts of others, file names first of all, made fit for terminals, reports and databases."""

from __future__ import annotations

import os
import re
from urllib.parse import quote_from_bytes, unquote_to_bytes

# Escape sequences, and what turns the direction of writing, can make a terminal show a lie.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BYTES = "file:"


def utf8(text: str) -> str:
    """A text that can be written: bytes of file names that are no UTF-8 become escapes, as in
    stra\\\\xdfe.mp4."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def printable(text: str) -> str:
    """A text that can be shown: as `utf8`, and control characters are escaped, too, but for
    line ends and tabs."""
    return _CONTROL.sub(lambda match: _escape(match.group()), utf8(text))


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def path_text(path: str) -> str:
    """A path as a text that a database can hold: itself, or where it is no UTF-8 its bytes,
    each escaped as in addresses."""
    if path == utf8(path) and not path.startswith(_BYTES):
        return path
    return _BYTES + quote_from_bytes(os.fsencode(path))


def path_of(text: str) -> str:
    """The path of a `path_text`."""
    if not text.startswith(_BYTES):
        return text
    return os.fsdecode(unquote_to_bytes(text.removeprefix(_BYTES)))
