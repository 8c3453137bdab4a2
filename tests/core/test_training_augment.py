"""Augmentation: boxes follow the picture exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.boxes import Box, covered, iou
from framesift.labels import FrameKey
from framesift.training import Augmentation
from framesift.training.augment import (
    FILL,
    View,
    augmented,
    cut_boxes,
    random_view,
    recolour,
)
from framesift.training.data import Sample

KEY = FrameKey("v", 0)
sides = st.integers(40, 200)
views = st.builds(
    View,
    native=st.tuples(sides, sides),
    height=sides,
    width=sides,
    left=st.integers(-60, 60),
    top=st.integers(-60, 60),
    canvas=st.tuples(st.integers(48, 160), st.integers(48, 160)),
    flip=st.booleans(),
)


@st.composite
def boxes_in(draw, native, count=4):
    height, width = native
    found = []
    for _ in range(draw(st.integers(0, count))):
        x1 = draw(st.floats(-10, width - 2))
        y1 = draw(st.floats(-10, height - 2))
        found.append(
            Box(
                x1,
                y1,
                x1 + draw(st.floats(2, 90)),
                y1 + draw(st.floats(2, 90)),
                ignore=draw(st.booleans()),
            )
        )
    return tuple(found)


def painted(native, box):
    """A black picture with one white rectangle at whole pixels."""
    image = np.zeros((*native, 3), np.uint8)
    image[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)] = 255
    return image


@settings(max_examples=80, deadline=None)
@given(
    st.data(),
    st.tuples(sides, sides),
    st.integers(1, 3),
    st.booleans(),
    st.integers(-40, 40),
    st.integers(-40, 40),
)
def test_the_painted_rectangle_lies_exactly_in_its_box(data, native, zoom, flip, left, top):
    """With whole zooms, every pixel of the rectangle can be told from the background."""
    y1, x1 = (data.draw(st.integers(0, side - 8)) for side in native)
    box = Box(
        x1,
        y1,
        x1 + data.draw(st.integers(6, native[1] - x1)),
        y1 + data.draw(st.integers(6, native[0] - y1)),
    )
    view = View(native, native[0] * zoom, native[1] * zoom, left, top, (120, 150), flip)
    shown = view.image(painted(native, box))
    kept = [b for b in cut_boxes((box,), view, 0.0) if b.category]
    bright = np.argwhere(shown[:, :, 0] > FILL + 3)
    if not kept:
        assert len(bright) == 0
        return
    own = kept[0]
    # Bilinear zooming blurs an edge by less than a native pixel to each side.
    blur = zoom - 1
    (top_y, left_x), (low_y, right_x) = bright.min(0), bright.max(0) + 1
    assert np.allclose(
        [left_x, top_y, right_x, low_y], [own.x1, own.y1, own.x2, own.y2], atol=blur
    )


@settings(max_examples=100, deadline=None)
@given(st.data(), views)
def test_boxes_stay_on_the_canvas_and_none_is_lost_silently(data, view):
    boxes = data.draw(boxes_in(view.native))
    height, width = view.canvas
    kept = cut_boxes(boxes, view, 0.5)
    for box in boxes:
        shown = view.box(box.clipped(view.native[1], view.native[0]))
        left = shown.clipped(width, height)
        share = 0.0
        if left.width > 0 and left.height > 0:
            share = left.width * left.height / (shown.width * shown.height)
        match = [
            b
            for b in kept
            if b in (view.box(box), left) or b == replace(left, truncated=True, ignore=b.ignore)
        ]
        assert bool(match) == (share > 0)
        if match and not box.ignore:
            assert match[0].ignore == (share < 0.5)
            assert match[0].truncated == (left != shown)
    for box in kept:
        outside = max(-box.x1, -box.y1, box.x2 - width, box.y2 - height)
        # Labels that reach out of the native picture may do so here, too.
        assert outside <= 0 or (not box.ignore and box in [view.box(b) for b in boxes])


@settings(max_examples=60, deadline=None)
@given(views)
def test_the_canvas_is_picture_or_ignored(view):
    height, width = view.canvas
    image = view.image(np.full((*view.native, 3), 200, np.uint8))
    assert image.shape == (height, width, 3)
    ignored = np.zeros((height, width), bool)
    for strip in cut_boxes((), view, 0.5):
        assert strip.ignore
        ignored[int(strip.y1) : int(strip.y2), int(strip.x1) : int(strip.x2)] = True
    assert np.array_equal(ignored, image[:, :, 0] != 200)


@given(views, st.floats(0, 30), st.floats(0, 30), st.floats(1, 9), st.floats(1, 9))
def test_mirroring_twice_is_nothing(view, x, y, w, h):
    box = Box(x, y, x + w, y + h)
    straight, flipped = replace(view, flip=False), replace(view, flip=True)
    back = flipped.box(box)
    back = replace(back, x1=view.canvas[1] - back.x2, x2=view.canvas[1] - back.x1)
    assert np.allclose([back.x1, back.x2], [straight.box(box).x1, straight.box(box).x2])
    image = np.random.default_rng(0).integers(0, 255, (*view.native, 3), np.uint8)
    assert np.array_equal(flipped.image(image), straight.image(image)[:, ::-1])


def test_without_augmentation_nothing_changes():
    image = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    boxes = (Box(-3, 1.5, 20, 30), Box(0, 0, 64, 48), Box(5, 5, 9, 9, ignore=True))
    same = augmented(
        Sample(image, boxes, KEY), (48, 64), (48, 64), Augmentation.none(), (0, 0, 0)
    )
    assert np.array_equal(same.image, image)
    assert same.boxes == boxes


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 9))
def test_an_aimed_crop_holds_a_label(seed, index):
    rng = np.random.default_rng(seed)
    boxes = tuple(
        Box(x, y, x + 30, y + 60)
        for x, y in zip(rng.uniform(0, 600, 3), rng.uniform(0, 400, 3), strict=True)
    )
    view = random_view(
        (480, 640),
        (480, 640),
        (160, 128),
        boxes,
        Augmentation(aim=1.0, crop=(160, 128)),
        np.random.default_rng(index),
    )
    kept = [b for b in cut_boxes(boxes, view, 0.6) if b.category]
    whole = covered(
        np.array([[b.x1, b.y1, b.x2, b.y2] for b in map(view.box, boxes)]),
        np.array([[0, 0, 128, 160]]),
    )
    assert kept
    assert whole.max() > 0.97


def test_the_seed_alone_decides():
    rng = np.random.default_rng(3)
    sample = Sample(rng.integers(0, 255, (48, 64, 3), np.uint8), (Box(9, 9, 30, 40),), KEY)
    look = Augmentation()

    def view(*seed):
        return augmented(sample, (48, 64), (40, 40), look, seed)

    again = view(1, 2, 3)
    assert np.array_equal(view(1, 2, 3).image, again.image)
    assert view(1, 2, 3).boxes == again.boxes
    for other in ((0, 2, 3), (1, 0, 3), (1, 2, 0)):
        assert not np.array_equal(view(*other).image, again.image)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_recolouring_keeps_what_is_seen(strength):
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    image = np.broadcast_to(ramp[None, :, None], (8, 64, 3)).copy()
    out = recolour(image, strength, np.random.default_rng(0))
    assert out.shape == image.shape
    assert out.dtype == np.uint8
    if strength == 0:
        assert np.array_equal(out, image)
    else:
        assert not np.array_equal(out, image)
        assert np.all(np.diff(out.astype(int), axis=1) >= 0)


def test_scaling_follows_working_size():
    boxes = (Box(100, 200, 140, 300),)
    view = random_view(
        (1080, 1920),
        (480, 853),
        (480, 853),
        boxes,
        Augmentation.none(),
        np.random.default_rng(0),
    )
    assert (view.left, view.top, view.height, view.width) == (0, 0, 480, 853)
    moved = view.box(boxes[0])
    factor = np.array([853 / 1920, 480 / 1080] * 2)
    expected = np.array([[100, 200, 140, 300]]) * factor
    assert iou(np.array([[moved.x1, moved.y1, moved.x2, moved.y2]]), expected)[
        0, 0
    ] == pytest.approx(1)
