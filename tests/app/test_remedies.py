"""What the engine advises to do by a command is told by the window's own entries."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import framesift
from framesift.errors import InputError
from framesift_app.panels.jobs_strip import JobsStrip
from framesift_app.remedies import COMMANDS, in_the_window
from framesift_app.window import MainWindow

ELSEWHERE = {"bench", "cli", "cluster", "simulate"}
"""Folders of the engine that the window does not use."""
COMMAND_ONLY = {
    "inspect": "asked for by --hardware, which is the commands' own",
    "quantize": "ranges of eight bits are measured by a command",
    "simulate": "experiments are a command's",
    "status": "lists what the window shows anyway",
    "strategies": "the window lists them where they are chosen",
    "train-head": "heads are trained by a command",
    "train-worker": "how the window itself begins a training",
    "weights": "weights are fetched by a command",
}


def _advised() -> Iterator[tuple[str, str]]:
    """(file, first word of a command) of all texts of the engine but docstrings."""
    root = Path(framesift.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if path.relative_to(root).parts[0] in ELSEWHERE:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and id(node) not in docstrings:
                for command in re.findall(r"`framesift ([a-z-]+)", text):
                    yield path.name, command


def test_every_command_that_is_advised_has_an_entry_or_a_reason() -> None:
    advised = list(_advised())
    assert len(advised) > 15
    known = {command.split()[0] for command in COMMANDS} | {*COMMAND_ONLY}
    assert [one for one in advised if one[1] not in known] == []


def test_commands_become_entries() -> None:
    for words, told in (
        ("run `framesift score --every 3`.", "run “Cycle → Score the footage”."),
        (
            "add with `framesift add --evaluation` or `framesift add`.",
            "add with “File → Add footage to the measuring set” or “File → Add footage”.",
        ),
        (
            "fetch it with `framesift weights get x`.",
            "fetch it with `framesift weights get x`.",
        ),
        ("`framesift train-head --head a` first.", "`framesift train-head --head a` first."),
        ("Nothing to be done.", "Nothing to be done."),
    ):
        assert in_the_window(words) == told


def test_the_window_tells_its_own_entries(
    qtbot: Any, footage: Path, narrow: Path, tmp_path: Path, until: Any
) -> None:
    """Measuring with nothing to measure on; a sentence of work that goes on."""
    window = MainWindow()
    window.show()
    session = window.session
    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(lambda: session.footage.drives and session.jobs.active("add") is None)
    until(lambda: session.detector.view)
    window.trigger("measure")
    until(window.notice.isVisible)
    words = window.notice.sentence.text()
    assert words.startswith("There is nothing to measure on")
    assert "“Cycle → Draw frames for the measuring set”" in words
    assert "`" not in words
    session.messages.fail(InputError("Score first: `framesift score`."))
    until(lambda: "“Cycle → Score the footage”" in window.notice.sentence.text())
    session.messages.report("Done but for this.", ["Look: `framesift score` makes them."])
    assert window.findChild(JobsStrip)._lines == (
        "Look: “Cycle → Score the footage” makes them.",
    )
    window.close()
    window.deleteLater()
