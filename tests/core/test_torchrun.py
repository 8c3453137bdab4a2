"""Training by processes that torchrun starts: what one process does with the same steps."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from unlabelled_footage import drive

from framesift.boxes import Box
from framesift.detectors.files.checkpoint import load_checkpoint
from framesift.errors import InputError
from framesift.labels import FrameKey, FrameLabels
from framesift.project import Project
from framesift.training import TrainJob, outcome
from framesift.training.ranks import ALONE, Ranks
from framesift.training.share import Division

HELPER = Path(__file__).resolve().parents[1] / "helpers" / "joint_training.py"
pytestmark = pytest.mark.timeout(600)  # four times torch is imported by several processes
STEPS = 24
WORDS = ("--preset", "classic", "--batch", "4", "--epochs", "8", "--min-height", "8")
WORDS += ("--threads", "1", "--num-workers", "0", "--save-every", "0", "--ema-decay", "0.9")


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, make_detector: Callable[..., Path]
) -> Path:
    """A project of a drive of images, all of them labelled."""
    from framesift.cli import main

    folder = tmp_path_factory.mktemp("torchrun")
    detector = make_detector(folder / "first.safetensors", width=0.125, height=64)
    place = str(folder / "p")
    assert not main(["init", place, "--classes", "pedestrian", "--detector", str(detector)])
    assert not main(["add", place, str(drive(folder, 12) / "v")])
    with Project.open(place) as opened:
        video = opened.videos.all()[0].id
        boxes = {n: [Box(60 - 2 * n, 16, 76 - 2 * n, 48)] for n in range(12)}
        opened.labels.change({FrameKey(video, n): FrameLabels.of(b) for n, b in boxes.items()})
    return folder / "p"


@contextlib.contextmanager
def torchrun(*words: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", *map(str, words)]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    out: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env=env, **out) as started:
        yield started


@pytest.fixture(scope="module")
def killed(project: Path) -> Path:
    """The folder of a training whose processes were all killed by SIGKILL in the middle."""
    out = project / "training" / "cycle-000"
    with torchrun("-m", "framesift", "train", project, *WORDS) as started:
        while not (out / "state.safetensors").exists():
            assert started.poll() is None, started.communicate()[0]
            time.sleep(0.002)
        family = psutil.Process(started.pid).children(recursive=True)
        for process in (*family, started):
            process.kill()
        psutil.wait_procs(family)
        started.communicate()
    return out


@pytest.fixture(scope="module")
def together(killed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `joint_training` writes of the same job."""
    folder = tmp_path_factory.mktemp("together")
    TrainJob.load(killed / "job.json").save(folder / "job.json")
    command = [sys.executable, str(HELPER), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_all_processes_are_killed(killed: Path) -> None:
    left = outcome(killed)
    assert left is not None
    assert 0 < left.step < STEPS


def test_two_processes_have_the_losses_of_one(together: Path) -> None:
    """Nothing is asked of the one process: its batches go through the network whole."""
    result = json.loads((together / "result.json").read_text())
    job = result.pop("job")
    assert len(job["alone"]) == STEPS
    assert job["alone"][-1] < job["alone"][0]
    assert job["shared"] == pytest.approx(job["alone"], rel=5e-4)
    assert list(result) == ["whole batch", "uneven parts", "points and unlabelled", "ssdlite"]
    for case in result.values():
        assert case["shared"] == pytest.approx(case["alone"], rel=1e-5)
        assert case["far"] < 1e-4


def test_killed_and_resumed_is_never_killed(project: Path, together: Path) -> None:
    """By torchrun and the command that a person gives, bit for bit."""
    with torchrun("-m", "framesift", "train", project, *WORDS, "--resume") as started:
        text = started.communicate()[0]
    assert started.returncode == 0, text
    # The first process alone reports.
    assert text.count(f"{STEPS} of {STEPS} steps") == 1
    (made,) = (project / "checkpoints").glob("*.safetensors")
    resumed = load_checkpoint(made).module.state_dict()
    whole = load_checkpoint(together / "whole" / "last.safetensors").module.state_dict()
    assert all(torch.equal(resumed[name], value) for name, value in whole.items())


@pytest.mark.parametrize(("labelled", "unlabelled", "micro"), [(8, 0, 4), (5, 4, 3), (6, 2, 6)])
def test_each_frame_is_one_process_s(labelled: int, unlabelled: int, micro: int) -> None:
    frames = list(range(labelled + unlabelled))
    division = Division(labelled, unlabelled, micro, 2)
    first, second = (division.own(frames, rank) for rank in (0, 1))
    assert sorted(first + second) == frames
    parts = list(division.parts())
    assert [sum(part) for part in parts] == [
        sum(part) for part in Division(labelled, unlabelled, micro).parts()
    ]
    assert len(first) == sum(part[0] for part in parts)
    # Of every part each has some: those of a part stand one after the other.
    assert first[: parts[0][0]] + second[: parts[0][1]] == frames[: sum(parts[0])]
    assert Division(labelled, unlabelled, micro).own(frames, 0) == frames


def test_what_cannot_be_shared_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="too little for 3 processes"):
        Division(4, 0, 2, 3).check()
    with pytest.raises(InputError, match="cannot train on mps"):
        Ranks(1, 2, 1).device("mps")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(InputError, match="nproc-per-node 1"):
        Ranks(1, 2, 1).device("cuda")
    for name in ("RANK", "LOCAL_RANK"):
        monkeypatch.setenv(name, "3")
    monkeypatch.setenv("MASTER_ADDR", "here")
    assert Ranks.of_environment() == ALONE
    monkeypatch.setenv("MASTER_PORT", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(InputError, match="as torchrun sets"):
        Ranks.of_environment()
