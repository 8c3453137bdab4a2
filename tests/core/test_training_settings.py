"""Training settings, order of frames, learning rate."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framesift.errors import InputError
from framesift.training import PRESETS, Augmentation, TrainSettings, preset
from framesift.training.sampling import batch, learning_rate, step_seed


@pytest.mark.parametrize("name", PRESETS)
def test_presets_survive_json(name):
    settings = preset(name)
    assert TrainSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_the_paper():
    paper = preset("paper")
    assert (paper.optimizer, paper.rho, paper.epochs, paper.n2p) == ("rmsprop", 0.9, 50, 15)
    assert (paper.learning_rate, paper.final_learning_rate) == (1e-3, 1e-4)
    assert paper.weight_decay == 2e-6
    with pytest.raises(InputError, match="preset"):
        preset("best")


def test_nested_settings_survive_json():
    look = Augmentation(crop=(64, 96), scale=(0.5, 2.0), aim=1.0)
    settings = TrainSettings(augmentation=look, micro_batch=2, threads=1, aspect=(0.1, 3.0))
    assert TrainSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings
    assert TrainSettings.from_json({}) == TrainSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("epochs", True),
        ("batch", "8"),
        ("seed", -1),
        ("optimizer", "adam"),
        ("learning_rate", 0),
        ("learning_rate", math.nan),
        ("precision", "int8"),
        ("threads", 0),
        ("micro_batch", 0),
        ("adopt", "first"),
        ("aspect", [0.6, 0.2]),
        ("augmentation", {"flip": 2}),
        ("augmentation", {"crop": [8, 8]}),
        ("augmentation", {"scale": [1.2, 0.8]}),
        ("augmentation", {"blur": 1}),
        ("augmentation", 3),
        ("flavour", 1),
        ("augmentation", {"scale": 1}),
        ("aspect", None),
    ],
)
def test_senseless_values_are_refused_with_a_sentence(name, value):
    with pytest.raises(InputError, match=r"\.$"):
        TrainSettings.from_json({name: value})


@given(st.integers(1, 40), st.integers(1, 9), st.integers(0, 5), st.integers(1, 6))
def test_every_epoch_visits_every_frame_once(frames, size, seed, epochs):
    steps = TrainSettings(epochs=epochs, batch=size).steps(frames)
    row = [one for step in range(steps) for one in batch(seed, step, size, frames)]
    assert len(row) == steps * size >= epochs * frames > (steps - 1) * size
    counts = Counter(row[: epochs * frames])
    assert counts == {(e, i): 1 for e in range(epochs) for i in range(frames)}


@given(st.integers(2, 3000), st.integers(0, 20))
def test_learning_rate_ends_exactly(steps, warmup):
    rates = [learning_rate(s, steps, 1e-3, 1e-4, warmup) for s in range(steps)]
    if steps > warmup:
        assert rates[-1] == 1e-4
    if warmup == 0:
        assert rates[0] == 1e-3
        ratios = [b / a for a, b in pairwise(rates)]
        assert max(ratios) - min(ratios) < 1e-9
    assert all(0 < rate <= 1e-3 for rate in rates)


def test_step_seeds_differ():
    seeds = {step_seed(s, n, p) for s in range(3) for n in range(200) for p in range(3)}
    assert len(seeds) == 1800
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_importing_the_package_imports_no_torch():
    code = (
        "import sys, framesift.training, framesift.training.process; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
