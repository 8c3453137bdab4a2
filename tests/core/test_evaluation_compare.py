"""Two detectors on the same frames."""

from __future__ import annotations

import numpy as np
import pytest

from framesift.boxes import Box, Prediction
from framesift.errors import InputError
from framesift.evaluation import Evaluation, EvaluationSettings, compare, evaluate_predictions
from framesift.evaluation.bootstrap import draw

PLAIN = EvaluationSettings.unfiltered().with_(coco=False, resamples=0)


def prediction(*rows: tuple[float, float, float, float, float]) -> Prediction:
    table = np.array(rows, np.float32).reshape(-1, 5)
    return Prediction(table[:, :4], table[:, 4], np.zeros(len(table), np.int64))


def measure(*frames, options: EvaluationSettings = PLAIN, first: int = 0) -> Evaluation:
    items = [(("v", first + i), found, labels) for i, (found, labels) in enumerate(frames)]
    return evaluate_predictions(items, options)


A, B, C = Box(0, 0, 10, 20), Box(100, 0, 110, 20), Box(200, 0, 210, 20)


def test_what_the_last_labels_fixed():
    before = measure(
        (prediction((0, 0, 10, 20, 0.9), (300, 0, 310, 20, 0.8)), [A, B]),
        (prediction((200, 0, 210, 20, 0.7)), [C]),
        (prediction(), []),
    )
    after = measure(
        (prediction((100, 0, 110, 20, 0.9), (400, 0, 410, 20, 0.8)), [A, B]),
        (prediction((200, 0, 210, 20, 0.7)), [C]),
        (prediction(), []),
    )
    comparison = compare(before, after, resamples=50)
    assert comparison.totals() == {
        "newly_found": 1,
        "newly_missed": 1,
        "false_gone": 1,
        "false_new": 1,
    }
    (frame,) = comparison.frames
    assert frame.key == ("v", 0)
    assert frame.change == 0
    assert frame.newly_found[:, 0].tolist() == [100]
    assert frame.newly_missed[:, 0].tolist() == [0]
    assert frame.false_gone[:, 0].tolist() == [300]
    assert frame.false_new[:, 0].tolist() == [400]


def test_a_false_positive_in_the_same_place_stays():
    one = measure((prediction((300, 0, 310, 20, 0.8)), [A]))
    two = measure((prediction((301, 0, 311, 20, 0.6)), [A]))
    assert compare(one, two, resamples=0).frames == ()


def random_pair(count: int, seed: int, gain: float) -> tuple[Evaluation, Evaluation]:
    random = np.random.default_rng(seed)
    before, after = [], []
    for _ in range(count):
        labels = [A, B, C][: random.integers(0, 4)]
        noise = [(300.0 + 20 * i, 0, 310.0 + 20 * i, 20, random.beta(2, 4)) for i in range(3)]
        for frames, chance in ((before, 0.5), (after, 0.5 + gain)):
            found = [
                (b.x1, b.y1, b.x2, b.y2, random.beta(4, 3))
                for b in labels
                if random.random() < chance
            ]
            frames.append((prediction(*found, *noise), labels))
    return measure(*before), measure(*after)


def test_a_clear_gain_has_an_interval_below_zero():
    difference = compare(*random_pair(150, 1, gain=0.3), resamples=300).difference()
    assert difference.change < 0
    assert difference.interval is not None
    assert difference.interval.low <= difference.change <= difference.interval.high < 0
    assert difference.p_value is not None
    assert difference.p_value < 0.02


def test_no_gain_is_not_significant():
    difference = compare(*random_pair(150, 2, gain=0.0), resamples=300).difference()
    assert difference.interval is not None
    assert difference.interval.low < 0 < difference.interval.high
    assert difference.p_value is not None
    assert difference.p_value > 0.1


def test_pairs_are_drawn_together():
    """The interval of the difference is that of literally drawing the same frames twice."""
    before, after = random_pair(25, 3, gain=0.2)
    again = compare(before, after, resamples=40, seed=5).difference(figure="miss_rate")
    changes = []
    (weights,) = draw(np.arange(25), 40, 5)
    for row in weights:
        drawn = np.repeat(np.arange(25), row)
        figures = []
        for evaluation in (before, after):
            result = evaluation.result()
            items = []
            for place, frame in enumerate(drawn):
                own = result.matches.detection_frame == frame
                boxes = [
                    Box(*map(float, box))
                    for box in result.matches.label_box[result.matches.label_frame == frame]
                ]
                items.append(
                    (
                        ("v", place),
                        Prediction(
                            result.matches.detection_box[own],
                            result.matches.detection_score[own],
                            np.zeros(int(own.sum()), np.int64),
                        ),
                        boxes,
                    )
                )
            figures.append(evaluate_predictions(items, PLAIN).miss_rate())
        changes.append(figures[1] - figures[0])
    assert again.interval is not None
    assert [again.interval.low, again.interval.high] == pytest.approx(
        np.quantile(changes, [0.025, 0.975]).tolist()
    )


def test_only_common_frames_with_the_same_labels_count():
    before = measure(
        (prediction((0, 0, 10, 20, 0.9)), [A]), (prediction(), [B]), (prediction(), [C])
    )
    after = measure(
        (prediction(), [C, B]),
        (prediction((200, 0, 210, 20, 0.9)), [C]),
        (prediction(), []),
        first=1,
    )
    comparison = compare(before, after, resamples=0)
    assert comparison.after.keys == (("v", 2),)
    assert comparison.left_out == 4
    assert comparison.totals()["newly_found"] == 1
    assert comparison.before.labels == comparison.after.labels == 1


def test_what_cannot_be_compared_is_refused():
    one = measure((prediction(), [A]))
    with pytest.raises(InputError, match="share no class"):
        compare(one, measure((prediction(), [A]), first=9))
    with pytest.raises(InputError, match="min_height"):
        compare(one, measure((prediction(), [A]), options=PLAIN.with_(min_height=10.0)))
