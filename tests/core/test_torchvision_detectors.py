"""What torchvision's detectors do beyond the contract: the same boxes as torchvision itself,
maps as defined, ignore regions, classes, settings."""

from __future__ import annotations

import copy
from typing import Any, Protocol

import numpy as np
import pytest
import torch
from torch import nn

from framesift.boxes import Box, Prediction
from framesift.detectors import DETECTORS, Detector
from framesift.detectors.fcos import both
from framesift.detectors.flip import averaged
from framesift.detectors.loss_settings import LossSettings
from framesift.detectors.maps import SHARED
from framesift.detectors.torchvision_labels import read_labels, touched
from framesift.errors import InputError

pytest.importorskip("torchvision")

SSD, RCNN = "ssdlite320_mobilenet_v3_large", "fasterrcnn_mobilenet_v3_large_fpn"
CHEAP = (SSD, RCNN)
ONE_OF_EACH = ("fcos_resnet50_fpn", "retinanet_resnet50_fpn", *CHEAP)


class Maker(Protocol):
    def __call__(
        self, name: str, classes: tuple[str, ...] = ("pedestrian", "car"), **settings: Any
    ) -> Any: ...


@pytest.fixture(scope="module")
def make(shallow_resnets: None) -> Maker:
    """Gives a detector whose random weights see something: normalisation by a batch's
    statistics. Made once of equal names, classes and settings; each test has a copy."""
    made: dict[object, Any] = {}

    def copied(
        name: str, classes: tuple[str, ...] = ("pedestrian", "car"), **settings: Any
    ) -> Any:
        key = name, classes, *sorted(settings.items())
        if key not in made:
            made[key] = _made(name, classes, settings)
        return copy.deepcopy(made[key])

    return copied


def _made(name: str, classes: tuple[str, ...], settings: dict[str, Any]) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        detector = DETECTORS[name](classes, settings)
        for norm in detector.module.modules():
            if isinstance(norm, nn.BatchNorm2d):
                norm.momentum = None
        with torch.no_grad():
            detector.loss(
                pictures(3, 128, 256), [[], [], []], generator=torch.Generator().manual_seed(0)
            )
    detector.module.eval()
    return detector


def pictures(count: int, height: int, width: int) -> np.ndarray:
    coarse = np.random.default_rng(count).integers(
        0, 255, (count, height // 8, width // 8, 3), np.uint8
    )
    return np.kron(coarse, np.ones((1, 8, 8, 1), np.uint8))


def as_torchvision_sees(
    detector: Any, frame: np.ndarray, threshold: float
) -> dict[str, torch.Tensor]:
    """The answer of the module's own forward, its resizing held still."""
    height, width = frame.shape[:2]
    model = detector.module.eval()
    model.transform.min_size, model.transform.max_size = (height,), max(height, width)
    model.transform.fixed_size = None
    getattr(model, "roi_heads", model).score_thresh = threshold
    with torch.no_grad():
        image = torch.from_numpy(frame).permute(2, 0, 1).float() / 255
        found: dict[str, torch.Tensor] = model([image])[0]
    return found


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_its_boxes_are_torchvisions_own(make: Maker, name: str) -> None:
    side = 320 if name == SSD else 128
    detector = make(name, working_height=None)
    frame = pictures(1, side, 320 if name == SSD else 256)[0]
    threshold = {SSD: 0.3, RCNN: 0.3, "fcos_resnet50_fpn": 0.05}.get(name, 0.01)
    theirs = as_torchvision_sees(detector, frame, threshold)
    (ours,) = detector.predict(frame[None], threshold=threshold)
    real = (theirs["boxes"][:, 2] > theirs["boxes"][:, 0]) & (
        theirs["boxes"][:, 3] > theirs["boxes"][:, 1]
    )
    assert int(real.sum()) == len(ours) > 0
    expected = theirs["scores"][real].sort(descending=True).values
    np.testing.assert_allclose(ours.scores, expected, atol=2e-4)
    best = theirs["boxes"][real][theirs["scores"][real].argmax()]
    np.testing.assert_allclose(ours.boxes[0], best, atol=0.05)


def test_the_logit_of_a_product_of_probabilities() -> None:
    a = torch.tensor([-90.0, -3.0, 0.0, 0.5, 8.0, 60.0])
    b = torch.tensor([-80.0, 2.0, 0.0, -0.5, 9.0, 70.0])
    found = both(a[:, None], b[None])
    exact = a.double()[:, None].sigmoid() * b.double()[None].sigmoid()
    assert torch.isfinite(found).all()
    torch.testing.assert_close(found.double().sigmoid(), exact, atol=1e-7, rtol=1e-4)
    assert float(both(torch.tensor(60.0), torch.tensor(70.0))) == pytest.approx(60, abs=1e-3)


def test_the_maps_are_the_best_anchors_probabilities(make: Maker) -> None:
    """SSDlite: from the logits that torchvision itself computes."""
    detector = make(SSD, working_height=None)
    frame = pictures(1, 320, 320)
    model = detector.module.eval()
    with torch.no_grad():
        image = torch.from_numpy(frame).permute(0, 3, 1, 2).float() / 255
        features = list(model.backbone((image - 0.5) / 0.5).values())
        logits = model.head(features)["cls_logits"]
    best = logits.softmax(-1)[0, : 20 * 20 * 6].reshape(20, 20, 6, 3).amax(2)
    maps = detector.infer(frame).maps
    for column, name in enumerate(detector.classes):
        own = maps._logits[0][0, column].sigmoid()
        torch.testing.assert_close(own, best[..., 1 + column], atol=1e-4, rtol=1e-3)
        assert maps.names[column] == (0, name)
    assert len(maps) == 6 * 2


def test_objectness_is_counted_once_for_all_classes(make: Maker) -> None:
    few, many = (
        make(RCNN, classes, working_height=64) for classes in (("a",), tuple("abcdefgh"))
    )
    frame = pictures(1, 64, 128)
    for detector in (few, many):
        maps = detector.infer(frame).maps
        assert maps.names == ((0, SHARED), (1, SHARED), (2, SHARED))
    from framesift.scores import FrameScorer

    whole = FrameScorer().score(many, frame)[0].score
    assert FrameScorer(classes=["c"]).score(many, frame)[0].score == whole
    doubled = FrameScorer(class_weights={"c": 2.0}).score(many, frame)[0].score
    assert doubled == pytest.approx(2 * whole, rel=1e-5)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_no_loss_where_ignore_regions_are(make: Maker, name: str) -> None:
    detector = make(name, working_height=None, proposals=40)
    frame = pictures(1, 128, 256)
    everywhere = [Box(0, 0, 256, 128, "", ignore=True)]

    def loss(labels: list[Box], **settings: Any) -> torch.Tensor:
        detector.module.zero_grad()
        found: torch.Tensor = detector.loss(
            frame,
            [labels],
            generator=torch.Generator().manual_seed(1),
            settings={"min_height": 10, **settings},
        )
        return found

    nothing = loss(everywhere)
    assert float(nothing.detach()) == 0
    nothing.backward()
    assert all(p.grad is None or not p.grad.any() for p in detector.module.parameters())
    person = Box(100, 30, 130, 100)
    assert float(loss([person, *everywhere]).detach()) > 0
    # A label that the filters take away is like an ignore region, not like background.
    wide = Box(90, 30, 160, 100)
    kept = loss([wide], aspect=(0.2, 0.65), filtered="discard").detach()
    assert not torch.equal(loss([wide], aspect=(0.2, 0.65)).detach(), kept) or name == SSD
    assert torch.equal(loss([wide], filtered="discard").detach(), loss([]).detach())
    assert torch.isfinite(loss([Box(300, 10, 310, 90), Box(5, 5, 5.2, 90)]).detach())


def test_where_ignore_regions_reach() -> None:
    regions = torch.tensor([[10.0, 10.0, 30.0, 30.0]])
    boxes = torch.tensor(
        [
            [0.0, 0.0, 60.0, 60.0],
            [15.0, 15.0, 25.0, 25.0],
            [25.0, 10.0, 33.0, 30.0],
            [12.0, 2.0, 28.0, 18.0],
            [31.0, 31.0, 40.0, 40.0],
            [-80.0, -80.0, 120.0, 120.0],
        ]
    )
    assert touched(boxes, regions)[:, 0].tolist() == [False, True, True, True, False, True]
    labels = read_labels(
        [
            Box(0, 0, 10, 50),
            Box(0, 0, 10, 50, "car"),
            Box(0, 0, 9, 9, "car"),
            Box(0, 0, 5, 5, "tree", ignore=True),
            Box(0, 0, 50, 50, "tree"),
            Box(0, 0, 90, 50),
            Box(0, 0, 90, 50, "car"),
        ],
        ("pedestrian", "car"),
        (60, 80),
        LossSettings(min_height=20),
        torch.device("cpu"),
    )
    assert labels.columns.tolist() == [0, 1, 1]
    assert labels.boxes[2].tolist() == [0, 0, 80, 50]
    assert labels.ignored_columns.tolist() == [1, -1, 0]
    assert labels.spared(torch.tensor([[1.0, 1.0, 4.0, 4.0]]), 2).tolist() == [[True, True]]
    assert labels.spared(torch.tensor([[6.0, 6.0, 9.0, 9.0]]), 2).tolist() == [[True, True]]
    assert labels.spared(torch.tensor([[60.0, 20.0, 66.0, 26.0]]), 2).tolist() == [
        [True, False]
    ]


@pytest.mark.parametrize("name", CHEAP)
def test_the_generator_is_the_only_chance(make: Maker, name: str) -> None:
    detector = make(name, working_height=None, proposals=40)
    frame, labels = pictures(1, 128, 256), [[Box(100, 30, 130, 100)]]

    def loss(seed: int) -> float:
        generator = torch.Generator().manual_seed(seed)
        return float(
            detector.loss(
                frame, labels, generator=generator, settings={"min_height": 10}
            ).detach()
        )

    torch.manual_seed(1)
    first, state = loss(5), torch.get_rng_state()
    torch.manual_seed(2)
    assert loss(5) == first
    torch.manual_seed(1)
    assert torch.equal(torch.get_rng_state(), state)
    if name == RCNN:
        assert loss(6) != first


@pytest.mark.parametrize("name", CHEAP)
def test_classes_that_go_stay_silently_and_come_back(make: Maker, name: str) -> None:
    detector = make(name, ("person", "car", "dog"), working_height=64)
    frame = pictures(1, 64, 128)
    fewer = detector.with_classes(["pedestrian"])
    assert fewer.classes == ("pedestrian",)
    assert fewer.settings["silent"] == ["car", "dog"]
    # The softmax of the class that is left is what it was among all of them.
    (some,) = fewer.predict(frame, threshold=0.2)
    (all_of_them,) = detector.predict(frame, threshold=0.2)
    people = all_of_them.categories == 0
    assert people.any()
    assert some.scores[0] == pytest.approx(all_of_them.scores[people][0], abs=1e-5)
    again = fewer.with_classes(["car", "person", "dog"])
    assert again.settings["silent"] == []
    (back,) = again.predict(frame, threshold=0.2)
    np.testing.assert_allclose(np.sort(back.scores), np.sort(all_of_them.scores), atol=1e-5)
    assert fewer.without(["car", "dog"]).settings["silent"] == []
    weights = fewer.module.state_dict()
    assert {w.shape[0] for key, w in weights.items() if key.endswith("cls_score.bias")} <= {4}


def test_the_mean_of_two_views_of_the_boxes() -> None:
    def found(*rows: tuple[float, ...]) -> Prediction:
        array = np.array(rows, np.float64).reshape(-1, 6)
        return Prediction(
            array[:, :4].astype(np.float32),
            array[:, 4].astype(np.float32),
            array[:, 5].astype(np.int64),
        )

    plain = found((0, 0, 10, 10, 0.8, 0), (50, 50, 60, 60, 0.6, 0))
    other = found((1, 0, 11, 10, 0.6, 0), (50, 50, 60, 60, 0.4, 1), (90, 0, 99, 9, 0.05, 0))
    mean = averaged(plain, other, nms_iou=0.5, threshold=0.1)
    np.testing.assert_allclose(
        mean.boxes, [[0.5, 0, 10.5, 10], [50, 50, 60, 60], [50, 50, 60, 60]]
    )
    np.testing.assert_allclose(mean.scores, [0.7, 0.3, 0.2], atol=1e-6)
    assert mean.categories.tolist() == [0, 0, 1]
    assert len(averaged(found(), found(), nms_iou=0.5, threshold=0.1)) == 0


@pytest.mark.parametrize("name", CHEAP)
def test_half_precision_changes_little(make: Maker, name: str) -> None:
    detector = make(name, working_height=None)
    frame = pictures(2, 128, 256)
    exact = detector.maps(frame)
    low = detector.to(precision="bfloat16").maps(frame)
    assert low.dtype == torch.float32
    assert 0 < float((low - exact).abs().max()) < 0.15


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"width": 1}, "no setting 'width'"),
        ({"working_height": 3}, "make no sense"),
        ({"norm": "none"}, "make no sense"),
        ({"trainable_layers": 9}, "make no sense"),
        ({"silent": ["car"]}, "each named once"),
        ({"silent": 5}, "make no sense"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        DETECTORS[SSD](("pedestrian", "car"), settings)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "trainable", "learning", "still"),
    [
        ("fcos_resnet50_fpn", 3, "body.layer2", "body.layer1"),
        (RCNN, 0, "fpn", "body.16"),
        (RCNN, 2, "body.13", "body.12"),
    ],
)
def test_stages_may_be_held_still(name: str, trainable: int, learning: str, still: str) -> None:
    detector: Detector = DETECTORS[name](
        ("a",), {"trainable_layers": trainable, "norm": "frozen", "norm_eps": 0.0}
    )
    grads = {key: p.requires_grad for key, p in detector.module.named_parameters()}
    assert all(on for key, on in grads.items() if key.startswith(f"backbone.{learning}"))
    assert not any(on for key, on in grads.items() if key.startswith(f"backbone.{still}."))
    kinds = {type(m).__name__ for m in detector.module.modules()}
    assert "FrozenBatchNorm2d" in kinds
    assert "BatchNorm2d" not in kinds


def test_boxes_with_the_proposals_that_they_came_of(make: Maker) -> None:
    detector = make(RCNN, working_height=None)
    frames = pictures(2, 128, 256)
    proposed = detector.proposed(frames, 0.3)
    for kept, one in zip(detector.predict(frames, threshold=0.3), proposed, strict=True):
        assert len(kept) == len(one.prediction) == len(one.proposals) > 0
        np.testing.assert_allclose(one.prediction.boxes, kept.boxes, atol=1e-3)
        np.testing.assert_allclose(one.prediction.scores, kept.scores, atol=1e-5)
        assert (one.prediction.categories == kept.categories).all()
        assert (one.proposals != one.prediction.boxes).any()
        assert (one.proposals[:, 2:] >= one.proposals[:, :2]).all()


def test_boxes_of_proposals_that_hold_an_object(make: Maker) -> None:
    detector = make(RCNN, working_height=192)
    frames = pictures(2, 128, 256)
    # What is proposed is what is there: all that is made of it counts.
    labels = [
        [Box(*map(float, place)) for place in one.proposals[:2]]
        for one in detector.proposed(frames, 0.3)
    ]
    first, second = detector.positive_ious(frames, [labels[0], []])
    assert len(first) >= 2
    assert ((first > 0) & (first <= 1)).all()
    assert len(second) == 0


@pytest.mark.parametrize("name", CHEAP)
def test_raw_boxes_are_those_before_suppression(make: Maker, name: str) -> None:
    detector = make(name, working_height=None)
    frame = pictures(1, 320, 320) if name == SSD else pictures(1, 128, 256)
    (raw,), (kept,) = detector.raw_boxes(frame, 0.3), detector.predict(frame, threshold=0.3)
    assert len(raw) > len(kept) > 0
    assert {*map(bytes, kept.boxes)} <= {*map(bytes, raw.boxes)}
    # The detector itself suppresses as before.
    np.testing.assert_array_equal(detector.predict(frame, threshold=0.3)[0].boxes, kept.boxes)
