"""EIoU on boxes made by hand, and in the detectors that regress boxes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from framesift.boxes import Box
from framesift.detectors import DETECTORS
from framesift.detectors.box_losses import eiou, of_anchors

pytest.importorskip("torchvision")
pytestmark = pytest.mark.usefixtures("shallow_resnets")

LABEL = [10.0, 10.0, 30.0, 50.0]
REGRESSORS = {
    "fcos_resnet50_fpn": "head.regression_head.bbox_reg.weight",
    "retinanet_resnet50_fpn": "head.regression_head.bbox_reg.weight",
    "ssdlite320_mobilenet_v3_large": "head.regression_head.module_list.0.1.weight",
    "fasterrcnn_mobilenet_v3_large_fpn": "roi_heads.box_predictor.bbox_pred.weight",
}


def giou(a: list[float], b: list[float]) -> float:
    wide = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    high = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    shared = wide * high
    union = sum((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)) - shared
    hull = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return shared / union - (hull - union) / hull


@pytest.mark.parametrize(
    "box", [LABEL, [12.0, 10.0, 32.0, 50.0], [30.0, 10.0, 50.0, 50.0], [80.0, 90.0, 90.0, 99.0]]
)
def test_eiou_is_the_formula(box: list[float]) -> None:
    g = giou(box, LABEL)
    expected = (1 + g) ** 0.8 * (1 - g)
    assert eiou(torch.tensor([box]), torch.tensor([LABEL])).tolist() == pytest.approx(
        [expected], abs=1e-5
    )


def test_a_box_far_away_is_drawn_towards_its_label() -> None:
    far = torch.tensor([[80.0, 10.0, 100.0, 50.0]], requires_grad=True)
    assert giou(far[0].tolist(), LABEL) < -1 / 9
    eiou(far, torch.tensor([LABEL])).sum().backward()  # type: ignore[no-untyped-call]
    assert far.grad is not None
    # Less to the right is cheaper; through the factor it would be dearer.
    assert float(far.grad[0, 0]) > 0
    through = torch.tensor([[80.0, 10.0, 100.0, 50.0]], requires_grad=True)
    from torchvision.ops import generalized_box_iou_loss

    away = generalized_box_iou_loss(through, torch.tensor([LABEL]))
    ((2 - away) ** 0.8 * away).sum().backward()
    assert through.grad is not None
    assert float(through.grad[0, 0]) < 0


def test_the_mean_is_over_matched_anchors() -> None:
    codes = torch.tensor([[LABEL, [12.0, 10.0, 32.0, 50.0], [0.0] * 4], [LABEL] * 3])
    matches = [torch.tensor([0, 0, -1]), torch.tensor([-1, -2, -1])]
    labels = [torch.tensor([LABEL]), torch.zeros(0, 4)]
    g = giou([12.0, 10.0, 32.0, 50.0], LABEL)
    expected = (1 + g) ** 0.8 * (1 - g)

    def mean(**how: Any) -> float:
        made = of_anchors(
            lambda codes, anchors: codes, codes, torch.zeros(3, 4), labels, matches, **how
        )
        return made.item()

    assert mean() == pytest.approx(expected / 2, abs=1e-5)
    # Frame by frame: the second has none.
    assert mean(by_frame=True) == pytest.approx(expected / 4, abs=1e-5)


@pytest.mark.parametrize("name", REGRESSORS)
def test_detectors_that_regress_learn_by_it(name: str) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        detector: Any = DETECTORS[name](("pedestrian",), {"working_height": None})
    frames = np.random.default_rng(0).integers(0, 256, (1, 96, 128, 3), np.uint8)

    def loss(labels: list[Box], box_loss: str) -> torch.Tensor:
        made: torch.Tensor = detector.loss(
            frames,
            [labels],
            generator=torch.Generator().manual_seed(0),
            settings={"box_loss": box_loss, "min_height": 5.0},
        )
        return made

    labels = [Box(40, 10, 70, 80)]
    by_eiou = loss(labels, "eiou")
    assert by_eiou.item() != loss(labels, "own").item()
    by_eiou.backward()  # type: ignore[no-untyped-call]
    gradient = detector.module.get_parameter(REGRESSORS[name]).grad
    assert torch.isfinite(gradient).all()
    # Without a label no box is moved.
    assert loss([], "eiou").item() == pytest.approx(loss([], "own").item())
