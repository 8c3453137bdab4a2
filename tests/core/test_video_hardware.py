"""Videos that a graphics device decodes: only where it gives the very pictures."""

from __future__ import annotations

import pickle
import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import av.error
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

import framesift
from framesift.errors import EnvironmentProblem
from framesift.loop.describing import score_strategy
from framesift.loop.scoring import score_project
from framesift.records import Notice
from framesift.scores.pipeline import ScoredFrame
from framesift.video import FileVideo, open_video
from framesift.video import hardware as devices
from framesift.video.cursor import Cursor, DamageError
from framesift.video.hardware import on_hardware
from framesift.video.settings import HARDWARE

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))
FRAMES = 40
pytestmark = pytest.mark.skipif(
    int(av.__version__.split(".")[0]) < devices.PYAV, reason="an earlier PyAV uses no device"
)
BYTES_BY_FORMAT = {"yuv420p": "nv12", "yuvj420p": "nv12", "yuv420p10le": "p010le"}


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    made: Path = media.encode(tmp_path / "drawn.mp4", media.pictures(FRAMES), gop=13)
    return made


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[Any], Any]]:
    """A device "cuda" that gives what the processor decodes, in a card's order. What is put
    into the list changes each of its pictures."""
    changes: list[Callable[[Any], Any]] = []
    settled = Cursor._settled

    def as_card(self: Cursor, frame: Any) -> Any:
        if self._by_device:
            order = BYTES_BY_FORMAT[frame.format.name]
            stamp = frame.pts
            frame = VideoReformatter().reformat(frame, format=order)
            frame.pts = stamp
            for change in changes:
                frame = change(frame)
        return settled(self, frame)

    monkeypatch.setattr("framesift.video.container.HWAccel", lambda *_, **__: None)
    monkeypatch.setattr("framesift.video.cursor.is_accelerated", lambda _: True)
    monkeypatch.setattr(devices, "available", lambda: ("cuda",))
    monkeypatch.setattr(Cursor, "_settled", as_card)
    return changes


def pictures(video: Any) -> list[bytes]:
    return [frame.image.tobytes() for frame in video.read(range(len(video)))]


@pytest.mark.parametrize("kind", HARDWARE)
def test_whatever_this_machine_has_the_pictures_are_the_same(clip: Path, kind: str) -> None:
    with open_video(clip) as video:
        chosen, told = on_hardware(video, kind)
        with chosen:
            assert pictures(chosen) == pictures(video)
    assert kind in told
    assert ("decoded by the processor: " in told) == (chosen is video)


@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "yuv420p10le"])
def test_a_cards_order_of_colours_changes_no_pixel(
    tmp_path: Path, device: list[Any], pixels: str
) -> None:
    path = media.encode(
        tmp_path / "drawn.mp4", media.pictures(FRAMES), gop=13, pix_fmt=pixels, b_frames=2
    )
    with open_video(path) as video:
        chosen, told = on_hardware(video, "cuda")
        assert told == "drawn.mp4 is decoded by cuda, which gave the processor's pictures " + (
            "bit for bit."
        )
        assert isinstance(chosen, FileVideo)
        assert chosen is not video
        expected = pictures(video)
        with chosen, chosen.fork() as fork, pickle.loads(pickle.dumps(chosen)) as copy:
            for reader in (chosen, fork, copy):
                assert pictures(reader) == expected
            for number in (31, 3, 30, 39, 0):
                assert chosen[number].tobytes() == expected[number]


def _other(frame: Any) -> Any:
    array = frame.to_ndarray()
    array[0, 0] += 1
    made = av.VideoFrame.from_ndarray(array, format=frame.format.name)
    made.pts, made.time_base = frame.pts, frame.time_base
    return made


def _failing(frame: Any) -> Any:
    raise DamageError("the card is hot")


@pytest.mark.parametrize(
    ("change", "reason"),
    [(_other, "cuda gives other pictures"), (_failing, "cuda does not decode it")],
)
def test_a_device_that_gives_anything_else_is_not_used(
    clip: Path, device: list[Any], change: Any, reason: str
) -> None:
    device.append(change)
    with open_video(clip) as video:
        chosen, told = on_hardware(video, "cuda")
    assert chosen is video
    assert reason in told


def test_what_no_device_decodes_is_left_to_the_processor(
    tmp_path: Path, clip: Path, device: list[Any]
) -> None:
    with open_video(clip) as video:
        assert "no vaapi; it has cuda" in on_hardware(video, "vaapi")[1]
        known = video.table.checked
        video.table = replace(video.table, checked="some")
        assert "`framesift inspect drawn.mp4 --verify`" in on_hardware(video, "cuda")[1]
        video.table = replace(video.table, checked=known)
        assert on_hardware(video, None) == (video, "")
    bare = media.encode(tmp_path / "a.h264", media.pictures(FRAMES), gop=13, format="h264")
    with open_video(bare) as video:
        assert "no timestamps" in on_hardware(video, "cuda")[1]
    drawn = framesift.synth.drive(frames=2, size=(96, 128))
    assert on_hardware(drawn, "cuda")[0] is drawn


@pytest.mark.parametrize("places", [[0.6], [0.1, 0.3, 0.5, 0.7, 0.9]])
def test_damage_is_read_by_the_processor(
    clip: Path, device: list[Any], places: list[float]
) -> None:
    media.scratch(clip, places)
    with open_video(clip) as video:
        assert video.table.damaged
        chosen, told = on_hardware(video, "cuda")
        if all(video.table.is_careful(entry) for entry in (0, len(video.table.entries) // 2)):
            assert "there is damage" in told
        frames = [
            [(f.number, f.corrupt, f.image.tobytes()) for f in reader.read(range(len(video)))]
            for reader in (video, chosen)
        ]
        assert frames[0] == frames[1]
        assert any(corrupt for _, corrupt, _ in frames[0])


def test_pictures_before_an_open_groups_key_are_nobodys_fault(
    tmp_path: Path, device: list[Any]
) -> None:
    path = media.encode(
        tmp_path / "open.mp4",
        media.pictures(FRAMES),
        gop=10,
        b_frames=2,
        options={"x264-params": "open-gop=1"},
    )
    with open_video(path) as video:
        chosen, told = on_hardware(video, "cuda")
        with chosen:
            assert "decoded by cuda, which" in told
            assert pictures(chosen) == pictures(video)


def test_another_streams_device_is_none_for_this_one(
    clip: Path, device: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framesift.video.cursor.is_accelerated", lambda _: False)
    with open_video(clip) as video:
        assert "no cuda for this kind of video" in on_hardware(video, "cuda")[1]


def test_a_device_that_is_gone_later_is_a_sentence(
    clip: Path, device: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_video(clip) as video:
        chosen, _ = on_hardware(video, "cuda")

    def gone(*_: Any, **__: Any) -> Any:
        raise av.error.ExternalError(1, "no such device")

    monkeypatch.setattr("framesift.video.container.HWAccel", gone)
    with (
        chosen,
        pytest.raises(EnvironmentProblem, match=r"there is no cuda here .* Leave it to"),
    ):
        chosen[0]


def test_scores_are_the_same_and_who_decoded_is_told(
    clip: Path, small_detector: Path, device: list[Any]
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    with open_video(clip) as video:
        by_device = list(framesift.score(video, detector, every=5, hardware="cuda"))
        plain = list(framesift.score(video, detector, every=5))
    scores = [
        [(r.frame, r.score) for r in records if isinstance(r, ScoredFrame)]
        for records in (by_device, plain)
    ]
    assert scores[0] == scores[1]
    assert len(scores[0]) == 8
    told = [r.text for r in by_device if isinstance(r, Notice)]
    assert [text for text in told if "decoded by cuda" in text]


def test_a_project_is_told_once_a_video(
    tmp_path: Path,
    clip: Path,
    small_detector: Path,
    device: list[Any],
    command: Callable[..., str],
) -> None:
    folders = [tmp_path / "plain", tmp_path / "device"]
    detector = framesift.load_detector(small_detector, device="cpu")
    series, told = [], []
    for folder, kind in zip(folders, (None, "cuda"), strict=True):
        command("init", folder, "--detector", small_detector)
        command("add", folder, clip)
        with framesift.Project.open(folder) as project:
            records = list(score_project(project, detector, progressive=True, hardware=kind))
            told.append([r.text for r in records if isinstance(r, Notice)])
            (known,) = project.series.all()
            series.append(np.array(project.series.values(known)))
    np.testing.assert_array_equal(*series)
    with framesift.Project.open(folders[1]) as project:
        notices = [
            record.text
            for record in score_strategy(project, None, "uniform", hardware="cuda")
            if isinstance(record, Notice)
        ]
    assert notices == [devices.UNUSED]
    assert told[0] == []
    assert [text[:29] for text in told[1]] == ["drawn.mp4 is decoded by cuda,"]
    sentence = command(
        "score", "--project", folders[0], "--cluster", "local:1", "--hardware", "cuda", status=2
    )
    assert "leave out --hardware" in sentence
