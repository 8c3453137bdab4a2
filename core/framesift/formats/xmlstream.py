"""XML files, read one child of the root at a time, with entities refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from framesift.errors import InputError
from framesift.formats.files import cannot_read

MAX_DEPTH = 50

__all__ = ["Element", "children", "escape", "quoteattr", "root_tag"]


def _events(path: Path) -> Iterator[tuple[str, Element]]:
    try:
        with path.open("rb") as file:
            yield from iterparse(file, events=("start", "end"))
    except OSError as error:
        raise cannot_read(path, error) from error
    except DefusedXmlException as error:
        raise InputError(
            f"{path} declares XML entities, which can hide an attack; remove the declarations."
        ) from error
    except (ParseError, LookupError, ValueError) as error:
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


def root_tag(path: Path) -> str:
    """The name of the root element; "" where the file is not XML."""
    events = _events(path)
    try:
        for _, element in events:
            return str(element.tag)
    except InputError:
        return ""
    finally:
        events.close()  # type: ignore[attr-defined]
    return ""
