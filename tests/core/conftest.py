"""Fixtures of the engine's tests: a small drawn drive as a file, and small detectors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def small_drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn drive of 48 frames, 160×120, as an mp4 with its COCO file beside it."""
    from framesift.synth import drive, write_drive

    path = tmp_path_factory.mktemp("drive") / "small.mp4"
    for _ in write_drive(drive(seed=3, frames=48, size=(120, 160), scenario="busy"), path):
        pass
    return path


@pytest.fixture(scope="session")
def small_detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a narrow detector with random weights, working height 120."""
    return _make_detector(
        tmp_path_factory.mktemp("detector") / "small.safetensors",
        width=0.125,
        height=120,
        spread=True,
    )


@pytest.fixture(scope="session")
def make_detector() -> Callable[..., Path]:
    """`make_detector(path, width=…, height=…, seed=0, spread=False)` writes a checkpoint of
    the paper's detector with random weights, its boxes scaled to the height; `spread`: with
    logits far apart, so that scores differ from frame to frame without any training."""
    return _make_detector


def _make_detector(
    path: Path, *, width: float, height: int, seed: int = 0, spread: bool = False
) -> Path:
    import torch

    from framesift.detectors import PaperDetector
    from framesift.detectors.files.checkpoint import save_checkpoint
    from framesift.detectors.sizes import PAPER_SIZES

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        sizes = [[h * height / 480, w * height / 480] for h, w in PAPER_SIZES]
        detector = PaperDetector(
            settings={"width": width, "working_height": height, "box_sizes": sizes}
        )
        if spread:
            torch.nn.init.normal_(detector.module.logits.weight, std=0.5)
            torch.nn.init.zeros_(detector.module.logits.bias)
    save_checkpoint(path, detector)
    return path


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: a killed process loses nothing by that, and a
    thousand of them need no flushing."""
    place = Path("/dev/shm")
    usable = place.is_dir() and os.access(place, os.W_OK)
    with tempfile.TemporaryDirectory(dir=place if usable else None) as folder:
        yield Path(folder)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs `framesift …` and gives what it printed; fails on another exit status than
    `status`. The sentence of a failure is what stands on stderr."""
    from framesift.cli import main

    def run(*words: object, status: int = 0) -> str:
        try:
            ended = main([str(word) for word in words])
        except SystemExit as stop:
            ended = int(stop.code or 0)
        out, err = capsys.readouterr()
        assert ended == status, err
        assert "Traceback" not in err
        return out if status == 0 else err

    return run


@pytest.fixture
def trained_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Projects train in this process; see the helper of this name."""
    import trained_here

    monkeypatch.setattr("framesift.loop.training.TrainWorker", trained_here.TrainedHere)


@pytest.fixture
def labels_of() -> Callable[[Path], dict[int, list[list[float]]]]:
    """The frames of a COCO file written beside a drawn drive: frame → its annotations."""

    def read(path: Path) -> dict[int, list[Any]]:
        data = json.loads(path.read_text())
        frames = {image["id"]: image["frame_index"] for image in data["images"]}
        found: dict[int, list[Any]] = {number: [] for number in frames.values()}
        for one in data["annotations"]:
            found[frames[one["image_id"]]].append(one)
        return found

    return read


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB in memory, where the system lets us mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m", "framesift-test", str(folder)]
    able = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount")
    if not able or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def fill_disk() -> Callable[[Path, int], None]:
    """`fill_disk(folder, left)` fills a small disk with one file, filler, but for so many
    bytes."""

    def fill(folder: Path, left: int = 0) -> None:
        stat = os.statvfs(folder)
        free = stat.f_bavail * stat.f_frsize
        (folder / "filler").write_bytes(bytes(max(0, free - left)))

    return fill
