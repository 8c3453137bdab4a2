"""What heads learn: which of two frames has the larger loss, what boxes are off by."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from framesift.boxes import Box, Prediction
from framesift.detectors import PaperDetector
from framesift.detectors.files.heads import KINDS
from framesift.detectors.maps import WorkingSize
from framesift.detectors.mixture_head import Gaussians, MixtureHead, in_boxes
from framesift.scores import every_score
from framesift.training.box_mixture import (
    BoxMixture,
    FrameBoxes,
    moves,
    outcome_loss,
    place_loss,
)
from framesift.training.ease import objects
from framesift.training.head_fitting import Cells, fitted_cells
from framesift.training.head_frames import Seen, loss_of, parted
from framesift.training.heads import TRAINERS
from framesift.training.predicted_loss import of_frames, ranking

SIZE = WorkingSize((40, 80), (40, 80), (40, 80))


def test_every_head_can_be_trained_and_read() -> None:
    assert [*TRAINERS] == [*KINDS]
    read = {getattr(member, "head", "") for member in every_score().values()} - {""}
    assert read == {*KINDS}


def seen(own: Prediction, boxes: tuple[Box, ...]) -> Seen:
    """A frame in which the detector finds some boxes."""
    return Seen(
        torch.zeros(3, 5, 10), own, own, boxes, SIZE, ("person", "rider"), "v", lambda: 0.0
    )


def test_pairs_are_ranked_with_a_margin() -> None:
    predicted = torch.tensor([0.0, 2.0, 0.5])
    losses = torch.tensor([1.0, 3.0, 1.0])
    # The first and third are equal and teach nothing; 1 − 2 < 0; 1 − 1.5 < 0.
    assert float(ranking(predicted, losses)) == 0.0
    wrong = torch.tensor([3.0, 1.0, 1.0])
    # 1 + 2; of (1, 3) 1 + 0.5 and of (2, 3) nothing.
    assert float(ranking(predicted, wrong)) == pytest.approx((3 + 1.5) / 2)
    alone = torch.tensor([1.0], requires_grad=True)
    nothing = ranking(alone, torch.tensor([1.0]))
    nothing.backward()  # type: ignore[no-untyped-call]
    assert (nothing.item(), alone.grad.tolist()) == (1.0, [0.0])  # type: ignore[union-attr]


def test_a_head_learns_which_frames_have_large_losses() -> None:
    rng = np.random.default_rng(1)

    def frames(count: int) -> list[Cells]:
        made = []
        for _ in range(count):
            features = torch.from_numpy(rng.normal(size=(4, 2, 3)).astype(np.float32))
            made.append(Cells(features, features[1].mean() * 3 + 5, "v"))
        return made

    head, step, loss = fitted_cells(frames(60), frames(20), of_frames, seed=0)
    unseen = frames(40)
    with torch.no_grad():
        said = [float(head(f.features[None]).mean()) for f in unseen]
    assert step > 0
    assert loss < 0.5
    assert np.corrcoef(said, [float(f.target) for f in unseen])[0, 1] > 0.8


def test_the_loss_of_a_frame_leaves_the_detector_as_it_is() -> None:
    detector = PaperDetector(settings={"width": 0.125, "working_height": 64})
    image = np.random.default_rng(0).integers(0, 256, (1, 64, 96, 3), np.uint8)
    before = detector.identity()
    boxes = [Box(20, 4, 45, 62)]
    first = loss_of(detector, image, boxes)
    assert first == loss_of(detector, image, boxes)
    assert detector.identity() == before
    assert (detector.kept, detector.frozen_batch_norm) == ((), False)
    assert math.isfinite(first)
    assert first != loss_of(detector, image[:, :, ::-1].copy(), boxes)


def test_what_boxes_are_off_by() -> None:
    boxes = np.array([[10, 10, 30, 50], [0, 0, 5, 5]], float)
    labels = np.array([[12, 6, 30, 54]], float)
    off = moves(boxes, labels, np.array([0, -1]))
    np.testing.assert_allclose(off[0], [2 / 20, -4 / 40, 0, 4 / 40], rtol=1e-6)
    assert np.isnan(off[1]).all()


def gaussians(weights: list[float], means: list[list[float]], deviation: float) -> Gaussians:
    there = torch.tensor([means])
    return Gaussians(torch.tensor([weights]), there, torch.full_like(there, deviation))


def test_uncertainties_of_mixtures() -> None:
    mixed = gaussians([0.25, 0.75], [[0.0, 1.0], [4.0, 1.0]], 0.5)
    assert mixed.aleatoric().tolist() == [[0.5, 0.5]]
    # Around 3: 0.25·9 + 0.75·1.
    assert mixed.epistemic().tolist() == [[3.0, 0.0]]


def test_losses_of_mixtures() -> None:
    place = gaussians([0.25, 0.75], [[0.0] * 4, [2.0] * 4], 0.5)
    off = torch.tensor([[0.0, 2.0, 1.0, 0.5]])

    def normal(x: float, mean: float) -> float:
        return math.exp(-(((x - mean) / 0.5) ** 2) / 2) / (0.5 * math.sqrt(2 * math.pi))

    each = [-math.log(0.25 * normal(x, 0) + 0.75 * normal(x, 2)) for x in off[0].tolist()]
    assert float(place_loss(place, off)) == pytest.approx(sum(each) / 4, rel=1e-5)
    assert float(place_loss(place, torch.full((1, 4), math.nan))) == 0.0
    outcome = gaussians([0.5, 0.5], [[0.0, 0.0], [1.0, 0.0]], 1.0)
    noise = torch.zeros(2, 1, 2, 2)
    noise[1, 0, 0, 0] = 1.0
    sure = math.e / (math.e + 1)
    first = ((0.5 * 0.5 + 0.5 * sure) + sure) / 2
    assert float(outcome_loss(outcome, torch.tensor([0]), noise)) == pytest.approx(
        -math.log(first), rel=1e-5
    )


def test_features_are_read_inside_boxes() -> None:
    ramp = torch.arange(10.0).repeat(1, 5, 1)
    across = in_boxes(ramp, torch.tensor([[16.0, 8.0, 32.0, 24.0]]), SIZE)
    # The middle of the box is at 24 of 80: among features whose middles are 4, 12 … at 2.5.
    assert across.tolist() == [[pytest.approx(2.5)]]
    assert in_boxes(ramp, torch.zeros(0, 4), SIZE).shape == (0, 1)


def test_a_mixture_learns_what_boxes_are_off_by() -> None:
    rng = np.random.default_rng(2)

    def frames(count: int) -> list[FrameBoxes]:
        made = []
        for _ in range(count):
            rows = torch.from_numpy(rng.normal(size=(6, 3)).astype(np.float32))
            # The first feature says how far boxes are off, the second whether they are real.
            wide = rows[:, :1].exp() * 0.1
            off = wide * torch.from_numpy(rng.normal(size=(6, 4)).astype(np.float32))
            made.append(FrameBoxes(rows, off, (rows[:, 1] > 0).long(), 2))
        return made

    head, count, learnt = BoxMixture().fit(frames(50), frames(20), seed=0)
    assert count == 300
    assert learnt.loss < learnt.constant - 0.3
    with torch.no_grad():
        calm, wild = torch.tensor([[-1.5, 0.0, 0.0]]), torch.tensor([[1.5, 0.0, 0.0]])
        small, large = (float(head(row)[0].aleatoric().mean()) for row in (calm, wild))
    assert large > 2 * small
    assert isinstance(head, MixtureHead)


def test_ease_of_objects() -> None:
    own = Prediction(
        np.array([[10, 10, 30, 50], [60, 0, 70, 20], [62, 0, 72, 20]], np.float32),
        np.array([0.9, 0.6, 0.5], np.float32),
        np.array([0, 0, 1]),
    )
    labels = (
        Box(10, 10, 30, 40, "person"),
        Box(60, 0, 70, 20, "rider"),
        Box(0, 0, 5, 5, "rider"),
        Box(0, 0, 5, 5, "person", ignore=True),
    )
    first = 0.9**0.6 * 0.75**0.4
    # The second is found as another class, the third not at all.
    assert objects(seen(own, labels)) == [(0, pytest.approx(first)), (1, 0.0), (1, 0.0)]
    nothing = Prediction.empty()
    assert objects(seen(nothing, labels[:1])) == [(0, 0.0)]


def test_videos_are_held_out_whole() -> None:
    learnt, held = parted(list("abcdef"), ["x", "x", "y", "y", "z", "z"])
    assert (learnt, held) == (["c", "d", "e", "f"], ["a", "b"])
    assert parted([1, 2, 3, 4], ["x"] * 4) == ([1, 2, 3], [4])
