"""tests/CASES.md names tests; each of them is there."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r"(tests/[\w/]+\.py)::(\w+)")


def test_every_test_that_the_table_names_exists() -> None:
    rows = [
        line
        for line in (ROOT / "tests" / "CASES.md").read_text("utf-8").splitlines()
        if re.match(r"\| \d+ \|", line)
    ]
    assert [int(row.split("|")[1]) for row in rows] == [*range(1, 32)]
    for row in rows:
        named = _NAMED.findall(row)
        assert named, f"no test for {row[:40]}"
        for file, name in named:
            tree = ast.parse((ROOT / file).read_text("utf-8"))
            functions = {
                node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
            }
            assert name in functions, f"{file} has no {name}"


def test_the_script_of_cases_knows_its_parts() -> None:
    script = runpy.run_path(str(ROOT / "tests" / "cases" / "__main__.py"))
    for kind in script["KINDS"]:
        part = runpy.run_path(str(ROOT / "tests" / "cases" / f"{kind}.py"))
        assert callable(part["lines"])
