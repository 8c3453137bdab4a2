"""What somebody tries in a notebook who has not read the documentation: it works, or one
sentence says what to do."""

from __future__ import annotations

import copy
import os
import pickle
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests import media

import framesift
from framesift.boxes import Box, Prediction
from framesift.detectors.running import run_by
from framesift.errors import EnvironmentProblem, InputError
from framesift.evaluation import evaluate_predictions
from framesift.series import ScoreSeries
from framesift.video import Video


class Named(os.PathLike[str]):
    """A path of another library's."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.encode(tmp_path_factory.mktemp("answers") / "clip.mp4", media.pictures(12))


@pytest.fixture
def video(clip: Path) -> Iterator[Video]:
    with framesift.open_video(clip) as opened:
        yield opened


@pytest.fixture
def series(video: Video) -> ScoreSeries:
    return framesift.score_video(video, method=lambda image: image.mean())


@pytest.mark.parametrize("path", [None, 3, b"clip.mp4", ["clip.mp4"], np.zeros((2, 4, 4, 3))])
def test_what_is_no_path_is_told_so(path: Any) -> None:
    with pytest.raises(InputError, match="one at a time, not a value of type"):
        framesift.open_video(path)


def test_addresses_and_home_folders_are_told_apart_from_missing_files() -> None:
    with pytest.raises(InputError, match="is an address; download the file"):
        framesift.open_video("https://example.com/drive.mp4")
    with pytest.raises(InputError, match="expanduser"):
        framesift.open_video("~/no-such-folder/drive.mp4")
    with pytest.raises(InputError, match="'30' is not a frame rate"):
        framesift.open_video("drive.mp4", fps="30")  # type: ignore[arg-type]


def test_paths_of_other_libraries_are_paths(clip: Path) -> None:
    with framesift.open_video(Named(clip)) as opened:
        assert len(opened) == 12
    assert len(framesift.select_frames(Named(clip), strategy="uniform", budget=2)) == 2


@pytest.mark.parametrize("place", [1.5, "a", [1, 2], np.arange(2), (1, 2)])
def test_frames_are_taken_by_a_number_or_a_slice(video: Video, place: Any) -> None:
    with pytest.raises(TypeError, match=r"as in video\[3\] or video\[0:8\], not by a value"):
        video[place]
    with pytest.raises(IndexError, match="There is no frame 12;"):
        video[12]


def test_a_video_is_read_by_two_threads(video: Video) -> None:
    def looked_through() -> float:
        return sum(float(image.mean()) for image in video)

    def at_random() -> float:
        return sum(
            float(video[number].mean()) for number in (*range(0, 12, 2), *range(1, 12, 2))
        )

    alone = looked_through()
    assert _by_threads([looked_through, looked_through]) == [alone, alone]
    assert _by_threads([at_random, at_random]) == pytest.approx([alone, alone])


def _by_threads(calls: list[Callable[[], float]]) -> list[float]:
    sums = [0.0] * len(calls)

    def run(place: int) -> None:
        sums[place] = calls[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return sums


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))]
)
def test_copies_read_for_themselves(
    video: Video, series: ScoreSeries, copied: Callable[[Any], Any]
) -> None:
    picks = framesift.select_frames(series, budget=2, delta1=1)
    with copied(video) as again:
        np.testing.assert_array_equal(again[3], video[3])
    np.testing.assert_array_equal(copied(series).values, series.values)
    same = copied(picks)
    assert same.picks == picks.picks
    np.testing.assert_array_equal(same.image(same[0]), picks.image(picks[0]))


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))]
)
def test_a_detector_is_copied_and_used_by_two_threads(
    video: Video, copied: Callable[[Any], Any]
) -> None:
    small = framesift.detectors.PaperDetector(settings={"width": 0.125, "working_height": 48})
    detector = run_by(small, "openvino", "float32")
    maps = detector.maps(video[0:1])
    np.testing.assert_array_equal(copied(detector).maps(video[0:1]), maps)

    def scored() -> float:
        return float(detector.maps(video[0:1]).sum())

    assert _by_threads([scored, scored]) == [float(maps.sum())] * 2


def test_a_series_is_an_array(series: ScoreSeries) -> None:
    assert np.asarray(series).dtype == np.float32
    assert float(series[3]) == float(series.values[3])
    np.testing.assert_array_equal(series[2:5], series.values[2:5])
    assert [float(value) for value in series] == series.values.tolist()
    copied = np.array(series)
    copied[0] = -1
    assert series[0] >= 0


def test_picks_answer(series: ScoreSeries) -> None:
    picks = framesift.select_frames(series, budget=2, delta1=1)
    with pytest.raises(IndexError, match="There is no pick 9; the selection has 2"):
        picks[9]
    with pytest.raises(InputError, match="Give a pick of this selection"):
        picks.image(3)  # type: ignore[arg-type]
    with pytest.raises(KeyError, match="There is no drive 'nope'"):
        picks.blocked("nope")
    with pytest.raises(InputError, match="Give matplotlib axes"):
        picks.plot("x")  # type: ignore[arg-type]


def test_wrong_things_to_score_and_select_from(video: Video, series: ScoreSeries) -> None:
    pictures = video[0:2]
    for wrong in (pictures, list(pictures)):
        with pytest.raises(InputError, match=r"FrameScorer\(\)\.score\(detector, pictures\)"):
            framesift.select_frames(wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="of which drive they are"):
        framesift.select_frames(series, taken=[3])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="Give the name of a score"):
        framesift.score_video(video, method=3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="Give a detector's name"):
        framesift.load_detector(None)  # type: ignore[arg-type]


def test_an_evaluation_answers() -> None:
    found = Prediction(np.array([[2, 2, 8, 20]]), np.array([0.9]), np.array([0]))
    items = [(("clip", 0), found, [Box(2, 2, 8, 20)])]
    evaluation = evaluate_predictions(items)
    for ask in (evaluation.at, evaluation.miss_rate, evaluation.frame_errors):
        with pytest.raises(InputError, match="Nothing was measured at IoU"):
            ask(0.9)
    with pytest.raises(InputError, match="There is no class 'car' here"):
        evaluation.result("car")


def test_a_project_takes_opened_videos(tmp_path: Path, clip: Path) -> None:
    with framesift.Project.create(tmp_path / "week") as project:
        for given in (str(clip), [clip]):
            with pytest.raises(InputError, match="has to be opened first"):
                project.videos.add_drive(given)  # type: ignore[arg-type]
    with pytest.raises(sqlite3.ProgrammingError, match="is closed; open it again"):
        project.status()


def test_plots_without_matplotlib(series: ScoreSeries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(EnvironmentProblem, match="pip install matplotlib"):
        series.plot()
