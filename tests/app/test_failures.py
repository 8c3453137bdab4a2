"""What must not be lost, and what must be a sentence: killed processes, bad files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open
from safetensors.torch import save_file

from framesift.boxes import Box
from framesift.labels import FrameKey
from framesift.project import Project
from framesift.training import TrainSettings

BOX = Box(40, 20, 60, 80, "pedestrian")

EDITS = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QCoreApplication
from framesift.boxes import Box
from framesift.labels import UNSEEN
from framesift_app.session import Session

app = QCoreApplication([])
session = Session()
frames = iter(range(1000))

def edit():
    key = session.footage.drives[0].key_of(next(frames) % 40)
    boxes = session.labels.of(key).with_boxes(Box(10, 10, 30, 60, "pedestrian"))
    session.labels.change(key, boxes, "1 box")
    session.edited = key

def saved(busy):
    if not busy:
        print(session.edited.frame, flush=True)
        edit()

session.journal.saving.connect(saved)
session.projectChanged.connect(edit)
session.open_project(sys.argv[1])
app.exec()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_kill_loses_no_acknowledged_edit(scored: Any, tmp_path: Path) -> None:
    folder = scored.folder
    video = scored.footage.drives[0].clips[0].id
    scored.close_project()
    scored.close()
    script = tmp_path / "edits.py"
    script.write_text(EDITS)
    with subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ},
    ) as child:
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(12)]
        child.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in child.stdout.read().split()]
    assert child.returncode == -signal.SIGKILL
    with Project.open(folder) as project:
        for frame in acknowledged:
            assert project.labels.get(FrameKey(video, frame)).boxes, frame
        assert project.check() == ()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_killed_training_is_told(scored: Any, until: Any) -> None:
    session = scored
    before = session.detector.source
    session.picks.take()
    until(lambda: session.cycles.all)
    for pick in session.picks.all:
        session.labels.change(pick.key, session.labels.of(pick.key).with_boxes(BOX), "1 box")
    session.training.start(
        TrainSettings(
            epochs=100_000,
            batch=2,
            min_height=10,
            threads=1,
            num_workers=1,
            validate_every=0,
            save_every_s=0.5,
        )
    )
    until(lambda: len(session.training.view.losses) > 3)
    until(lambda: list(session.folder.glob("training/*/state.safetensors")))
    os.kill(session.training.pid, signal.SIGKILL)
    until(lambda: session.errors and session.jobs.active("train") is None)
    assert "was killed" in session.errors[0][0]
    assert session.detector.source == before
    assert not session.training.view.running
    # What it had stored last is there to go on from.
    assert list(session.folder.glob("training/*/state.safetensors"))


def test_stopping_a_training_keeps_it(scored: Any, until: Any) -> None:
    session = scored
    session.picks.take()
    until(lambda: session.cycles.all)
    for pick in session.picks.all:
        session.labels.change(pick.key, session.labels.of(pick.key).with_boxes(BOX), "1 box")
    session.training.start(
        TrainSettings(
            epochs=100_000, batch=2, min_height=10, threads=1, num_workers=1, validate_every=0
        )
    )
    until(lambda: session.training.view.losses)
    session.jobs.cancel(session.jobs.active("train").id)
    until(lambda: session.cycles.all[-1].detector_out is not None)
    assert "checkpoints" in session.detector.source
    assert session.errors == []


def test_a_vanished_video_is_a_sentence(scored: Any, until: Any, tmp_path: Path) -> None:
    session = scored
    folder, drive = session.folder, session.footage.drives[0]
    session.close_project()
    path = drive.clips[0].path
    hidden = path.with_name("away.bin")
    path.rename(hidden)
    try:
        session.open_project(folder)
        until(lambda: session.folder is not None)
        session.pictures.request_frame(drive.key, 7)
        until(lambda: session.errors)
        assert "drive" in session.errors[0][0]
        assert "Traceback" in session.errors[0][1]
    finally:
        hidden.rename(path)


def test_a_damaged_detector_is_a_sentence(session: Any, until: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no weights at all")
    session.new_project(tmp_path / "p", ["pedestrian"], str(broken))
    until(lambda: session.errors)
    assert "broken.safetensors" in session.errors[0][0]
    assert session.folder is not None


def test_a_checkpoint_of_another_shape_is_a_sentence(
    scored: Any, until: Any, narrow: Path, tmp_path: Path
) -> None:
    session = scored
    before, picks = session.detector.source, session.picks.all
    other = tmp_path / "other.safetensors"
    with safe_open(narrow, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        told = file.metadata()
    first = next(name for name, tensor in tensors.items() if tensor.ndim == 4)
    tensors[first] = tensors[first][:1].clone()
    save_file(tensors, other, told)
    session.detector.choose(str(other))
    until(lambda: session.errors)
    ((sentence, _),) = session.errors
    assert "other.safetensors" in sentence
    assert "inside Framesift" not in sentence
    assert session.detector.source == before
    assert session.picks.all == picks


def test_a_project_that_is_none_is_a_sentence(session: Any, until: Any, tmp_path: Path) -> None:
    session.open_project(tmp_path / "nowhere")
    until(lambda: session.errors)
    assert "no project" in session.errors[0][0]


def test_closing_while_all_works(scored: Any, until: Any) -> None:
    """Threads end, whatever they do; the fixture that watches them says so."""
    scored.scores.start(every=1, region=12)
    scored.pictures.request_thumbnail(scored.footage.drives[0].key_of(3))
    scored.detector.plan(4, 1, 1)
    scored.close()
