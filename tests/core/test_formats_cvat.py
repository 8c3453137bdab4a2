"""CVAT's tracks, and where the picture's size comes from."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats import (
    LabelFile,
    LabelledImage,
    read,
    write,
)

_spec = importlib.util.spec_from_file_location(
    "formats_samples", Path(__file__).parents[1] / "formats_samples.py"
)
assert _spec is not None
assert _spec.loader is not None
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)
put = samples.put
only = samples.only
corners = samples.corners
cvat = samples.cvat
FOREIGN = samples.FOREIGN
CAR = samples.CAR


# --- CVAT tracks -----------------------------------------------------------------------------


def track(*shapes: tuple[int, int, float], head: str = "") -> str:
    boxes = "".join(
        f'<box frame="{f}" outside="{o}" occluded="0" keyframe="1" xtl="{x}" '
        f'ytl="0" xbr="{x + 4}" ybr="8"/>'
        for f, o, x in shapes
    )
    return cvat(f'<track id="0" label="{CAR}">{boxes}</track>', f"<task>{head}</task>")


def found(text: str, folder: Path) -> dict[int | None, float]:
    return {i.frame: i.boxes[0].x1 for i in read(put(folder, {"a.xml": text})).items}


def test_cvat_interpolates_between_keyframes(tmp_path: Path) -> None:
    assert found(track((2, 0, 0), (6, 0, 8), (7, 1, 9)), tmp_path) == {
        2: 0,
        3: 2,
        4: 4,
        5: 6,
        6: 8,
    }


def test_cvat_outside_ends_a_box_and_a_later_shape_brings_it_back(tmp_path: Path) -> None:
    assert found(track((0, 0, 0), (2, 1, 2), (5, 0, 5), (6, 1, 5)), tmp_path) == {
        0: 0,
        1: 1,
        5: 5,
    }


def test_cvat_frame_step_and_end_of_the_task(tmp_path: Path) -> None:
    head = "<start_frame>10</start_frame><stop_frame>22</stop_frame>"
    step = head + "<frame_filter>step=3</frame_filter>"
    assert set(found(track((10, 0, 0), (16, 0, 6), head=step), tmp_path)) == {
        10,
        13,
        16,
        19,
        22,
    }
    assert set(found(track((20, 0, 0), head=head), tmp_path)) == {20, 21, 22}
    assert set(found(track((20, 0, 0)), tmp_path)) == {20}


def test_cvat_keyframes_cannot_fill_the_memory(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="keyframes stand for more than"):
        found(track((0, 0, 0), (900_000_000, 0, 6)), tmp_path)


def test_cvat_export_ends_every_box(tmp_path: Path) -> None:
    """Without a shape "outside" CVAT would keep the box; beyond the last frame it refuses."""
    labels = LabelFile(
        (CAR,),
        tuple(LabelledImage("c.mp4", f, None, 20, 10, (Box(0, 1, 4, 3, CAR),)) for f in (3, 9)),
    )
    write(labels, tmp_path / "out", format="cvat-video", frames={"c.mp4": 10})
    text = (tmp_path / "out/c.xml").read_text()
    assert re.findall(r'frame="(\d+)" keyframe="1" outside="(\d)"', text) == [
        ("3", "0"),
        ("4", "1"),
        ("9", "0"),
    ]
    assert "<stop_frame>9</stop_frame>" in text
    assert "<source>c.mp4</source>" in text


# --- sizes -----------------------------------------------------------------------------------


def test_yolo_needs_the_size(tmp_path: Path) -> None:
    put(tmp_path, FOREIGN["yolo"])
    with pytest.raises(InputError, match="the size of a is not known"):
        read(tmp_path)
    for size in ((20, 10), {"a": (20, 10)}, {"a.jpg": (20, 10)}):
        assert corners(only(read(tmp_path, size=size)).boxes[0]) == pytest.approx((0, 1, 4, 3))
    from PIL import Image

    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    assert only(read(tmp_path)).key == (None, None, "a.png")
    turned = Image.new("RGB", (10, 20))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "a.png", exif=exif)
    assert only(read(tmp_path)).size == (20, 10)


def test_yolo_sizes_by_video(tmp_path: Path) -> None:
    put(tmp_path, {"classes.txt": CAR, "labels/clip_000012.txt": "0 0.1 0.2 0.2 0.2"})
    item = only(read(tmp_path, size={"clip.mp4": (20, 10), "other.mp4": (4, 4)}))
    assert item.size == (20, 10)


def test_one_size_per_video(tmp_path: Path) -> None:
    labels = LabelFile(
        (CAR,),
        tuple(
            LabelledImage("c", f, None, w, 10, (Box(0, 1, 4, 3, CAR),))
            for f, w in ((1, 20), (2, 24))
        ),
    )
    for name in ("mot", "cvat-video"):
        with pytest.raises(InputError, match="one size per video"):
            write(labels, tmp_path / name, format=name)
    write(labels, tmp_path / "coco", format="coco")
