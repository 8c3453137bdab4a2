"""Targets and eq. 7 against plain transcriptions."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from framesift.boxes import Box, iou
from framesift.detectors import LossSettings, PaperDetector
from framesift.detectors.paper_targets import (
    NEGATIVE,
    NO_LOSS,
    POSITIVE,
    Grid,
    sampled_loss,
    targets,
)
from framesift.detectors.sizes import PAPER_SIZES

PICTURE = (240, 320)
GRIDS = [Grid((30, 40), 8, PAPER_SIZES[k]) for k in range(4)] + [
    Grid((60, 80), 4, PAPER_SIZES[4])
]
PLAIN = LossSettings()


def _cell_box(grid: Grid, row: int, column: int) -> list[float]:
    y, x = (row + 0.5) * grid.stride, (column + 0.5) * grid.stride
    height, width = grid.box
    return [
        max(0, x - width / 2),
        max(0, y - height / 2),
        min(PICTURE[1], x + width / 2),
        min(PICTURE[0], y + height / 2),
    ]


def _plain(labels: list[Box], settings: LossSettings) -> list[np.ndarray]:
    """The rules written out cell by cell, for good labels only."""
    out = []
    best = [(-1.0, 0, 0, 0)] * len(labels)
    reached = [False] * len(labels)
    for k, grid in enumerate(GRIDS):
        level = np.zeros(grid.cells, np.int8)
        for row in range(grid.cells[0]):
            for column in range(grid.cells[1]):
                own = np.array([_cell_box(grid, row, column)])
                values = [
                    float(iou(own, np.array([[b.x1, b.y1, b.x2, b.y2]]))[0, 0]) for b in labels
                ]
                for i, value in enumerate(values):
                    reached[i] |= value >= settings.positive_iou
                    if value > best[i][0]:
                        best[i] = (value, k, row, column)
                top = max(values, default=0.0)
                level[row, column] = (
                    POSITIVE
                    if top >= settings.positive_iou
                    else NO_LOSS
                    if top >= settings.negative_iou
                    else NEGATIVE
                )
        out.append(level)
    for found, (_, k, row, column) in zip(reached, best, strict=True):
        if not found:
            out[k][row, column] = POSITIVE
    return out


def test_targets_follow_the_rules() -> None:
    labels = [
        Box(100, 60, 150, 145),
        Box(200, 100, 260, 230),
        Box(0, 100, 30, 160),
        Box(290, 20, 311, 121),
    ]
    assert all(PLAIN.keeps(b) for b in labels)
    made = targets(labels, ("pedestrian",), GRIDS, PICTURE, PLAIN)
    for level, want in zip(made, _plain(labels, PLAIN), strict=True):
        np.testing.assert_array_equal(level[0], want)


def test_a_label_that_no_box_reaches_has_its_best_cell() -> None:
    thin = Box(100, 60, 121, 160)
    assert PLAIN.keeps(thin)
    made = targets([thin], ("pedestrian",), GRIDS, PICTURE, PLAIN)
    assert sum(int((level == POSITIVE).sum()) for level in made) == 1
    for level, want in zip(made, _plain([thin], PLAIN), strict=True):
        np.testing.assert_array_equal(level[0], want)


@pytest.mark.parametrize(
    "box",
    [
        Box(100, 60, 150, 145, ignore=True),
        Box(100, 60, 114, 100),
        Box(100, 60, 190, 145),
        Box(100, 60, 110, 145),
    ],
)
def test_ignored_and_filtered_labels_have_no_loss(box: Box) -> None:
    made = targets([box], ("pedestrian",), GRIDS, PICTURE, PLAIN)
    centre = [
        (0, int((box.y1 + box.y2) / 2 / g.stride), int((box.x1 + box.x2) / 2 / g.stride))
        for g in GRIDS
    ]
    for level, place in zip(made, centre, strict=True):
        assert level[place] == NO_LOSS
        assert not (level == POSITIVE).any()
        assert (level == NEGATIVE).any()
    background = targets(
        [box], ("pedestrian",), GRIDS, PICTURE, LossSettings(filtered="discard")
    )
    assert box.ignore or all((level == NEGATIVE).all() for level in background)


def test_a_label_inside_an_ignore_region_stays_positive() -> None:
    person, crowd = Box(100, 60, 150, 145), Box(50, 20, 250, 200, ignore=True)
    alone = targets([person], ("pedestrian",), GRIDS, PICTURE, PLAIN)
    for labels in ([person, crowd], [crowd, person]):
        made = targets(labels, ("pedestrian",), GRIDS, PICTURE, PLAIN)
        for one, other in zip(made, alone, strict=True):
            np.testing.assert_array_equal(one == POSITIVE, other == POSITIVE)


def test_classes_have_targets_of_their_own() -> None:
    labels = [
        Box(100, 60, 150, 145, "car"),
        Box(10, 60, 60, 145, "tree"),
        Box(200, 60, 250, 145, "anything", ignore=True),
    ]
    made = targets(labels, ("pedestrian", "car"), GRIDS, PICTURE, PLAIN)
    assert not any((level[0] == POSITIVE).any() for level in made)
    assert any((level[1] == POSITIVE).any() for level in made)
    for level in made:
        np.testing.assert_array_equal(level[0] == NO_LOSS, level[0] != NEGATIVE)
        assert (level[0] == NO_LOSS).any()
        assert ((level[0] == NO_LOSS) <= (level[1] == NO_LOSS)).all()


def test_labels_outside_the_picture_are_left_out() -> None:
    made = targets(
        [Box(-100, 0, -50, 100), Box(400, 0, 450, 90)], ("pedestrian",), GRIDS, PICTURE, PLAIN
    )
    assert all((level == NEGATIVE).all() for level in made)


def _batch(positives: int, ignored: int, size: int = 4000) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(1, 1, 1, size, generator=generator)
    wanted = torch.zeros(1, 1, 1, size, dtype=torch.int8)
    wanted[..., :positives] = POSITIVE
    wanted[..., positives : positives + ignored] = NO_LOSS
    return logits, wanted


def test_the_loss_is_cross_entropy_over_positives_and_drawn_negatives() -> None:
    logits, wanted = _batch(10, 300)
    logits.requires_grad_()
    loss = sampled_loss([logits], [wanted], PLAIN, torch.Generator().manual_seed(0))
    loss.backward()
    used = torch.nonzero(logits.grad.reshape(-1))[:, 0].tolist()
    assert len(used) == 160
    assert used[:10] == list(range(10))
    assert min(used[10:]) >= 310
    z = logits.detach().reshape(-1).tolist()
    want = sum(math.log1p(math.exp(-z[i])) for i in used[:10]) + sum(
        math.log1p(math.exp(z[i])) for i in used[10:]
    )
    assert float(loss.detach()) == pytest.approx(want / 160, rel=1e-5)


def test_negatives_are_drawn_by_the_generator_alone() -> None:
    logits, wanted = _batch(10, 0)
    first, again, other = (
        float(sampled_loss([logits], [wanted], PLAIN, torch.Generator().manual_seed(seed)))
        for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_hard_negatives_are_the_highest() -> None:
    logits, wanted = _batch(10, 0)
    logits.requires_grad_()
    settings = LossSettings(hard_fraction=1.0)
    sampled_loss([logits], [wanted], settings, torch.Generator().manual_seed(0)).backward()
    used = logits.grad.reshape(-1) != 0
    values = logits.detach().reshape(-1)[10:]
    assert int(used[10:].sum()) == 150
    assert float(values[used[10:]].min()) >= float(values[~used[10:]].max())


def test_a_batch_without_anybody_or_with_nothing_at_all() -> None:
    logits, wanted = _batch(0, 0)
    logits.requires_grad_()
    sampled_loss([logits], [wanted], PLAIN, torch.Generator().manual_seed(0)).backward()
    assert int((logits.grad != 0).sum()) == 15
    logits, wanted = _batch(0, 4000)
    logits.requires_grad_()
    loss = sampled_loss([logits], [wanted], PLAIN, torch.Generator().manual_seed(0))
    loss.backward()
    assert float(loss.detach()) == 0.0


def test_settings_come_from_anything_with_their_names() -> None:
    class Others:
        n2p = 3.0
        aspect = (0.1, 0.9)
        batch = 8

    assert LossSettings.of(None) == PLAIN
    assert LossSettings.of(Others()) == LossSettings(n2p=3.0, aspect=(0.1, 0.9))
    assert LossSettings.of(PLAIN.to_json()) == PLAIN


def test_frames_of_any_size_and_crops_at_working_scale() -> None:
    """Resizing labels with the frame: a label at native scale has the loss it would have at
    working scale."""
    torch.manual_seed(0)
    detector = PaperDetector(
        settings={
            "width": 0.125,
            "working_height": 96,
            "box_sizes": [[60, 24]] * 5,
            "dropout": False,
        }
    )
    small = np.kron(
        np.random.default_rng(0).integers(0, 255, (12, 16, 3), np.uint8),
        np.ones((8, 8, 1), np.uint8),
    )
    large = np.kron(small, np.ones((2, 2, 1), np.uint8))
    box = Box(40, 20, 64, 80)
    losses = [
        float(
            detector.loss(
                frames[None],
                [[b]],
                generator=torch.Generator().manual_seed(0),
                at_working_scale=at,
            ).detach()
        )
        for frames, b, at in (
            (small, box, False),
            (large, box.scaled(2), False),
            (small, box, True),
        )
    ]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    assert losses[0] == losses[2]


def test_the_aspect_filter_concerns_people_only() -> None:
    settings = LossSettings(min_height=10)
    wide = Box(0, 0, 60, 40)
    assert not settings.keeps(wide)
    assert not settings.keeps(Box(0, 0, 60, 40, "person"))
    assert settings.keeps(Box(0, 0, 60, 40, "car"))
    assert not settings.keeps(Box(0, 0, 20, 9, "car"))
    assert LossSettings.of({"aspect_classes": ["car"], "min_height": 10}).keeps(wide)
