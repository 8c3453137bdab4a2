"""Docstrings as Markdown: their sections of arguments, results, errors and examples."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

LISTS = {"Args": "Arguments", "Settings": "Settings", "Raises": "Raises"}
_SECTION = re.compile(r"^(Args|Settings|Returns|Yields|Raises|Example):$", re.MULTILINE)
_ENTRY = re.compile(r"^(\*{0,2}\w+): (.*)$")


def prose(docstring: str) -> str:
    """Markdown of a docstring without its indentation; what has no sections stays as it is."""
    head, *sections = _SECTION.split(docstring)
    parts = [head.strip()]
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        text = textwrap.dedent(body.strip("\n")).strip()
        if title in LISTS:
            parts += [f"**{LISTS[title]}**", "\n".join(_entries(text))]
        elif title == "Example":
            parts += ["**Example**", f"```pycon\n{text}\n```"]
        else:
            parts.append(f"**{title}** {' '.join(text.split())}")
    return "\n\n".join(part for part in parts if part)


def _entries(text: str) -> Iterator[str]:
    """`name: words` over several lines, as a list."""
    entry = ""
    for line in text.splitlines():
        match = None if line.startswith(" ") else _ENTRY.match(line)
        if match is None:
            entry = f"{entry} {line.strip()}"
            continue
        if entry:
            yield entry
        entry = f"- `{match[1]}`: {match[2]}"
    if entry:
        yield entry
