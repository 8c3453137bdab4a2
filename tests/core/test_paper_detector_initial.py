"""The initial training: what it learns from, that it learns, that it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import framesift.training.initial_frames as initial_frames
from framesift.boxes import Box
from framesift.detectors import PaperDetector
from framesift.detectors.files.checkpoint import load_checkpoint
from framesift.errors import InputError
from framesift.records import Notice
from framesift.training.initial import InitialSettings, train_initial
from framesift.training.initial_frames import CHUNK, Pool, PoolSettings, degraded
from framesift.training.initial_measure import centre_auc
from framesift.training.records import Step

SMALL = InitialSettings(
    width=0.125,
    steps=6,
    batch=4,
    warmup=2,
    box_sizes=((96, 40), (80, 32), (64, 26), (56, 24), (48, 20)),
    pool=PoolSettings(frames=CHUNK, views=1.0, size=(96, 128), crop=(64, 64), scale=(0.9, 1.1)),
)


def drawn(
    look: str, seed: int = 0, size: tuple[int, int] = (480, 640)
) -> Iterator[tuple[np.ndarray, tuple[Box, ...]]]:
    """A stand-in for the drawn scenes that costs nothing."""
    rng = np.random.default_rng(seed)
    while True:
        image = rng.integers(0, 90, (*size, 3), np.uint8)
        x, y = int(rng.integers(5, size[1] - 30)), int(rng.integers(5, size[0] - 62))
        image[y : y + 56, x : x + 24] = (200, 120, 90)
        yield image, (Box(x, y, x + 24, y + 56),)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    import framesift.synth

    monkeypatch.setattr(framesift.synth, "training_frames", drawn)


def run(out: Path, **changes: Any) -> list[Any]:
    options = {"settings": SMALL, "device": "cpu", "workers": 0, **changes}
    return list(train_initial(out, **options))


def test_it_writes_a_checkpoint_that_says_how_it_was_made(tmp_path: Path) -> None:
    out = tmp_path / "made.safetensors"
    threads = torch.get_num_threads()
    records = run(out)
    steps = [r for r in records if isinstance(r, Step)]
    assert [s.step for s in steps] == list(range(1, 7))
    assert all(np.isfinite(s.loss) for s in steps)
    detector = load_checkpoint(out)
    assert detector.lineage["steps_done"] == 6
    assert detector.lineage["width"] == detector.settings["width"] == 0.125
    assert not out.with_name("made.safetensors.state").exists()
    assert torch.get_num_threads() == threads


def test_the_same_run_gives_the_same_weights(tmp_path: Path) -> None:
    one, two, other = (tmp_path / f"{n}.safetensors" for n in "abc")
    run(one, steps=2)
    run(two, steps=2)
    run(other, steps=2, seed=1)
    same, again, differs = (load_checkpoint(p).identity() for p in (one, two, other))
    assert same == again
    assert same != differs


def test_a_broken_off_run_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    run(whole)
    broken = train_initial(parts, settings=SMALL, device="cpu", workers=0, save_every_s=0.0)
    for record in broken:
        if isinstance(record, Step) and record.step == 4:
            break
    broken.close()  # type: ignore[attr-defined]
    records = run(parts)
    assert any(isinstance(r, Notice) and "step" in r.text for r in records)
    assert next(r for r in records if isinstance(r, Step)).step in (4, 5)
    assert load_checkpoint(parts).identity() == load_checkpoint(whole).identity()


def test_states_that_do_not_fit(tmp_path: Path) -> None:
    out = tmp_path / "x.safetensors"
    state = tmp_path / "x.safetensors.state"
    state.write_bytes(b"nonsense")
    with pytest.raises(InputError, match="damaged"):
        run(out)
    broken = train_initial(
        out, settings=SMALL, device="cpu", workers=0, save_every_s=0.0, resume=False
    )
    for record in broken:
        if isinstance(record, Step) and record.step == 3:
            break
    broken.close()  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="other settings"):
        run(out, seed=5)
    with pytest.raises(InputError, match="steps is 0; it must be a whole number from 1 up"):
        run(out, steps=0)


def test_a_budget_of_seconds_ends_it(tmp_path: Path) -> None:
    records = run(tmp_path / "b.safetensors", steps=100_000, budget_s=0.5)
    steps = [r for r in records if isinstance(r, Step)]
    assert 0 < len(steps) < 1000
    assert load_checkpoint(tmp_path / "b.safetensors").lineage["steps_done"] == len(steps)
    assert SMALL.rate_at(5) == pytest.approx(SMALL.final_rate)
    assert SMALL.rate_at(3, 1.0) == pytest.approx(SMALL.final_rate)
    assert SMALL.rate_at(0, 1.0) == SMALL.rate / 2


def test_side_processes_change_nothing() -> None:
    """Drawn by two processes or in this one: the same pool at each step."""
    settings = replace(SMALL.pool, views=0.5)
    pools = [Pool("source", 3, settings, workers, 0, 4) for workers in (0, 2)]
    # A spawned process has the real scenes, not the stand-in: only sizes are compared here.
    try:
        list(pools[0].prepare(0))
        assert len(pools[0].boxes()) == CHUNK
        first = pools[0].views(0)
        list(pools[0].prepare(10))
        assert len(pools[0].boxes()) == CHUNK
        assert not np.array_equal(first[0], pools[0].views(0)[0])
        assert first[0].shape == (4, 64, 64, 3)
    finally:
        for pool in pools:
            pool.close()


def test_degraded_pictures_stay_pictures() -> None:
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    for seed in range(8):
        made = degraded(image, 1.0, np.random.default_rng(seed))
        assert made.shape == image.shape
        assert made.dtype == np.uint8
        again = degraded(image, 1.0, np.random.default_rng(seed))
        np.testing.assert_array_equal(made, again)
    np.testing.assert_array_equal(degraded(image, 0.0, np.random.default_rng(0)), image)


def test_auc_is_that_of_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = PaperDetector(settings={"width": 0.125, "working_height": 96})
    rng = np.random.default_rng(1)
    dense = torch.from_numpy(rng.random((1, 2, 96, 128), np.float32))
    monkeypatch.setattr(detector, "maps", lambda frames: dense)
    image = np.zeros((48, 64, 3), np.uint8)
    boxes = [
        Box(10, 10, 20, 35),
        Box(40, 5, 50, 40),
        Box(0, 0, 4, 4),
        Box(50, 5, 60, 40, ignore=True),
    ]
    highest = dense[0].amax(0).numpy()
    outside = np.ones((96, 128), bool)
    for box in boxes:
        outside[int(box.y1 * 2) : int(box.y2 * 2), int(box.x1 * 2) : int(box.x2 * 2)] = False
    on = [highest[45, 30], highest[45, 90]]
    want = np.mean([(highest[outside] < v).mean() for v in on])
    assert centre_auc(detector, [(image, boxes)]) == pytest.approx(want, abs=1e-3)
    assert np.isnan(centre_auc(detector, [(image, [])]))


def test_chunks_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[int] = []

    def noted(look: str, seed: int, size: tuple[int, int]) -> Any:
        seeds.append(seed)
        return drawn(look, seed, size)

    import framesift.synth

    monkeypatch.setattr(framesift.synth, "training_frames", noted)
    made = initial_frames.chunks("source", 2, 5, (96, 128), 0)
    assert len(next(made) or ()) == CHUNK
    next(made)
    assert seeds == [2_000_011, 2_000_012]


def test_the_decay_by_its_old_name_is_understood_with_a_notice(tmp_path: Path) -> None:
    told = "average is called ema_decay now"
    with pytest.warns(FutureWarning, match=told), pytest.raises(InputError):
        run(tmp_path / "made.safetensors", average=2.0)
