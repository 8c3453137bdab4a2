"""The loop's parts through the command: sampling, exchange, planning, interruption."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from framesift.boxes import Box
from framesift.labels import FrameKey, FrameLabels
from framesift.loop.training import settings_for, train_project
from framesift.project import Project
from framesift.training import TrainJob

Command = Callable[..., str]


@pytest.fixture
def project(command: Command, small_drive: Path, small_detector: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    command("init", folder, "--detector", small_detector)
    command("add", folder, small_drive)
    return folder


def scores(folder: Path) -> dict[str, np.ndarray]:
    with Project.open(folder, readonly=True) as project:
        return {one.video: project.series.values(one) for one in project.series.all()}


def test_score_makes_the_project_and_resumes(
    command: Command,
    small_drive: Path,
    small_detector: Path,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "made"
    words = (
        "score",
        small_drive,
        "--project",
        folder,
        "--detector",
        small_detector,
        "--batch",
        4,
    )
    assert "16 of them now" in command(*words, "--every", 3)
    assert "32 of them now" in command(*words)
    assert "0 of them now" in command(*words, "--progressive")
    whole = scores(folder)["small"]
    assert not np.isnan(whole).any()


def test_select_from_a_project_takes_nothing(
    command: Command, project: Path, tmp_path: Path
) -> None:
    said = command("select", "--project", project, status=2)
    assert "scored" in said
    command("score", "--project", project)
    picks = []
    for _ in range(2):
        command(
            "select",
            "--project",
            project,
            "--budget",
            5,
            "--delta1",
            "3",
            "--json",
            tmp_path / "picks.json",
            "--look-alike",
            "off",
        )
        picks.append(json.loads((tmp_path / "picks.json").read_text())["picks"])
    assert picks[0] == picks[1]
    assert len(picks[0]) == 5
    with Project.open(project, readonly=True) as opened:
        assert len(opened.ledger) == 0


def test_cycles_keep_their_distances(command: Command, project: Path, tmp_path: Path) -> None:
    taken: list[int] = []
    for _ in range(2):
        command(
            "cycle",
            project,
            "--budget",
            4,
            "--delta1",
            "5",
            "--delta2",
            "2",
            "--json",
            tmp_path / "picks.json",
        )
        found = json.loads((tmp_path / "picks.json").read_text())
        frames = [pick["frame"] for pick in found["picks"]]
        assert np.diff(sorted(frames)).min() > 5
        assert all(abs(a - b) > 2 for a in frames for b in taken)
        taken += frames
    assert (project / "reports" / "cycle-002" / "report.html").exists()
    assert "bit for bit" in command("cycle", project, "--replay", 1)


def test_evaluation_frames_are_never_picked(
    command: Command, project: Path, tmp_path: Path
) -> None:
    command("sample", project, "--evaluation", 30)
    with Project.open(project, readonly=True) as opened:
        held = {key.frame for key in opened.evaluation.sampled()}
    assert len(held) == 30
    command(
        "cycle",
        project,
        "--budget",
        40,
        "--delta1",
        "0",
        "--delta2",
        "0",
        "--no-report",
        "--look-alike",
        "off",
        "--json",
        tmp_path / "picks.json",
    )
    frames = {p["frame"] for p in json.loads((tmp_path / "picks.json").read_text())["picks"]}
    assert len(frames) == 18
    assert not frames & held


@pytest.mark.parametrize("format", ["coco", "cvat", "yolo", "voc", "csv", "label-studio"])
def test_labels_go_out_and_come_back(
    command: Command, project: Path, tmp_path: Path, format: str
) -> None:
    boxes = (Box(10, 20, 30, 70), Box(50, 24, 64, 60))
    with Project.open(project) as opened:
        opened.labels.change(
            {
                FrameKey("small", 3): FrameLabels.of(boxes),
                FrameKey("small", 9): FrameLabels.of(()),
            }
        )
        kept = opened.labels.snapshot()
    command(
        "labels", "export", project, "--format", format, "--out", tmp_path / "out", "--pictures"
    )
    with Project.open(project) as opened:
        assert opened.journal.undo() is not None
        assert not opened.labels.all() or opened.labels.snapshot() != kept
    command("labels", "import", project, tmp_path / "out", "--video", "small")
    with Project.open(project, readonly=True) as opened:
        labels = opened.labels.all()
        assert opened.labels.pictures.get(FrameKey("small", 3)) is not None
    assert {key.frame for key in labels if labels[key].trains} >= {3}
    back = sorted(labels[FrameKey("small", 3)].boxes, key=lambda b: b.x1)
    for box, found in zip(boxes, back, strict=True):
        assert abs(box.x1 - found.x1) < 0.51
        assert abs(box.y2 - found.y2) < 0.51


def test_classes_that_look_alike_come_in_as_ignore_regions(
    command: Command,
    project: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "a.json").write_text(
        json.dumps(
            {
                "categories": [
                    {"id": n, "name": name}
                    for n, name in enumerate(("pedestrian", "rider", "group", "car"))
                ],
                "images": [{"id": 1, "file_name": "1.png", "frame_index": 3}],
                "annotations": [
                    {"id": n, "image_id": 1, "category_id": n, "bbox": [10 + 8 * n, 20, 6, 20]}
                    for n in range(4)
                ],
            }
        )
    )
    said = command(
        "labels",
        "import",
        project,
        tmp_path / "a.json",
        "--video",
        "small",
        "--ignore-classes",
        "rider, group=pedestrian",
    )
    assert "3 boxes in 1 frames" in said
    with Project.open(project, readonly=True) as opened:
        found = opened.labels.get(FrameKey("small", 3)).boxes
    assert [(box.x1, box.category, box.ignore) for box in found] == [
        (10, "pedestrian", False),
        (18, "pedestrian", True),
        (26, "pedestrian", True),
    ]
    for wrong, sentence in (
        ("tram", "no class “tram”"),
        ("rider=cat", "no class “cat”"),
        ("rider=", "says nothing"),
        (",", "says nothing"),
    ):
        assert sentence in command(
            "labels",
            "import",
            project,
            tmp_path / "a.json",
            "--ignore-classes",
            wrong,
            status=2,
        )


def test_training_without_labels_is_a_sentence(command: Command, project: Path) -> None:
    assert "label" in command("train", project, status=2)
    assert "sample" in command("evaluate", project, status=2)
    assert "go on with" in command("train", project, "--resume", status=2)


def test_plan_measures_and_recommends(command: Command, project: Path, tmp_path: Path) -> None:
    said = command(
        "plan", project, "--budget", 20, "--epochs", 2, "--png", tmp_path / "plan.png"
    )
    assert "→" in said
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")


def test_a_second_writer_gets_a_sentence(command: Command, project: Path) -> None:
    with Project.open(project):
        said = command("sample", project, status=3)
        assert "another" in said
        assert "0 scored" in command("status", project)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.timeout(280)
def test_killed_runs_resume_to_the_same_bits(
    command: Command,
    small_drive: Path,
    small_detector: Path,
    tmp_path: Path,
) -> None:
    whole = tmp_path / "whole"
    command(
        "score", small_drive, "--project", whole, "--detector", small_detector, "--batch", 2
    )
    expected = scores(whole)["small"]
    folder = tmp_path / "killed"
    command("init", folder, "--detector", small_detector)
    command("add", folder, small_drive)
    rng = random.Random(0)
    committed = np.full(len(expected), np.nan, np.float32)
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", _SLOW, str(folder)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        for _ in range(rng.randint(1, 12)):
            child.stdout.readline()
        time.sleep(rng.random() * 0.05)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        now = scores(folder).get("small", committed)
        before = ~np.isnan(committed)
        assert np.array_equal(now[before], committed[before])
        committed = now
    command("score", "--project", folder, "--batch", 2)
    assert np.array_equal(scores(folder)["small"], expected)


_SLOW = """
import sys, time
from framesift.loop import current_detector, score_project
from framesift.loop.training import settings_for, train_project
from framesift.project import Project
from framesift.training import TrainJob
from framesift.scores.pipeline import ScoredFrame
with Project.open(sys.argv[1]) as project:
    for record in score_project(project, current_detector(project, device="cpu"), batch=2):
        if isinstance(record, ScoredFrame):
            print(record.frame, flush=True)
"""


def test_no_committed_frame_is_scored_again(command: Command, project: Path) -> None:
    command("score", "--project", project, "--end", 10)
    with sqlite3.connect(project / "project.sqlite") as database:
        first = database.execute("SELECT scored FROM series").fetchall()
    said = command("score", "--project", project, "--end", 20)
    assert first == [(10,)]
    assert "20 frames scored, 10 of them now" in said


def test_a_cycle_names_the_detector_that_scored(
    command: Command, project: Path, small_detector: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.safetensors"
    other.write_bytes(small_detector.read_bytes())
    words = ("cycle", project, "--budget", 2, "--delta1", "3", "--delta2", "1", "--no-report")
    command(*words, "--detector", other)
    command(*words)
    with Project.open(project, readonly=True) as opened:
        assert [cycle.checkpoint for cycle in opened.ledger.cycles()] == [
            "other.safetensors",
            small_detector.name,
        ]


def test_a_chosen_detector_holds_until_something_is_learnt(
    project: Path, tmp_path: Path, small_detector: Path
) -> None:
    with Project.open(project) as opened:
        began = opened.detector
        for n in (1, 2):
            part = tmp_path / f"{n}.safetensors"
            part.write_bytes(small_detector.read_bytes())
            opened.checkpoints.adopt(part, identity=f"{n}" * 64, classes=["pedestrian"])
        first, second = (one.path for one in opened.checkpoints.all())
        assert opened.detector == str(second)
        opened.choose_detector(str(first))
        assert opened.detector == str(first)
        assert opened.settings.detector == began
        opened.choose_detector("paper")
        assert opened.detector == opened.settings.detector == "paper"
        assert [event.data["source"] for event in opened.ledger.events(kind="detector")] == [
            f"checkpoints/{first.name}",
            "paper",
        ]
        opened.choose_detector(str(first))
    moved = tmp_path / "moved"
    project.rename(moved)
    with Project.open(moved) as opened:
        assert opened.detector == str(moved / "checkpoints" / first.name)
        part.write_bytes(small_detector.read_bytes())
        opened.checkpoints.adopt(part, identity="3" * 64, classes=["pedestrian"])
        assert opened.detector == str(opened.checkpoints.all()[-1].path)


def test_huales_loss_is_told_the_detector_of_the_cycle_before(
    project: Path, tmp_path: Path, small_detector: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[TrainJob] = []

    def only_the_job(project: Project, job: TrainJob, *_: object) -> Iterator[object]:
        jobs.append(job)
        yield from ()

    monkeypatch.setattr("framesift.loop.training._run", only_the_job)
    with Project.open(project) as opened:
        (video,) = opened.videos.all("pool")
        labels = FrameLabels.of([Box(10, 10, 30, 50)])
        opened.labels.change({FrameKey(video.id, 3): labels})
        huale = settings_for(opened, name="adamw").with_(box_loss="huale")
        # Whatever a detector is: only its job is looked at.
        list(train_project(opened, settings=huale))
        part = tmp_path / "learnt.safetensors"
        part.write_bytes(small_detector.read_bytes())
        opened.checkpoints.adopt(part, identity="1" * 64, classes=["pedestrian"])
        list(train_project(opened, settings=huale))
        list(train_project(opened, settings=huale.with_(box_loss="own")))
        assert [job.previous for job in jobs] == ["", opened.detector, ""]
