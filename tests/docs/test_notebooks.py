"""The notebooks among the pages run from start to end, in an empty folder."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path

import pytest

from framesift.product.resources import resource

NOTEBOOKS = ("notebook-picks", "notebook-loop", "notebook-compare")
_CELL = re.compile(r"^```\{code-cell\} ipython3\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def cells(name: str) -> list[str]:
    return _CELL.findall(resource("docs", f"{name}.md").read_text(encoding="utf-8"))


def test_every_notebook_is_one_of_these() -> None:
    pages = resource("docs").glob("*.md")
    marked = {p.stem for p in pages if "file_format: mystnb" in p.read_text(encoding="utf-8")}
    assert marked == set(NOTEBOOKS)
    assert all(len(cells(name)) >= 4 for name in NOTEBOOKS)


def test_the_first_picks_take_ten_lines() -> None:
    """Four of them imports or plots."""
    lines = cells("notebook-picks")[1].strip().splitlines()
    assert len(lines) <= 10
    aside = [line for line in lines if line.startswith("import") or "plot" in line]
    assert len(aside) >= 4


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_from_start_to_end(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from matplotlib import pyplot

    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": name}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for cell in cells(name):
            _run(cell, names)
    finally:
        torch.set_num_threads(threads)
        pyplot.close("all")


def _run(cell: str, names: dict[str, object]) -> None:
    """Runs a cell, and shows its last expression as a notebook does."""
    tree = ast.parse(cell)
    shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    if isinstance(shown, ast.Expr):
        value = eval(compile(ast.Expression(shown.value), "<cell>", "eval"), names)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            html = getattr(value, "_repr_html_", lambda: None)()
        assert html is None or isinstance(html, str)
        assert repr(value)
