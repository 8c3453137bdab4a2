"""Heads after fine-tuning: trained anew, the same after a stop, told in the checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from framesift.boxes import Box
from framesift.cli import main
from framesift.detectors import PaperDetector
from framesift.detectors.ease import EaseHead
from framesift.detectors.files.checkpoint import load_checkpoint, save_checkpoint
from framesift.detectors.heads import CellHead
from framesift.labels import FrameKey
from framesift.records import Notice
from framesift.simulate import Store, load_experiment
from framesift.synth import drive, labels_path, write_drive
from framesift.training import Finished, Step, TrainSettings, train
from framesift.training.data import MemorySource, Sample

SIZES = [[40, 20], [36, 18], [32, 16], [28, 14], [24, 12]]
SETTINGS = TrainSettings(epochs=1, batch=4, min_height=10, threads=1, num_workers=0)
HEADS = ("difficulty", "predicted_misses")


def source(frames: int = 9) -> MemorySource:
    samples = []
    for n in range(frames):
        rng = np.random.default_rng(n)
        image = rng.integers(40, 190, (64, 96, 3), np.uint8)
        x = int(rng.integers(0, 70))
        image[10:46, x : x + 18, 0] = 220
        key = FrameKey(f"v{n % 3}", n)
        samples.append(Sample(image, (Box(x, 10, x + 18, 46),), key))
    return MemorySource(samples, ("pedestrian",))


def detector() -> PaperDetector:
    """A narrow one with two heads that know nothing."""
    torch.manual_seed(0)
    made = PaperDetector(settings={"width": 0.125, "working_height": 64, "box_sizes": SIZES})
    taken: list[torch.Tensor] = []
    with made.tapped(taken.append):
        made.infer(np.zeros((1, 64, 96, 3), np.uint8))
    made.heads = {"predicted_misses": CellHead(taken[0].shape[1]), "difficulty": EaseHead(1)}
    return made


def digests(trained: Any) -> dict[str, str]:
    return {name: head.digest() for name, head in trained.heads.items()}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[PaperDetector, Path, list[Any]]:
    """A training in one go: the detector, its checkpoint, the records."""
    trained, out = detector(), tmp_path_factory.mktemp("once")
    records = list(train(trained, source(), SETTINGS, out))
    return trained, records[-1].checkpoint, records


def test_heads_are_trained_anew_and_told(once: tuple[PaperDetector, Path, list[Any]]) -> None:
    trained, checkpoint, records = once
    before = digests(detector())
    assert sorted(trained.heads) == sorted(before) == [*HEADS]
    assert digests(trained)["predicted_misses"] != before["predicted_misses"]
    kept = load_checkpoint(checkpoint)
    assert digests(kept) == digests(trained)
    assert kept.identity() == trained.identity()
    card = kept.lineage["trained"]["heads"]
    assert card["predicted_misses"]["frames"] == 6
    assert card["predicted_misses"]["count"] <= 6
    assert card["difficulty"]["count"] == 9
    assert sum("Trained the head" in r.text for r in records if isinstance(r, Notice)) == 2


def test_a_stop_changes_nothing_of_them(
    once: tuple[PaperDetector, Path, list[Any]], tmp_path: Path
) -> None:
    records = train(detector(), source(), SETTINGS, tmp_path)
    assert any(isinstance(record, Step) for record in records)
    records.close()
    assert load_checkpoint(tmp_path / "last.safetensors").heads == {}
    again = detector()
    records = train(again, source(), SETTINGS, tmp_path, resume=True)
    # Stopped once more, while the heads learn.
    for record in records:
        if isinstance(record, Notice):
            break
    records.close()
    again = detector()
    last = list(train(again, source(), SETTINGS, tmp_path, resume=True))[-1]
    assert digests(again) == digests(once[0])
    assert last.checkpoint.read_bytes() == once[1].read_bytes()
    # What is there is not made again.
    third = detector()
    records = list(train(third, source(), SETTINGS, tmp_path, resume=True))
    assert not any(isinstance(record, Notice) for record in records)
    assert digests(third) == digests(again)


def test_heads_can_be_left_out_and_need_frames(tmp_path: Path) -> None:
    bare = detector()
    settings = SETTINGS.with_(heads="dropped")
    records = list(train(bare, source(), settings, tmp_path / "dropped"))
    assert bare.heads == {}
    assert load_checkpoint(records[-1].checkpoint).heads == {}
    few = detector()
    records = list(train(few, source(5), SETTINGS, tmp_path / "few"))
    assert isinstance(records[-1], Finished)
    assert few.heads == {}
    (notice,) = [r.text for r in records if isinstance(r, Notice)]
    assert notice.startswith("Left behind: predicted_misses, difficulty. A head needs 8")


def test_a_simulation_goes_on_with_heads(
    tmp_path: Path, make_detector: Callable[..., Path]
) -> None:
    path = make_detector(tmp_path / "plain.safetensors", width=0.125, height=96, spread=True)
    headed = load_checkpoint(path)
    taken: list[torch.Tensor] = []
    with headed.tapped(taken.append):
        headed.infer(np.zeros((1, 96, 128, 3), np.uint8))
    headed.heads["predicted_misses"] = CellHead(taken[0].shape[1])
    start = tmp_path / "headed.safetensors"
    save_checkpoint(start, headed)
    for seed in (46, 6):
        drawn = drive(seed=seed, frames=24, size=(96, 128), scenario="busy")
        for _ in write_drive(drawn, tmp_path / f"{seed}.mp4"):
            pass
    pool, unseen = (labels_path(tmp_path / f"{seed}.mp4").name for seed in (46, 6))
    text = f"""
budget = 10
cycles = 2
seeds = 1
baseline = "by head"
rules = {{ delta1 = "0", delta2 = "0" }}
pool = {{ kind = "coco", paths = [{json.dumps(pool)}] }}
evaluation = {{ kind = "coco", paths = [{json.dumps(unseen)}], every = 10 }}
initial = {{ source = "checkpoint", detector = {json.dumps(str(start))} }}
training = {{ epochs = 1, batch = 4, min_height = 5.0, augmentation = {{ crop = [64, 64] }} }}
measuring = {{ min_height = 5.0 }}
[[variants]]
name = "by head"
strategy = "predicted-misses"
"""
    (tmp_path / "two.toml").write_text(text)
    words = ["simulate", tmp_path / "two.toml", "--out", tmp_path / "out", "--device", "cpu"]
    assert main([str(word) for word in words]) == 0
    experiment = load_experiment(tmp_path / "two.toml")
    rows = Store(tmp_path / "out", experiment).rows_of(experiment.variants[0], 0)
    assert [len(row.picked) for row in rows] == [0, 10, 10]
    for cycle in (1, 2):
        kept = load_checkpoint(tmp_path / f"out/runs/by head/0/cycle-{cycle:02d}.safetensors")
        assert [*kept.heads] == ["predicted_misses"]
