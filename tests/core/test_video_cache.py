"""The cache of frame indexes: it saves time, and never tells anything wrong."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.helpers.generators import returned

from framesift.records import Progress
from framesift.video import Indexed, build, cache, index_video, open_video
from framesift.video.table import StreamTable

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))
IMAGES = media.pictures(20)


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "index"


def _no_building(*_: object, **__: object) -> None:
    raise AssertionError("indexed again")


def test_second_opening_builds_nothing(
    tmp_path: Path, tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = media.scratch(media.encode(tmp_path / "a.mp4", IMAGES, b_frames=2), [0.5])
    with open_video(path) as first:
        assert len(list(tables.iterdir())) == 1
        monkeypatch.setattr("framesift.video.file.build_table", _no_building)
        with open_video(path) as again:
            for name, value in first.table.arrays().items():
                assert np.array_equal(value, again.table.arrays()[name])
            assert again.warnings == first.warnings
            assert again.fingerprint == first.fingerprint
            assert np.array_equal(again[7], first[7])


def test_changed_file_is_indexed_again(tmp_path: Path, tables: Path) -> None:
    path = media.encode(tmp_path / "a.mp4", IMAGES)
    with open_video(path) as video:
        before = video.fingerprint
    media.encode(path, IMAGES[:9])
    with open_video(path) as video:
        assert len(video) == 9
        assert video.fingerprint != before
    # The same sampled bytes, but written at another time.
    os.utime(path, (1, 1))
    with open_video(path) as video:
        assert len(video) == 9
    assert len(list(tables.iterdir())) == 3


@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "pickle", "nonsense"])
def test_damaged_cache_is_no_harm(damage: str, tmp_path: Path, tables: Path) -> None:
    path = media.encode(tmp_path / "a.mp4", IMAGES)
    open_video(path).close()
    (stored,) = tables.iterdir()
    data = stored.read_bytes()
    if damage == "pickle":
        np.savez(stored, labels=np.array([{"a": 1}], object))
    elif damage == "nonsense":
        with np.load(stored) as arrays:
            changed = dict(arrays)
        changed["timestamps"] = changed["timestamps"][::-1]
        np.savez(stored, **changed)
    else:
        stored.write_bytes(
            {"empty": b"", "cut": data[: len(data) // 2], "noise": bytes(200)}[damage]
        )
    with open_video(path) as video:
        assert len(video) == 20
    assert stored.stat().st_size > 200


def test_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path / "file"))
    with open_video(media.encode(tmp_path / "a.mp4", IMAGES)) as video:
        assert len(video) == 20


def test_old_tables_are_thinned_out(
    tmp_path: Path, tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_MOST_FILES", 4)
    path = media.encode(tmp_path / "a.mp4", IMAGES[:3])
    for time in range(1, 8):
        os.utime(path, (time, time))
        open_video(path).close()
    assert len(list(tables.iterdir())) <= 4


def test_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    one, other = tmp_path / "a", tmp_path / "b"
    data = bytes(range(256)) * 8192
    one.write_bytes(data)
    other.write_bytes(data)
    assert cache.fingerprint(one) == cache.fingerprint(other)
    for place in (0, len(data) - 1):
        changed = bytearray(data)
        changed[place] ^= 1
        other.write_bytes(bytes(changed))
        assert cache.fingerprint(one) != cache.fingerprint(other)
    other.write_bytes(data + b"\0")
    assert cache.fingerprint(one) != cache.fingerprint(other)


def test_indexing_tells_how_far_it_is(
    tmp_path: Path, tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framesift.video.packets._EVERY_S", -1.0)
    monkeypatch.setattr("framesift.video.checking._EVERY_S", -1.0)
    path = media.encode(tmp_path / "a.mp4", media.pictures(200, 32, 32))
    *progress, last = index_video(path)
    assert isinstance(last, Indexed)
    assert len(last.video) == 200
    assert {record.unit for record in progress if isinstance(record, Progress)} == {
        "bytes",
        "frames",
    }
    assert all(record.done <= (record.total or 0) for record in progress)


def test_abandoned_indexing_leaves_nothing_open(
    tmp_path: Path, tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framesift.video.checking._EVERY_S", -1.0)
    path = media.encode(tmp_path / "a.mp4", IMAGES)
    work = index_video(path)
    next(work)
    work.close()
    path.unlink()


def test_table_survives_arrays(tmp_path: Path, tables: Path) -> None:
    table = returned(build.build_table(media.encode(tmp_path / "a.ts", IMAGES), None))
    again = StreamTable.of_arrays(table.arrays())
    assert (again.entries, again.time_base, again.codec) == (
        table.entries,
        table.time_base,
        table.codec,
    )
