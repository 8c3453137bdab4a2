"""The tables of marks, states and other shapes in resources/docs/formats.md, cell by cell."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from framesift.boxes import Box
from framesift.formats import (
    ANY_CLASS,
    FORMATS,
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
coco = samples.coco
voc = samples.voc
cvat = samples.cvat
cvat_box = samples.cvat_box
studio = samples.studio
bdd = samples.bdd
kitti = samples.kitti
table = samples.table
CAR = samples.CAR


# --- marks -----------------------------------------------------------------------------------

ATTRIBUTE = '<attribute name="{}">{}</attribute>'
MARKED: list[tuple[str, str, dict[str, str]]] = [
    *(
        ("coco", "ignore", {"a.json": coco({name: 1})})
        for name in ("iscrowd", "ignore", "likely_group", "is_group_of")
    ),
    ("coco", "ignore", {"a.json": coco({"attributes": {"is_crowd": True}})}),
    ("coco", "occluded", {"a.json": coco({"attributes": {"occluded": True}})}),
    ("coco", "truncated", {"a.json": coco({"truncated": True})}),
    *(
        ("voc", field, {"Annotations/a.xml": voc(f"<{tag}>1</{tag}>")})
        for field, tag in (
            ("ignore", "difficult"),
            ("occluded", "occluded"),
            ("truncated", "truncated"),
        )
    ),
    *(
        (
            "cvat-images",
            field,
            {"a.xml": cvat(f'<image id="0" name="a.jpg" width="20" height="10">{box}</image>')},
        )
        for field, box in (
            ("ignore", cvat_box(inner=ATTRIBUTE.format("ignore", "true"))),
            ("ignore", cvat_box(inner=ATTRIBUTE.format("is_crowd", "True"))),
            ("occluded", cvat_box(marks='occluded="1"')),
            ("truncated", cvat_box(inner=ATTRIBUTE.format("truncated", "1"))),
        )
    ),
    *(
        ("label-studio", field, {"a.json": studio([field])})
        for field in ("ignore", "occluded", "truncated")
    ),
    ("mot", "ignore", {"gt/gt.txt": "1,1,0,1,4,2,0,1,1\n", "gt/labels.txt": CAR}),
    ("mot", "occluded", {"gt/gt.txt": "1,1,0,1,4,2,1,1,0.49\n", "gt/labels.txt": CAR}),
    ("mot", "ignore", {"gt/gt.txt": "1,1,1,2,4,2,1,13,1\n"}),
    ("kitti", "ignore", {"label_2/a.txt": kitti("DontCare", "-1", "-1")}),
    ("kitti", "occluded", {"label_2/a.txt": kitti(occluded="1")}),
    ("kitti", "occluded", {"label_2/a.txt": kitti(occluded="2")}),
    ("kitti", "", {"label_2/a.txt": kitti(occluded="3")}),
    ("kitti", "truncated", {"label_2/a.txt": kitti(truncated="0.01")}),
    ("kitti-tracking", "ignore", {"label_02/a.txt": "0 -1 " + kitti("DontCare", "-1", "-1")}),
    ("kitti-tracking", "truncated", {"label_02/a.txt": "0 1 " + kitti(truncated="2")}),
    *(
        ("bdd100k", field, {"a.json": bdd(attributes={name: True})})
        for field, name in (
            ("ignore", "crowd"),
            ("occluded", "occluded"),
            ("truncated", "truncated"),
        )
    ),
    ("csv", "ignore", {"a.csv": table(f"a.jpg,{CAR},0,1,4,3,1,0,0")}),
    ("csv", "occluded", {"a.csv": table(f"a.jpg,{CAR},0,1,4,3,0,yes,0")}),
    ("csv", "truncated", {"a.csv": table(f"a.jpg,{CAR},0,1,4,3,0,,true")}),
]


@pytest.mark.parametrize(("name", "field", "files"), MARKED)
def test_marks(name: str, field: str, files: dict[str, str], tmp_path: Path) -> None:
    box = only(read(put(tmp_path, files), format=name)).boxes[0]
    assert corners(box) == pytest.approx((0, 1, 4, 3))
    assert {f for f in ("ignore", "occluded", "truncated") if getattr(box, f)} == (
        {field} if field else set()
    )


def test_ignore_regions_of_every_class(tmp_path: Path) -> None:
    put(tmp_path, {"label_2/a.txt": kitti("DontCare", "-1", "-1") + kitti()})
    labels = read(tmp_path)
    assert labels.classes == (CAR,)
    assert [b.category for b in only(labels).boxes] == [ANY_CLASS, CAR]
    text = coco({}).replace('"car"', '"Ignore regions"')
    box = only(read(put(tmp_path, {"c.json": text}) / "c.json")).boxes[0]
    assert (box.category, box.ignore) == (ANY_CLASS, True)


# --- nothing there ---------------------------------------------------------------------------

NOTHING: list[tuple[str, dict[str, str]]] = [
    ("coco", {"a.json": coco()}),
    ("yolo", {"classes.txt": CAR, "a.txt": "\n"}),
    (
        "yolo-ultralytics",
        {
            "data.yaml": f"train: images\nnames: [{CAR}]",
            "images/a.jpg": "",
        },
    ),
    ("voc", {"Annotations/a.xml": "<annotation><filename>a.jpg</filename></annotation>"}),
    ("cvat-images", {"a.xml": cvat('<image id="0" name="a.jpg" width="2" height="2"/>')}),
    (
        "label-studio",
        {"a.json": json.dumps([{"data": {"image": "a.jpg"}, "annotations": [{"result": []}]}])},
    ),
    ("kitti", {"label_2/a.txt": ""}),
    ("bdd100k", {"a.json": json.dumps([{"name": "a.jpg", "labels": []}])}),
    ("csv", {"a.csv": table("a.jpg,,,,,,,,")}),
]


@pytest.mark.parametrize(("name", "files"), NOTHING)
def test_nothing_there(name: str, files: dict[str, str], tmp_path: Path) -> None:
    assert only(read(put(tmp_path, files))).state == "nothing"
    assert FORMATS[name].capability.nothing


def test_what_was_not_looked_at_is_not_there(tmp_path: Path) -> None:
    listed = put(
        tmp_path / "y",
        {
            "obj.data": "train = train.txt\nnames = obj.names\n",
            "obj.names": CAR,
            "train.txt": "a.jpg\nb.jpg\n",
            "b.txt": "",
        },
    )
    labels = read(listed)
    assert only(labels).image == "b.jpg"
    assert labels.left_out == {"listed pictures without a label file": 1}
    frames = [{"name": "b.jpg", "labels": None}, {"name": "a.jpg"}]
    labels = read(put(tmp_path / "b", {"a.json": json.dumps(frames)}), format="bdd100k")
    assert (labels.items, labels.left_out.total()) == ((), 2)
    tasks = [
        {"data": {"image": "a"}, "annotations": []},
        {"data": {"image": "b"}, "annotations": [{"result": [], "was_cancelled": True}]},
    ]
    labels = read(put(tmp_path / "l", {"a.json": json.dumps(tasks)}))
    assert (labels.items, labels.left_out.total()) == ((), 2)


def test_cvat_says_that_it_lists_every_picture(tmp_path: Path) -> None:
    text = cvat('<image id="0" name="a.jpg" width="2" height="2"/>')
    assert "finished tasks" in read(put(tmp_path, {"a.xml": text})).notes[0]


# --- sub-pixel, edges, other shapes -----------------------------------------------------------

CLIPPED = {"yolo", "yolo-ultralytics", "voc", "label-studio", "label-studio-video"}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_beyond_the_edge_and_between_pixels(name: str, tmp_path: Path) -> None:
    labels = LabelFile(
        (CAR,),
        (
            LabelledImage(
                "c",
                1,
                None,
                20,
                10,
                (Box(-3.25, 1.5, 4.75, 12.125, CAR), Box(30, 30, 40, 40, CAR)),
            ),
        ),
    )
    written = write(labels, tmp_path / "out", format=name)
    found = [corners(b) for b in only(read(tmp_path / "out", size=(20, 10))).boxes]
    if name == "voc":
        assert found == [(0, 2, 5, 10)]
        assert written.lost["boxes moved to whole pixels"] == 1
    elif name in CLIPPED:
        assert found == [pytest.approx((0, 1.5, 4.75, 10))]
    else:
        assert found == [pytest.approx((-3.25, 1.5, 4.75, 12.125), abs=1e-6), (30, 30, 40, 40)]
    assert (written.lost["boxes outside of the picture"] == 1) == (name in CLIPPED)
    assert FORMATS[name].capability.clipped == (name in CLIPPED)


def test_imported_boxes_stay_as_they_are(tmp_path: Path) -> None:
    put(tmp_path, {"Annotations/a.xml": voc(box=(-1, 2, 44, 3))})
    assert corners(only(read(tmp_path)).boxes[0]) == (-2, 1, 44, 3)


LEFT_OUT: list[tuple[str, str, dict[str, str]]] = [
    ("coco", "annotations without a box", {"a.json": coco({}).replace('"bbox"', '"box"')}),
    ("coco", "rotated boxes", {"a.json": coco({"attributes": {"rotation": 30.5}})}),
    ("coco", "boxes without area", {"a.json": coco({"bbox": [1, 1, 0, 4]})}),
    (
        "yolo",
        "outlines and rotated boxes",
        {"classes.txt": CAR, "a.txt": "0 .1 .1 .2 .1 .2 .2 .1 .2"},
    ),
    ("voc", "objects without an upright box", {"a.xml": voc("<robndbox/>")}),
    (
        "cvat-images",
        "rotated boxes",
        {
            "a.xml": cvat(
                '<image id="0" name="a.jpg" width="20" height="10">'
                + cvat_box('rotation="9"')
                + "</image>"
            )
        },
    ),
    (
        "cvat-images",
        "shapes of type mask",
        {
            "a.xml": cvat(
                '<image id="0" name="a.jpg" width="20" height="10"><mask label="car"/></image>'
            )
        },
    ),
    ("label-studio", "rotated boxes", {"a.json": studio(rotation=12)}),
    ("label-studio", "boxes without a class", {"a.json": studio(rectanglelabels=[])}),
    (
        "label-studio",
        "shapes of type ellipselabels",
        {"a.json": studio().replace('"rectanglelabels", "orig', '"ellipselabels", "orig')},
    ),
    ("bdd100k", "labels without a box (box3d)", {"a.json": bdd(box2d=None, box3d={"x": 1})}),
    ("kitti", "boxes without area", {"label_2/a.txt": kitti().replace("0 1 4 3", "4 1 4 3")}),
]


@pytest.mark.parametrize(("name", "reason", "files"), LEFT_OUT)
def test_what_is_no_box_is_counted(
    name: str, reason: str, files: dict[str, str], tmp_path: Path
) -> None:
    labels = read(put(tmp_path, files), format=name, size=(20, 10))
    assert labels.left_out == {reason: 1, "pictures of which every shape was left out": 1}
    assert labels.items == ()
