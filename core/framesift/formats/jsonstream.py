"""JSON files of any size, read as a stream of their elements."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Container, Generator
from pathlib import Path
from typing import IO, Any

import numpy as np

from framesift.errors import InputError
from framesift.formats.files import cannot_read, opened

MAX_DEPTH = 100
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class _Guard:
    """A file object for the parser: strips the byte order mark, counts bytes, and refuses
    nesting so deep that the parser's own bookkeeping would grow with its square."""

    def __init__(self, file: IO[bytes], path: Path, fresh: bool) -> None:
        self.done = 0
        self.mentions_videos = False
        self._file, self._path, self._fresh = file, path, fresh
        self._tail = b""
        self._depth = 0
        self._in_string = False
        self._escape = b""

    def read(self, size: int = -1) -> bytes:
        if size == 0:
            return b""
        chunk = self._file.read(size if size > 0 else 1 << 16)
        first, self.done = self.done == 0, self.done + len(chunk)
        if first:
            if chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise InputError(f"{self._path} is UTF-16 text; save it as UTF-8.")
            if chunk.startswith(b"\xef\xbb\xbf"):
                # Never an empty answer here: that would mean the end of the file.
                chunk = chunk[3:] or self._file.read(1 << 16)
        if self._fresh:
            self._check(chunk)
        return chunk

    def _check(self, chunk: bytes) -> None:
        self.mentions_videos |= b'"videos"' in self._tail + chunk
        self._tail = chunk[-8:]
        text = self._escape + chunk
        self._escape = b""
        if b"\\" in text:
            text = _ESCAPED.sub(b"", text)
            if text.endswith(b"\\"):
                text, self._escape = text[:-1], b"\\"
        parts = text.split(b'"')
        unquoted = b"".join(parts[self._in_string :: 2])
        self._in_string ^= (len(parts) - 1) % 2 == 1
        brackets = np.frombuffer(unquoted.translate(None, _NO_BRACKETS), np.uint8)
        if not len(brackets):
            return
        opening = (brackets == ord("[")) | (brackets == ord("{"))
        levels = self._depth + np.cumsum(np.where(opening, 1, -1))
        if levels.max() > MAX_DEPTH:
            raise InputError(
                f"{self._path} nests its JSON more than {MAX_DEPTH} deep; "
                "it is no file of labels."
            )
        self._depth = int(levels[-1])


class JsonFile:
    """One JSON file. `done` is how many bytes the present pass has read, `size` all of them;
    `mentions_videos` whether a complete pass met a "videos" key or text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mentions_videos = False
        self._guard: _Guard | None = None
        self._checked = False
        with opened(path) as file:
            self.size = os.fstat(file.fileno()).st_size

    @property
    def done(self) -> int:
        return self._guard.done if self._guard else 0

    def _stream(self, kind: str, *arguments: str) -> Generator[Any, None, None]:
        import ijson

        try:
            with opened(self.path) as file:
                self._guard = guard = _Guard(file, self.path, not self._checked)
                yield from getattr(ijson, kind)(guard, *arguments, use_float=True)
                # Only a pass that came to the end has seen all of it.
                self._checked = True
                self.mentions_videos |= guard.mentions_videos
        except OSError as error:
            raise cannot_read(self.path, error) from error
        except (ijson.JSONError, UnicodeError, OverflowError, RecursionError) as error:
            first = str(error).removeprefix("b'").replace("\\n", "\n").partition("\n")[0]
            reason = " ".join(first.split())[:80]
            raise InputError(
                f"{self.path} is not valid JSON near byte {self.done} ({reason}); "
                "export it again or mend it."
            ) from error

    def items(self, prefix: str) -> Generator[Any, None, None]:
        """The elements of the list at `prefix` ("" is the file's own list), whole, one by one.
        Numbers are int or float."""
        return self._stream("items", f"{prefix}.item" if prefix else "item")

    def has_key(self, key: str) -> bool:
        """Whether the file's own object has a key."""
        with contextlib.closing(self.events()) as events:
            return any(
                event == "map_key" and value == key and prefix == ""
                for prefix, event, value in events
            )

    def pairs(self, prefix: str) -> Generator[tuple[str, Any], None, None]:
        """The (key, value) pairs of the object at `prefix` ("" is the file's own), values
        whole."""
        return self._stream("kvitems", prefix)

    def document(self, leave_out: Container[str] = ()) -> dict[str, Any]:
        """The file's own object, but for the keys in `leave_out`."""
        return {
            key: value for key, value in self._stream("kvitems", "") if key not in leave_out
        }

    def events(self) -> Generator[tuple[str, str, Any], None, None]:
        """(prefix, event, value) of everything in the file."""
        return self._stream("parse")


def top_keys(path: Path, enough: set[str]) -> tuple[str, set[str]]:
    """What a JSON file begins with, for recognising it: ("object", its keys) or ("list", the
    keys of its first element), read until one of the keys in `enough` has come.

    ("", …) for anything else, and for files that are not JSON. Raises InputError for files
    that cannot be opened.
    """
    file = JsonFile(path)
    keys: set[str] = set()
    kind, level = "", ""
    events = file.events()
    try:
        for prefix, event, value in events:
            if not kind:
                if event not in {"start_map", "start_array"}:
                    return "", keys
                kind = "object" if event == "start_map" else "list"
                level = "" if kind == "object" else "item"
            elif event == "map_key" and prefix == level:
                keys.add(str(value))
                if str(value) in enough:
                    break
            elif kind == "list" and prefix == "item" and event != "start_map":
                break
    except InputError:
        return "", keys
    finally:
        events.close()
    return kind, keys
