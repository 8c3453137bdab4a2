"""Scores from kept logits: the same bits as scoring anew, and what is missing is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framesift.cli import main
from framesift.project import Project
from framesift.project.logits import LogitStore

Command = Callable[..., str]


def series(folder: Path) -> dict[Any, Any]:
    """Scores and maxima of the recipes with kept logits, by the score's settings."""
    with Project.open(folder, readonly=True) as project:
        return {
            str(sorted(one.recipe["score"].items())): (
                project.series.values(one).tobytes(),
                project.series.maxima(one, range(48)),
                one.identity,
            )
            for one in project.series.all()
            if one.recipe.get("logits") == "float16"
        }


@pytest.fixture
def words(small_drive: Path, small_detector: Path) -> tuple[object, ...]:
    return ("score", small_drive, "--detector", small_detector, "--device", "cpu")


def test_another_radius_gives_the_bits_of_scoring_anew(
    command: Command, words: tuple[object, ...], tmp_path: Path
) -> None:
    kept, anew = tmp_path / "kept", tmp_path / "anew"
    command(*words, "--project", kept, "--keep-logits", 1, "--every", 2, "--flip")
    assert "24 of them now" in command("rescore", kept, "--radius", 3, "--flip")
    command("rescore", kept, "--radius", 2, "--flip", "--reduction", "mean")
    again = command("rescore", kept, "--radius", 3, "--flip")
    assert "24 frames scored, 0 of them now" in again
    command(
        *words, "--project", anew, "--keep-logits", 1, "--every", 2, "--flip", "--radius", 3
    )
    (expected,) = series(anew).items()
    assert series(kept)[expected[0]] == expected[1]
    assert "say --flip" in command("rescore", kept, "--radius", 4, status=2)


def test_what_was_not_kept_is_counted(
    command: Command,
    words: tuple[object, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "p"
    command(*words, "--project", folder, "--end", 1)
    assert "keeps no logits" in command("rescore", folder, status=2)
    command(*words, "--project", folder, "--keep-logits", 1, "--end", 10)
    command(*words, "--project", folder, "--end", 16)
    assert main(["rescore", str(folder), "--radius", "3"]) == 0
    out, err = capsys.readouterr()
    assert "10 of them now" in out
    assert "6 scored frames have no kept logits" in " ".join(err.split())
    with Project.open(folder, readonly=True) as project:
        (video,) = project.videos.all()
        identity = project.series.all()[0].recipe["detector"]
        (kept,) = LogitStore(project.folder).of(video.id, identity)
    (chunk,) = kept.read()
    assert chunk.frames.tolist() == list(range(10))
    assert chunk.levels[0].dtype == np.float16
    (path,) = kept.folder.glob("*.npz")
    path.write_bytes(path.read_bytes()[:100])
    assert list(kept.read()) == []


def test_the_limit_is_kept(command: Command, words: tuple[object, ...], tmp_path: Path) -> None:
    folder = tmp_path / "p"
    for end in (8, 16, 24):
        command(*words, "--project", folder, "--keep-logits", "0.0000001", "--end", end)
    assert len(list((folder / "logits").glob("*/*/*.npz"))) == 1


def test_what_makes_no_sense_is_refused(
    command: Command, words: tuple[object, ...], tmp_path: Path
) -> None:
    there = (*words, "--project", tmp_path / "p")
    assert "no limit" in command(*there, "--keep-logits", 0, status=2)
    assert "one set of maps" in command(
        *there, "--keep-logits", 1, "--strategy", "mc-dropout", status=2
    )
    assert "keep no logits" in command(
        *there, "--keep-logits", 1, "--cluster", "local:2", status=2
    )
