"""What every reader of labelled footage keeps to."""

from __future__ import annotations

import math
import runpy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from framesift.datasets import DATASETS, LabelledDataset, open_dataset, opening_dataset
from framesift.errors import InputError
from framesift.labels import FrameKey, FrameLabels, checked
from framesift.records import Notice, Progress
from framesift.selection import Pool, PoolDrive, Rules, choose

samples = SimpleNamespace(
    **runpy.run_path(str(Path(__file__).parents[1] / "footage_samples.py"))
)


@pytest.fixture(scope="module", params=sorted(DATASETS))
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return samples.SAMPLES[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture
def footage(sample: Any) -> Iterator[LabelledDataset]:
    with open_dataset(sample.kind, sample.path, **sample.options) as opened:
        yield opened


def test_clips_and_lengths(sample: Any, footage: LabelledDataset) -> None:
    assert {clip.name: len(clip) for clip in footage.clips} == sample.lengths
    assert len(footage) == sum(sample.lengths.values())
    assert footage.kind == sample.kind
    assert footage.classes == ("pedestrian",)
    assert DATASETS[sample.kind].title


def test_boxes(sample: Any, footage: LabelledDataset) -> None:
    for name, frames in sample.boxes.items():
        clip = footage.clip(name)
        for frame, boxes in frames.items():
            assert clip.boxes(frame) == boxes, (name, frame)
            assert footage.boxes(FrameKey(name, frame)) == boxes
        for outside in (-1, len(clip)):
            with pytest.raises(IndexError):
                clip.boxes(outside)


def test_every_box_may_be_stored(footage: LabelledDataset) -> None:
    """Finite, inside its picture, of a class that counts."""
    for clip in footage.clips:
        for frame in range(len(clip)):
            height, width = clip.video[frame].shape[:2]
            labels = FrameLabels.of(clip.boxes(frame))
            assert checked(labels, width, height, footage.classes) == labels


def test_frame_numbers_are_the_pictures(sample: Any, footage: LabelledDataset) -> None:
    if sample.kind == "synthetic":
        pytest.skip("nobody drew these pictures by hand")
    for clip in footage.clips:
        pictures = [samples.number_of(image) for image in clip.video]
        assert pictures == [*range(pictures[0], pictures[0] + len(clip))], clip.name


def test_drives_are_timelines(sample: Any, footage: LabelledDataset) -> None:
    for drive in footage.drives:
        assert drive.stills == sample.stills
        assert (
            math.isnan(drive.fps) if sample.stills else drive.fps == pytest.approx(sample.fps)
        )
        assert len(drive) == len(drive.labelled) == len(drive.drive)
        for frame in range(len(drive)):
            clip, own = drive.locate(frame)
            assert drive.frame_key(frame) == clip.key(own) == FrameKey(clip.name, own)
            assert drive.boxes(frame) == clip.boxes(own)
        for outside in (-1, len(drive)):
            with pytest.raises(IndexError):
                drive.locate(outside)


def test_picks_are_made_from_it(footage: LabelledDataset) -> None:
    scores = {
        drive.key: np.where(drive.labelled, np.arange(len(drive)), np.nan)
        for drive in footage.drives
    }
    rules = Rules(budget=2, smoothing=False, look_alike="off")
    drives = [
        PoolDrive.of(drive, signals={"entropy": scores[drive.key]}) for drive in footage.drives
    ]
    picks = choose(Pool(tuple(drives)), rules).selection.picks
    best = max(float(np.nanmax(values)) for values in scores.values())
    assert scores[picks[0].video][picks[0].frame] == best


def test_identity(sample: Any, footage: LabelledDataset) -> None:
    with open_dataset(sample.kind, sample.path, **sample.options) as again:
        assert again.identity() == footage.identity()
    with open_dataset(sample.kind, sample.path, **sample.options, every=2) as thinned:
        assert thinned.identity() != footage.identity()
    first = next(footage.clips).name
    if len(sample.lengths) > 1:
        with open_dataset(sample.kind, sample.path, **sample.options, only=first) as part:
            assert [clip.name for clip in part.clips] == [first]
            assert part.identity() != footage.identity()


def test_what_nobody_looked_at_is_not_labelled(sample: Any, footage: LabelledDataset) -> None:
    for clip in footage.clips:
        assert not clip.labelled.flags.writeable
        for frame in np.flatnonzero(~clip.labelled):
            assert clip.boxes(int(frame)) == ()
    keys = list(footage.keys())
    assert len(keys) == sum(int(clip.labelled.sum()) for clip in footage.clips) > 0


def test_every(sample: Any, footage: LabelledDataset) -> None:
    with open_dataset(sample.kind, sample.path, **sample.options, every=2) as thinned:
        for clip in thinned.clips:
            whole = footage.clip(clip.name).labelled
            assert not clip.labelled[::2].any()
            assert np.array_equal(clip.labelled[1::2], whole[1::2])


def test_opening_is_a_generator(sample: Any) -> None:
    records = list(opening_dataset(sample.kind, sample.path, **sample.options))
    assert all(isinstance(record, (Progress, Notice)) for record in records[:-1])
    assert isinstance(records[-1], LabelledDataset)
    records[-1].close()


def test_other_classes(sample: Any) -> None:
    with pytest.raises(InputError, match="counts as “unicorn”"):
        open_dataset(sample.kind, sample.path, **sample.options, classes=("unicorn",))


def _boxes(footage: LabelledDataset) -> list[Any]:
    return [
        box for clip in footage.clips for frame in range(len(clip)) for box in clip.boxes(frame)
    ]


def test_renamed_and_ignored(sample: Any, footage: LabelledDataset) -> None:
    """Whatever the class is called, its boxes and regions stay; told to ignore nothing, only
    the boxes; told to ignore it, there is nothing to learn."""
    counted = DATASETS[sample.kind].table.counted
    theirs = [name for name, ours in counted.items() if ours == "pedestrian"]
    told = {"classes": ("walker",), "class_map": dict.fromkeys(theirs, "walker")}
    with open_dataset(sample.kind, sample.path, **sample.options, **told) as named:
        assert _boxes(named) == [replace(box, category="walker") for box in _boxes(footage)]
    with open_dataset(sample.kind, sample.path, **sample.options, ignore=()) as bare:
        real = [box for box in _boxes(footage) if not box.ignore]
        assert [box for box in _boxes(bare) if not box.ignore] == real
        assert len(_boxes(bare)) < len(_boxes(footage)) or sample.kind == "synthetic"
    with pytest.raises(InputError, match="counts as"):
        open_dataset(sample.kind, sample.path, **sample.options, ignore=theirs)


def test_nothing_of_that_name(sample: Any) -> None:
    with pytest.raises(InputError, match="called nobody"):
        open_dataset(sample.kind, sample.path, **sample.options, only="nobody")


def test_a_path_that_is_not_there(sample: Any, tmp_path: Path) -> None:
    if sample.kind == "synthetic":
        with pytest.raises(InputError, match="says nothing about"):
            open_dataset(sample.kind, "target")
        return
    with pytest.raises(InputError, match="does not exist"):
        open_dataset(sample.kind, tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty"):
        open_dataset(sample.kind, tmp_path / "empty")


def test_a_closed_reading_leaves_nothing_open(sample: Any) -> None:
    records = opening_dataset(sample.kind, sample.path, **sample.options)
    next(records)
    records.close()  # type: ignore[attr-defined]


def test_unknown_kind() -> None:
    with pytest.raises(InputError, match="choose one of"):
        open_dataset("imagenet", "/data")
