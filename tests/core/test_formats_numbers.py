"""Every cell of the tables in resources/docs/formats.md: what a format's own numbers mean, in
files written by hand in each format's own way and in the files that we write."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats import (
    FORMATS,
    LabelFile,
    LabelledImage,
    read,
    write,
)
from framesift.product.resources import resource

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
coco = samples.coco
cvat = samples.cvat
cvat_box = samples.cvat_box
studio = samples.studio
bdd = samples.bdd
FOREIGN = samples.FOREIGN
CAR = samples.CAR


def test_the_documentation_has_every_format() -> None:
    text = resource("docs", "formats.md").read_text("utf-8")
    tables = [line for line in text.splitlines() if line.startswith("| `")]
    for name, member in FORMATS.items():
        due = 4 if member.capability.tracks else 3
        assert sum(f"`{name}`" in line.split("|")[1] for line in tables) == due
    assert set(FOREIGN) == set(FORMATS)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_first_four_pixels(name: str, tmp_path: Path) -> None:
    """The box over pixels 0–3 × 1–2, as each format spells it."""
    labels = read(put(tmp_path, FOREIGN[name]), size=(20, 10))
    assert labels.format == name
    box = only(labels).boxes[0]
    assert corners(box) == pytest.approx((0, 1, 4, 3), abs=1e-9)
    assert (box.category, box.ignore, box.occluded, box.truncated) == (CAR, False, False, False)


WRITTEN = {
    "coco": r'"bbox": \[0\.0, 1\.0, 4\.0, 2\.0\]',
    "yolo": r"^1 0\.1 0\.2 0\.2 0\.2$",
    "yolo-ultralytics": r"^1 0\.1 0\.2 0\.2 0\.2$",
    "voc": r"<xmin>1</xmin><ymin>2</ymin><xmax>4</xmax><ymax>3</ymax>",
    "cvat-video": r'<box frame="12" .*outside="0".* xtl="0" ytl="1" xbr="4" ybr="3"',
    "cvat-images": r'name="frame_000012".*\n *<box .*xtl="0" ytl="1" xbr="4" ybr="3"',
    "label-studio": r'"x": 0\.0, "y": 10\.0, "width": 20\.0, "height": 20\.0',
    "label-studio-video": r'"frame": 13,\s*"enabled": false,[^}]*"x": 0\.0,\s*"y": 10\.0,',
    "mot": r"^13,-1,0,1,4,2,1,2,1$",
    "kitti": r"^car 0\.00 0 -10 0 1 4 3 ",
    "kitti-tracking": r"^12 -1 car 0\.00 0 -10 0 1 4 3 ",
    "datumaro": r'"bbox": \[0\.0, 1\.0, 4\.0, 2\.0\]',
    "labelme": r'"points": \[\s*\[\s*0\.0,\s*1\.0\s*\],\s*\[\s*4\.0,\s*3\.0\s*\]',
    "via": r'"x": 0\.0,\s*"y": 1\.0,\s*"width": 4\.0,\s*"height": 2\.0',
    "bdd100k": r'"box2d": {"x1": 0\.0, "y1": 1\.0, "x2": 3\.0, "y2": 2\.0}',
    "csv": r"^clip\.mp4,12,clip_000012\.jpg,20,10,,car,0\.0,1\.0,4\.0,3\.0,0,0,0$",
}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_first_four_pixels_written(name: str, tmp_path: Path) -> None:
    labels = LabelFile(
        ("bus", CAR), (LabelledImage("clip.mp4", 12, None, 20, 10, (Box(0, 1, 4, 3, CAR),)),)
    )
    write(labels, tmp_path / "out", format=name)
    text = "\n".join(
        p.read_text("utf-8") for p in sorted((tmp_path / "out").rglob("*")) if p.is_file()
    )
    assert re.search(WRITTEN[name], text, re.MULTILINE), text


# --- frame numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "frame"),
    [
        ({"frame_index": 12}, 12),
        ({"frame_id": 12}, 12),
        ({}, None),
        ({"frame_id": 13, "prev_image_id": 8}, 12),
    ],
)
def test_coco_frames(fields: dict[str, object], frame: int | None, tmp_path: Path) -> None:
    assert only(read(put(tmp_path, {"a.json": coco({}, **fields)}))).frame == frame


def test_coco_videos(tmp_path: Path) -> None:
    text = json.loads(coco({}, video_id=2, frame_index=1))
    text["videos"] = [{"id": 2, "name": "clip.mp4"}]
    item = only(read(put(tmp_path, {"a.json": json.dumps(text)})))
    assert item.key == ("clip.mp4", 1, "a.jpg")


@pytest.mark.parametrize(
    ("name", "frame"), [("cvat-video", 12), ("mot", 12), ("kitti-tracking", 12)]
)
def test_numbered_frames(name: str, frame: int, tmp_path: Path) -> None:
    assert only(read(put(tmp_path, FOREIGN[name]))).frame == frame


def test_frames_by_name_only_of_cvat(tmp_path: Path) -> None:
    body = "".join(
        f'<image id="{i}" name="{n}" width="20" height="10">{cvat_box()}</image>'
        for i, n in enumerate(("frame_000012", "frame_000013.png"))
    )
    items = read(put(tmp_path, {"a.xml": cvat(body, "<source>t.mp4</source>")})).items
    assert [i.key for i in items] == [("t.mp4", 12, None), (None, None, "frame_000013.png")]


def test_bdd_and_label_studio_frames(tmp_path: Path) -> None:
    one = json.loads(bdd())
    one[0] |= {"videoName": "v", "frameIndex": 12, "size": {"width": 20, "height": 10}}
    item = only(read(put(tmp_path, {"b.json": json.dumps(one)}) / "b.json"))
    assert (item.key, item.size) == (("v", 12, "a.jpg"), (20, 10))
    two = json.loads(studio())
    two[0]["data"] |= {"video": "v", "frame": 12}
    item = only(read(put(tmp_path, {"l.json": json.dumps(two)}) / "l.json"))
    assert (item.key, item.size) == (("v", 12, "a.jpg"), (20, 10))


def test_mot_without_labels_counts_pixels_from_one(tmp_path: Path) -> None:
    labels = read(put(tmp_path, {"seq/gt/gt.txt": "13,5,1,2,4,2,1,3,1\n"}))
    assert corners(only(labels).boxes[0]) == (0, 1, 4, 3)
    assert only(labels).key == ("seq", 12, None)
    assert labels.classes == (CAR,)
    assert "pixels from 1" in labels.notes[0]


def test_mot_of_2015_has_one_class(tmp_path: Path) -> None:
    labels = read(put(tmp_path, {"gt/gt.txt": "1,1,1,1,4,2,1,-3.5,7.25,0\n"}))
    assert labels.classes == ("pedestrian",)


# --- classes ---------------------------------------------------------------------------------

KEEPS = {"coco", "datumaro", "yolo", "yolo-ultralytics", "cvat-video", "cvat-images", "mot"}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_classes_without_a_box(name: str, tmp_path: Path) -> None:
    labels = LabelFile(
        ("bus", CAR, "van"), (LabelledImage("c", 1, None, 20, 10, (Box(0, 1, 4, 3, CAR),)),)
    )
    write(labels, tmp_path / "out", format=name)
    found = read(tmp_path / "out", size=(20, 10)).classes
    assert found == (("bus", CAR, "van") if name in KEEPS else (CAR,))
    assert FORMATS[name].capability.class_list == (name in KEEPS)


def test_coco_writes_ids_from_one(tmp_path: Path) -> None:
    labels = LabelFile(
        ("bus", CAR), (LabelledImage("c", 1, None, 20, 10, (Box(0, 1, 4, 3, CAR),)),)
    )
    write(labels, tmp_path / "out", format="coco")
    data = json.loads((tmp_path / "out/annotations/instances_default.json").read_text())
    assert data["categories"] == [{"id": 1, "name": "bus"}, {"id": 2, "name": CAR}]
    assert data["annotations"][0]["category_id"] == 2


@pytest.mark.parametrize("background", ["background", "__background__"])
def test_background_is_no_class(background: str, tmp_path: Path) -> None:
    text = coco({}).replace('"name": "car"', f'"name": "{background}"')
    labels = read(put(tmp_path, {"a.json": text}))
    assert labels.classes == ("bus",)
    assert labels.left_out == {"boxes of the background class": 1}


def test_kitti_takes_no_spaces(tmp_path: Path) -> None:
    labels = LabelFile(
        ("traffic light",),
        (LabelledImage("c", 1, None, 20, 10, (Box(0, 1, 4, 3, "traffic light"),)),),
    )
    written = write(labels, tmp_path / "out", format="kitti")
    assert read(tmp_path / "out").classes == ("traffic_light",)
    assert any("spaces" in reason for reason in written.lost)
    with pytest.raises(InputError, match="spaces"):
        write(LabelFile(("a b", "a_b"), labels.items[:0]), tmp_path / "x", format="kitti")
