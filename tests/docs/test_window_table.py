"""The table of what people were promised of the window: each test that it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
TABLE = (TESTS / "WINDOW.md").read_text(encoding="utf-8")


def names_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", TABLE)
    assert len(named) > 50
    for file, function in named:
        path = TESTS / "app" / file
        assert path.is_file(), file
        assert not function or function in names_in(path), f"{file}::{function}"


def test_every_line_that_was_promised_has_a_test() -> None:
    sections = TABLE.split("\n## ")[1:]
    for title, last in (("Mended", 11), ("Built", 9)):
        (section,) = (part for part in sections if part.startswith(title))
        rows = re.findall(r"^\| (\d+) \|.*\| `test_", section, flags=re.MULTILINE)
        assert {int(number) for number in rows} == {*range(1, last + 1)}
