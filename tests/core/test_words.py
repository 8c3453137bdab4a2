"""Words that identifiers do without: each stood for something that has a name of its own.

CONTEXT.md is the glossary of the names that are used.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from parsed import parsed

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("core", "app", "packaging")


@dataclass(frozen=True)
class Word:
    """A word that goes. meaning: what it stood for, and the name of that. allowed: whole
    identifiers, as a regular expression, in which it means something else; where: the same for
    files."""

    word: str
    meaning: str
    allowed: str = r"(?!)"
    where: str = r"(?!)"


WORDS = (
    Word("picking", "choosing frames: selection, choose"),
    Word("members", "the dict of a family: family", allowed=r"_?members"),
    Word(
        "double",
        "test-time flip: flip",
        allowed=r"double|double_click|QDoubleSpinBox|mouseDoubleClickEvent",
    ),
    Word("mirror", "test-time flip: flip"),
    # Track matrices mirror pictures.
    Word("mirrored", "test-time flip: flip", where=r"framesift/video/|cli/inspect"),
    Word("turned", "test-time flip: flip"),
    Word(
        "average",
        "of weights: ema",
        allowed=r"\w*average_(miss_rate|precision|interval)|log_average|average_rate",
        where=r"framesift/video/index",
    ),
    Word("norms", "of the network: batch_norm"),
    Word("loaders", "processes that load: num_workers"),
    Word("figures", "plots, metrics, or people: their own names"),
    # The Session's footage, and what commands open, are videos.
    Word("footage", "labelled data sets: dataset", where=r"^(?!.*framesift/datasets/)"),
    Word("outside", "another program, another thread: what it is"),
    Word("immortal", "what keeps references: its reason"),
    Word("looking", "at frames: view"),
    Word("marking", "labelling: label"),
    Word("said", "given, stated, told: the word for it"),
)
VARIABLES = ("one", "found", "own", "wanted")
"""Names of variables that say nothing: a noun says more."""


def _parts(name: str) -> list[str]:
    return [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def _identifiers(tree: ast.AST) -> Iterator[tuple[str, int, bool]]:
    """(identifier, line, whether it is a variable)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id, node.lineno, True
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno, True
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno, False
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno, False
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg, node.value.lineno, False


def _files() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def _found_in(path: Path) -> Iterator[tuple[str, str, int]]:
    """(word, identifier, line) of a file, its name's own among them."""
    tree = parsed(path)
    for name, line, variable in [(path.stem, 0, False), *_identifiers(tree)]:
        parts = _parts(name)
        for word in WORDS:
            if (
                word.word in parts
                and not re.fullmatch(word.allowed, name)
                and not re.search(word.where, path.as_posix())
            ):
                yield word.word, name, line
        if variable and name in VARIABLES:
            yield name, name, line


@pytest.mark.parametrize("folder", FOLDERS)
def test_identifiers_do_without_these_words(folder: str) -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for _, name, line in _found_in(path)
    ]
    meanings = "\n".join(f"{word.word}: {word.meaning}" for word in WORDS)
    assert not faults, f"{len(faults)} names:\n" + "\n".join(faults[:200]) + "\n\n" + meanings


def test_a_word_that_goes_is_seen() -> None:
    tree = ast.parse("def f(own: int) -> None:\n    self.norms = log_average_miss_rate")
    names = {name for name, _, variable in _identifiers(tree) if variable}
    assert "own" in names
    assert "norms" in {name for name, _, _ in _identifiers(tree)}
    assert _parts("GuidedPicking_now") == ["guided", "picking", "now"]
