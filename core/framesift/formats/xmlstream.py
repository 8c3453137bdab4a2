"""XML files, read one child of the root at a time, with entities refused."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from framesift.errors import InputError
from framesift.formats.files import cannot_read, opened

MAX_DEPTH = 50
LONGEST_TAG = 8 << 20
"""Bytes from one < to the next."""
_SMALL, _LARGE = 1 << 16, 1 << 22
"""Bytes read at a time."""

__all__ = ["Element", "children", "escape", "quoteattr", "root_tag"]


class _Guard:
    """A file object for the parser that refuses tags longer than LONGEST_TAG. `used` says that
    the last block brought an event; as long as none does, blocks grow, because the parser goes
    through an unfinished tag or comment again for every block that it gets."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file, self._path, self._open = file, path, 0
        self._block, self.used = _SMALL, True

    def read(self, size: int = -1) -> bytes:
        self._block = _SMALL if self.used else min(2 * self._block, _LARGE)
        self.used = False
        chunk = self._file.read(self._block)
        begin = chunk.rfind(b"<")
        self._open = self._open + len(chunk) if begin < 0 else len(chunk) - begin
        if self._open > LONGEST_TAG:
            raise InputError(
                f"{self._path} has a tag or text longer than {LONGEST_TAG >> 20} MiB; it is no "
                "file of labels."
            )
        return chunk


def _events(path: Path) -> Generator[tuple[str, Element], None, None]:
    try:
        with opened(path) as file:
            guard = _Guard(file, path)
            for event in iterparse(guard, events=("start", "end")):
                guard.used = True
                yield event
    except OSError as error:
        raise cannot_read(path, error) from error
    except DefusedXmlException as error:
        raise InputError(
            f"{path} declares XML entities, which can hide an attack; remove the declarations."
        ) from error
    except (ParseError, LookupError, ValueError) as error:
        if "multi-byte" in str(error):
            raise InputError(
                f"{path} is XML in an encoding that is not read here; save it as UTF-8."
            ) from error
        reason = " ".join(str(error).split())[:80]
        raise InputError(
            f"{path} is not valid XML ({reason}); export it again or mend it."
        ) from error


def children(path: Path, root: str) -> Iterator[Element]:
    """The complete children of the root element, which must be called `root`, one by one; each
    is forgotten after its turn. InputError for broken XML, entities and absurd nesting."""
    depth = 0
    top: Element | None = None
    for event, element in _events(path):
        depth += 1 if event == "start" else -1
        if top is None:
            if element.tag != root:
                raise InputError(
                    f"{path} begins with <{str(element.tag)[:40]}> where <{root}> "
                    "is due; give a file of this format."
                )
            top = element
        if depth > MAX_DEPTH:
            raise InputError(
                f"{path} nests its XML more than {MAX_DEPTH} deep; it is no file of labels."
            )
        if event == "end" and depth == 1:
            yield element
            top.clear()


def root_of(path: Path) -> str:
    """The name of the root element. InputError where the file is not XML."""
    with contextlib.closing(_events(path)) as events:
        return next((str(element.tag) for _, element in events), "")


def root_tag(path: Path) -> str:
    """The name of the root element; "" where the file is not XML."""
    try:
        return root_of(path)
    except InputError:
        return ""
