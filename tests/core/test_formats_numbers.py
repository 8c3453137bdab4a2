"""Every cell of the tables in resources/docs/formats.md: what a format's own numbers mean, in
files written by hand in each format's own way and in the files that we write."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats import (
    ANY_CLASS,
    FORMATS,
    LabelFile,
    LabelledImage,
    read,
    write,
)
from framesift.resources import resource

CAR = "car"


def put(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def only(labels: LabelFile) -> LabelledImage:
    assert len(labels.items) == 1
    return labels.items[0]


def corners(box: Box) -> tuple[float, float, float, float]:
    return box.x1, box.y1, box.x2, box.y2


def coco(annotation: dict[str, object] | None = None, **image: object) -> str:
    annotations = []
    if annotation is not None:
        annotations.append({"id": 1, "image_id": 9, "category_id": 17, "bbox": [0, 1, 4, 2],
                            **annotation})
    return json.dumps({
        "images": [{"id": 9, "file_name": "a.jpg", "width": 20, "height": 10, **image}],
        "annotations": annotations,
        "categories": [{"id": 17, "name": CAR}, {"id": 3, "name": "bus"}]})


def voc(extra: str = "", box: tuple[object, ...] = (1, 2, 4, 3), name: str = CAR) -> str:
    low = "<xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax>".format(*box)
    return ("<annotation><filename>a.jpg</filename><size><width>20</width><height>10</height>"
            f"<depth>3</depth></size><object><name>{name}</name>{extra}"
            f"<bndbox>{low}</bndbox></object></annotation>")


def cvat(body: str, meta: str = "") -> str:
    return f"<annotations><version>1.1</version><meta>{meta}</meta>{body}</annotations>"


def cvat_box(extra: str = "", inner: str = "", marks: str = 'occluded="0"') -> str:
    return (f'<box label="{CAR}" {marks} xtl="0" ytl="1" xbr="4" ybr="3" {extra}>'
            f"{inner}</box>")


def studio(marks: list[str] | None = None, **value: object) -> str:
    region = {"id": "r", "type": "rectanglelabels", "original_width": 20, "original_height": 10,
              "value": {"x": 0, "y": 10, "width": 20, "height": 20, "rotation": 0,
                        "rectanglelabels": [CAR], **value}}
    result: list[dict[str, object]] = [region]
    if marks:
        result.append({"id": "r", "type": "choices", "value": {"choices": marks}})
    return json.dumps([{"id": 1, "data": {"image": "a.jpg"}, "annotations": [
        {"result": result}]}])


def bdd(**label: object) -> str:
    return json.dumps([{"name": "a.jpg", "labels": [
        {"category": CAR, "box2d": {"x1": 0, "y1": 1, "x2": 3, "y2": 2}, **label}]}])


def kitti(kind: str = CAR, truncated: str = "0.00", occluded: str = "0") -> str:
    return f"{kind} {truncated} {occluded} -10 0 1 4 3 -1 -1 -1 -1000 -1000 -1000 -10\n"


def table(row: str) -> str:
    return f"image,category,x1,y1,x2,y2,ignore,occluded,truncated\n{row}\n"


FOREIGN: dict[str, dict[str, str]] = {
    "coco": {"in.json": coco({})},
    "yolo": {"classes.txt": f"bus\n{CAR}\n", "a.txt": "1 0.1 0.2 0.2 0.2\n"},
    "yolo-ultralytics": {"data.yaml": f"train: images/train\nnames: [bus, {CAR}]\n",
                         "labels/train/a.txt": "1 0.1 0.2 0.2 0.2\n"},
    "voc": {"Annotations/a.xml": voc()},
    "cvat-video": {"a.xml": cvat(f'<track id="0" label="{CAR}">'
                                 f'{cvat_box(marks=chr(32).join(["frame=", "outside="]))}'
                                 .replace("frame= outside=",
                                          'frame="12" outside="0" occluded="0" keyframe="1"')
                                 + "</track>")},
    "cvat-images": {"a.xml": cvat(f'<image id="0" name="a.jpg" width="20" height="10">'
                                  f"{cvat_box()}</image>")},
    "label-studio": {"in.json": studio()},
    "mot": {"gt/gt.txt": "13,5,0,1,4,2,1,2,1\n", "gt/labels.txt": f"bus\n{CAR}\n"},
    "kitti": {"label_2/a.txt": kitti()},
    "kitti-tracking": {"label_02/0001.txt": f"12 5 {kitti()}"},
    "bdd100k": {"in.json": bdd()},
    "csv": {"in.csv": table(f"a.jpg,{CAR},0,1,4,3,0,0,0")},
}


def test_the_documentation_has_every_format() -> None:
    text = resource("docs", "formats.md").read_text("utf-8")
    tables = [line for line in text.splitlines() if line.startswith("| `")]
    for name in FORMATS:
        assert sum(f"`{name}`" in line.split("|")[1] for line in tables) == 3
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
    "mot": r"^13,-1,0,1,4,2,1,2,1$",
    "kitti": r"^car 0\.00 0 -10 0 1 4 3 ",
    "kitti-tracking": r"^12 -1 car 0\.00 0 -10 0 1 4 3 ",
    "bdd100k": r'"box2d": {"x1": 0\.0, "y1": 1\.0, "x2": 3\.0, "y2": 2\.0}',
    "csv": r"^clip\.mp4,12,clip_000012\.jpg,20,10,,car,0\.0,1\.0,4\.0,3\.0,0,0,0$",
}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_first_four_pixels_written(name: str, tmp_path: Path) -> None:
    labels = LabelFile(("bus", CAR), (
        LabelledImage("clip.mp4", 12, None, 20, 10, (Box(0, 1, 4, 3, CAR),)),))
    write(labels, tmp_path / "out", format=name)
    text = "\n".join(p.read_text("utf-8") for p in sorted((tmp_path / "out").rglob("*"))
                     if p.is_file())
    assert re.search(WRITTEN[name], text, re.MULTILINE), text


# --- frame numbers ---------------------------------------------------------------------------

@pytest.mark.parametrize(("fields", "frame"), [
    ({"frame_index": 12}, 12), ({"frame_id": 12}, 12), ({}, None),
    ({"frame_id": 13, "prev_image_id": 8}, 12)])
def test_coco_frames(fields: dict[str, object], frame: int | None, tmp_path: Path) -> None:
    assert only(read(put(tmp_path, {"a.json": coco({}, **fields)}))).frame == frame


def test_coco_videos(tmp_path: Path) -> None:
    text = json.loads(coco({}, video_id=2, frame_index=1))
    text["videos"] = [{"id": 2, "name": "clip.mp4"}]
    item = only(read(put(tmp_path, {"a.json": json.dumps(text)})))
    assert item.key == ("clip.mp4", 1, "a.jpg")


@pytest.mark.parametrize(("name", "frame"), [("cvat-video", 12), ("mot", 12),
                                             ("kitti-tracking", 12)])
def test_numbered_frames(name: str, frame: int, tmp_path: Path) -> None:
    assert only(read(put(tmp_path, FOREIGN[name]))).frame == frame


def test_frames_by_name_only_of_cvat(tmp_path: Path) -> None:
    body = "".join(f'<image id="{i}" name="{n}" width="20" height="10">{cvat_box()}</image>'
                   for i, n in enumerate(("frame_000012", "frame_000013.png")))
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

KEEPS = {"coco", "yolo", "yolo-ultralytics", "cvat-video", "cvat-images", "mot"}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_classes_without_a_box(name: str, tmp_path: Path) -> None:
    labels = LabelFile(("bus", CAR, "van"), (
        LabelledImage("c", 1, None, 20, 10, (Box(0, 1, 4, 3, CAR),)),))
    write(labels, tmp_path / "out", format=name)
    found = read(tmp_path / "out", size=(20, 10)).classes
    assert found == (("bus", CAR, "van") if name in KEEPS else (CAR,))
    assert FORMATS[name].capability.class_list == (name in KEEPS)


def test_coco_writes_ids_from_one(tmp_path: Path) -> None:
    labels = LabelFile(("bus", CAR), (
        LabelledImage("c", 1, None, 20, 10, (Box(0, 1, 4, 3, CAR),)),))
    write(labels, tmp_path / "out", format="coco")
    data = json.loads((tmp_path / "out/annotations.json").read_text())
    assert data["categories"] == [{"id": 1, "name": "bus"}, {"id": 2, "name": CAR}]
    assert data["annotations"][0]["category_id"] == 2


@pytest.mark.parametrize("background", ["background", "__background__"])
def test_background_is_no_class(background: str, tmp_path: Path) -> None:
    text = coco({}).replace('"name": "car"', f'"name": "{background}"')
    labels = read(put(tmp_path, {"a.json": text}))
    assert labels.classes == ("bus",)
    assert labels.left_out == {"boxes of the background class": 1}


def test_kitti_takes_no_spaces(tmp_path: Path) -> None:
    labels = LabelFile(("traffic light",), (
        LabelledImage("c", 1, None, 20, 10, (Box(0, 1, 4, 3, "traffic light"),)),))
    written = write(labels, tmp_path / "out", format="kitti")
    assert read(tmp_path / "out").classes == ("traffic_light",)
    assert any("spaces" in reason for reason in written.lost)
    with pytest.raises(InputError, match="spaces"):
        write(LabelFile(("a b", "a_b"), labels.items[:0]), tmp_path / "x", format="kitti")


# --- marks -----------------------------------------------------------------------------------

ATTRIBUTE = '<attribute name="{}">{}</attribute>'
MARKED: list[tuple[str, str, dict[str, str]]] = [
    *(("coco", "ignore", {"a.json": coco({name: 1})})
      for name in ("iscrowd", "ignore", "likely_group", "is_group_of")),
    ("coco", "ignore", {"a.json": coco({"attributes": {"is_crowd": True}})}),
    ("coco", "occluded", {"a.json": coco({"attributes": {"occluded": True}})}),
    ("coco", "truncated", {"a.json": coco({"truncated": True})}),
    *(("voc", field, {"Annotations/a.xml": voc(f"<{tag}>1</{tag}>")}) for field, tag in (
        ("ignore", "difficult"), ("occluded", "occluded"), ("truncated", "truncated"))),
    *(("cvat-images", field, {"a.xml": cvat(
        f'<image id="0" name="a.jpg" width="20" height="10">{box}</image>')})
      for field, box in (("ignore", cvat_box(inner=ATTRIBUTE.format("ignore", "true"))),
                         ("ignore", cvat_box(inner=ATTRIBUTE.format("is_crowd", "True"))),
                         ("occluded", cvat_box(marks='occluded="1"')),
                         ("truncated", cvat_box(inner=ATTRIBUTE.format("truncated", "1"))))),
    *(("label-studio", field, {"a.json": studio([field])})
      for field in ("ignore", "occluded", "truncated")),
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
    *(("bdd100k", field, {"a.json": bdd(attributes={name: True})}) for field, name in (
        ("ignore", "crowd"), ("occluded", "occluded"), ("truncated", "truncated"))),
    ("csv", "ignore", {"a.csv": table(f"a.jpg,{CAR},0,1,4,3,1,0,0")}),
    ("csv", "occluded", {"a.csv": table(f"a.jpg,{CAR},0,1,4,3,0,yes,0")}),
    ("csv", "truncated", {"a.csv": table(f"a.jpg,{CAR},0,1,4,3,0,,true")}),
]


@pytest.mark.parametrize(("name", "field", "files"), MARKED)
def test_marks(name: str, field: str, files: dict[str, str], tmp_path: Path) -> None:
    box = only(read(put(tmp_path, files), format=name)).boxes[0]
    assert corners(box) == pytest.approx((0, 1, 4, 3))
    assert {f for f in ("ignore", "occluded", "truncated") if getattr(box, f)} == (
        {field} if field else set())


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
    ("yolo-ultralytics", {"data.yaml": f"train: images\nnames: [{CAR}]", "images/a.jpg": "",
                          }),
    ("voc", {"Annotations/a.xml": "<annotation><filename>a.jpg</filename></annotation>"}),
    ("cvat-images", {"a.xml": cvat('<image id="0" name="a.jpg" width="2" height="2"/>')}),
    ("label-studio", {"a.json": json.dumps([{"data": {"image": "a.jpg"}, "annotations": [
        {"result": []}]}])}),
    ("kitti", {"label_2/a.txt": ""}),
    ("bdd100k", {"a.json": json.dumps([{"name": "a.jpg", "labels": []}])}),
    ("csv", {"a.csv": table("a.jpg,,,,,,,,")}),
]


@pytest.mark.parametrize(("name", "files"), NOTHING)
def test_nothing_there(name: str, files: dict[str, str], tmp_path: Path) -> None:
    assert only(read(put(tmp_path, files))).state == "nothing"
    assert FORMATS[name].capability.nothing


def test_what_was_not_looked_at_is_not_there(tmp_path: Path) -> None:
    listed = put(tmp_path / "y", {"obj.data": "train = train.txt\nnames = obj.names\n",
                                  "obj.names": CAR, "train.txt": "a.jpg\nb.jpg\n", "b.txt": ""})
    labels = read(listed)
    assert only(labels).image == "b.jpg"
    assert labels.left_out == {"listed pictures without a label file": 1}
    frames = [{"name": "b.jpg", "labels": None}, {"name": "a.jpg"}]
    labels = read(put(tmp_path / "b", {"a.json": json.dumps(frames)}), format="bdd100k")
    assert (labels.items, labels.left_out.total()) == ((), 2)
    tasks = [{"data": {"image": "a"}, "annotations": []},
             {"data": {"image": "b"}, "annotations": [{"result": [], "was_cancelled": True}]}]
    labels = read(put(tmp_path / "l", {"a.json": json.dumps(tasks)}))
    assert (labels.items, labels.left_out.total()) == ((), 2)


def test_cvat_says_that_it_lists_every_picture(tmp_path: Path) -> None:
    text = cvat('<image id="0" name="a.jpg" width="2" height="2"/>')
    assert "finished tasks" in read(put(tmp_path, {"a.xml": text})).notes[0]


# --- sub-pixel, edges, other shapes -----------------------------------------------------------

CLIPPED = {"yolo", "yolo-ultralytics", "voc", "label-studio"}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_beyond_the_edge_and_between_pixels(name: str, tmp_path: Path) -> None:
    labels = LabelFile((CAR,), (LabelledImage("c", 1, None, 20, 10, (
        Box(-3.25, 1.5, 4.75, 12.125, CAR), Box(30, 30, 40, 40, CAR))),))
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
    put(tmp_path, {"Annotations/a.xml": voc(box=(-1.5, 2, 44.25, 3))})
    assert corners(only(read(tmp_path)).boxes[0]) == (-2.5, 1, 44.25, 3)


LEFT_OUT: list[tuple[str, str, dict[str, str]]] = [
    ("coco", "annotations without a box", {"a.json": coco({}).replace('"bbox"', '"box"')}),
    ("coco", "rotated boxes", {"a.json": coco({"attributes": {"rotation": 30.5}})}),
    ("coco", "boxes without area", {"a.json": coco({"bbox": [1, 1, 0, 4]})}),
    ("yolo", "outlines and rotated boxes",
     {"classes.txt": CAR, "a.txt": "0 .1 .1 .2 .1 .2 .2 .1 .2"}),
    ("voc", "objects without an upright box", {"a.xml": voc("<robndbox/>")}),
    ("cvat-images", "rotated boxes", {"a.xml": cvat(
        '<image id="0" name="a.jpg" width="20" height="10">' + cvat_box('rotation="9"')
        + "</image>")}),
    ("cvat-images", "shapes of type mask", {"a.xml": cvat(
        '<image id="0" name="a.jpg" width="20" height="10"><mask label="car"/></image>')}),
    ("label-studio", "rotated boxes", {"a.json": studio(rotation=12)}),
    ("label-studio", "boxes without a class", {"a.json": studio(rectanglelabels=[])}),
    ("label-studio", "shapes of type ellipselabels",
     {"a.json": studio().replace('"rectanglelabels", "orig', '"ellipselabels", "orig')}),
    ("bdd100k", "labels without a box (box3d)", {"a.json": bdd(box2d=None, box3d={"x": 1})}),
    ("kitti", "boxes without area", {"label_2/a.txt": kitti().replace("0 1 4 3", "4 1 4 3")}),
]


@pytest.mark.parametrize(("name", "reason", "files"), LEFT_OUT)
def test_what_is_no_box_is_counted(name: str, reason: str, files: dict[str, str],
                                   tmp_path: Path) -> None:
    labels = read(put(tmp_path, files), format=name, size=(20, 10))
    assert labels.left_out == {reason: 1, "pictures of which every shape was left out": 1}
    assert labels.items == ()


# --- CVAT tracks -----------------------------------------------------------------------------

def track(*shapes: tuple[int, int, float], head: str = "") -> str:
    boxes = "".join(f'<box frame="{f}" outside="{o}" occluded="0" keyframe="1" xtl="{x}" '
                    f'ytl="0" xbr="{x + 4}" ybr="8"/>' for f, o, x in shapes)
    return cvat(f'<track id="0" label="{CAR}">{boxes}</track>', f"<task>{head}</task>")


def found(text: str, folder: Path) -> dict[int | None, float]:
    return {i.frame: i.boxes[0].x1 for i in read(put(folder, {"a.xml": text})).items}


def test_cvat_interpolates_between_keyframes(tmp_path: Path) -> None:
    assert found(track((2, 0, 0), (6, 0, 8), (7, 1, 9)), tmp_path) == {
        2: 0, 3: 2, 4: 4, 5: 6, 6: 8}


def test_cvat_outside_ends_a_box_and_a_later_shape_brings_it_back(tmp_path: Path) -> None:
    assert found(track((0, 0, 0), (2, 1, 2), (5, 0, 5), (6, 1, 5)), tmp_path) == {
        0: 0, 1: 1, 5: 5}


def test_cvat_frame_step_and_end_of_the_task(tmp_path: Path) -> None:
    head = "<start_frame>10</start_frame><stop_frame>22</stop_frame>"
    step = head + "<frame_filter>step=3</frame_filter>"
    assert set(found(track((10, 0, 0), (16, 0, 6), head=step), tmp_path)) == {
        10, 13, 16, 19, 22}
    assert set(found(track((20, 0, 0), head=head), tmp_path)) == {20, 21, 22}
    assert set(found(track((20, 0, 0)), tmp_path)) == {20}


def test_cvat_keyframes_cannot_fill_the_memory(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="keyframes stand for more than"):
        found(track((0, 0, 0), (900_000_000, 0, 6)), tmp_path)


def test_cvat_export_ends_every_box(tmp_path: Path) -> None:
    """Without a shape "outside" CVAT would keep the box; beyond the last frame it refuses."""
    labels = LabelFile((CAR,), tuple(
        LabelledImage("c.mp4", f, None, 20, 10, (Box(0, 1, 4, 3, CAR),)) for f in (3, 9)))
    write(labels, tmp_path / "out", format="cvat-video", frames={"c.mp4": 10})
    text = (tmp_path / "out/c.xml").read_text()
    assert re.findall(r'frame="(\d+)" keyframe="1" outside="(\d)"', text) == [
        ("3", "0"), ("4", "1"), ("9", "0")]
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
    labels = LabelFile((CAR,), tuple(
        LabelledImage("c", f, None, w, 10, (Box(0, 1, 4, 3, CAR),))
        for f, w in ((1, 20), (2, 24))))
    for name in ("mot", "cvat-video"):
        with pytest.raises(InputError, match="one size per video"):
            write(labels, tmp_path / name, format=name)
    write(labels, tmp_path / "coco", format="coco")
