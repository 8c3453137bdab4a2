"""Labels of placed scenes: what is hidden, cut, ridden or crowded; figures and their boxes."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from framesift.boxes import Box
from framesift.synth.camera import Camera
from framesift.synth.figure import draw_person
from framesift.synth.fronts import panorama
from framesift.synth.ground import Plan, road_texture
from framesift.synth.models import Vehicle
from framesift.synth.noise import stream
from framesift.synth.outfit import Outfit, make_outfit
from framesift.synth.scene import Driving, Walker, World, render
from framesift.synth.stock import Stock
from framesift.synth.street import Street
from framesift.synth.style import make_style

CAMERA = Camera(480, 640, 640.0, s=500.0, height=1.3)
VAN = Vehicle("van", (200, 200, 200), (220, 220, 220), False, 1.0)


@lru_cache(maxsize=1)
def world() -> World:
    """A street without furniture, wide enough to place things on."""
    style = make_style(stream("test", 1), "source")
    plan = Plan(8.0, 3.0, 3.0, False, False, 2.0)
    street = Street(1, Stock(1, "source", 4), plan, style)
    street.density = 0.0
    return World(
        street, road_texture(stream("test", 2), plan, style), *panorama(1, style, CAMERA)
    )


def somebody(key: int = 0, **changes: object) -> Outfit:
    base = make_outfit(stream("outfit", key), "source")
    return replace(base, height=1.75, umbrella=None, **changes)  # type: ignore[arg-type]


def walker(ahead: float, x: float = 0.0, **changes: object) -> Walker:
    start = Walker(somebody(), 500.0 + ahead, x, 0.3, 1.0, 0.3)
    return replace(start, **changes)  # type: ignore[arg-type]


def labels(walkers: list[Walker], vehicles: list[Driving] | None = None) -> tuple[Box, ...]:
    return render(world(), CAMERA, walkers, vehicles or [], False)[1]


def test_someone_in_the_open() -> None:
    (box,) = labels([walker(10.0)])
    assert not box.ignore
    assert not box.occluded
    assert not box.truncated
    # 1.75 m at 10 m, feet on the ground under the horizon
    assert box.height == pytest.approx(640 * 1.75 / 10, rel=0.06)
    assert box.y2 == pytest.approx(240 + 640 * 1.3 / 10, abs=4)
    assert (box.x1 + box.x2) / 2 == pytest.approx(320, abs=12)


def test_drawing_the_picture_changes_no_label() -> None:
    people = [walker(8.0, -1.0), walker(9.0, -0.6), walker(20.0, 2.0)]
    picture, boxes = render(world(), CAMERA, people, [])
    assert picture is not None
    assert boxes == labels(people)


def test_the_farther_of_two_is_occluded() -> None:
    front, behind = walker(8.0, 0.0), walker(11.0, 0.35)
    far, near = sorted(labels([behind, front]), key=lambda b: b.height)
    assert far.occluded
    assert not near.occluded


def test_nobody_is_seen_behind_a_van() -> None:
    van = Driving(VAN, 510.0, 0.0, 1.0)
    assert labels([walker(16.0)], [van]) == ()
    (beside,) = labels([walker(16.0, 3.2)], [van])
    assert not beside.ignore


def test_mostly_hidden_is_an_ignore_region() -> None:
    van = Driving(VAN, 510.0, 0.0, 1.0)
    shares = [labels([walker(16.0, x)], [van]) for x in np.linspace(1.0, 2.4, 30)]
    kinds = [
        (
            "none"
            if not b
            else "ignore"
            if b[0].ignore
            else "occluded"
            if b[0].occluded
            else "seen"
        )
        for b in shares
    ]
    order = ["none", "ignore", "occluded", "seen"]
    assert set(kinds) >= {"none", "ignore", "occluded", "seen"}
    assert [order.index(k) for k in kinds] == sorted(order.index(k) for k in kinds)


def test_at_the_edge_a_box_is_cut_and_says_so() -> None:
    (box,) = labels([walker(6.0, 2.98)])
    assert box.truncated
    assert box.x2 == 640
    (mostly_out,) = labels([walker(6.0, 3.12)])
    assert mostly_out.ignore


def test_riders_crowds_and_the_tiny_are_ignored() -> None:
    (rider,) = labels([walker(12.0, rides=True)])
    assert rider.ignore
    crowd = [walker(12.0 + 0.2 * k, 0.5 * k, crowd=1) for k in range(5)]
    (group,) = labels(crowd)
    assert group.ignore
    assert group.width > 4 * 0.5 * 640 / 13 * 0.8
    (tiny,) = labels([walker(55.0)])
    assert tiny.ignore


@pytest.mark.parametrize("key", range(8))
def test_a_figures_box_is_where_its_pixels_are(key: int) -> None:
    outfit = somebody(key, bag="none", headwear="none", hair_style="short")
    for facing in np.linspace(0, 2 * math.pi, 7):
        sprite = draw_person(outfit, 120.0, float(facing), 1.0 + key, 0.35)
        rows, cols = np.nonzero(sprite.rgba[..., 3] > 60)
        found = np.array(
            [
                cols.min() + sprite.left,
                rows.min() + sprite.top,
                cols.max() + 1 + sprite.left,
                rows.max() + 1 + sprite.top,
            ]
        )
        assert found == pytest.approx(np.array(sprite.body), abs=3.0)
        assert sprite.body[3] - sprite.body[1] == pytest.approx(120, rel=0.09)
        assert (sprite.rgba[..., :3] <= sprite.rgba[..., 3:]).all(), "premultiplied"


def test_a_bend_moves_things_and_ground_alike() -> None:
    bent = replace(CAMERA, bend=0.004, yaw=0.05)
    s, x, _ = bent.ground_rays(300, 301)
    for column in (50, 320, 600):
        u, v, _ = bent.point(float(s[0, column]), float(x[0, column]))
        assert [u, v] == pytest.approx([column + 0.5, 300.5], abs=0.1)
