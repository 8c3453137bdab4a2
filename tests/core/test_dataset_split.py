"""The validation split: whole drives or stretches, no neighbours across, stable as labels
grow."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.training.data import Place, SplitRule, split_frames

RATE = 30.0


def place(drive: str, frame: int) -> Place:
    return Place(FrameKey(drive, frame), drive, frame / RATE)


drives = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 12_000)),
    min_size=1,
    max_size=120,
).map(lambda found: [place(d, n) for d, n in found])


@settings(max_examples=60, deadline=None)
@given(drives, st.integers(0, 3))
def test_no_validation_frame_has_a_training_frame_within_the_margin(places, seed):
    rule = SplitRule(fraction=0.4, seed=seed, segment_s=10, margin_s=1)
    parts = split_frames(places, rule)
    for one in places:
        for other in places:
            if (
                one.drive == other.drive
                and parts[one.key] == "train"
                and parts[other.key] == "validation"
            ):
                assert abs(one.seconds - other.seconds) > rule.margin_s


@settings(max_examples=60, deadline=None)
@given(drives, drives, st.sampled_from(["drive", "segment"]))
def test_growth_redraws_nothing(first, later, by):
    rule = SplitRule(by=by, fraction=0.3)
    before = split_frames(first, rule)
    after = split_frames([*later, *first], rule, existing=before)
    assert {key: after[key] for key in before} == before
    units = {rule.unit(p): before[p.key] == "train" for p in first}
    for p in later:
        if rule.unit(p) in units:
            assert (after[p.key] == "train") == units[rule.unit(p)]


@settings(max_examples=40, deadline=None)
@given(drives, st.randoms())
def test_order_makes_no_difference(places, random):
    shuffled = list(places)
    random.shuffle(shuffled)
    assert split_frames(places) == split_frames(shuffled)


def test_share_is_met_and_something_always_trains():
    places = [place("a", n * 15) for n in range(2000)]
    parts = split_frames(places, SplitRule(fraction=0.2))
    validating = sum(part != "train" for part in parts.values())
    assert 0.17 <= validating / len(places) <= 0.23
    assert sum(part == "margin" for part in parts.values()) <= 0.12 * validating
    assert split_frames(places[:20], SplitRule(fraction=0.9)) == {
        p.key: "train" for p in places[:20]
    }
    assert set(split_frames(places, SplitRule(fraction=0.0)).values()) == {"train"}


def test_whole_drives():
    places = [place(d, n) for d in "abcdefghij" for n in range(0, 900, 15)]
    parts = split_frames(places, SplitRule(by="drive", fraction=0.3))
    sides = {d: {parts[p.key] for p in places if p.drive == d} for d in "abcdefghij"}
    assert all(len(side) == 1 for side in sides.values())
    assert sum(side == {"validation"} for side in sides.values()) == 3


def test_stills_stand_alone():
    places = [Place(FrameKey("stills", n), "stills") for n in range(200)]
    parts = split_frames(places)
    assert sum(part == "validation" for part in parts.values()) == 40


@pytest.mark.parametrize(
    "wrong", [{"fraction": 1.0}, {"by": "hour"}, {"segment_s": 2.0}, {"margin_s": -1.0}]
)
def test_senseless_rules_are_refused(wrong):
    with pytest.raises(InputError):
        SplitRule(**wrong)
