"""Scoring in 8 bits: near to float32, kept only where that is shown, for one detector alone."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from framesift.cluster import Where
from framesift.detectors.backends import BACKENDS
from framesift.detectors.backends.eight_bit import Ranges, calibrated
from framesift.detectors.backends.engine import Engine
from framesift.detectors.base import Detector
from framesift.detectors.files.checkpoint import load_detector, save_checkpoint
from framesift.detectors.prepare import working_batch
from framesift.detectors.tiled import tiled
from framesift.errors import EnvironmentProblem, InputError
from framesift.loop import (
    EightBits,
    current_detector,
    keep_eight_bits,
    score_on_cluster,
    score_project,
    try_eight_bits,
)
from framesift.loop.eight_bits import in_eight_bits, kept_eight_bits, of_detector
from framesift.project import Project
from framesift.records.draining import last
from framesift.scores.embedding import embedding_key
from framesift.synth import drive, write_drive
from framesift.video import open_video

Command = Callable[..., str]
SMALL = {"working_height": 120}
pytestmark = pytest.mark.skipif(
    BACKENDS["openvino"].why_unavailable() is not None, reason="OpenVINO is not here"
)


@pytest.fixture(scope="module")
def frames(small_drive: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    with open_video(small_drive) as video:
        return np.stack([frame.image for frame in video.frames(0, 12)])


def ranges_of(detector: Detector, frames: Any) -> Ranges:
    size = detector.geometry(*frames.shape[1:3])
    pictures = [working_batch(frame[None], size) for frame in frames]
    *counts, ranges = calibrated(
        detector.network(), detector.multiple, pictures, torch.get_num_threads()
    )
    assert counts == list(range(1, len(frames) + 1))
    assert isinstance(ranges, Ranges)
    return ranges


@pytest.fixture(scope="module")
def detector() -> Detector:
    return load_detector("pedestrian", "cpu", backend="torch", settings=SMALL)


@pytest.fixture(scope="module")
def ranges(detector: Detector, frames: Any) -> Ranges:
    return ranges_of(detector, frames[:4])


@pytest.fixture
def rounded(ranges: Ranges) -> Detector:
    made = load_detector("pedestrian", "cpu", backend="torch", settings=SMALL)
    return made.run_by(Engine(BACKENDS["openvino"], ranges))


def test_probabilities_are_near_those_of_float32(
    detector: Detector, rounded: Detector, frames: Any
) -> None:
    plain = detector.infer(frames[4:]).maps.stack().numpy()
    eight = rounded.infer(frames[4:]).maps.stack().numpy()
    away = np.abs(plain - eight)
    assert 0 < away.max() < 0.1
    assert np.corrcoef(plain.ravel(), eight.ravel())[0, 1] > 0.995


def test_a_frame_does_not_depend_on_its_batch(rounded: Detector, frames: Any) -> None:
    together = rounded.infer(frames[4:8]).maps.stack()
    turned = rounded.infer(np.ascontiguousarray(frames[4:8][::-1])).maps.stack()
    assert torch.equal(together, turned.flip(0))


def test_ranges_go_through_json_and_a_copy(rounded: Detector, ranges: Ranges) -> None:
    again = Ranges.from_json(json.loads(json.dumps(ranges.to_json())))
    assert again == ranges
    assert again.identity == ranges.identity
    assert rounded.engine is not None
    copied = pickle.loads(pickle.dumps(rounded.engine))
    assert copied.ranges == ranges
    assert copied.recipe == rounded.engine.recipe
    assert "eight_bit" not in Engine(BACKENDS["openvino"]).recipe
    wider = Ranges({key: (low - 1, high) for key, (low, high) in ranges.of.items()})
    assert wider.identity != ranges.identity


@pytest.mark.parametrize(
    "damaged",
    [None, {}, {"a": [0]}, {"a": [1, 0]}, {"a": [0, float("inf")]}, {"a": ["x", 1]}, [1]],
)
def test_what_is_no_ranges_is_refused(damaged: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        Ranges.from_json(damaged)


def test_ranges_of_other_weights_are_refused(
    make_detector: Callable[..., Path], ranges: Ranges, frames: Any, tmp_path: Path
) -> None:
    other = load_detector(
        make_detector(tmp_path / "other.safetensors", width=0.125, height=120, seed=5),
        "cpu",
        backend="torch",
    ).run_by(Engine(BACKENDS["openvino"], ranges))
    with pytest.raises(EnvironmentProblem, match="framesift quantize"):
        other.infer(frames[:1])


@pytest.fixture(scope="module")
def sized(detector: Detector, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled detector at the height of the drive."""
    path = tmp_path_factory.mktemp("sized") / "sized.safetensors"
    save_checkpoint(path, detector)
    return path


@pytest.fixture
def project(small_drive: Path, sized: Path, tmp_path: Path) -> Iterator[Project]:
    with (
        open_video(small_drive) as video,
        Project.create(tmp_path / "p", classes=["pedestrian"], detector=str(sized)) as made,
    ):
        made.videos.add(video)
        yield made


def tried(project: Project) -> EightBits:
    detector = current_detector(project, device="cpu", exact=True)
    return last(try_eight_bits(project, detector, calibrate=6, compare=30), EightBits)


def agreeing(project: Project) -> EightBits:
    """As if all picks were the same: of so few frames, and so alike, they hang on rounding."""
    shown = tried(project)
    return replace(shown, same=shown.picks)


def test_the_command_shows_keeps_and_ends_it(
    command: Command, sized: Path, tmp_path: Path
) -> None:
    # Frames of a shorter drive are so much alike that their order is a toss.
    folder, clip = tmp_path / "week", tmp_path / "drive.mp4"
    last(write_drive(drive(seed=3, frames=240, size=(120, 160), scenario="busy"), clip))
    command("init", folder, "--detector", sized)
    command("add", folder, clip)
    trying = ("quantize", folder, "--compare", 60, "--device", "cpu")
    shown = json.loads(command(*trying, "--json"))
    assert shown["agrees"] is True
    assert (shown["calibrated"], shown["compared"], shown["picks"]) == (31, 61, 12)
    assert shown["same"] >= 11
    assert shown["rank_correlation"] > 0.95
    scoring = ("score", "--project", folder, "--every", 40, "--device", "cpu")
    command(*scoring)
    assert "calibrated" not in command("status", folder)
    told = command(*trying, "--use")
    assert "scores in 8 bits now" in told
    assert "8 bits were calibrated" in command("status", folder)
    command(*scoring)
    command("quantize", folder, "--off")
    assert "0 of them now" in command(*scoring)
    with Project.open(folder, readonly=True) as project:
        recipes = [record.recipe for record in project.series.all()]
    assert ["eight_bit" in recipe for recipe in recipes] == [False, True]


def test_embeddings_are_compared_with_their_like(ranges: Ranges) -> None:
    plain = {"detector": "d", "precision": "float32"}
    assert embedding_key(plain) == embedding_key({**plain, "backend": "openvino"})
    assert embedding_key(plain) != embedding_key({**plain, "eight_bit": ranges.identity})


def test_too_few_picks_are_not_kept(project: Project) -> None:
    shown = replace(tried(project), picks=10, same=8)
    with pytest.raises(InputError, match="8 of 10 picks are the same, fewer than 90"):
        keep_eight_bits(project, shown)
    assert project.settings.eight_bits is None


def test_only_scoring_is_in_eight_bits_and_only_of_this_detector(
    project: Project, make_detector: Callable[..., Path], tmp_path: Path
) -> None:
    keep_eight_bits(project, agreeing(project))

    def in_use(**asked: Any) -> bool:
        return of_detector(current_detector(project, device="cpu", **asked)) is not None

    assert in_use()
    assert in_use(backend="openvino")
    for asked in ({"exact": True}, {"precision": "float32"}, {"backend": "torch"}):
        assert not in_use(**asked)
    assert not in_use(tiles="2x1")
    trained = make_detector(tmp_path / "next.safetensors", width=0.125, height=120, seed=7)
    project.choose_detector(str(trained))
    assert not in_use()
    project.settings.set_eight_bits({"detector": "x", "ranges": {"a": [2, 1]}})
    with pytest.raises(InputError, match="8 bits"):
        kept_eight_bits(project)


def test_workers_score_the_same_bits(project: Project) -> None:
    keep_eight_bits(project, agreeing(project))
    detector = current_detector(project, device="cpu")
    options: dict[str, Any] = {}
    list(score_project(project, detector, options={**options, "method": "divergence"}))
    (whole,) = project.series.all()
    values = project.series.values(whole).copy()
    assert not np.isnan(values).any()
    project.series.remove(whole)
    list(
        score_on_cluster(
            project,
            detector,
            project.detector,
            "divergence",
            Where("local", 2),
            options=options,
            unit_frames=24,
        )
    )
    (parts,) = project.series.all()
    assert parts.recipe == whole.recipe
    assert project.series.values(parts).tobytes() == values.tobytes()


def test_what_cannot_be_rounded_says_so(project: Project, detector: Detector) -> None:
    with pytest.raises(InputError, match="--tiles 1x1"):
        list(try_eight_bits(project, tiled(detector, "2x1")))
    kept = {"detector": detector.identity(), "ranges": {"a": [0, 1]}}
    assert in_eight_bits(tiled(detector, "2x1"), kept).engine is None
    with (
        Project.create(project.folder.parent / "empty") as empty,
        pytest.raises(InputError, match="no footage"),
    ):
        list(try_eight_bits(empty, detector))
