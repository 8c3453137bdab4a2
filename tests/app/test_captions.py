"""Captions at boxes: legible where people stand close together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from framesift_app.panels.viewer.captions import Caption, Captions

WIDTH, HEIGHT = 400, 300
WHITE = QColor("white")


@pytest.fixture(scope="module")
def painter(qapp: object) -> Iterator[QPainter]:
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    made = QPainter(image)
    yield made
    made.end()


def _placed(painter: QPainter, *captions: Caption) -> list[tuple[Caption, str, QRectF]]:
    collected = Captions()
    for caption in captions:
        collected.add(caption)
    return collected.placed(painter)


boxes = st.builds(
    QRectF, st.floats(0, WIDTH), st.floats(0, HEIGHT), st.floats(1, 120), st.floats(1, 200)
)
captions = st.builds(
    Caption,
    boxes,
    st.just(("pedestrian · occluded", "occluded")),
    st.just(WHITE),
    st.booleans(),
    st.floats(0, 9),
)


@given(st.lists(captions, max_size=25))
def test_none_lies_over_another_and_all_are_in_the_picture(
    painter: QPainter, many: list[Caption]
) -> None:
    found = _placed(painter, *many)
    for (_, _, one), (_, _, other) in combinations(found, 2):
        assert not one.intersects(other)
    for _, _, field in found:
        assert QRectF(0, 0, WIDTH, HEIGHT).contains(field)


def test_neighbours_are_all_named(painter: QPainter) -> None:
    many = [Caption(QRectF(100 + 8 * n, 120, 14, 40), ("pedestrian",), WHITE) for n in range(5)]
    assert len(_placed(painter, *many)) == 5


def test_the_selected_one_has_the_best_place_and_stays(painter: QPainter) -> None:
    area = QRectF(100, 120, 14, 40)
    crowd = [Caption(area, ("pedestrian · occluded",), WHITE, weight=9)] * 40
    selected = Caption(area, ("rider",), WHITE, must=True)
    alone = _placed(painter, selected)[0][2]
    found = _placed(painter, *crowd, selected)
    assert found[0][1:] == ("rider", alone)
    assert len(found) < 41


def test_words_are_shortened_before_they_are_left_out(painter: QPainter) -> None:
    crowd = [
        Caption(QRectF(12 * n, 120, 10, 40), ("pedestrian · occluded", "b"), WHITE, weight=n)
        for n in range(32)
    ]
    texts = [text for _, text, _ in _placed(painter, *crowd)]
    assert "pedestrian · occluded" in texts
    assert "b" in texts
