"""Scoring past one process: the same bits, nothing lost, nothing double, whatever dies."""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from framesift.cluster import Board, Landed, Made, Unit, Where, heartbeat, run_units, work
from framesift.cluster.board import LEASE_S
from framesift.errors import EnvironmentProblem, InputError
from framesift.loop import current_detector, score_on_cluster, score_project
from framesift.loop.clustered import FOLDER
from framesift.loop.score_units import KIND, Scored, ScoreUnits
from framesift.loop.scoring_run import VideoScored
from framesift.project import Project
from framesift.project.embeddings import stored_name
from framesift.records import Notice

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))
Command = Callable[..., str]
LOCAL = Where("local", 2)
UNIT = 12


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 48 frames in four groups of pictures."""
    return media.encode(
        tmp_path_factory.mktemp("footage") / "small.mp4", media.pictures(48, 160, 120), gop=UNIT
    )


@pytest.fixture
def project(footage: Path, small_detector: Path, tmp_path: Path) -> Iterator[Project]:
    from framesift.video import open_video

    with (
        open_video(footage) as video,
        Project.create(
            tmp_path / "p", classes=["pedestrian"], detector=str(small_detector)
        ) as p,
    ):
        p.videos.add(video)
        yield p


@pytest.fixture(scope="module")
def reference(
    footage: Path, small_detector: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What one process makes of the same footage."""
    from framesift.video import open_video

    folder = tmp_path_factory.mktemp("reference") / "p"
    with (
        open_video(footage) as video,
        Project.create(folder, classes=["a"], detector=str(small_detector)) as made,
    ):
        made.videos.add(video)
        detector = current_detector(made, device="cpu")
        for _ in score_project(made, detector, options={"method": "divergence"}):
            pass
        return contents(made)


def contents(project: Project) -> dict[str, Any]:
    """Everything that scoring stored."""
    (series,) = project.series.all()
    frames = range(len(project.videos.get(series.video)))
    embeddings = project.series.descriptors(series.video, stored_name(series.recipe))
    assert embeddings is not None
    return {
        "recipe": series.recipe,
        "count": series.scored,
        "scores": project.series.values(series).tobytes(),
        "maxima": project.series.maxima(series, frames),
        "thumbnails": np.asarray(
            project.series.descriptors(series.video, "thumbnail")
        ).tobytes(),
        "embeddings": np.asarray(embeddings).tobytes(),
    }


def on_cluster(project: Project, where: Where = LOCAL) -> list[Any]:
    detector = current_detector(project, device="cpu")
    return list(
        score_on_cluster(
            project, detector, project.detector, "divergence", where, unit_frames=UNIT
        )
    )


def broken_off(project: Project) -> Board:
    """A run whose coordinator was killed as soon as it had written the units."""
    detector = current_detector(project, device="cpu")
    records = score_on_cluster(
        project, detector, project.detector, "divergence", Where("slurm", 3), unit_frames=UNIT
    )
    told = [one.text for one in records if isinstance(one, Notice)]
    assert "sbatch" in told[0]
    (folder,) = (project.folder / FOLDER).iterdir()
    return Board.open(folder)


def drain(records: Iterator[Any]) -> None:
    for _ in records:
        pass


def test_local_workers_one_of_them_killed(project: Project, reference: dict[str, Any]) -> None:
    detector = current_detector(project, device="cpu")
    records = score_on_cluster(
        project, detector, project.detector, "divergence", LOCAL, unit_frames=UNIT
    )
    killed, deadline = 0, time.monotonic() + 200
    for _ in records:
        for claim in (project.folder / FOLDER).glob("*/claims/*"):
            owner = claim.read_text() if not killed and claim.exists() else ""
            if owner:
                os.kill(int(owner.rpartition(":")[2]), signal.SIGKILL)
                killed += 1
        assert time.monotonic() < deadline
    assert killed == 1
    assert contents(project) == reference
    assert not list((project.folder / FOLDER).iterdir())


def test_results_that_nobody_took_in(project: Project, reference: dict[str, Any]) -> None:
    board = broken_off(project)
    assert len(board.units) > 1
    drain(work(board, {KIND: ScoreUnits()}, "one"))
    assert len(board.done()) == len(board.units)
    # Twice the same result, and a claim that was left behind.
    unit, handler = board.units[0], ScoreUnits()
    (made,) = [m for m in handler(board.shared, unit.task) if isinstance(m, Made)]
    assert board.result(unit.key) == made.content
    board.put(unit.key, made.content)
    on_cluster(project)
    assert contents(project) == reference
    again = on_cluster(project)
    assert again[-1].new == 0
    assert contents(project) == reference


def test_a_unit_taken_in_twice_changes_nothing(
    project: Project, reference: dict[str, Any]
) -> None:
    board = broken_off(project)
    drain(work(board, {KIND: ScoreUnits()}, "one"))
    detector = current_detector(project, device="cpu")
    records = score_on_cluster(
        project, detector, project.detector, "divergence", LOCAL, unit_frames=UNIT
    )
    taken = 0
    for record in records:
        taken += getattr(record, "unit", "") == "units" and record.done > 0
        if taken:
            break
    records.close()  # type: ignore[attr-defined]
    (series,) = project.series.all()
    assert 0 < series.scored < 48
    on_cluster(project)
    assert contents(project) == reference


MORTAL_WRITER = """
import os, signal, sys
from framesift.cluster import Where
from framesift.loop import clustered, current_detector, score_on_cluster
from framesift.project import Project

read, times = clustered.Scored.of_bytes, []

def mortal(content):
    times.append(1)
    if len(times) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(content)

clustered.Scored.of_bytes = mortal
with Project.open(sys.argv[1]) as project:
    detector = current_detector(project, device="cpu")
    for _ in score_on_cluster(project, detector, project.detector, "divergence",
                              Where("local", 1), unit_frames=12):
        pass
"""


def test_a_writer_killed_between_a_file_and_its_merge(
    project: Project, reference: dict[str, Any]
) -> None:
    board = broken_off(project)
    drain(work(board, {KIND: ScoreUnits()}, "one"))
    folder = project.folder
    project.close()
    killed = subprocess.run([sys.executable, "-c", MORTAL_WRITER, str(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL
    with Project.open(folder) as again:
        (series,) = again.series.all()
        assert series.scored == UNIT
        ended = on_cluster(again)[-1]
        assert (ended.new, ended.scored) == (48 - UNIT, 48)
        assert contents(again) == reference


def test_workers_compare_the_detectors_that_were_named(
    project: Project, make_detector: Callable[..., Path], tmp_path: Path
) -> None:
    """A recipe holds digests of the other detectors' files; workers must find the files."""
    from framesift.scores import FrameScorer

    other = make_detector(tmp_path / "other.safetensors", width=0.125, height=120, seed=5)
    detector = current_detector(project, device="cpu")

    def go(where: Where) -> list[Any]:
        return list(
            score_on_cluster(
                project,
                detector,
                project.detector,
                "ensemble-mi",
                where,
                options={"ensemble": [str(other)]},
                every=UNIT,
                unit_frames=4,
            )
        )

    go(Where("slurm", 3))
    (folder,) = (project.folder / FOLDER).iterdir()
    drain(work(Board.open(folder), {KIND: ScoreUnits()}, "one"))
    go(LOCAL)
    (series,) = project.series.all()
    scorer = FrameScorer(method="ensemble-mi", ensemble=[str(other)])
    (video,) = project.videos.all()
    with project.videos.open(video.id) as opened:
        alone = [scorer.score(detector, opened[n][None])[0].score for n in (0, UNIT)]
    assert series.scored == 4
    assert project.series.values(series)[[0, UNIT]] == pytest.approx(alone, rel=1e-6)


def test_another_decoder_is_noticed(project: Project) -> None:
    board = broken_off(project)
    drain(work(board, {KIND: ScoreUnits()}, "one"))
    key = board.units[1].key
    content = board.result(key)
    assert content is not None
    result = Scored.of_bytes(content)
    strange = Scored(
        result.frames,
        result.scores,
        result.maxima,
        result.damaged,
        result.sources,
        result.descriptors,
        "other",
    )
    board.put(key, strange.to_bytes())
    told = [one.text for one in on_cluster(project) if isinstance(one, Notice)]
    assert any("other pictures" in text for text in told)
    (series,) = project.series.all()
    assert series.scored == 48 - len(result.frames)


def test_a_unit_without_frames_and_one_without_its_video(project: Project) -> None:
    board = broken_off(project)
    shared, task = board.shared, dict(board.units[0].task)
    (made,) = ScoreUnits()(shared, {**task, "frames": [5, 5, 1]})
    assert isinstance(made, Made)
    assert len(Scored.of_bytes(made.content).frames) == 0
    with pytest.raises(InputError, match="--footage"):
        list(ScoreUnits()(shared, {**task, "path": "/nowhere/small.mp4"}))
    moved = ScoreUnits((Path(task["path"]).parent,))
    records = moved(shared, {**task, "path": "/nowhere/small.mp4", "frames": [0, 2, 1]})
    assert isinstance(list(records)[-1], Made)
    with pytest.raises(EnvironmentProblem, match="batch is"):
        list(ScoreUnits()({**shared, "batch": 3}, task))


def test_frames_that_do_not_change_across_units(
    project: Project, reference: dict[str, Any]
) -> None:
    """The frame whose score others take over lies in another worker's unit."""
    detector = current_detector(project, device="cpu")
    how: dict[str, Any] = {"unchanged": 255.0}

    def run(where: Where) -> list[Any]:
        return list(
            score_on_cluster(
                project,
                detector,
                project.detector,
                "divergence",
                where,
                unit_frames=UNIT,
                **how,
            )
        )

    run(Where("slurm", 3))
    (folder,) = (project.folder / FOLDER).iterdir()
    drain(work(Board.open(folder), {KIND: ScoreUnits()}, "one"))
    records = run(LOCAL)
    spread = contents(project)
    (notice,) = [one.text for one in records if isinstance(one, Notice)]
    project.series.remove(project.series.all()[0])
    by = {"options": {"method": "divergence"}, **how}
    alone = list(score_project(project, detector, **by))
    assert contents(project) == spread
    assert notice in [one.text for one in alone if isinstance(one, Notice)]
    assert sum(one.new for one in records if isinstance(one, VideoScored)) > 0
    assert spread["scores"] != reference["scores"]


def shouting(shared: Any, task: Any) -> Iterator[Made]:
    yield Made(task["text"].encode() * 1000)


def board_of(folder: Path, *texts: str) -> Board:
    units = [Unit.of({"text": text}, {}) for text in texts]
    return Board.create(folder, "shout", {}, units)


def test_a_full_disk_loses_nothing(
    small_disk: Path, fill_disk: Callable[[Path, int], None]
) -> None:
    board = board_of(small_disk / "run", "a" * 50, "b" * 50)
    fill_disk(small_disk, 0)
    with pytest.raises(EnvironmentProblem, match="full"):
        list(work(board, {"shout": shouting}, "one"))
    (small_disk / "filler").unlink()
    fill_disk(small_disk, 3 << 12)
    told = list(work(board, {"shout": shouting}, "one"))
    assert any("full" in one.text for one in told if isinstance(one, Notice))
    (small_disk / "filler").unlink()
    assert len(board.left()) + len(board.failures()) == 2
    board = board_of(small_disk / "run", "a" * 50, "b" * 50)
    drain(work(board, {"shout": shouting}, "two"))
    assert board.result(board.units[1].key) == b"b" * 50_000


MORTAL = """
import os, random, signal, sys, time
from pathlib import Path
from framesift.cluster import Board, Made, Unit, work

def made(shared, task):
    yield Made(task["text"].encode() * 50_000)

units = [Unit.of({"text": str(n)}, {}) for n in range(400)]
board = Board.create(Path(sys.argv[1]), "text", {}, units)
chance, deaths = random.Random(0), 0
while deaths < 10 and board.left():
    moment = chance.uniform(1e-3, 3e-2)
    child = os.fork()
    if child == 0:
        for _ in work(board, {"text": made}, str(os.getpid())):
            pass
        os._exit(0)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    deaths += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    board.release_all_of(str(child))
print(deaths, len(board.left()))
"""


def test_workers_that_die_at_any_moment(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MORTAL, str(tmp_path / "run")],
        capture_output=True,
        text=True,
        check=True,
    )
    deaths, left = map(int, done.stdout.split())
    assert (deaths, left > 0) == (10, True)
    board = Board.open(tmp_path / "run")

    def made(shared: Any, task: Any) -> Iterator[Made]:
        yield Made(task["text"].encode() * 50_000)

    # Every claim had its owner from the first moment on.
    assert not [c for c in (board.folder / "claims").iterdir() if not c.name.startswith(".")]
    drain(work(board, {"text": made}, "last"))
    assert not board.left()
    assert not board.failures()
    for unit in board.units:
        assert board.result(unit.key) == unit.task["text"].encode() * 50_000


def test_two_live_workers_at_the_same_unit(tmp_path: Path) -> None:
    """The first one's claim lapses, by a clock that is wrong, while it is at its unit."""
    board = board_of(tmp_path / "run", "a", "b")
    made: list[str] = []

    def slow(shared: Any, task: Any) -> Iterator[Made]:
        made.append(task["text"])
        if len(made) == 1:
            claim = board.folder / "claims" / board.units[0].key
            os.utime(claim, (0, 0))
            drain(work(board, {"shout": shouting}, "two"))
            assert board.claim(board.units[0], "two")
        yield from shouting(shared, task)

    drain(work(board, {"shout": slow}, "one"))
    assert made == ["a"]
    assert [board.result(unit.key) for unit in board.units] == [b"a" * 1000, b"b" * 1000]
    assert not board.left()
    # What the first one gave up was no longer its own.
    assert (board.folder / "claims" / board.units[0].key).read_text() == "two"


def test_a_claim_holds_while_its_handler_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = board_of(tmp_path / "run", "a")
    claim = board.folder / "claims" / board.units[0].key
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.01)
    beaten = threading.Event()
    touch = board.touch

    def touched(key: str) -> None:
        touch(key)
        if claim.stat().st_mtime > 1e6:
            beaten.set()

    monkeypatch.setattr(board, "touch", touched)

    def silent(shared: Any, task: Any) -> Iterator[Made]:
        os.utime(claim, (0, 0))
        assert beaten.wait(60)
        assert not board.claim(board.units[0], "two")
        yield from shouting(shared, task)

    drain(work(board, {"shout": silent}, "one"))
    assert not board.left()
    assert not list((board.folder / "claims").iterdir())


def test_claims_where_nothing_can_be_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise PermissionError(1, "not permitted")

    board = board_of(tmp_path / "run", "a")
    monkeypatch.setattr(os, "link", refuses)
    assert board.claim(board.units[0], "one")
    assert not board.claim(board.units[0], "two")
    board.release_all_of("one")
    assert board.claim(board.units[0], "two")


def test_claims_of_the_living_hold_and_those_of_the_dead_do_not(tmp_path: Path) -> None:
    board = board_of(tmp_path / "run", "a")
    (unit,) = board.units
    assert board.claim(unit, "one")
    assert not board.claim(unit, "two")
    drain(work(board, {"shout": shouting}, "two"))
    assert board.left()
    long_ago = time.time() - 2 * LEASE_S
    os.utime(board.folder / "claims" / unit.key, (long_ago, long_ago))
    drain(work(board, {"shout": shouting}, "two"))
    assert not board.left()
    (board.folder / "done" / unit.key).write_bytes(b"damaged")
    assert board.result(unit.key) is None
    assert board.left() == [unit]


def test_workers_that_cannot_start_are_told_of(tmp_path: Path) -> None:
    board = board_of(tmp_path / "run", "a")
    command = [sys.executable, "-c", "raise SystemExit('no room here')"]
    with pytest.raises(EnvironmentProblem, match="no room here"):
        list(run_units(board, Where("local", 1), command, {"shout": shouting}))


def test_a_run_of_results_needs_no_worker(tmp_path: Path) -> None:
    board = board_of(tmp_path / "run", "a", "b")
    drain(work(board, {"shout": shouting}, "one"))
    landed = [
        one
        for one in run_units(board, LOCAL, ["false"], {"shout": shouting})
        if isinstance(one, Landed)
    ]
    assert len(landed) == 2


@pytest.mark.parametrize("text", ["local:0", "far", "ray://", "slurm:x", "ray://a b:1"])
def test_places_that_there_are_not(text: str) -> None:
    with pytest.raises(InputError, match="no place to work at"):
        Where.of(text)


def test_commands(
    command: Command, footage: Path, small_detector: Path, tmp_path: Path
) -> None:
    words = ("score", footage, "--project", tmp_path / "p", "--detector", small_detector)
    command(*words, "--cluster", "slurm:2")
    (folder,) = (tmp_path / "p" / FOLDER).iterdir()
    assert "#SBATCH --array=1-1" in (folder / "workers.sbatch").read_text()
    assert "1 of 1 units" in command("worker", folder)
    assert "48 of them now" in command(*words, "--cluster", "slurm:2")
    assert "no run to work at" in command("worker", tmp_path, status=2)
    assert "order of its own" in command(
        *words, "--cluster", "local:2", "--progressive", status=2
    )


BY_RAY = """
import sys
from framesift.cluster import Where
from framesift.loop import current_detector, score_on_cluster
from framesift.project import Project
with Project.open(sys.argv[1]) as project:
    detector = current_detector(project, device="cpu")
    for _ in score_on_cluster(project, detector, project.detector, "divergence",
                              Where("ray", 2), unit_frames=12):
        pass
"""


def test_ray_actors(project: Project, reference: dict[str, Any]) -> None:
    pytest.importorskip("ray")
    folder = project.folder
    project.close()
    done = subprocess.run(
        [sys.executable, "-c", BY_RAY, str(folder)], capture_output=True, text=True, check=False
    )
    if "timed out during startup" in done.stderr:
        pytest.skip("this machine is too busy for Ray to start")
    assert done.returncode == 0, done.stderr
    with Project.open(folder, readonly=True) as again:
        assert contents(again) == reference
