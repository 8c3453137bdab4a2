"""What every signal that measures boxes keeps to: the formula in plain float64, the rule for
frames without boxes, and that a frame does not depend on the others."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from box_worlds import (
    HEIGHT,
    WIDTH,
    World,
    box,
    features,
    mixture_head,
    pictures,
    prediction,
    score,
    some_frames,
)

from framesift.boxes import Prediction
from framesift.detectors.ease import EaseHead, ease_of, running
from framesift.scores import BOX_SCORES, SIGNALS, FrameScorer
from framesift.scores.consistency import augmentations
from framesift.scores.ensemble_boxes import EnsembleBoxes
from framesift.scores.found import Counting
from framesift.scores.views import FLIP, Brightness, CutOut, Noise, Smaller
from framesift.selection import Pool, PoolDrive, Rules, choose
from framesift.series import NO_BOXES, filled, without_boxes

METHODS = pytest.mark.parametrize("method", SIGNALS)
FRAMES = some_frames()


@pytest.fixture(autouse=True)
def other_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the detector an ensemble has one that finds the same a little elsewhere."""

    def detectors_of(detector: World, names: Any, signal: str) -> Any:
        return detector, World(detector._frames, other=True)

    monkeypatch.setattr("framesift.scores.ensemble_boxes.detectors_of", detectors_of)


def iou(a: Any, b: Any) -> float:
    wide = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    high = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    both = wide * high
    each = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
    return both / (sum(each) - both) if both else 0.0


def entropy(q: Any) -> float:
    return -math.fsum(float(p) * math.log(p) for p in q if p > 0)


def js(p: Any, q: Any) -> float:
    middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    return (entropy(middle) - (entropy(p) + entropy(q)) / 2) / math.log(2)


def answer(one: Any) -> list[float]:
    """A box's outcomes: person, rider, nothing."""
    q = [0.0, 0.0, 1.0 - one.score]
    q[one.category] = one.score
    return q


def pairs(a: list[Any], b: list[Any]) -> list[tuple[Any, Any]]:
    """One to one, the greatest overlap first, at least one half."""
    ranked = sorted(
        itertools.product(range(len(a)), range(len(b))),
        key=lambda ij: -iou(a[ij[0]].place, b[ij[1]].place),
    )
    left, right, found = set[int](), set[int](), []
    for i, j in ranked:
        if iou(a[i].place, b[j].place) >= 0.5 and i not in left and j not in right:
            left.add(i)
            right.add(j)
            found.append((a[i], b[j]))
    return found


PLAIN_LOOK = [
    box(10, 10, 30, 60, 0.8, 0),
    box(60, 20, 80, 50, 0.5, 1),
    box(12, 20, 24, 50, 0.3, 0),
]
FLIP_LOOK = [box(12, 10, 32, 60, 0.6, 0), box(60, 24, 80, 54, 0.4, 0)]


def both_looks(method: str) -> float:
    return score(method, [PLAIN_LOOK], views={FLIP: [FLIP_LOOK]})[0]


def test_huale_measures() -> None:
    same = pairs(PLAIN_LOOK, FLIP_LOOK)
    assert len(same) == 2
    values = [js(answer(a), answer(b)) for a, b in same]
    assert both_looks("huale_class") == pytest.approx(sum(values) / 2)
    values = [1 - iou(a.place, b.place) for a, b in same]
    assert both_looks("huale_box") == pytest.approx(sum(values) / 2)
    # The third box of the frame has no partner.
    assert both_looks("huale_lonely") == pytest.approx(0.3 / (0.8 + 0.5 + 0.3 + 0.6 + 0.4))
    assert score("huale_lonely", [PLAIN_LOOK], views={FLIP: [[]]})[0] == 1.0


def test_huale_density() -> None:
    # Each box is raw as often as its score says; the third overlaps the first by less than ½.
    expected = 100 - (8 + 5 + 3) / 3
    assert iou(PLAIN_LOOK[0].place, PLAIN_LOOK[2].place) < 0.5
    assert score("huale_density", [PLAIN_LOOK])[0] == pytest.approx(expected)


def test_tightness() -> None:
    above, below = 0.0, 0.0
    for one in PLAIN_LOOK:
        moved = tuple(v + 10 * one.score for v in one.place)
        above += one.score * (1 - iou(one.place, moved))
        below += one.score
    assert score("tightness", [PLAIN_LOOK])[0] == pytest.approx(above / below, abs=1e-6)


def test_flip_entropy() -> None:
    expected = []
    for a, b in pairs(PLAIN_LOOK, FLIP_LOOK):
        p, q = ([max(v, 1e-6) for v in answer(one)] for one in (a, b))
        both_ways = math.fsum((x - y) * math.log(x / y) for x, y in zip(p, q, strict=True))
        expected.append(both_ways * entropy(answer(a)))
    assert both_looks("flip_entropy") == pytest.approx(max(expected))


def test_consistency() -> None:
    looks = {
        view: [[box(10 + n, 10, 30 + n, 60, 0.7 - 0.1 * n, 0)]]
        for n, view in enumerate(augmentations(0))
    }
    looks[FLIP] = [[]]  # nothing is found: m = 0
    here = [PLAIN_LOOK[0], PLAIN_LOOK[2]]
    total = []
    for (found,) in looks.values():
        away = []
        for a in here:
            m = 0.0
            if found:
                b = max(found, key=lambda other: iou(a.place, other.place))
                alike = 1 - js(answer(a), answer(b))
                m = iou(a.place, b.place) + alike * (a.score + b.score) / 2
            away.append(abs(m - 1.3))
        total.append(min(away))
    expected = 2 - sum(total) / 4
    assert score("consistency", [here], views=looks)[0] == pytest.approx(expected)


def test_stability() -> None:
    levels = (8.0, 24.0)
    looks = {
        Noise(8.0): [[box(10, 14, 30, 64, 0.8, 0), box(60, 20, 80, 50, 0.5, 0)]],
        Noise(24.0): [[box(62, 20, 82, 50, 0.2, 0)]],
    }
    here, above, below = PLAIN_LOOK[:2], 0.0, 0.0
    for a in here:
        best = [
            max((iou(a.place, b.place) for b in found), default=0.0)
            for (found,) in looks.values()
        ]
        above += a.score * (1 - sum(best) / 2)
        below += a.score
    found = score("stability", [here], views=looks, noise=levels)[0]
    assert found == pytest.approx(above / below)


def test_box_in_box() -> None:
    inside = [
        box(10, 10, 50, 60, 0.9, 0),
        box(12, 12, 30, 40, 0.8, 0),  # inside the first
        box(14, 14, 20, 30, 0.4, 0),  # inside both
        box(15, 15, 25, 35, 0.7, 1),  # of another class
        box(40, 10, 80, 60, 0.7, 0),
    ]
    assert score("box_in_box", [inside])[0] == 3
    assert score("box_in_box", [inside[4:]])[0] == 0


def ensemble(method: str, *each: list[Any], aggregate: str = "sum") -> float:
    """The value of one frame in which detectors find these boxes."""
    member, counting = SIGNALS[method], Counting(("person", "rider"))
    assert isinstance(member, EnsembleBoxes)
    found = [counting.of(prediction(boxes)) for boxes in each]
    return member.measured(found, aggregate).value


def test_ensembles_of_boxes() -> None:
    one = [box(10, 10, 30, 60, 0.8, 0), box(60, 20, 80, 50, 0.5, 1)]
    two = [box(12, 10, 32, 60, 0.6, 0), box(60, 22, 80, 52, 0.5, 0)]
    three = [box(10, 12, 30, 62, 0.7, 0), box(100, 10, 110, 30, 0.4, 0)]
    first = (one[0], two[0], three[0])
    least = min(iou(a.place, b.place) for a, b in itertools.combinations(first, 2))
    # The second object lacks a box of the third detector, the last one two.
    assert ensemble("ensemble_iou", one, two, three) == pytest.approx(1 - least + 1 + 1)
    assert ensemble("ensemble_iou_class", one, two, three) == pytest.approx(1 - least + 1 + 1)
    assert ensemble("ensemble_iou_class", one, two) == pytest.approx(
        1 - iou(one[0].place, two[0].place) + 1
    )
    nothing = [0.0, 0.0, 1.0]
    objects = [
        [answer(b) for b in first],
        [answer(one[1]), answer(two[1]), nothing],
        [nothing, nothing, answer(three[1])],
    ]
    means = [[sum(column) / 3 for column in zip(*rows, strict=True)] for rows in objects]
    total = sum(map(entropy, means))
    assert ensemble("ensemble_box_entropy", one, two, three) == pytest.approx(total)
    within = sum(sum(map(entropy, rows)) / 3 for rows in objects)
    assert ensemble("ensemble_box_mi", one, two, three) == pytest.approx(total - within)
    weighted = ensemble("ensemble_iou", one, two, three, aggregate="weighted")
    expected = (0.8 * (1 - least) + 0.5 + 0.4) / (0.8 + 0.5 + 0.4)
    assert weighted == pytest.approx(expected)
    assert ensemble("ensemble_iou", [], []) == NO_BOXES


@pytest.mark.parametrize("method", [*BOX_SCORES, *SIGNALS])
def test_frames_without_boxes_are_neither_first_nor_last(method: str) -> None:
    """Half the frames of a pool hold no box."""
    found = score(method, [[] if n % 2 else boxes for n, boxes in enumerate(FRAMES)])
    values = np.array(found, np.float32)
    assert without_boxes(values).tolist() == [bool(n % 2) for n in range(len(FRAMES))]
    known = values[::2]
    assert np.isfinite(known).all()
    assert len({*known.tolist()}) > 1
    pool = Pool((PoolDrive("a", len(values), fps=10.0, signals={method: values}),))
    rules = Rules(
        strategy=method.replace("_", "-"),
        budget=len(values),
        delta1="0",
        delta2="0",
        smoothing=False,
    )
    picks = list(choose(pool, rules).selection)
    filled_in = [pick for pick in picks if pick.frame % 2]
    half = len(values) // 2
    assert len(filled_in) == half
    assert {pick.raw for pick in filled_in} == {float(np.median(known))}
    assert all(pick.reason["without_boxes"] == "median" for pick in filled_in)
    assert not any("without_boxes" in pick.reason for pick in picks if not pick.frame % 2)
    assert {pick.frame % 2 for pick in picks[:half]} == {0, 1}
    assert {pick.frame % 2 for pick in picks[half:]} == {0, 1}


@METHODS
def test_a_frame_does_not_depend_on_its_company(method: str) -> None:
    scorer, frames = FrameScorer(method), pictures(len(FRAMES))
    together = scorer.score(World(FRAMES), frames)
    assert together[::-1] == scorer.score(World(FRAMES), frames[::-1].copy())
    for n, one in enumerate(together):
        assert scorer.score(World(FRAMES), frames[n : n + 1]) == [one]


@METHODS
def test_settings_name_what_matters(method: str) -> None:
    scorer = FrameScorer(method, box_threshold=0.2)
    settings = scorer.settings()
    assert json.loads(json.dumps(settings)) == settings
    assert settings["method"] == method
    assert settings["box_threshold"] == 0.2
    assert FrameScorer.from_recipe(settings).settings() == settings


@METHODS
def test_classes_and_masks_leave_boxes_out(method: str) -> None:
    person = [[b for b in boxes if b.category == 0] for boxes in FRAMES]
    assert score(method, FRAMES, classes=["person"]) == score(method, person)
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[:, 60:] = True
    far = [box(90, 10, 110, 60, 0.8, 0)]
    assert score(method, [[*PLAIN_LOOK[2:], *far]], mask=mask) == score(
        method, [PLAIN_LOOK[2:]]
    )


@METHODS
def test_the_heat_map_shows_boxes(method: str) -> None:
    pixels, size = FrameScorer(method).pixel_scores(World(FRAMES), pictures(len(FRAMES)))
    assert pixels.shape == (len(FRAMES), *size.content)
    assert np.isfinite(pixels.numpy()).all()
    assert float(pixels.max()) > 0


def test_medians_fill_in() -> None:
    values = {
        "a": np.array([1, NO_BOXES, np.nan, 3], np.float32),
        "b": np.array([NO_BOXES, 5], np.float32),
    }
    whole = filled(values)
    np.testing.assert_array_equal(whole["a"], np.float32([1, 3, np.nan, 3]))
    np.testing.assert_array_equal(whole["b"], np.float32([3, 5]))
    assert values["b"][0] == np.float32(NO_BOXES)
    assert filled({"c": np.full(2, NO_BOXES, np.float32)})["c"].tolist() == [0, 0]


@pytest.mark.parametrize(
    "view", [FLIP, Noise(8.0), Brightness(1.2), CutOut(0.05), Smaller(0.8)], ids=str
)
def test_a_view_is_the_same_in_any_company_and_leads_back(view: Any) -> None:
    frames = np.random.default_rng(1).integers(0, 256, (3, 40, 60, 3), np.uint8)
    seen = view(frames)
    assert seen.shape == frames.shape
    assert seen.dtype == np.uint8
    assert (seen != frames).any()
    np.testing.assert_array_equal(view(frames[1:2])[0], seen[1])
    # A bright square is found again where it was.
    frames = np.zeros((1, 40, 60, 3), np.uint8)
    frames[0, 10:30, 20:40] = 255
    bright = (view(frames)[0, :, :, 0] > 150).nonzero()
    place = [bright[1].min(), bright[0].min(), bright[1].max() + 1, bright[0].max() + 1]
    found = Prediction(
        np.array([place], np.float32), np.ones(1, np.float32), np.zeros(1, np.int64)
    )
    back = view.back(found, 60, 40).boxes[0]
    np.testing.assert_allclose(back, [20, 10, 40, 30], atol=1.3)


def test_what_a_cut_hides() -> None:
    frames = np.zeros((1, 100, 200, 3), np.uint8)
    hidden = (CutOut(0.05, 3)(frames) != frames).any(-1)
    assert hidden.mean() == pytest.approx(0.05, abs=0.005)


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def by_head(one: Any, number: int, of: str, kind: str) -> float:
    """A box's uncertainty, the head's layers written out in float64."""
    state = {k: v.double().numpy() for k, v in mixture_head().state_dict().items()}
    size = World(FRAMES).geometry(HEIGHT, WIDTH)
    maps = features(number + 1)[number].double().numpy()
    rows = np.zeros(2)
    x1, y1, x2, y2 = one.place
    for across, down in itertools.product((1 / 6, 0.5, 5 / 6), repeat=2):
        # Where the point lies among the features, whose middles are at halves.
        x = (x1 + across * (x2 - x1)) * size.scale_x / size.padded[1] * 8 - 0.5
        y = (y1 + down * (y2 - y1)) * size.scale_y / size.padded[0] * 5 - 0.5
        x, y = min(max(x, 0.0), 7.0), min(max(y, 0.0), 4.0)
        left, top = min(int(x), 6), min(int(y), 3)
        for column, row in itertools.product((left, left + 1), (top, top + 1)):
            share = (1 - abs(x - column)) * (1 - abs(y - row))
            rows += share * maps[:, row, column] / 9
    hidden = np.maximum(state["first.weight"] @ rows + state["first.bias"], 0)
    layer, columns = ("outcome", 3) if of == "class" else ("place", 4)
    given = state[f"{layer}.weight"] @ hidden + state[f"{layer}.bias"]
    weights = np.exp(given[:4]) / np.exp(given[:4]).sum()
    means = given[4 : 4 + 4 * columns].reshape(4, columns)
    deviations = given[4 + 4 * columns :].reshape(4, columns)
    totals = []
    for d in range(columns):
        if kind == "aleatoric":
            totals.append(sum(w * softplus(deviations[k, d]) for k, w in enumerate(weights)))
        else:
            middle = sum(w * means[k, d] for k, w in enumerate(weights))
            totals.append(sum(w * (means[k, d] - middle) ** 2 for k, w in enumerate(weights)))
    return float(max(totals))


@pytest.mark.parametrize("of", ["class", "box"])
@pytest.mark.parametrize("kind", ["aleatoric", "epistemic"])
def test_mixture_density(of: str, kind: str) -> None:
    frames = [PLAIN_LOOK, FLIP_LOOK]
    expected = [max(by_head(b, n, of, kind) for b in one) for n, one in enumerate(frames)]
    assert score(f"mdn_{of}_{kind}", frames) == pytest.approx(expected, rel=1e-4)


def test_difficulty(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [score("difficulty", [look])[0] for look in (PLAIN_LOOK, FLIP_LOOK)]
    # Without anything known of the classes every one counts 1.
    assert plain == pytest.approx(
        [
            sum(entropy(answer(b)) for b in PLAIN_LOOK),
            sum(entropy(answer(b)) for b in FLIP_LOOK),
        ]
    )
    ease = EaseHead(2)
    ease.ease[:] = torch.tensor([0.9, 0.2])
    monkeypatch.setattr(World, "heads", {"difficulty": ease})
    weights = [
        1 + 0.2 * 0.3 * math.log((math.exp(1 / 0.3) - 1) * (1 - easy) + 1)
        for easy in (0.9, 0.2)
    ]
    assert 1 < weights[0] < weights[1] < 1.2
    expected = sum(weights[b.category] * entropy(answer(b)) for b in PLAIN_LOOK)
    assert score("difficulty", [PLAIN_LOOK])[0] == pytest.approx(expected, rel=1e-6)


def test_ease_is_a_running_mean_without_its_start() -> None:
    assert running([]) == 0.0
    assert running([0.4]) == pytest.approx(0.4)
    values, above, below = [0.1, 0.9, 0.5], 0.0, 0.0
    for age, value in enumerate(reversed(values)):
        above += 0.999**age * value
        below += 0.999**age
    assert running(values) == pytest.approx(above / below)
    assert ease_of(0.5, 0.25) == pytest.approx(0.5**0.6 * 0.25**0.4)
    assert EaseHead(1).weights().tolist() == pytest.approx([1.2])
