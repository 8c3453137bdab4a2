"""File names that are no UTF-8, or hold what a terminal obeys: shown escaped, stored, exported,
found again."""

from __future__ import annotations

import json
import os
import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from framesift.boxes import Box
from framesift.files.printable import path_of, path_text, printable
from framesift.formats import FORMATS
from framesift.labels import FrameKey, FrameLabels
from framesift.project import Project

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))


@pytest.fixture(
    params=[b"stra\xdfe.mp4", b"\x83h\x83\x89\x83C\x83u.mp4"], ids=["latin-1", "sjis"]
)
def oddly_named(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A video with a name in Latin-1 or Shift-JIS."""
    path = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), request.param)))
    whole = media.encode(tmp_path / "whole.mp4", media.pictures(12, 160, 120))
    try:
        os.replace(whole, path)
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    return path


def test_a_name_that_is_not_utf8_survives_every_output(
    oddly_named: Path, tmp_path: Path, small_detector: Path, command: Callable[..., str]
) -> None:
    project, out = tmp_path / "p", tmp_path / "picks"
    assert "12" in command("inspect", oddly_named)
    json.loads(command("inspect", "--json", oddly_named))
    command("score", oddly_named, "--project", project, "--detector", small_detector)
    command("status", project)
    command("drives", "list", project)
    command("cycle", project, "--budget", 2, "--delta1", 0, "--look-alike", "off")
    command("select", oddly_named, "--strategy", "uniform", "--budget", 2, "--out", out)
    assert list(out.rglob("*.png"))
    with Project.open(project, readonly=True) as opened:
        (record,) = opened.videos.all()
        assert record.path == oddly_named
        with opened.videos.open(record.id) as video:
            assert len(video) == 12
    command("labels", "export", project, "--format", "coco", "--out", tmp_path / "labels")
    with Project.open(project) as opened:
        (video,) = opened.videos.all()
        opened.labels.change({FrameKey(video.id, 3): FrameLabels.of([Box(5, 5, 40, 60)])})
    command("labels", "import", project, tmp_path / "labels", "--keep")
    for name in FORMATS:
        folder = tmp_path / name
        command("labels", "export", project, "--format", name, "--out", folder)
        command("labels", "import", project, folder)
    moved = Path(os.fsdecode(os.fsencode(tmp_path / "away") + b"-\xdf"))
    moved.mkdir()
    os.replace(oddly_named, moved / oddly_named.name)
    os.replace(project, moved / "p")
    with Project.open(moved / "p", readonly=True) as opened:
        assert opened.videos.locate(video.id) == moved / oddly_named.name


def test_control_characters_reach_no_terminal(
    tmp_path: Path, command: Callable[..., str], small_detector: Path
) -> None:
    path = tmp_path / "a\x1b[2Jb\u202e4pm.mp4"
    media.encode(tmp_path / "whole.mp4", media.pictures(6, 64, 48)).rename(path)
    project, out = tmp_path / "p", tmp_path / "picks"
    text = command("inspect", path)
    text += command("score", path, "--project", project, "--detector", small_detector)
    text += command("status", project) + command("drives", "list", project)
    text += command("inspect", tmp_path / "none\x1b[2J.mp4", status=2)
    command("select", path, "--strategy", "uniform", "--budget", 2, "--out", out)
    text += "".join(p.read_text("utf-8") for p in out.rglob("*.html"))
    assert not {"\x1b", "\u202e"} & {*text}
    assert r"a\x1b[2Jb\u202e4pm" in text


@given(st.text(st.characters(codec=None), max_size=20))
def test_paths_come_back_from_their_texts(name: str) -> None:
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        assume(False)
    text = path_text(name)
    text.encode("utf-8")
    assert path_of(text) == name
    printable(name).encode("utf-8")
