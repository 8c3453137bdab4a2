"""Training in a child process: its records, stopping, dying, misuse."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from framesift.boxes import Box
from framesift.errors import EnvironmentProblem, InputError
from framesift.labels import FrameKey, picture_hash
from framesift.records import Notice, Progress, closing
from framesift.training import (
    Consistency,
    Finished,
    Replay,
    SelfTraining,
    Step,
    TrainJob,
    TrainSettings,
    TrainWorker,
    Validated,
    WorkerError,
    outcome,
    train,
)
from framesift.training.data import Entry, TrainingSet, VideoRef, VideoSource
from framesift.training.job import from_line, to_line
from framesift.training.job_run import trained
from framesift.training.process import command_for
from framesift.training.ranks import ALONE

COMMAND = [sys.executable, "-m", "framesift.training.worker"]
SETTINGS = TrainSettings(epochs=2, batch=2, min_height=10, threads=1, num_workers=1)
FOREVER = SETTINGS.with_(epochs=100_000, save_every_s=0.0)


@pytest.fixture(scope="module")
def job_files(tmp_path_factory):
    from framesift.detectors import PaperDetector
    from framesift.detectors.files.checkpoint import save_checkpoint
    from framesift.video import open_video

    folder = tmp_path_factory.mktemp("job")
    pictures = folder / "drive"
    pictures.mkdir()
    rng = np.random.default_rng(0)
    for i in range(9):
        image = rng.integers(90, 140, (48, 64, 3)).astype(np.uint8)
        image[8:40, 10 + i : 26 + i] = (200, 40, 40)
        cv2.imwrite(str(pictures / f"{i}.png"), image)
    with open_video(pictures) as video:
        entries = tuple(
            Entry(
                FrameKey("v", i),
                64,
                48,
                (Box(10 + i, 8, 26 + i, 40),),
                "validation" if i == 4 else "train",
                picture_hash(video[i]),
            )
            for i in range(5)
        )
    ref = VideoRef("v", "drive", kind="images")
    TrainingSet(("pedestrian",), (ref,), entries).save(folder / "set.json")
    save_checkpoint(
        folder / "start.safetensors",
        PaperDetector(settings={"width": 0.125, "working_height": 48}),
        {},
    )
    return folder


@pytest.fixture
def make(job_files, tmp_path):
    def job(**changes):
        return TrainJob(
            **{
                "detector": str(job_files / "start.safetensors"),
                "device": "cpu",
                "training_set": job_files / "set.json",
                "out": tmp_path / "out",
                "settings": SETTINGS,
                **changes,
            }
        )

    return job


def gone(pid):
    return not psutil.pid_exists(pid) or (psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_a_whole_run(make):
    worker = TrainWorker(make(lineage={"cycle": 2}), command=COMMAND)
    moments, records = [], []
    for record in worker.records():
        moments.append(time.monotonic())
        records.append(record)
        if isinstance(record, Step) and record.step == 2 and sys.platform != "win32":
            assert os.getpgid(worker.pid) == worker.pid != os.getpgid(0)
            assert psutil.Process(worker.pid).nice() >= 10
    assert [r.step for r in records if isinstance(r, Step)] == [1, 2, 3, 4]
    assert [r.epoch for r in records if isinstance(r, Validated)] == [1, 2]
    finished = records[-1]
    assert isinstance(finished, Finished)
    assert finished == outcome(worker.job.out)
    assert not finished.stopped
    # Also while the child only starts up and imports torch.
    assert max(np.diff(moments)) < 1.0
    assert gone(worker.pid)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_killed_and_resumed_is_the_same_as_never_killed(make, job_files, tmp_path):
    from framesift.detectors.files.checkpoint import load_checkpoint

    settings = SETTINGS.with_(
        epochs=2,
        save_every_s=0.0,
        ema_decay=0.5,
        frozen=1,
        batch=4,
        replay=Replay(0.25, frames=2, tone="labelled"),
        self_training=SelfTraining(
            enabled=True, frames=2, keep="tracks", low_score=0.02, track=2, reach=1
        ),
        consistency=Consistency(enabled=True, frames=2),
    )
    worker = TrainWorker(make(settings=settings), command=COMMAND)

    def killed():
        for record in worker.records():
            if isinstance(record, Step) and record.step == 3:
                os.kill(worker.pid, signal.SIGKILL)

    with pytest.raises(EnvironmentProblem, match=r"SIGKILL.*up to step \d of 8 is kept"):
        killed()
    left = outcome(worker.job.out)
    assert left.stopped
    assert left.step >= 2
    records = list(TrainWorker(make(settings=settings, resume=True), command=COMMAND).records())
    assert next(r for r in records if isinstance(r, Step)).step == left.step + 1
    # The same in this process, in one go.
    dataset = TrainingSet.load(job_files / "set.json")
    whole = load_checkpoint(job_files / "start.safetensors")
    with (
        VideoSource(dataset, folder=job_files) as source,
        VideoSource(dataset, "validation", folder=job_files) as validation,
    ):
        straight = list(
            train(whole, source, settings, tmp_path / "whole", validation=validation)
        )
    assert records[-1].history == straight[-1].history
    assert load_checkpoint(records[-1].checkpoint).identity() == whole.identity()


def test_stop_keeps_a_checkpoint(make):
    from framesift.detectors.files.checkpoint import load_checkpoint

    worker = TrainWorker(make(settings=FOREVER.with_(save_every_s=1e6)), command=COMMAND)
    records = []
    for record in worker.records():
        records.append(record)
        if isinstance(record, Step) and record.step == 2:
            worker.stop()
    last = records[-1]
    assert isinstance(last, Finished)
    assert last.stopped
    assert last.step >= 2
    assert load_checkpoint(last.checkpoint).lineage["trained"]["step"] == last.step
    assert gone(worker.pid)


def test_stopped_before_it_began(make):
    worker = TrainWorker(make(settings=FOREVER), command=COMMAND)
    worker.stop()
    assert all(isinstance(r, Progress) for r in worker.records())
    assert outcome(worker.job.out) is None


def test_a_disk_that_fills_up_keeps_what_was_learnt(make, small_disk, fill_disk):
    from framesift.detectors.files.checkpoint import load_checkpoint

    out = small_disk / "out"
    worker = TrainWorker(make(settings=FOREVER, out=out), command=COMMAND)

    def filled():
        for record in worker.records():
            if isinstance(record, Step) and record.step == 3:
                fill_disk(small_disk, 0)

    with pytest.raises(EnvironmentProblem, match=r"disk is full.*up to step \d+ .*is kept"):
        filled()
    left = outcome(out)
    assert left.step >= 2
    # The checkpoint is the one of that step, not a later one that found room.
    assert load_checkpoint(left.last).lineage["trained"]["step"] == left.step
    assert {path.name for path in out.iterdir()} <= {
        "job.json",
        "worker.log",
        "state.safetensors",
        "last.safetensors",
        "best.safetensors",
    }
    (small_disk / "filler").unlink()
    with closing(trained(make(settings=FOREVER, out=out, resume=True), ALONE)) as records:
        first = next(record for record in records if isinstance(record, Step))
    assert first.step == left.step + 1


FAKE = """
import sys, time
sys.stdout.write('{"record": "Notice", "text": "hello"}\\nnoise\\n[1]\\n{"heartbeat": 1}\\n')
sys.stdout.flush()
exec(sys.argv[1])
"""


def fake(make, code, **limits):
    worker = TrainWorker(make(), command=[sys.executable, "-c", FAKE, code], **limits)
    return worker, worker.records()


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ("sys.exit(7)", EnvironmentProblem, "status 7.*not saved anything"),
        ("time.sleep(60)", EnvironmentProblem, "no sign of life"),
        ('print(\'{"error": "Bad set.", "kind": "input"}\')', InputError, "Bad set"),
        (
            'print(\'{"error": "No room.", "kind": "environment"}\')',
            EnvironmentProblem,
            "No room",
        ),
        ('print(\'{"error": "Oh.", "kind": "bug", "details": "tb"}\')', WorkerError, "Oh"),
    ],
)
def test_children_that_misbehave(make, code, error, words):
    worker, records = fake(make, code, silence_s=1.0, grace_s=0.2)
    got = []
    with pytest.raises(error, match=words) as caught:
        got.extend(records)
    assert Notice("hello") in got
    assert gone(worker.pid)
    if error is WorkerError:
        assert caught.value.details == "tb"


def test_a_child_that_computes_without_a_word_lives(make):
    code = "end = time.monotonic() + 2.0\nwhile time.monotonic() < end: pass\nsys.exit(7)"
    _, records = fake(make, code, silence_s=0.7, grace_s=0.2)
    with pytest.raises(EnvironmentProblem, match="status 7"):
        list(records)


def test_a_child_that_does_not_listen_is_killed(make):
    worker, records = fake(
        make, "import signal; signal.signal(15, signal.SIG_IGN); time.sleep(60)", grace_s=0.3
    )
    next(records)
    began = time.monotonic()
    records.close()
    assert time.monotonic() - began < 5
    assert gone(worker.pid)


def test_closing_asks_first(make, tmp_path):
    worker, records = fake(make, f"open({str(tmp_path / 'said')!r}, 'w').write(input())")
    for record in records:
        if isinstance(record, Notice):
            break
    records.close()
    assert gone(worker.pid)
    assert (tmp_path / "said").read_text() == "stop"


def last_words(path):
    """Runs a child on a job file; its exit status and last line."""
    child = subprocess.Popen(
        [*COMMAND, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    with child.stdout, child.stdin:
        said = child.stdout.read()
    return child.wait(20), json.loads(said.splitlines()[-1])


def test_what_the_child_says_of_bad_jobs(make, tmp_path):
    path = tmp_path / "job.json"
    make().save(path)
    good = json.loads(path.read_text())
    status, said = last_words(tmp_path / "none.json")
    assert (status, said["kind"]) == (2, "input")
    assert "Cannot read the training job" in said["error"]
    for change, words in [
        ({"out": 3}, "not a training job"),
        ({"speed": 9}, "speed"),
        ({"settings": {"epochs": 0}}, "epochs"),
    ]:
        path.write_text(json.dumps({**good, **change}))
        with pytest.raises(InputError, match=words):
            TrainJob.load(path)
    path.write_text(json.dumps({**good, "training_set": "nowhere.json"}))
    status, said = last_words(path)
    assert (status, said["kind"]) == (2, "input")
    assert "Cannot read the training set" in said["error"]


LISTENER = """
import os, time
from framesift.training.worker import _Channel
with _Channel() as channel:
    print("noise of a library", flush=True)
    os.write(1, b"and of a deeper one")
    while not channel.stopped():
        time.sleep(0.01)
    channel.send({"result": None})
"""


@pytest.mark.parametrize(
    "how",
    [
        "message",
        "end of stdin",
        pytest.param(
            "SIGTERM", marks=pytest.mark.skipif(sys.platform == "win32", reason="kills there")
        ),
    ],
)
def test_heartbeats_and_the_wish_to_stop(how):
    """The end of stdin is a parent that is gone."""
    child = subprocess.Popen(
        [sys.executable, "-c", LISTENER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    beats = []
    for line in child.stdout:
        data = json.loads(line)
        beats.append(time.monotonic())
        if len(beats) == 4:
            if how == "message":
                child.stdin.write(b"stop\n")
            elif how == "SIGTERM":
                child.terminate()
            else:
                child.stdin.close()
    child.stdout.close()
    child.stdin.close()
    assert data == {"result": None}
    assert child.wait(10) == 0
    # A busy machine may hold one up for longer.
    assert np.median(np.diff(beats)) < 1.0


def test_records_survive_the_wire():
    measured = Validated(1, 2, 0.5, None, 0.3, False)
    for record in (
        Step(1, 2, 1, 0.1, 1e-3, 5.0, None),
        measured,
        Notice("ä"),
        Progress(1, None, "frames"),
        Finished(Path("a"), Path("a"), None, 2, 2, 1.0, None, (measured,), 3.0, False),
    ):
        assert from_line(json.loads(json.dumps(to_line(record)))) == record
    assert from_line({"heartbeat": 2}) is None


def test_the_command(monkeypatch, tmp_path):
    assert command_for("train-worker")[-3:] == ["-m", "framesift", "train-worker"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "framesift-app.exe"))
    assert command_for("train-worker") == [sys.executable, "train-worker"]
    (tmp_path / "framesift.exe").touch()
    assert command_for("train-worker") == [str(tmp_path / "framesift.exe"), "train-worker"]


@pytest.mark.parametrize("box_loss", ["huale", "own"])
def test_the_detector_before_is_passed_on_where_the_loss_asks_for_it(
    make, job_files, monkeypatch, box_loss
):
    from framesift.detectors.files.checkpoint import load_checkpoint

    seen = []

    def fake_train(*_, previous, **__):
        seen.append(None if previous is None else previous.identity())
        yield from ()

    monkeypatch.setattr("framesift.training.loop.train", fake_train)
    before = job_files / "start.safetensors"
    job = make(previous=str(before), settings=SETTINGS.with_(box_loss=box_loss))
    job.save(job_files / "job.json")
    assert [*trained(TrainJob.load(job_files / "job.json"), ALONE)] == []
    assert seen == [load_checkpoint(before).identity() if box_loss == "huale" else None]
