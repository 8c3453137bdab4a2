"""The blocks of commands in the README and the tutorial: those that need data, a card or a
system that CI lacks have <!-- not run, data: why --> before them in the page's source."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from framesift.product.resources import resource

ROOT = Path(__file__).parents[2]
PAGES = {"README": ROOT / "README.md", "tutorial": resource("docs", "tutorial.md")}
NOT_RUN = {"README": {"system": 4, "data": 2}, "tutorial": {"system": 1, "card": 1}}
"""How many blocks of each page are marked, by what CI lacks: one more is to be a decision."""
_MARK = re.compile(r"<!-- not run, (.+) -->")


@dataclass(frozen=True)
class Block:
    page: str
    lines: tuple[str, ...]
    not_run: str | None


def blocks(page: str) -> list[Block]:
    """The indented blocks of a page: its commands."""
    found: list[Block] = []
    mark, lines = None, []
    # What stands between fences is a script, not a command.
    text = re.sub(r"(?ms)^```.*?^```", "", PAGES[page].read_text("utf-8"))
    for line in [*text.splitlines(), ""]:
        if line.startswith("    ") and not (lines == [] and line[4:5] == " "):
            lines.append(line[4:])
            continue
        if lines:
            found.append(Block(page, tuple(lines), mark))
            mark, lines = None, []
        if line.strip():
            match = _MARK.fullmatch(line.strip())
            mark = match[1] if match else None
    return found


@pytest.mark.parametrize("page", sorted(PAGES))
def test_what_is_not_run_is_marked_and_counted(page: str) -> None:
    marked = [block.not_run for block in blocks(page) if block.not_run is not None]
    lacks = Counter(why.partition(":")[0] for why in marked)
    assert lacks == NOT_RUN[page], marked
    assert all(len(why.partition(":")[2].split()) >= 3 for why in marked)
    for block in blocks(page):
        if block.not_run is None:
            assert all(line.startswith("framesift ") for line in block.lines), block
