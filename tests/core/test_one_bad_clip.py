"""One bad clip among good ones: the good ones are handled, every bad one is named."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from framesift.cli import main
from framesift.project import Project

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))
GOOD, BAD = ("a.mp4", "b.mp4"), ("empty.mp4", "text.mp4", "gone.mp4")


@pytest.fixture
def clips(tmp_path: Path) -> list[str]:
    """Good and bad clips in turn."""
    for number, name in enumerate(GOOD):
        media.encode(tmp_path / name, media.pictures(12, 160, 120, seed=number))
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("no video")
    return [str(tmp_path / name) for name in (BAD[0], GOOD[0], BAD[1], GOOD[1], BAD[2])]


def _named(sentences: str) -> bool:
    return all(name in sentences for name in BAD) and "Traceback" not in sentences


def test_inspect(clips: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "--json", *clips]) == 2
    out, err = capsys.readouterr()
    facts = json.loads(out)
    assert [one["frames"] for one in facts if "frames" in one] == [12, 12]
    assert {Path(one["path"]).name for one in facts if "error" in one} == set(BAD)
    assert _named(err)


def test_add(clips: list[str], tmp_path: Path, command: Callable[..., str]) -> None:
    command("init", tmp_path / "p")
    assert _named(command("add", tmp_path / "p", *clips, status=2))
    with Project.open(tmp_path / "p", readonly=True) as project:
        assert [video.name for video in project.videos.all()] == list(GOOD)


def test_score_and_select(
    clips: list[str], tmp_path: Path, small_detector: Path, command: Callable[..., str]
) -> None:
    project = tmp_path / "p"
    said = command(
        "score", *clips, "--project", project, "--detector", small_detector, status=2
    )
    assert _named(said)
    with Project.open(project, readonly=True) as opened:
        assert opened.status().scored == 24
    out = tmp_path / "picks.json"
    said = command(
        "select", *clips, "--strategy", "uniform", "--budget", 3, "--json", out, status=2
    )
    assert _named(said)
    assert len(json.loads(out.read_text())["picks"]) == 3


def test_where_nothing_is_left_nothing_is_made(
    clips: list[str], tmp_path: Path, command: Callable[..., str]
) -> None:
    bad = [clips[0], clips[2], clips[4]]
    assert _named(command("score", *bad, "--project", tmp_path / "p", status=2))
    assert not (tmp_path / "p").exists()
