"""Signals through the real command, and what they ask of real detectors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from framesift.cli import main
from framesift.detectors.files.checkpoint import load_detector
from framesift.project import Project
from framesift.scores import FrameScorer
from framesift.scores.shared import Shared
from framesift.synth import drive, write_drive

RULES = ("--budget", "3", "--delta1", "2", "--delta2", "1", "--every", "4", "--device", "cpu")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("drive") / "monday.mp4"
    for _ in write_drive(drive(seed=5, frames=24, size=(96, 128)), path):
        pass
    return path


@pytest.fixture(scope="module")
def snapshots(
    tmp_path_factory: pytest.TempPathFactory, make_detector: Callable[..., Path]
) -> list[Path]:
    """Three states of one small detector."""
    folder = tmp_path_factory.mktemp("snapshots")
    return [
        make_detector(folder / f"{n}.safetensors", width=0.125, height=96, spread=True, seed=n)
        for n in range(3)
    ]


def picked(video: Path, out: Path, *words: object) -> list[tuple[int, float]]:
    """What `framesift select` takes, with raw scores."""
    path = out / "picks.json"
    said = ["select", video, *RULES, *words, "--json", path]
    assert main([str(word) for word in said]) == 0
    return [(p["frame"], p["score"]) for p in json.loads(path.read_text())["picks"]]


@pytest.mark.parametrize(
    "strategy", ["ensemble", "ensemble-mi", "ensemble-iou", "ensemble-iou-class"]
)
def test_an_ensemble_of_checkpoints(
    strategy: str,
    video: Path,
    snapshots: list[Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, *others = map(str, snapshots)
    said = ("--detector", first, "--precision", "float32", "--strategy", strategy)
    found = picked(video, tmp_path, *said, "--ensemble", ",".join(others))
    assert len(found) == 3
    assert picked(video, tmp_path, *said, "--ensemble", others[0]) != found
    document = json.loads((tmp_path / "picks.json").read_text())
    (content,) = document["settings"]["score"]["ensemble"]
    assert len(content) == 32
    # The same detector twice disagrees in nothing.
    if strategy != "ensemble":
        same = picked(video, tmp_path, *said, "--ensemble", first)
        assert all(score < 1e-5 for _, score in same)
    assert main(["select", str(video), *RULES, *said]) == 2
    assert "name other checkpoints of it with --ensemble" in capsys.readouterr().err
    assert main(["select", str(video), *RULES, *said, "--ensemble", "gone.pt"]) == 2
    assert "There is no checkpoint gone.pt" in capsys.readouterr().err


def test_without_proposals_tightness_says_what_to_take(
    video: Path, snapshots: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--strategy", "tightness", "--detector", str(snapshots[0])]
    assert main(["select", str(video), *RULES, *words]) == 2
    assert "take a Faster R-CNN without tiles, or stability" in capsys.readouterr().err


def test_strategies_say_what_they_cost(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategies", "--json"]) == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert listed["stability"]["cost"] == "1 + 5"
    assert listed["tightness"]["needs"] == ["boxes", "proposals"]
    assert listed["ensemble"]["signals"] == ["ensemble_entropy"]
    assert all(one["failure"] and one["cost"] for one in listed.values())


def test_several_signals_look_once(snapshots: list[Path]) -> None:
    detector = load_detector(snapshots[0], "cpu", precision="float32")
    frames = np.random.default_rng(0).integers(0, 256, (2, 96, 128, 3), np.uint8)
    methods = ("entropy", "box_entropy", "huale_class", "huale_box", "flip_divergence")
    alone = [FrameScorer(method).score(detector, frames) for method in methods]
    looks = 0
    infer = detector.infer

    def counted(*given: object, **options: object) -> object:
        nonlocal looks
        looks += 1
        return infer(*given, **options)  # type: ignore[arg-type]

    detector.infer = counted  # type: ignore[assignment, method-assign]
    together = Shared(detector)
    for method, expected in zip(methods[::-1], alone[::-1], strict=True):
        assert FrameScorer(method).score(together, frames) == expected  # type: ignore[arg-type]
    # The frames and their mirror images; first without their boxes, as maps need none.
    assert looks <= 4


def test_raw_boxes_are_those_before_suppression(snapshots: list[Path]) -> None:
    detector = load_detector(snapshots[0], "cpu", precision="float32")
    frames = np.random.default_rng(0).integers(0, 256, (2, 96, 128, 3), np.uint8)
    for raw, kept in zip(detector.raw_boxes(frames), detector.predict(frames), strict=True):
        assert len(raw) > len(kept) > 0
        assert {*map(bytes, kept.boxes)} <= {*map(bytes, raw.boxes)}


def test_flicker_is_a_strategy_of_videos(
    video: Path, snapshots: list[Path], tmp_path: Path
) -> None:
    said = ("--detector", snapshots[0], "--strategy", "flicker")
    found = picked(video, tmp_path, *said)
    assert len(found) == 3
    document = json.loads((tmp_path / "picks.json").read_text())
    names = {"flicker_false", "flicker_missed", "flicker_dense"}
    assert {*document["settings"]["score"]} == names
    # A project scores them side by side, resumes, and chooses the same.
    project = tmp_path / "week"
    score = ["score", video, "--project", project, "--every", 4, "--device", "cpu", *said]
    assert main([str(word) for word in [*score, "--end", 12]]) == 0
    assert main([str(word) for word in score]) == 0
    with Project.open(project, readonly=True) as opened:
        series = opened.series.all()
        assert {one.signal for one in series} == names
        assert {one.scored for one in series} == {6}
    cycle = ["cycle", project, *RULES, *said, "--no-report", "--json", tmp_path / "c.json"]
    assert main([str(word) for word in cycle]) == 0
    document = json.loads((tmp_path / "c.json").read_text())
    assert [(p["frame"], p["score"]) for p in document["picks"]] == found
