"""Tracks in the label store: key boxes are labels, derived ones are none until confirmed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framesift.boxes import ORIGINS, Box
from framesift.errors import InputError
from framesift.labels import UNSEEN, FrameKey, FrameLabels
from framesift.project import Project, training_set
from framesift.project.codec import decode, encode

KEY = Box(0, 0, 20, 40)
MEMORY = Path("/dev/shm")
FOLDER = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None


class Clip:
    kind, fps, width, height = "file", 8.0, 640, 480
    times = None

    def __init__(self, path: Path, frames: int) -> None:
        self.path, self.frames, self.fingerprint = path, frames, path.stem
        path.write_text(path.stem)

    def __len__(self) -> int:
        return self.frames


@pytest.fixture
def project() -> Iterator[Project]:
    with (
        tempfile.TemporaryDirectory(dir=FOLDER) as folder,
        Project.create(Path(folder) / "project", classes=["pedestrian", "rider"]) as opened,
    ):
        clips = [Clip(Path(folder) / "a1.mp4", 10), Clip(Path(folder) / "a2.mp4", 200)]
        opened.videos.add_drive(clips, key="a")
        yield opened


def frame(number: int, video: str = "a1") -> FrameKey:
    return FrameKey(video, number)


def derived(project: Project, key: FrameKey) -> Box:
    [box] = project.labels.get(key).derived
    return box


def test_boxes_between_keys_are_interpolated_and_are_no_labels(project: Project) -> None:
    [track] = project.tracks.new()
    project.tracks.put_key(track, frame(2), KEY)
    project.tracks.put_key(track, frame(6), replace(KEY, x1=40, x2=60, y2=80))
    expected = Box(20, 0, 40, 60, track=track, origin="interpolated")
    assert derived(project, frame(4)) == expected
    assert [k.frame for k in project.tracks.get(track).derived] == [3, 4, 5]
    assert project.labels.get(frame(4)).state == "unseen"
    assert not project.labels.get(frame(4)).trains
    assert project.labels.states() == {frame(2): "labelled", frame(6): "labelled"}
    assert project.labels.counts() == ({"labelled": 2}, 2)
    assert project.labels.pictures.missing() == (frame(2), frame(6))
    assert project.journal.undo_text == f"Place track {track} in frame 6 of a1"
    project.journal.undo()
    assert project.labels.get(frame(4)) == UNSEEN
    assert project.tracks.all() == (track,)


def test_a_moved_key_takes_the_boxes_beside_it_along(project: Project) -> None:
    [track] = project.tracks.new()
    for number in (0, 4, 8):
        project.tracks.put_key(track, frame(number), replace(KEY, x1=number, x2=number + 20))
    before = project.labels.all()
    project.tracks.put_key(track, frame(8), replace(KEY, x1=48, x2=68))
    assert derived(project, frame(2)).x1 == 2
    assert derived(project, frame(6)).x1 == (4 + 48) / 2
    assert len(project.labels.get(frame(8)).boxes) == 1
    project.journal.undo()
    assert project.labels.all() == before


def test_a_track_goes_on_in_the_next_clip_of_the_drive(project: Project) -> None:
    [track] = project.tracks.new()
    project.tracks.put_key(track, frame(8), KEY)
    project.tracks.put_key(track, frame(2, "a2"), replace(KEY, x1=40, x2=60))
    assert list(project.tracks.get(track).derived) == [
        frame(9),
        frame(0, "a2"),
        frame(1, "a2"),
    ]
    assert derived(project, frame(0, "a2")).x1 == 20


def test_time_counts_not_the_number_of_the_frame(project: Project) -> None:
    [track] = project.tracks.new()
    at = {0: 0.0, 1: 3.0, 2: 4.0}
    project.tracks.put_key(track, frame(0), KEY)
    project.tracks.put_key(
        track, frame(2), replace(KEY, x1=40, x2=60), lambda key: at[key.frame]
    )
    assert derived(project, frame(1)).x1 == 30


def test_what_is_confirmed_is_a_label(project: Project) -> None:
    [track] = project.tracks.new()
    project.tracks.put_key(track, frame(2), KEY)
    project.tracks.put_key(track, frame(6), replace(KEY, x1=40, x2=60))
    project.tracks.confirm(track, [frame(4)])
    labels = project.labels.get(frame(4))
    assert [(b.x1, b.track, b.origin) for b in labels.boxes] == [(20, track, "confirmed")]
    assert (labels.state, labels.derived) == ("labelled", ())
    assert project.journal.undo_text == f"Confirm 1 box of track {track}"
    project.tracks.confirm(track)
    assert project.tracks.get(track).derived == {}
    assert len(project.tracks.get(track).keys) == 5


def test_tracked_boxes_stay_and_give_way_to_a_person(project: Project) -> None:
    [track] = project.tracks.new()
    project.tracks.put_key(track, frame(0), KEY)
    found = {frame(n): replace(KEY, x1=n * 2, x2=n * 2 + 20) for n in (0, 1, 2)}
    project.tracks.put_tracked(track, found)
    assert project.labels.get(frame(0)).derived == ()
    project.tracks.put_key(track, frame(4), replace(KEY, x1=40, x2=60))
    assert [derived(project, frame(n)).origin for n in (1, 2, 3)] == [
        "tracked",
        "tracked",
        "interpolated",
    ]
    project.tracks.put_key(track, frame(2), KEY)
    assert project.labels.get(frame(2)).derived == ()


def test_a_correction_ends_what_was_followed_from_another_box(project: Project) -> None:
    [track] = project.tracks.new()
    project.tracks.put_key(track, frame(0), KEY)
    project.tracks.put_key(track, frame(6), replace(KEY, x1=60, x2=80))
    numbers = (*range(1, 6), 7, 8)
    found = {frame(n): replace(KEY, x1=n, x2=n + 20) for n in numbers}
    project.tracks.put_tracked(track, {**found, frame(0, "a2"): KEY})
    before = project.labels.all()
    project.tracks.put_key(track, frame(3), replace(KEY, x1=30, x2=50))
    boxes = {
        k.frame: b for k, b in project.tracks.get(track).derived.items() if k.video == "a1"
    }
    assert [(n, boxes[n].x1, boxes[n].origin) for n in (1, 2, 4, 5)] == [
        (1, 1, "tracked"),
        (2, 2, "tracked"),
        (4, 40, "interpolated"),
        (5, 50, "interpolated"),
    ]
    # Behind the next key box they are none of this correction's, in the next clip neither.
    assert [boxes[n].x1 for n in (7, 8)] == [7, 8]
    assert derived(project, frame(0, "a2")).origin == "tracked"
    project.journal.undo()
    assert project.labels.all() == before
    project.tracks.put_key(track, frame(8), replace(KEY, x1=100, x2=120))
    assert frame(0, "a2") not in project.tracks.get(track).derived
    assert derived(project, frame(7)).origin == "tracked"


def test_derived_boxes_are_ignored_where_a_person_labelled(project: Project) -> None:
    [track] = project.tracks.new()
    project.tracks.put_key(track, frame(2), KEY)
    project.tracks.put_key(track, frame(6), replace(KEY, x1=40, x2=60))
    other = Box(300, 20, 330, 70, "rider")
    project.labels.change({frame(4): project.labels.get(frame(4)).with_boxes(other)})
    trained = {e.key: e.boxes for e in training_set(project).entries}
    assert set(trained) == {frame(2), frame(4), frame(6)}
    drawn, unsure = trained[frame(4)]
    assert drawn == other
    assert unsure.ignore
    assert (unsure.x1, unsure.x2) == (20, 40)


def test_tracks_are_joined_parted_and_removed(project: Project) -> None:
    one, two = project.tracks.new(2)
    for track, number in ((one, 0), (one, 3), (two, 5), (two, 8)):
        project.tracks.put_key(track, frame(number), replace(KEY, x1=number, x2=number + 20))
    begun = project.labels.all()
    project.tracks.join(two, one)
    assert project.tracks.all() == (one,)
    assert list(project.tracks.get(one).keys) == [frame(n) for n in (0, 3, 5, 8)]
    project.tracks.interpolate(one)
    assert derived(project, frame(4)).x1 == 4
    new, group = project.tracks.part(one, frame(4))
    assert group is not None
    assert project.journal.undo_text == f"Part track {one} at frame 4 of a1"
    assert list(project.tracks.get(new).keys) == [frame(5), frame(8)]
    # What lay across the cut belongs to neither.
    assert project.labels.get(frame(4)) == UNSEEN
    project.tracks.remove(new)
    assert project.tracks.all() == (one,)
    assert project.labels.get(frame(8)).state == "unseen"
    for _ in range(4):
        project.journal.undo()
    assert project.labels.all() == begun
    assert project.tracks.new()[0] > new


def test_what_makes_no_sense_is_refused(project: Project) -> None:
    one, two = project.tracks.new(2)
    for track in (one, two):
        project.tracks.put_key(track, frame(1), KEY)
    with pytest.raises(InputError, match="two objects"):
        project.tracks.join(one, two)
    with pytest.raises(InputError, match="no track 99"):
        project.tracks.get(99)
    with pytest.raises(InputError, match="both sides"):
        project.tracks.part(one, frame(0))
    twice = FrameLabels.of([replace(KEY, track=one), replace(KEY, track=one)])
    with pytest.raises(InputError, match=f"Track {one} has 2 boxes in one frame"):
        project.labels.change({frame(9): twice})
    with pytest.raises(InputError, match="outside the picture"):
        project.tracks.put_tracked(one, {frame(3): Box(700, 0, 720, 9)})


def test_keys_too_far_apart_are_not_filled(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framesift.project import tracks

    monkeypatch.setattr(tracks, "MOST", 100)
    [track] = project.tracks.new()
    project.tracks.put_key(track, frame(0), KEY)
    with pytest.raises(InputError, match="119 frames apart; place one in between"):
        project.tracks.put_key(track, frame(110, "a2"), KEY)
    assert len(project.tracks.get(track)) == 1


def test_a_copied_box_takes_no_second_place_in_its_track() -> None:
    labels = FrameLabels.of([replace(KEY, track=3)])
    assert [b.track for b in labels.with_boxes(replace(KEY, track=3)).boxes] == [3, None]
    assert labels.with_derived(replace(KEY, track=3, origin="tracked")) == labels
    for bad in (
        {"boxes": (replace(KEY, origin="tracked", track=1),), "state": "labelled"},
        {"derived": (replace(KEY, track=1),)},
        {"derived": (replace(KEY, origin="tracked"),)},
    ):
        with pytest.raises(ValueError, match="derived box"):
            FrameLabels(**bad)  # type: ignore[arg-type]


numbers = st.floats(-1e4, 1e4)
boxes = st.builds(
    Box,
    numbers,
    numbers,
    numbers,
    numbers,
    st.sampled_from(["pedestrian", "Straßenbahn"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.one_of(st.none(), st.integers(1, 4)),
    st.sampled_from(ORIGINS),
)


@given(st.lists(boxes.filter(lambda b: b.track or b.origin in ("person", "confirmed"))))
def test_labels_come_back_from_their_text(some: list[Box]) -> None:
    labels = FrameLabels.of(some)
    assert decode(encode(labels), Path("x")) == labels
    made = [box for box in some if box.origin in ("person", "confirmed")]
    assert (labels.state == "labelled") == bool(made)
    assert labels.boxes == tuple(made)


def test_a_key_box_that_goes_takes_what_hung_on_it_along(project: Project) -> None:
    [track] = project.tracks.new()
    for number, x in ((2, 0), (4, 40), (8, 40)):
        project.tracks.put_key(track, frame(number), replace(KEY, x1=x, x2=x + 20), done=False)
    assert project.labels.get(frame(4)).state == "started"
    assert derived(project, frame(3)).x1 == 20
    project.tracks.remove_key(track, frame(4))
    assert derived(project, frame(4)).x1 == pytest.approx(40 / 3)
    project.tracks.remove_key(track, frame(8))
    assert list(project.tracks.get(track).keys) == [frame(2)]
    assert not project.tracks.get(track).derived
    project.tracks.remove_key(track, frame(2))
    assert project.tracks.all() == ()
    for _ in range(2):
        project.journal.undo()
    assert derived(project, frame(6)).x1 == pytest.approx(80 / 3)
    project.tracks.confirm(track, [frame(6)], done=False)
    assert project.labels.get(frame(6)).state == "started"
