"""The notebooks among the pages, and the README's script, run from start to end, in an empty
folder."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path

import pytest

import framesift
from framesift.product.resources import resource

NOTEBOOKS = ("notebook-picks", "notebook-loop", "notebook-compare")
_CELL = re.compile(r"^```\{code-cell\} ipython3\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SCRIPT = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
README = Path(__file__).resolve().parents[2] / "README.md"


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
    monkeypatch.chdir(tmp_path)
    _run_all(cells(name), name)


@pytest.mark.filterwarnings("ignore:The distances choose here more than the score")
def test_the_readmes_script_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    drawn = framesift.synth.drive(seed=41, frames=4, size=(64, 96))
    framesift.last(framesift.synth.write_drive(drawn, Path("drive.mp4")))
    blocks = _SCRIPT.findall(README.read_text(encoding="utf-8"))
    assert len(blocks) == 2
    _run_all(blocks, "script")
    numbers = [int(line.split()[0]) for line in capsys.readouterr().out.splitlines()]
    assert numbers[-2:] == [0, 3]
    assert numbers[:-2]
    assert {*numbers[:-2]} <= {0, 3}
    assert Path("picks.png").exists()


def _run_all(blocks: list[str], name: str) -> None:
    import torch
    from matplotlib import pyplot

    names: dict[str, object] = {"__name__": name}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for block in blocks:
            _run(block, names)
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
