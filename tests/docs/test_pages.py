"""The documentation: pages made from the code say what the code says, everything is in the one
navigation, and the check of the finished site finds what leads nowhere."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "resources" / "docs"
MAKERS = (
    "markup",
    "docstrings",
    "api",
    "commands",
    "keyboard",
    "tables",
    "pages",
    "navigation",
    "links",
)


@pytest.fixture(scope="module")
def makers() -> Iterator[dict[str, ModuleType]]:
    pytest.importorskip("PySide6")
    folder = ROOT / "packaging" / "docs"
    if not folder.is_dir():
        pytest.skip("the makers of the documentation are not here")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        for name in MAKERS:
            patch.delitem(sys.modules, name, raising=False)
        yield {name: importlib.import_module(name) for name in MAKERS}
        for name in MAKERS:
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def made(makers: dict[str, ModuleType]) -> dict[str, str]:
    pages: dict[str, str] = makers["pages"].made(ROOT)
    return pages


def test_every_command_and_option_is_in_the_reference(made: dict[str, str]) -> None:
    import argparse

    from framesift.cli.parser import COMMANDS, build_parser

    text = made["commands.md"]
    assert all(f"\n## framesift {name}\n" in text for name in COMMANDS)
    waiting: list[argparse.ArgumentParser] = [build_parser()]
    options = set()
    while waiting:
        for action in waiting.pop()._actions:
            if isinstance(action, argparse._SubParsersAction):
                waiting += action.choices.values()
            else:
                options.update(action.option_strings)
    assert not [
        one
        for one in options - {"-h", "--help", "--version"}
        if not re.search(rf"`(\S+, )?{one}[ ,`]", text)
    ]
    assert "%(" not in text
    assert "### framesift labels import" in text


def test_every_action_is_in_the_key_reference(made: dict[str, str]) -> None:
    from framesift_app import actions

    text = made["keys.md"]
    for entry in actions.TABLE:
        if entry.menu:
            assert f"| {entry.text.replace('&', '')} |" in text
            assert all(f"`{key.replace('Return', 'Enter')}`" in text for key in entry.keys)


def test_every_format_and_public_name_is_in_its_reference(made: dict[str, str]) -> None:
    import framesift
    from framesift.formats import FORMATS

    assert all(made["formats-table.md"].count(f"| `{name}` |") == 2 for name in FORMATS)
    for module in framesift._MODULES:
        text = made[f"api/{module}.md"]
        for name in getattr(importlib.import_module(f"framesift.{module}"), "__all__", ()):
            assert re.search(rf"^## {name}(\(\))?$", text, re.MULTILINE), (module, name)
    assert "ForwardRef" not in "".join(made.values())


def test_signatures_are_as_one_writes_them(makers: dict[str, ModuleType]) -> None:
    def one(a: int, *rest: str, b: float = 0.5, c=None) -> list[int]:
        return []

    def other(first: int, *, second: str = "x") -> None: ...

    signature = makers["api"]._signature
    assert signature("one", one) == (
        "one(a: int, *rest: str, b: float = 0.5, c=None) -> list[int]"
    )
    assert signature("other", other) == "other(first: int, *, second: str = 'x') -> None"


def test_sections_of_docstrings_become_lists_and_code(makers: dict[str, ModuleType]) -> None:
    text = """Does it.

Args:
    path: where,
        at length.
    other: x

Returns:
    A thing
    of two lines.

Example:
    >>> 1 + 1
    2"""
    assert makers["docstrings"].prose(text) == (
        "Does it.\n\n**Arguments**\n\n- `path`: where, at length.\n- `other`: x\n\n"
        "**Returns** A thing of two lines.\n\n**Example**\n\n```pycon\n>>> 1 + 1\n2\n```"
    )
    assert makers["docstrings"].prose("One line.\n\n    code") == "One line.\n\n    code"


def test_every_page_is_in_the_navigation_and_every_entry_is_a_page(
    makers: dict[str, ModuleType], made: dict[str, str]
) -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = [
        file for entries in makers["navigation"].contents(index).values() for _, file in entries
    ]
    assert len(listed) == len(set(listed))
    written = {path.name for path in DOCS.glob("*.md")} - {"index.md"}
    cards = {f"../detectors/{path.name}" for path in DOCS.parent.glob("detectors/*.md")}
    single = {name for name in made if not name.startswith("api/")} | {"api/index.md"}
    assert set(listed) == written | cards | single


def test_written_pages_link_to_what_is_there(made: dict[str, str]) -> None:
    for path in DOCS.glob("*.md"):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
            if not target.startswith(("http://", "https://")):
                assert target in made or (DOCS / target).exists(), (path.name, target)


def test_sentences_that_the_troubleshooting_quotes_are_said_somewhere() -> None:
    said = []
    for path in (*(ROOT / "core").rglob("*.py"), *(ROOT / "app").rglob("*.py")):
        said += [
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
    text = "\n".join(said)
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    quoted = [
        quote
        for line in page.splitlines()
        if line.startswith("### ")
        for quote in re.findall("“([^”]+)”", line)
    ]
    assert len(quoted) > 15
    parts = [part.strip() for quote in quoted for part in quote.split("…")]
    assert [part for part in parts if part not in text] == []


def test_commands_of_the_pages_are_understood() -> None:
    from framesift.cli.parser import build_parser

    parser = build_parser()
    seen = 0
    for path in (*DOCS.glob("*.md"), *DOCS.parent.glob("detectors/*.md"), ROOT / "README.md"):
        for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
            # Commands stand in blocks that are indented or fenced, without a prompt.
            if re.match(r" {0,8}framesift [a-z]", line) and "…" not in line:
                words = shlex.split(line, comments=True)[1:]
                seen += 1
                try:
                    parser.parse_args(words)
                except SystemExit as end:
                    if end.code:
                        pytest.fail(f"{path.name}: {line.strip()}")
    assert seen > 20


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="b.html#there">x</a><a href="b.html">x</a><a href="#">x</a>', None),
        ('<a href="b.html#nowhere">x</a>', "b.html#nowhere leads nowhere"),
        ('<a href="c.html">x</a>', "c.html leads nowhere"),
        ('<img src="p.png" alt="a picture">', "p.png leads nowhere"),
        ('<img src="b.html" alt="">', "has no words"),
        ('<script src="https://example.org/a.js"></script>', "fetched from a network"),
        ('<a href="https://example.org/">x</a>', None),
    ],
)
def test_check_of_the_site(
    makers: dict[str, ModuleType], tmp_path: Path, body: str, fault: str | None
) -> None:
    (tmp_path / "a.html").write_text(f"<html>{body}</html>", encoding="utf-8")
    (tmp_path / "b.html").write_text('<p id="there"></p>', encoding="utf-8")
    faults = makers["links"].faults(tmp_path)
    assert len(faults) == (fault is not None)
    assert fault is None or fault in faults[0]
