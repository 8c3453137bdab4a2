"""Learning from unlabelled frames through the real command, on tiny drawn drives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., str]


@pytest.fixture(scope="module")
def drives(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two drives with many people; only the first is labelled below."""
    from framesift.synth import drive, write_drive

    folder = tmp_path_factory.mktemp("drives")
    for seed in (46, 48):
        drawn = drive(seed=seed, frames=12, size=(96, 128), scenario="busy")
        for _ in write_drive(drawn, folder / f"{seed}.mp4"):
            pass
    return [folder / "46.mp4", folder / "48.mp4"]


@pytest.fixture
def project(
    drives: list[Path], tmp_path: Path, command: Command, make_detector: Callable[..., Path]
) -> Path:
    from framesift.synth import labels_path

    detector = make_detector(tmp_path / "first.safetensors", width=0.125, height=96)
    command("init", tmp_path / "p", "--classes", "pedestrian", "--detector", detector)
    command("add", tmp_path / "p", *drives, "--separate")
    data = json.loads(labels_path(drives[0]).read_text())
    shown = {a["image_id"] for a in data["annotations"]}
    data["images"] = [image for image in data["images"] if image["id"] in shown][:2]
    ids = {image["id"] for image in data["images"]}
    data["annotations"] = [a for a in data["annotations"] if a["image_id"] in ids]
    (tmp_path / "two.json").write_text(json.dumps(data))
    command("labels", "import", tmp_path / "p", tmp_path / "two.json", "--video", "46")
    return tmp_path / "p"


SHORT = ("--epochs", 1, "--batch", 4, "--min-height", 8, "--threads", 1, "--replay", 0)
TAUGHT = (
    *("--self-training", "--self-training-frames", 3, "--self-training-keep", "tracks"),
    *("--self-training-low", 0.02, "--self-training-track", 2, "--self-training-reach", 1),
)


@pytest.mark.usefixtures("trained_here")
def test_both_means_in_one_run(project: Path, command: Command) -> None:
    from framesift.training.data import TrainingSet
    from framesift.training.state import read_tensors, under
    from framesift.training.told import told

    agreeing = ("--consistency", "--consistency-frames", 3)
    command("train", project, *SHORT, *TAUGHT, *agreeing)
    run = project / "training" / "cycle-000"
    # Frames of a drive that nobody has labelled are learnt from, too.
    dataset = TrainingSet.load(run / "training-set.json")
    assert len(dataset.videos) == 2
    assert {entry.key.video for entry in dataset.entries} == {dataset.videos[0].id}
    state, tensors = read_tensors(run)
    assert state.settings.self_training.enabled
    assert state.settings.consistency.enabled
    assert state.taught == 0
    sentence = told(state.settings, 2)
    assert "1 of every 4 labelled by the average of the weights" in sentence
    assert "1 of every 4 unlabelled, to agree when flipped" in sentence
    assert under("taught.", tensors)["boxes"].shape[1] == 6


def test_a_teacher_without_an_average_is_refused(project: Path, command: Command) -> None:
    error = command("train", project, "--preset", "classic", *TAUGHT, status=2)
    assert "ema_decay is 0" in error
    assert not (project / "training").exists() or not list((project / "training").iterdir())
