"""Score series: written once, resumable in any order, intact after a kill, found by recipe."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from framesift.errors import InputError
from framesift.project import (
    FILE,
    MAXIMA,
    CameraMask,
    Project,
    SeriesRecord,
    identity_of,
    rectangle,
)
from framesift.project.chunks import CHUNK, Maxima

# Python 3.12 warns where a library's threads sleep; the children touch none of them.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

FRAMES = CHUNK + 1000
RECIPE = {"detector": "abc", "score": {"method": "divergence", "radius": 9}, "batch": 4}


class Clip:
    kind, fps, width, height = "file", 30.0, 640, 480
    times = None

    def __init__(self, path: Path, frames: int = FRAMES) -> None:
        self.path, self.frames, self.fingerprint = path, frames, path.stem

    def __len__(self) -> int:
        return self.frames


def score_of(frame: int) -> float:
    return float(np.float32(np.sin(frame) ** 2))


def maxima_of(frame: int) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(frame % 640), float(n), 0.5**n) for n in range(frame % 4))


def same_place(stored: Maxima, given: Maxima) -> bool:
    """Whether maxima are what is kept of others: places to half of an 80th of the picture's
    sides, values to half of a 16th of an octave."""
    return len(stored) == len(given) and all(
        abs(x - u) <= 640 / 160 and abs(y - v) <= 480 / 160 and abs(np.log2(a / b)) <= 1 / 32
        for (x, y, a), (u, v, b) in zip(stored, given, strict=True)
    )


def rows_of(frame: int) -> dict[str, np.ndarray]:
    return {"thumbnail": np.full(24, frame % 256, np.uint8)}


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where there is such a place: what is tested is the order of writes, and a
    busy disk takes long to flush them."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(dir=memory if usable else None) as folder:
        yield Path(folder)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project") as opened:
        opened.videos.add(Clip(tmp_path / "drive.mp4"))
        yield opened


def only(project: Project) -> SeriesRecord:
    [series] = project.series.all()
    return series


def test_what_is_written_is_read_back_exactly(project: Project) -> None:
    frames = [*range(0, FRAMES, 65), *range(32, FRAMES, 65), FRAMES - 1]
    with project.series.writer("drive", RECIPE, every_frames=50) as writer:
        assert not writer.scored.any()
        for frame in frames:
            writer.add(frame, score_of(frame), maxima_of(frame), rows_of(frame))
    series = only(project)
    assert (series.video, series.recipe, series.scored) == ("drive", RECIPE, len(set(frames)))
    assert series.identity == identity_of(dict(reversed(list(RECIPE.items()))))
    assert project.series.get("drive", RECIPE) == series
    values = project.series.values(series)
    assert values.dtype == np.float32
    assert np.array_equal(np.flatnonzero(~np.isnan(values)), sorted(set(frames)))
    assert all(values[frame] == score_of(frame) for frame in frames)
    maxima = project.series.maxima(series, [*frames, 1])
    assert maxima.keys() == {frame for frame in frames if maxima_of(frame)}
    assert all(same_place(maxima[frame], maxima_of(frame)) for frame in maxima)
    thumbnails = project.series.descriptors("drive", "thumbnail")
    assert thumbnails is not None
    assert thumbnails.shape == (FRAMES, 24)
    assert all((thumbnails[frame] == frame % 256).all() for frame in frames)
    assert not thumbnails[1].any()


def test_a_frame_and_signal_takes_at_most_16_bytes(project: Project, tmp_path: Path) -> None:
    # Frames whose maxima lie anywhere, which packs worst.
    frames, rng = 10 * CHUNK, np.random.default_rng(1)
    project.videos.add(Clip(tmp_path / "long.mp4", frames))
    path = project.folder / FILE
    before = size_of(path)
    places = rng.uniform(0, (640, 480), (frames, MAXIMA, 2))
    values = -np.sort(-rng.lognormal(-1, 0.5, (frames, MAXIMA)), axis=1)
    rows = np.concatenate([places, values[:, :, None]], axis=2).tolist()
    with project.series.writer("long", RECIPE, every_s=1e9, every_frames=CHUNK) as writer:
        for frame, score in enumerate(rng.random(frames).tolist()):
            writer.add(frame, score, tuple(map(tuple, rows[frame])))
    assert (size_of(path) - before) / frames <= 16
    [of_one] = project.series.maxima(only(project), [22_222]).values()
    assert same_place(of_one, tuple(map(tuple, rows[22_222])))


def size_of(path: Path) -> int:
    """Bytes of a project's pages that are in use, in the file or in its log."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        pages, free, size = (
            connection.execute(f"PRAGMA {what}").fetchone()[0]
            for what in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)


def test_a_score_is_never_written_twice(project: Project) -> None:
    with project.series.writer("drive", RECIPE) as writer:
        writer.add(5, 0.25, maxima_of(5), rows_of(5))
    with project.series.writer("drive", RECIPE) as writer:
        assert np.flatnonzero(writer.scored).tolist() == [5]
        writer.add(5, 0.75)
        writer.add(6, 0.5)
        writer.add(6, 0.6)
    assert project.series.values(only(project))[5:7].tolist() == [0.25, 0.5]
    assert only(project).scored == 2


def test_many_maxima_are_cut_to_the_largest(project: Project) -> None:
    many = tuple((float(n), 0.0, 1.0 / (n + 1)) for n in range(9))
    with project.series.writer("drive", RECIPE) as writer:
        writer.add(0, 0.5, many)
    found = project.series.maxima(only(project), [0])[0]
    assert len(found) == MAXIMA
    assert same_place(found, many[:MAXIMA])


def test_bad_values_are_bugs(project: Project) -> None:
    with project.series.writer("drive", RECIPE) as writer:
        with pytest.raises(ValueError, match="score of frame 1"):
            writer.add(1, float("nan"))
        with pytest.raises(IndexError):
            writer.add(FRAMES, 0.5)
    assert project.series.all() == ()
    with pytest.raises(InputError, match="no video 'night'"):
        project.series.writer("night", RECIPE)


def test_commits_come_by_number_and_by_time(project: Project) -> None:
    writer = project.series.writer("drive", RECIPE, every_frames=3, every_s=1000)
    assert [writer.add(frame, 0.5) for frame in range(7)] == [
        False,
        False,
        True,
        False,
        False,
        True,
        False,
    ]
    assert only(project).scored == 6
    writer = project.series.writer("drive", RECIPE, every_frames=1000, every_s=0.0)
    assert writer.add(10, 0.5)
    assert only(project).scored == 7


def test_what_was_added_is_kept_when_the_run_ends_badly(project: Project) -> None:
    def interrupted() -> None:
        with project.series.writer("drive", RECIPE) as writer:
            writer.add(1, 0.5)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert only(project).scored == 1


def test_the_series_to_select_from_is_found_by_recipe(project: Project, tmp_path: Path) -> None:
    other = project.videos.add(Clip(tmp_path / "other.mp4", 10)).id
    masked = CameraMask(640, 480, (rectangle(0, 400, 640, 480),))
    recipes = {
        "few": {**RECIPE, "batch": 2},
        "many": RECIPE,
        "entropy": {**RECIPE, "score": {"method": "entropy"}},
        "masked": {**RECIPE, "score": {**RECIPE["score"], "mask": masked.digest()}},
    }
    for name, count in [("few", 3), ("many", 7), ("entropy", 9), ("masked", 2)]:
        with project.series.writer("drive", recipes[name]) as writer:
            for frame in range(count):
                writer.add(frame, 0.5)
    store = project.series
    wanted = {"detector": "abc", "score": RECIPE["score"]}
    assert store.best()["drive"].recipe == recipes["entropy"]
    assert store.best(wanted)["drive"].recipe == recipes["many"]
    assert store.best(wanted, {"drive": masked.digest()})["drive"].recipe == recipes["masked"]
    assert store.best({"detector": "xyz"}) == {}
    assert other not in store.best()
    assert (
        project.ledger.inputs({"divergence": wanted}).series["divergence"]["drive"].recipe
        == recipes["many"]
    )
    project.masks.set(masked)
    assert (
        project.ledger.inputs({"divergence": wanted}).series["divergence"]["drive"].recipe
        == recipes["masked"]
    )
    store.remove(store.best(wanted)["drive"])
    assert len(store.all("drive")) == 3


def test_thumbnails_of_another_version_are_not_mixed_in(project: Project) -> None:
    with project.series.writer("drive", RECIPE) as writer:
        writer.add(0, 0.5, (), {"thumbnail": np.ones(8, np.uint8)})
    with project.series.writer("drive", {**RECIPE, "torch": "3"}) as writer:
        writer.add(300, 0.5, (), {"thumbnail": np.full(24, 2, np.uint8)})
    found = project.series.descriptors("drive", "thumbnail")
    assert found is not None
    assert found.shape == (FRAMES, 24)
    assert not found[0].any()
    assert (found[300] == 2).all()


def test_scores_that_are_cut_off_are_noticed(project: Project) -> None:
    with project.series.writer("drive", RECIPE) as writer:
        writer.add(0, 0.5)
    project._database.run("UPDATE scores SET data = substr(data, 1, 100)")
    with pytest.raises(InputError, match="is damaged"):
        project.series.values(only(project))
    with pytest.raises(InputError, match="is damaged"):
        project.series.writer("drive", RECIPE)


@pytest.mark.skipif(os.name != "posix", reason="needs fork")
def test_a_run_killed_at_any_moment_loses_only_what_was_not_committed(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    with Project.create(folder) as project:
        project.videos.add(Clip(tmp_path / "drive.mp4"))
    chance = random.Random(1)
    order = [*range(0, FRAMES, 8), *range(4, FRAMES, 8)]
    done = 0
    for _ in range(10):
        ends, begins = os.pipe()
        child = os.fork()
        if child == 0:
            run(folder, order, begins)
        os.close(begins)
        with os.fdopen(ends, "rb") as pipe:
            heard = [pipe.readline() for _ in range(chance.randrange(4))]
            time.sleep(chance.uniform(0, 0.02))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            heard += pipe.read().split(b"\n")
        acknowledged = [int(n) for n in heard if n.strip()]
        done = check_scores(folder, order, max([done, *acknowledged]))
    assert 0 < done < len(order)
    with Project.open(folder) as project, project.series.writer("drive", RECIPE) as writer:
        for frame in order:
            if not writer.scored[frame]:
                writer.add(frame, score_of(frame), maxima_of(frame), rows_of(frame))
    assert check_scores(folder, order, 0) == len(order)


def run(folder: Path, order: list[int], pipe: int) -> None:
    """Scores what is left, and says after each commit how many frames are done."""
    with Project.open(folder) as project:
        writer = project.series.writer("drive", RECIPE, every_frames=5)
        for frame in order:
            if writer.scored[frame]:
                continue
            if writer.add(frame, score_of(frame), maxima_of(frame), rows_of(frame)):
                os.write(pipe, f"{int(writer.scored.sum())}\n".encode())
            time.sleep(0.0002)
    os._exit(0)


def check_scores(folder: Path, order: list[int], least: int) -> int:
    """The frames scored are the first ones of the order, at least `least`, and are intact."""
    with Project.open(folder, readonly=True) as project:
        if not project.series.all():
            assert least == 0
            return 0
        series = only(project)
        values = project.series.values(series)
        done = series.scored
        assert done >= least
        assert set(np.flatnonzero(~np.isnan(values))) == set(order[:done])
        maxima = project.series.maxima(series, order[:done])
        thumbnails = project.series.descriptors("drive", "thumbnail")
        assert thumbnails is not None
        for frame in order[:done]:
            assert values[frame] == score_of(frame)
            assert same_place(maxima.get(frame, ()), maxima_of(frame))
            assert (thumbnails[frame] == frame % 256).all()
        assert project.check() == ()
        return done


def test_a_reader_sees_whole_commits_while_a_run_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    seen: list[int] = []
    with Project.create(folder) as project:
        project.videos.add(Clip(tmp_path / "drive.mp4"))
        stop = threading.Event()

        def read() -> None:
            with Project.open(folder, readonly=True) as reader:
                while not stop.is_set():
                    for series in reader.series.all():
                        values = reader.series.values(series)
                        seen.append(int((~np.isnan(values)).sum()))

        thread = threading.Thread(target=read)
        thread.start()
        try:
            with project.series.writer("drive", RECIPE, every_frames=10) as writer:
                for frame in range(600):
                    writer.add(frame, 0.5)
        finally:
            stop.set()
            thread.join()
    assert seen == sorted(seen)
    assert all(count % 10 == 0 for count in seen)
