"""HUALE from end to end, as small as it can be: Faster R-CNN learns with its loss of boxes, and
frames are picked by its measures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from framesift.boxes import Box
from framesift.cli import main
from framesift.detectors.files.checkpoint import load_detector, save_checkpoint
from framesift.labels import FrameKey
from framesift.synth import drive, write_drive
from framesift.training import Finished, TrainSettings, train
from framesift.training.data import MemorySource, Sample

pytest.importorskip("torchvision")

NAME = "fasterrcnn_mobilenet_v3_large_fpn"


def source(frames: int = 2) -> MemorySource:
    samples = []
    for n in range(frames):
        image = np.random.default_rng(n).integers(0, 256, (64, 96, 3), np.uint8)
        image[10:46, 20 + n : 38 + n, 0] = 220
        samples.append(Sample(image, (Box(20 + n, 10, 38 + n, 46),), FrameKey("v", n)))
    return MemorySource(samples, ("pedestrian",))


def test_huale_trains_and_picks(tmp_path: Path) -> None:
    settings = {"proposals": 40, "working_height": 96}
    detector = load_detector(NAME, "cpu", precision="float32", settings=settings)
    before = detector.identity()
    how = TrainSettings(
        epochs=1, batch=2, box_loss="huale", min_height=10, optimizer="adamw", num_workers=0
    )
    *_, last = train(detector, source(), how, tmp_path / "training")
    assert isinstance(last, Finished)
    assert detector.identity() != before
    path = tmp_path / "learnt.safetensors"
    save_checkpoint(path, detector)
    for _ in write_drive(drive(seed=46, frames=18, size=(96, 128)), tmp_path / "a.mp4"):
        pass
    picks = {}
    for strategy in ("huale", "box-entropy"):
        words = ["select", tmp_path / "a.mp4", "--detector", path, "--device", "cpu"]
        words += ["--strategy", strategy, "--budget", 3, "--delta1", 1, "--delta2", 0]
        words += ["--every", 2, "--precision", "float32", "--json", tmp_path / "picks.json"]
        assert main([str(word) for word in words]) == 0
        document = json.loads((tmp_path / "picks.json").read_text())
        picks[strategy] = [pick["frame"] for pick in document["picks"]]
    assert len(picks["huale"]) == 3
    assert picks["huale"] != picks["box-entropy"]
