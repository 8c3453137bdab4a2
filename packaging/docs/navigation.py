"""The one navigation: the lists of links under the headings of docs/index.md."""

from __future__ import annotations

import re

_HEADING = re.compile(r"^## (.+)$")
_ENTRY = re.compile(r"^- \[([^\]]+)\]\(([^)#]+\.md)\)")


def contents(index: str) -> dict[str, list[tuple[str, str]]]:
    """(title, file) of every listed page, by the heading above it."""
    headings: dict[str, list[tuple[str, str]]] = {}
    heading = ""
    for line in index.splitlines():
        if match := _HEADING.match(line):
            heading = match[1]
        elif match := _ENTRY.match(line):
            headings.setdefault(heading, []).append((match[1], match[2]))
    return headings


def with_contents(index: str) -> str:
    """The index page with the tables of contents that the site's side bar is made from."""
    blocks = [index.rstrip()]
    for heading, entries in contents(index).items():
        lines = [f"{title} <{_inside(file)}>" for title, file in entries]
        blocks.append(
            "\n".join(["```{toctree}", ":hidden:", f":caption: {heading}", "", *lines, "```"])
        )
    return "\n\n".join(blocks) + "\n"


def _inside(file: str) -> str:
    """A page as Sphinx names it: from the root where it is not beside the index."""
    return f"/{file.removeprefix('../')}" if file.startswith("../") else file
