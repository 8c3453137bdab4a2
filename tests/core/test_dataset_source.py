"""Frames of a training set: decoded, checked, kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import FrameKey, picture_hash
from framesift.training.data import (
    Entry,
    MemorySource,
    Sample,
    TrainingSet,
    VideoRef,
    VideoSource,
)
from framesift.training.data.cache import FrameCache
from framesift.video import open_video

COUNT = 8


def draw(folder, seed=0, count=COUNT):
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    for i in range(count):
        picture = cv2.resize(rng.integers(0, 255, (6, 8, 3), np.uint8), (64, 48))
        cv2.imwrite(str(folder / f"{i:03d}.png"), picture)


@pytest.fixture
def dataset(tmp_path):
    folder = tmp_path / "drive"
    draw(folder)
    with open_video(folder) as video:
        entries = tuple(
            Entry(
                FrameKey("v", i),
                64,
                48,
                (Box(i, 1, i + 9, 20),),
                "validation" if i == 3 else "train",
                picture_hash(video[i]),
            )
            for i in range(COUNT - 1, -1, -1)
        )
        ref = VideoRef("v", str(folder), fingerprint=video.fingerprint, kind="images")
    return TrainingSet(("pedestrian",), (ref,), entries)


@pytest.mark.parametrize("cache", [0, 20_000, 1 << 20])
def test_pictures_and_labels(dataset, cache):
    with (
        VideoSource(dataset, cache_bytes=cache) as source,
        open_video(dataset.videos[0].path) as video,
    ):
        assert len(source) == COUNT - 1
        list(source.prepare())
        for _ in range(2):
            for i in range(len(source)):
                sample = source.sample(i)
                assert np.array_equal(sample.image, video[sample.key.frame])
                assert (
                    sample.boxes
                    == source.boxes(i)
                    == (Box(sample.key.frame, 1, sample.key.frame + 9, 20),)
                )
                assert source.size(i) == (48, 64)
        assert source._cache.used <= cache


def test_prepare_counts_every_frame(dataset):
    with VideoSource(dataset) as source:
        counts = [record.done for record in source.prepare()]
    assert counts == list(range(COUNT))


def test_several_threads_get_the_same(dataset):
    with VideoSource(dataset, cache_bytes=0) as source, ThreadPoolExecutor(4) as pool:
        alone = [source.sample(i).image for i in range(len(source))]
        order = list(range(len(source))) * 6
        for i, sample in zip(order, pool.map(source.sample, order), strict=True):
            assert np.array_equal(sample.image, alone[i])


@pytest.mark.parametrize("how", ["sample", "prepare"])
def test_another_picture_is_refused(dataset, how):
    draw(Path(dataset.videos[0].path), seed=1)
    with (
        VideoSource(dataset) as source,
        pytest.raises(InputError, match=r"Frame \d of .*drive is not the picture"),
    ):
        source.sample(2) if how == "sample" else list(source.prepare())


def test_another_video_is_refused_where_no_picture_is_known(dataset):
    bare = replace(dataset, entries=tuple(replace(e, picture="") for e in dataset.entries))
    with VideoSource(bare) as source:
        source.sample(0)
    other = replace(bare, videos=(replace(bare.videos[0], fingerprint="other"),))
    with VideoSource(other) as source, pytest.raises(InputError, match="not the picture"):
        source.sample(0)


@pytest.mark.parametrize("how", ["sample", "prepare"])
def test_a_shorter_video_is_refused(dataset, how):
    gone = replace(dataset.entries[0], key=FrameKey("v", 99))
    with (
        VideoSource(replace(dataset, entries=(gone,))) as source,
        pytest.raises(InputError, match="only 8 frames"),
    ):
        source.sample(0) if how == "sample" else list(source.prepare())


def test_a_vanished_video_is_refused(dataset, tmp_path):
    lost = replace(dataset, videos=(replace(dataset.videos[0], path="gone.mp4"),))
    with VideoSource(lost, folder=tmp_path) as source, pytest.raises(InputError):
        source.sample(0)


def test_frames_of_a_real_video(shared_data):
    """H.264 with B-frames, read in order, at random, and from the cache: the same pixels."""
    path = shared_data / "camvid" / "0016E5a_1hz.mp4"
    numbers = (40, 3, 22, 41)
    with open_video(path) as video:
        entries = tuple(
            Entry(
                FrameKey("a", n), video.width, video.height, (), picture=picture_hash(video[n])
            )
            for n in numbers
        )
        ref = VideoRef("a", str(path), fingerprint=video.fingerprint)
    one = TrainingSet(("pedestrian",), (ref,), entries)
    with VideoSource(one, cache_bytes=0) as fresh, VideoSource(one) as kept:
        list(kept.prepare())
        for i in range(len(numbers)):
            assert np.array_equal(fresh.sample(i).image, kept.sample(i).image)


def test_cache_is_bounded_and_lossless():
    rng = np.random.default_rng(0)
    pictures = [
        cv2.resize(rng.integers(0, 255, (4, 4, 3), np.uint8), (40, 30)) for _ in range(20)
    ]
    for compress in (False, True):
        cache = FrameCache(10_000, compress=compress)
        kept = [i for i, picture in enumerate(pictures) if cache.put(i, picture)]
        assert 0 < len(kept) < 20
        assert cache.used <= 10_000
        assert all(np.array_equal(cache.get(i), pictures[i]) for i in kept)
        assert cache.get(19) is None
    assert len(kept) > 3


def test_memory_source_checks_classes_and_tells_content_apart():
    image = np.zeros((8, 8, 3), np.uint8)
    one = Sample(image, (Box(0, 0, 4, 4),), FrameKey("m", 0))
    source = MemorySource([one], ("pedestrian",))
    assert (len(source), source.size(0)) == (1, (8, 8))
    assert list(source.prepare()) == []
    other = MemorySource([replace(one, image=image + 1)], ("pedestrian",))
    assert source.identity() != other.identity()
    with pytest.raises(InputError, match="pedestrian"):
        MemorySource([one], ("car",))
