"""Linking: known answers, what must not matter, and how well drawn people are kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from drawn_tracks import detected, idf1, truth
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from framesift.boxes import Prediction, iou
from framesift.errors import InputError
from framesift.synth import drive
from framesift.tracking import Detections, Linker, LinkSettings, Track, Tracks, link, smooth
from framesift.tracking.motion import DISTANT, Motion


def prediction(
    boxes: Sequence[Sequence[float]], score: float = 0.9, category: int = 0
) -> Prediction:
    return Prediction(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(len(boxes), score, np.float32),
        np.full(len(boxes), category, np.int64),
    )


def run(
    *frames: Sequence[Sequence[float]], every: int = 1, fps: float = 10.0
) -> list[Detections]:
    return [
        Detections(n * every, n * every / fps, prediction(boxes))
        for n, boxes in enumerate(frames)
    ]


def walking(step: float, *missing: int, count: int = 8) -> list[list[list[float]]]:
    """A person 10 pixels wide who takes `step` pixels a frame."""
    return [
        [] if n in missing else [[100 + step * n, 50, 110 + step * n, 80]] for n in range(count)
    ]


def test_two_people_and_a_flicker() -> None:
    left, right, false = [0, 0, 10, 30], [50, 0, 60, 30], [200, 0, 210, 30]
    found = link(run([left, right], [right, left], [left, false], [left, right]))
    assert [track.rows.tolist() for track in found.tracks] == [[0, 1, 0, 0], [1, 0, -1, 1], [1]]
    assert (found.isolated, found.gaps) == (1, 1)
    assert found.isolated_by_frame().tolist() == [0, 0, 1, 0]
    assert found.missed_by_frame().tolist() == [0, 0, 1, 0]
    assert [len(track) for track in found.supported(3).tracks] == [4, 3]


def test_gap_boxes_are_interpolated_in_time() -> None:
    frames = [
        Detections(0, 0.0, prediction([[0, 0, 10, 40]])),
        Detections(3, 0.3, prediction([])),
        Detections(4, 0.4, prediction([[4, 0, 14, 44]])),
    ]
    (track,) = link(frames).tracks
    assert track.frames.tolist() == [0, 3, 4]
    assert track.detected.tolist() == [True, False, True]
    assert track.boxes[1] == pytest.approx([3, 0, 13, 43])
    assert np.isnan(track.scores[1])
    assert (len(track), track.gaps) == (2, 1)


def test_a_gap_may_be_as_long_as_the_settings_say() -> None:
    for gap, count in ((3, 1), (2, 2)):
        found = link(run(*walking(0, 2, 3, 4)), LinkSettings(max_gap=gap))
        assert len(found.tracks) == count


def test_motion_bridges_what_overlap_alone_does_not() -> None:
    """5 pixels a frame: after a gap of two frames the boxes are 15 apart, and 10 wide."""
    frames = run(*walking(5, 5, 6, count=10))
    overlap = LinkSettings(match="overlap", reach=0.0, motion="none")
    assert len(link(frames, overlap).tracks) == 2
    assert len(link(frames, replace(overlap, motion="velocity")).tracks) == 1
    assert len(link(frames).tracks) == 1


def test_reach_links_the_thin_and_fast() -> None:
    frames = run(*walking(12, count=3))
    for reach, count in ((0.0, 3), (0.5, 1)):
        assert len(link(frames, LinkSettings(match="overlap", reach=reach)).tracks) == count


def test_time_counts_and_not_the_number_of_frames() -> None:
    """Uneven times at constant speed: the one who walks is expected where the time says."""
    seconds = [0.0, 0.1, 0.2, 0.3, 0.4, 1.0]
    frames = [
        Detections(n, s, prediction([[100 + 40 * s, 50, 110 + 40 * s, 80]]))
        for n, s in enumerate(seconds)
    ]
    for motion, count in (("velocity", 1), ("none", 2)):
        chosen = LinkSettings(match="overlap", reach=0.0, motion=motion)
        assert len(link(frames, chosen).tracks) == count
    assert len(link(frames).tracks) == 1


def test_the_sum_of_overlaps_decides_and_not_the_first_come() -> None:
    first = run([[0, 0, 10, 10], [5, 0, 15, 10]], [[4, 0, 14, 10], [9, 0, 19, 10]])
    found = link(first, LinkSettings(match="overlap", min_iou=0.1))
    assert [track.boxes[-1, 0] for track in found.tracks] == [4, 9]


def test_classes_and_scores() -> None:
    same = [[0.0, 0.0, 10.0, 30.0]]
    frames = [
        Detections(0, 0.0, prediction(same, 0.9, 0)),
        Detections(1, 0.1, prediction(same, 0.9, 1)),
        Detections(2, 0.2, prediction(same, 0.2, 1)),
    ]
    assert [len(track) for track in link(frames).tracks] == [1, 1]
    assert [len(t) for t in link(frames, LinkSettings(by_category=False)).tracks] == [2]
    linker = Linker()
    assert [linker.add(frame).tolist() for frame in frames] == [[0], [1], [-1]]


def test_nothing_is_linked_where_nothing_is() -> None:
    assert link([]).tracks == ()
    empty = link(run([], [], []))
    assert (empty.tracks, empty.isolated, empty.gaps) == ((), 0, 0)
    assert empty.missed_by_frame().tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: LinkSettings(min_iou=0.0), "linking setting min_iou"),
        (lambda: LinkSettings(min_score=1.5), "min_score is 1.5"),
        (lambda: LinkSettings(max_gap=-1), "max_gap is -1"),
        (lambda: LinkSettings(reach=float("nan")), "reach is nan"),
        (lambda: LinkSettings(motion="flow"), "motion is 'flow'"),
        (lambda: LinkSettings(max_distance=0.0), "max_distance is 0"),
        (lambda: LinkSettings(motion="none"), "compare by overlap"),
        (lambda: link(list(reversed(run([], [])))), "in the order of time"),
        (lambda: link(run([[0, 0, np.nan, 3]])), "finite"),
        (
            lambda: link([Detections(4, 0.0, Prediction.empty()), *run([])]),
            "in the order of time",
        ),
        (
            lambda: link([Detections(0, 0.0, replace(Prediction.empty(), scores=np.ones(2)))]),
            "do not fit together",
        ),
    ],
)
def test_what_cannot_be_linked_is_said(made, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=says):
        made()


@st.composite
def runs(draw: st.DrawFn) -> list[Detections]:
    """Frames of boxes on a coarse grid, so that overlaps tie often."""
    side = st.integers(0, 12).map(lambda v: 2.0 * v)
    box = st.tuples(side, side, st.integers(1, 8), st.integers(1, 8)).map(
        lambda b: (b[0], b[1], b[0] + 2 * b[2], b[1] + 2 * b[3])
    )
    frames = draw(st.lists(st.lists(box, max_size=5, unique=True), max_size=6))
    times = np.cumsum(draw(st.lists(st.floats(0.01, 2), min_size=6, max_size=6)))
    scores = st.sampled_from([0.2, 0.4, 0.9])
    out = []
    for number, boxes in enumerate(frames):
        values = draw(st.lists(scores, min_size=len(boxes), max_size=len(boxes)))
        kinds = draw(st.lists(st.integers(0, 1), min_size=len(boxes), max_size=len(boxes)))
        given_boxes = np.array(boxes, np.float32).reshape(-1, 4)
        made = Prediction(given_boxes, np.array(values, np.float32), np.array(kinds, np.int64))
        out.append(Detections(number, float(times[number]), made))
    return out


def contents(tracks: Tracks) -> list[tuple[int, list[int], NDArray[np.float64]]]:
    return [(t.id, t.frames[t.detected].tolist(), t.boxes) for t in tracks.tracks]


@settings(max_examples=60, deadline=None)
@given(runs(), st.randoms(use_true_random=False))
def test_order_inside_a_frame_does_not_matter(frames: list[Detections], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = []
    for frame in frames:
        order = list(range(len(frame.prediction)))
        random.shuffle(order)
        p = frame.prediction
        turned = Prediction(p.boxes[order], p.scores[order], p.categories[order])
        shuffled.append(replace(frame, prediction=turned))
    pairs = zip(contents(link(frames)), contents(link(shuffled)), strict=True)
    for (ida, framesa, boxesa), (idb, framesb, boxesb) in pairs:
        assert (ida, framesa) == (idb, framesb)
        assert np.array_equal(boxesa, boxesb)


HOW = [
    LinkSettings(),
    LinkSettings(match="overlap"),
    LinkSettings(match="overlap", motion="none"),
]


@settings(max_examples=60, deadline=None)
@given(runs(), st.integers(0, 4), st.sampled_from(HOW))
def test_each_detection_is_of_one_track_and_no_two_of_the_same(
    frames: list[Detections], gap: int, how: LinkSettings
) -> None:
    chosen = replace(how, max_gap=gap)
    linker = Linker(chosen)
    given_ids = [linker.add(frame) for frame in frames]
    found = linker.tracks()
    places = [
        (int(frame), int(row))
        for track in found.tracks
        for frame, row in zip(track.frames, track.rows, strict=True)
        if row >= 0
    ]
    assert len(places) == len(set(places))
    assert sum(map(len, found.tracks)) == sum(int((i >= 0).sum()) for i in given_ids)
    for frame, ids in zip(frames, given_ids, strict=True):
        assert np.array_equal(ids >= 0, frame.prediction.scores >= np.float32(0.3))
        linked = ids[ids >= 0].tolist()
        assert len(linked) == len(set(linked))
    for track in found.tracks:
        for row, box, number in zip(track.rows, track.boxes, track.frames, strict=True):
            if row >= 0:
                assert given_ids[number][row] == track.id
                assert np.array_equal(box, frames[number].prediction.boxes[row])
        missing = "".join("x" if there else "." for there in track.detected)
        assert "." * (gap + 1) not in missing


def test_what_is_not_known_of_a_motion_may_be_far() -> None:
    """Of a box 20 by 80 (size 40) seen once, σ of its place after 0.1 s is 4.4 pixels: 40
    pixels a second, the noise of both detections and the change of velocity."""
    box = np.array([100.0, 50.0, 120.0, 130.0])
    track = Motion(0.0, box, DISTANT)
    aside = box + np.array([[0, 0, 0, 0], [8, 0, 8, 0], [0, 8, 0, 8], [-4, 0, 4, 0]])
    sides = 1.5**2 + (0.03 * 40) ** 2
    place = (4.0**2 + (0.25 * 40) ** 2 * 0.1**3 / 3 + sides) ** 0.5
    size = ((0.15 * 4) ** 2 + (0.3 * 40) ** 2 * 0.1**3 / 3 + 4 * sides) ** 0.5
    expected = [0, 8 / place, 8 / place, 8 / size]
    assert track.distances(0.1, aside) == pytest.approx(expected)
    seen = track.distances(0.1, aside)[1]
    for step in range(1, 9):
        track.update(step / 10, box)
    assert track.distances(0.9, aside)[1] > 1.5 * seen, "what stood still is known better"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0.02, 1.0), min_size=1, max_size=12),
    st.lists(st.floats(-60, 60), min_size=4, max_size=4),
)
def test_a_smooth_track_of_constant_velocity_is_that_track(
    apart: list[float], speed: list[float]
) -> None:
    times = np.cumsum(apart)
    moved = np.array(speed) * (times - times[0])[:, None] / max(times[-1] - times[0], 1)
    boxes = np.array([100, 100, 240, 300]) + moved
    assert smooth(times, boxes, times) == pytest.approx(boxes, abs=1e-4)


def test_smooth_boxes_are_nearer_to_the_object_than_its_detections() -> None:
    rng = np.random.default_rng(3)
    times = np.arange(40) / 30
    path = np.array([50, 60, 70, 120]) + 30 * times[:, None] + 20 * times[:, None] ** 2
    keys = path + rng.normal(0, 2, path.shape)
    frames = run(*[[key.tolist()] for key in keys])
    (track,) = link(frames, LinkSettings(smooth=True)).tracks
    assert np.abs(track.boxes - path).mean() < 0.6 * np.abs(keys - path).mean()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_without_motion_and_gaps_time_may_run_backwards(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 60, (6, 4, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(5, 40, (6, 4, 2))], axis=2)
    forward = [Detections(n, n / 10, prediction(b.tolist())) for n, b in enumerate(boxes)]
    backward = [Detections(-f.frame, -f.seconds, f.prediction) for f in reversed(forward)]
    chosen = LinkSettings(match="overlap", max_gap=0, motion="none")

    def parts(tracks: Tracks) -> set[frozenset[tuple[int, int]]]:
        return {
            frozenset(zip(np.abs(t.frames).tolist(), t.rows.tolist(), strict=True))
            for t in tracks.tracks
        }

    assert parts(link(forward, chosen)) == parts(link(backward, chosen))


def overlap_only(frames: list[Detections], min_iou: float, max_gap: int) -> Tracks:
    """SORT without its filter: each track is where it was last."""
    paths: list[list[tuple[int, int]]] = []
    for step, frame in enumerate(frames):
        boxes = frame.prediction.boxes
        alive = [path for path in paths if step - path[-1][0] <= max_gap + 1]
        last = [frames[path[-1][0]].prediction.boxes[path[-1][1]] for path in alive]
        overlap = iou(np.array(last, np.float64).reshape(-1, 4), boxes)
        taken = set()
        for path, box in zip(*linear_sum_assignment(-overlap), strict=True):
            if overlap[path, box] >= min_iou:
                alive[path].append((step, int(box)))
                taken.add(int(box))
        paths += [[(step, box)] for box in range(len(boxes)) if box not in taken]
    tracks = tuple(_joined(number, path, frames) for number, path in enumerate(paths))
    numbers, seconds = zip(*[(f.frame, f.seconds) for f in frames], strict=True)
    return Tracks(tracks, np.array(numbers), np.array(seconds))


def _joined(number: int, path: list[tuple[int, int]], frames: list[Detections]) -> Track:
    first, last = path[0][0], path[-1][0]
    rows = np.full(last - first + 1, -1)
    for step, row in path:
        rows[step - first] = row
    seconds = np.array([f.seconds for f in frames[first : last + 1]])
    there = np.array([frames[step].prediction.boxes[row] for step, row in path], np.float64)
    boxes = np.stack([np.interp(seconds, seconds[rows >= 0], side) for side in there.T], axis=1)
    numbers = np.array([f.frame for f in frames[first : last + 1]])
    return Track(number, 0, numbers, seconds, boxes, np.ones(len(rows)), rows)


def test_drawn_people_are_kept_apart() -> None:
    """20 % of the boxes missing, 2 pixels of noise; gaps up to half a second; both trackers
    show what they put between."""
    pytest.importorskip("motmetrics")
    ours, plain = [], []
    for seed, look in ((100, "source"), (101, "target"), (102, "source")):
        footage = drive(seed=seed, frames=90, look=look, scenario="busy")
        people = truth(footage, range(90))
        frames = detected(people, seed)
        ours.append((people, link(frames, LinkSettings(max_gap=15, smooth=True))))
        plain.append((people, overlap_only(frames, 0.3, 15)))
    score, baseline = idf1(ours, filled=True), idf1(plain, filled=True)
    assert score >= 0.8
    assert score >= baseline
