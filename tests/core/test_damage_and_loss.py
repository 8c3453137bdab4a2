"""Footage that changes, is damaged or goes: nothing wrong is kept, the rest goes on."""

from __future__ import annotations

import itertools
import json
import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from framesift.errors import EnvironmentProblem
from framesift.labels import FrameKey, FrameLabels
from framesift.loop import score_project
from framesift.project import Project, fill_pictures, training_set
from framesift.records import Notice

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clips of 24 frames in a folder."""
    folder = tmp_path_factory.mktemp("clips")
    for number, name in enumerate(("a.mp4", "b.mp4")):
        media.encode(folder / name, media.pictures(24, 160, 120, seed=number), gop=6)
    return folder


@pytest.fixture
def project(
    clips: Path, tmp_path: Path, small_detector: Path, command: Callable[..., str]
) -> Path:
    """A project with copies of both clips."""
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes((clips / name).read_bytes())
    command("init", tmp_path / "p", "--detector", small_detector)
    command("add", tmp_path / "p", tmp_path / "a.mp4", tmp_path / "b.mp4")
    return tmp_path / "p"


def _detector(path: Path) -> Any:
    from framesift.detectors.files.checkpoint import load_detector

    return load_detector(str(path), device="cpu")


def test_what_was_read_of_a_file_that_changed_is_not_kept(
    project: Path, small_detector: Path
) -> None:
    path = project.parent / "a.mp4"
    with Project.open(project) as opened:
        records = score_project(opened, _detector(small_detector), videos=["a"])
        assert len(list(itertools.islice(records, 8))) == 8
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
        with pytest.raises(EnvironmentProblem, match="changed while it was scored"):
            list(records)
        assert opened.status().scored == 0


def test_an_untouched_file_keeps_its_scores(project: Path, small_detector: Path) -> None:
    with Project.open(project) as opened:
        list(score_project(opened, _detector(small_detector)))
        assert opened.status().scored == 48


def test_a_damaged_frame_is_not_picked_unless_asked_for(
    project: Path, command: Callable[..., str]
) -> None:
    with Project.open(project) as opened:
        opened.videos.facts.add_damaged("a", range(24))
        opened.videos.facts.add_damaged("b", range(20))
    common = (
        "--strategy",
        "guided-random",
        "--budget",
        9,
        "--delta1",
        0,
        "--look-alike",
        "off",
    )
    out = project.parent / "picks.json"
    command("select", "--project", project, *common, "--json", out)
    picks = json.loads(out.read_text())["picks"]
    assert len(picks) == 4
    assert {pick["frame"] for pick in picks} == {20, 21, 22, 23}
    command("select", "--project", project, *common, "--damaged", "--json", out)
    assert len(json.loads(out.read_text())["picks"]) == 9


def test_damage_that_is_seen_while_scoring_is_remembered(
    clips: Path, tmp_path: Path, small_detector: Path, command: Callable[..., str]
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes((clips / "a.mp4").read_bytes())
    media.scratch(path, [0.6])
    command("score", path, "--project", tmp_path / "p", "--detector", small_detector)
    out = tmp_path / "picks.json"
    with Project.open(tmp_path / "p", readonly=True) as opened:
        damaged = opened.videos.facts.damaged("a")
    assert damaged
    budget = ("--budget", 24, "--delta1", 0, "--look-alike", "off")
    command("select", path, "--strategy", "guided-random", *budget, "--json", out)
    frames = {pick["frame"] for pick in json.loads(out.read_text())["picks"]}
    assert frames == set(range(24)) - damaged


def test_scores_are_made_again_when_the_file_is_well(
    project: Path, small_detector: Path
) -> None:
    with Project.open(project) as opened:
        list(score_project(opened, _detector(small_detector), videos=["a"]))
        (series,) = opened.series.all("a")
        right = opened.series.values(series)
        opened.videos.facts.add_damaged("a", [5])
        with opened.series.writer("a", series.recipe) as writer:
            writer.rescore([5])
            writer.add(5, 123.0)
        assert opened.series.values(series)[5] == 123.0
        list(score_project(opened, _detector(small_detector), videos=["a"]))
        assert not opened.videos.facts.damaged("a")
        assert np.array_equal(opened.series.values(series), right)
        assert opened.series.all("a")[0].scored == 24


@pytest.mark.parametrize(
    ("strategy", "alike"),
    [("divergence", "off"), ("guided-random", "on"), ("uniform", "off"), ("core-set", "off")],
)
def test_a_lost_clip_does_not_stop_a_cycle(
    project: Path, command: Callable[..., str], strategy: str, alike: str
) -> None:
    (project.parent / "a.mp4").unlink()
    rules = ("--budget", 3, "--delta1", 0, "--look-alike", alike, "--strategy", strategy)
    command("cycle", project, *rules)
    with Project.open(project, readonly=True) as opened:
        cycle = opened.ledger.cycle(1)
        assert {pick.key.video for pick in cycle.picks} == {"b"}
    assert "bit for bit" in command("cycle", project, "--replay", 1)


def test_an_overwritten_clip_is_said(project: Path, small_detector: Path) -> None:
    (project.parent / "a.mp4").write_bytes((project.parent / "b.mp4").read_bytes())
    with Project.open(project) as opened:
        records = list(score_project(opened, _detector(small_detector)))
        said = [record.text for record in records if isinstance(record, Notice)]
        assert any("a.mp4 is left out" in text for text in said)
        assert opened.status().scored == 24


def test_a_removed_clip_leaves_labels_and_cycles(
    project: Path, command: Callable[..., str]
) -> None:
    command("cycle", project, "--budget", 4, "--delta1", 0, "--look-alike", "off")
    with Project.open(project) as opened:
        for pick in opened.ledger.cycle(1).picks:
            opened.labels.change({pick.key: FrameLabels.of([])})
        taken = {pick.key for pick in opened.ledger.cycle(1).picks}
    command("drives", "remove", project, "a", "b")
    with Project.open(project, readonly=True) as opened:
        assert not opened.videos.all()
    assert "bit for bit" in command("cycle", project, "--replay", 1)
    command("add", project, project.parent / "a.mp4", project.parent / "b.mp4")
    with Project.open(project, readonly=True) as opened:
        assert set(opened.labels.all()) == taken


def test_training_goes_on_without_a_lost_clip(project: Path) -> None:
    with Project.open(project) as opened:
        for video in ("a", "b"):
            for frame in range(0, 24, 6):
                opened.labels.change({FrameKey(video, frame): FrameLabels.of([])})
        (project.parent / "a.mp4").unlink()
        list(fill_pictures(opened))
        assert {entry.key.video for entry in training_set(opened).entries} == {"b"}
