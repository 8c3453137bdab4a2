"""After a cycle `labels export` writes the frames to label, in every format."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from framesift.formats import FORMATS
from framesift.project import Project

Command = Callable[..., str]


@pytest.fixture(scope="module")
def cycled(
    small_drive: Path, small_detector: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A project with a cycle of three picks and not one label."""
    from framesift.cli import main

    folder = tmp_path_factory.mktemp("cycled") / "week47"
    for words in (
        ("init", folder, "--detector", small_detector),
        ("add", folder, small_drive),
        ("cycle", folder, "--budget", 3, "--delta1", 2, "--every", 4),
    ):
        assert main([str(word) for word in words]) == 0
    return folder


@pytest.mark.parametrize("name", [*sorted(FORMATS), "cvat"])
def test_frames_to_label(command: Command, cycled: Path, name: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(cycled, tmp_path / "week47"))
    out = tmp_path / "to-label"
    command("labels", "export", folder, "--format", name, "--out", out)
    pictures = [p for p in out.rglob("*") if p.suffix in {".jpg", ".png"}]
    assert len(pictures) == 3
    with Project.open(folder, readonly=True) as project:
        assert len(project.ledger.cycle(1).to_label) == 3
        assert project.labels.all() == {}
