"""The whole loop through the real command, with an oracle in the place of the person: three
cycles on a drawn drive, measured on an unseen one."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from framesift.synth import labels_path

Command = Callable[..., str]
HEIGHT, WIDTH, LENGTH = 160, 224, 150


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drives for the pool and an unseen one, all of them with many people."""
    from framesift.synth import drive, write_drive

    folder = tmp_path_factory.mktemp("footage")
    for name, seed in (("monday", 46), ("tuesday", 48), ("unseen", 63)):
        drawn = drive(seed=seed, frames=LENGTH, size=(HEIGHT, WIDTH), scenario="busy")
        for _ in write_drive(drawn, folder / f"{name}.mp4"):
            pass
    return folder


def oracle(coco: Path, frames: Collection[int], out: Path) -> Path:
    """A COCO file that labels only `frames`."""
    data: dict[str, Any] = json.loads(coco.read_text())
    images = [image for image in data["images"] if image["frame_index"] in frames]
    ids = {image["id"] for image in images}
    data["images"] = images
    data["annotations"] = [a for a in data["annotations"] if a["image_id"] in ids]
    out.write_text(json.dumps(data))
    return out


@pytest.mark.timeout(600)
def test_three_cycles_lower_the_miss_rate(
    command: Command,
    footage: Path,
    tmp_path: Path,
    make_detector: Callable[..., Path],
) -> None:
    project = tmp_path / "week47"
    detector = make_detector(tmp_path / "first.safetensors", width=0.25, height=HEIGHT)
    command("init", project, "--classes", "pedestrian", "--detector", detector)
    command("add", project, footage / "monday.mp4", footage / "tuesday.mp4", "--separate")
    command("add", project, "--evaluation", footage / "unseen.mp4")
    unseen = oracle(
        labels_path(footage / "unseen.mp4"), range(0, LENGTH, 5), tmp_path / "unseen.json"
    )
    command("labels", "import", project, unseen, "--video", "unseen")
    before = measured(command, project)

    for cycle in (1, 2, 3):
        picks = tmp_path / f"picks-{cycle}.json"
        command(
            "cycle",
            project,
            "--budget",
            25,
            "--delta1",
            "4",
            "--every",
            3,
            "--no-report",
            "--json",
            picks,
        )
        found = json.loads(picks.read_text())
        assert len(found["picks"]) == 25
        for number, video in enumerate(found["videos"]):
            frames = {p["frame"] for p in found["picks"] if p["video"] == number}
            name = Path(video["path"]).stem
            if frames:
                labels = oracle(
                    labels_path(footage / f"{name}.mp4"),
                    frames,
                    tmp_path / f"{cycle}-{name}.json",
                )
                command("labels", "import", project, labels, "--video", name)
        command(
            "train",
            project,
            "--preset",
            "adamw",
            "--epochs",
            30,
            "--batch",
            4,
            "--min-height",
            17,
            "--crop",
            "112x112",
            "--validate-every",
            0,
            "--learning-rate",
            0.004,
            "--seed",
            1,
            "--threads",
            1,
            "--from",
            "initial" if cycle == 1 else "current",
        )
    after = measured(command, project)
    assert after <= before - 0.10, f"miss rate {before:.3f} before, {after:.3f} after"

    story = command("status", project)
    assert all(f"\n{cycle} " in story for cycle in (1, 2, 3))
    assert "25 of 25" in story
    assert "bit for bit" in command("cycle", project, "--replay", 2)
    assert "newly found" in command("cycle", project, "--compare", 0, 3)


@pytest.mark.timeout(600)
def test_a_cycle_with_a_detector_of_torchvision(
    command: Command,
    footage: Path,
    tmp_path: Path,
) -> None:
    pytest.importorskip("torchvision")
    from framesift.detectors.files.checkpoint import load_detector, save_checkpoint

    project, detector = tmp_path / "week47", tmp_path / "fcos.safetensors"
    save_checkpoint(
        detector, load_detector("fcos_resnet50_fpn", "cpu", settings={"working_height": 96})
    )
    command("init", project, "--classes", "pedestrian", "--detector", detector)
    command("add", project, footage / "monday.mp4")
    command("add", project, "--evaluation", footage / "unseen.mp4")
    picks = tmp_path / "picks.json"
    command(
        "cycle",
        project,
        "--budget",
        4,
        "--delta1",
        "4",
        "--every",
        15,
        "--no-report",
        "--json",
        picks,
    )
    frames = {pick["frame"] for pick in json.loads(picks.read_text())["picks"]}
    assert len(frames) == 4
    for name, known in (("monday", frames), ("unseen", range(0, LENGTH, 30))):
        labels = oracle(labels_path(footage / f"{name}.mp4"), known, tmp_path / f"{name}.json")
        command("labels", "import", project, labels, "--video", name)
    before = json.loads(command("evaluate", project, "--min-height", 17, "--json"))
    command("train", project, "--epochs", 3, "--batch", 2, "--min-height", 10, "--threads", 1)
    after = json.loads(command("evaluate", project, "--min-height", 17, "--json"))
    assert after["frames"] == before["frames"] == 5
    assert after["detector"] != before["detector"]
    command(
        "cycle",
        project,
        "--budget",
        4,
        "--delta1",
        "4",
        "--every",
        15,
        "--no-report",
        "--json",
        picks,
    )
    assert not frames & {pick["frame"] for pick in json.loads(picks.read_text())["picks"]}
    assert "4 of 4" in command("status", project)


def measured(command: Command, project: Path) -> float:
    summary = json.loads(command("evaluate", project, "--min-height", 17, "--json"))
    assert summary["frames"] == 30
    return float(summary["miss_rate"])
