"""`framesift drives`: what belongs together, where a person has to say it."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from framesift.project import Project

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))


@pytest.fixture
def project(tmp_path: Path, command: Callable[..., str]) -> Path:
    """A project with three clips whose names prove nothing."""
    for number, name in enumerate(("one", "two", "three")):
        media.encode(tmp_path / f"{name}.mp4", media.pictures(10, 32, 32, seed=number))
    command("init", tmp_path / "p")
    command("add", tmp_path / "p", *(tmp_path / f"{n}.mp4" for n in ("one", "two", "three")))
    return tmp_path / "p"


def _drives(folder: Path) -> list[list[str]]:
    with Project.open(folder, readonly=True) as project:
        return [[clip.id for clip in drive.clips] for drive in project.videos.drives()]


def test_joined_in_the_order_given_and_parted_again(
    project: Path, command: Callable[..., str]
) -> None:
    assert "two, one" in command("drives", "join", project, "two", "one.mp4")
    assert sorted(_drives(project)) == [["three"], ["two", "one"]]
    command("drives", "join", project, "two", "three")
    assert _drives(project) == [["one", "two", "three"]]
    command("drives", "part", project, "one", "three")
    assert sorted(_drives(project)) == [["one"], ["three"], ["two"]]
    assert "three" in command("drives", "list", project)


def test_a_cameras_mask_goes_along(project: Path, command: Callable[..., str]) -> None:
    from framesift.project.masks import CameraMask, rectangle

    command("drives", "join", project, "one", "two")
    with Project.open(project) as opened:
        drive = opened.videos.get("two").drive
        opened.masks.set(CameraMask(32, 32, (rectangle(0, 0, 9, 9),), drive))
    command("drives", "part", project, "two")
    with Project.open(project, readonly=True) as opened:
        mask = opened.masks.of(opened.videos.get("two"))
        assert mask is not None
        assert mask.shapes == (rectangle(0, 0, 9, 9),)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["join", "one"], "alone"),
        (["join", "one", "one"], "twice"),
        (["part", "one"], "alone"),
        (["join", "one", "nothing"], "no video"),
        (["join"], "Name the videos"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(
    project: Path, command: Callable[..., str], words: list[str], sentence: str
) -> None:
    action, *videos = words
    assert sentence in command("drives", action, project, *videos, status=2)
    assert len(_drives(project)) == 3
