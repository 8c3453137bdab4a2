"""What `framesift bench` tells while it measures, leaves when it is stopped, and draws."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from framesift.bench import Row, rows, spread_rows
from framesift.bench.picture import peers_png
from framesift.cli import main
from framesift.selection import choose_smoothed, smoothed

QUICKER = Row("decode: OpenCV", 100.0, "frames/s", ratio=4.0, peer="decoding: OpenCV")
SLOWER = Row("decode: another", 900.0, "frames/s", ratio=0.25, peer="decoding: another")
ALONE = Row("select", 12.0, "ms", "at most 100 ms", ratio=0.12)


def _decoded(png: bytes) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture[..., ::-1], np.uint8)


def _pixels(png: bytes, colour: tuple[int, int, int]) -> int:
    away = np.abs(_decoded(png).astype(int) - colour).sum(axis=2)
    return int((away < 12).sum())


def test_the_picture_has_a_bar_for_each_peer() -> None:
    blue, red = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)
    bar = _pixels(peers_png([QUICKER, ALONE]), blue)
    assert bar > 500
    assert _pixels(peers_png([ALONE]), blue) == 0
    both = peers_png([QUICKER, SLOWER])
    assert _pixels(both, blue) > 500
    assert _pixels(both, red) > 500
    assert _decoded(both).shape[0] > _decoded(peers_png([QUICKER])).shape[0]


def test_a_run_that_stops_keeps_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopping(*_: object) -> Iterator[Row]:
        yield QUICKER
        yield ALONE
        raise KeyboardInterrupt

    monkeypatch.setattr(rows, "measure", stopping)
    monkeypatch.setattr("framesift.bench.measure", stopping, raising=False)
    written, picture = tmp_path / "rows.json", tmp_path / "peers.png"
    assert main(["bench", "--quick", "--json", str(written), "--picture", str(picture)]) != 0
    told = capsys.readouterr().err
    assert "decode: OpenCV: 100 frames/s" in told
    assert "select: 12 ms" in told
    assert [row["name"] for row in json.loads(written.read_text())["rows"]] == [
        "decode: OpenCV",
        "select",
    ]
    assert picture.read_bytes() == peers_png([QUICKER, ALONE])


def test_core_set_chooses_what_the_reference_does() -> None:
    pool = spread_rows._pool(3, 200)
    rules = spread_rows._centres_alone(30)
    chosen = choose_smoothed(smoothed(pool, rules), rules).selection.picks
    places = spread_rows.k_centre(*spread_rows._given(pool), 30)
    names = [drive.key for drive in pool]
    assert [names.index(pick.video) * 200 + pick.frame for pick in chosen] == places.tolist()
