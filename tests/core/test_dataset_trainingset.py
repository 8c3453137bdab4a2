"""The frozen training-set file."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.training.data import Entry, TrainingSet, VideoRef

VIDEO = VideoRef("v1", "/footage/näher.mp4", stream=1, fingerprint="aa")
ENTRY = Entry(
    FrameKey("v1", 7),
    640,
    480,
    (
        Box(1.25, 2, 30, 60),
        Box(0, 0, 5, 5, "sky", ignore=True),
        Box(3, 4, 5, 6, "car", occluded=True, truncated=True),
    ),
    "validation",
    "cafe",
    3003,
)
EMPTY = Entry(FrameKey("v1", 9), 640, 480, ())
SET = TrainingSet(
    ("pedestrian", "car"),
    (VIDEO,),
    (ENTRY, EMPTY),
    frozenset({FrameKey("v1", 100)}),
    frozenset({"ee"}),
)


def test_round_trip(tmp_path):
    SET.save(tmp_path / "set.json")
    again = TrainingSet.load(tmp_path / "set.json")
    assert again == SET
    assert again.identity() == SET.identity()
    assert [e.key.frame for e in again.part("train")] == [9]


numbers = st.floats(-50, 5000, allow_nan=False).filter(lambda v: abs(v) > 1e-9 or v == 0)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(numbers, numbers, st.floats(0, 900), st.floats(0, 900), st.booleans()),
        max_size=5,
    )
)
def test_coordinates_survive_to_the_bit(tmp_path_factory, corners):
    boxes = tuple(Box(x, y, x + w, y + h, "car", ignore) for x, y, w, h, ignore in corners)
    one = replace(SET, entries=(replace(EMPTY, boxes=boxes),))
    path = tmp_path_factory.getbasetemp() / "bits.json"
    one.save(path)
    assert TrainingSet.load(path) == one


def test_identity_tells_what_is_learnt_apart():
    moved = replace(SET, videos=(replace(VIDEO, path="/elsewhere.mp4"),))
    assert moved.identity() == SET.identity()
    other = replace(SET, entries=(ENTRY, replace(EMPTY, boxes=(Box(0, 0, 9, 9),))))
    assert other.identity() != SET.identity()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"entries": (ENTRY, ENTRY)}, "twice"),
        ({"entries": (replace(ENTRY, key=FrameKey("v2", 1)),)}, "video is not"),
        ({"entries": (replace(ENTRY, key=FrameKey("v1", 100)),)}, "evaluation"),
        ({"evaluation_videos": frozenset({"aa"})}, "evaluation"),
        ({"entries": (replace(ENTRY, split="test"),)}, "split"),
        ({"entries": (replace(ENTRY, key=FrameKey("v1", -1)),)}, "impossible"),
        ({"entries": (replace(EMPTY, boxes=(Box(0, 0, float("nan"), 1),)),)}, "impossible"),
        ({"entries": (replace(EMPTY, boxes=(Box(5, 0, 1, 1),)),)}, "impossible"),
        ({"entries": (replace(EMPTY, boxes=(Box(0, 0, 1, 1, "tram"),)),)}, "tram"),
        ({"classes": ("car", "car")}, "class"),
        ({"videos": (VIDEO, VIDEO)}, "video"),
    ],
)
def test_inconsistencies_are_refused(change, word):
    with pytest.raises(InputError, match=word):
        replace(SET, **change)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: "{",
        lambda d: "[]",
        lambda d: json.dumps({**d, "format": "x"}),
        lambda d: json.dumps({**d, "version": 9}),
        lambda d: json.dumps({**d, "frames": [{}]}),
        lambda d: json.dumps({**d, "videos": 3}),
        lambda d: json.dumps({**d, "classes": [1]}),
        lambda d: json.dumps({**d, "evaluation": [["v1", 9]]}),
    ],
)
def test_damaged_files_are_refused_with_a_sentence(tmp_path, spoil):
    path = tmp_path / "set.json"
    SET.save(path)
    path.write_text(spoil(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    with pytest.raises(InputError, match=r"set\.json"):
        TrainingSet.load(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="Cannot read"):
        TrainingSet.load(tmp_path / "none.json")
