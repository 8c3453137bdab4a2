"""Label files that other tools wrote: each imports to the boxes it holds. The counts were made
by reading the files by eye and by a script that knows nothing of our readers."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats import LabelFile, VideoRef, adapt_classes, bind, fit, read, sniff, write

WHOLE = "pictures of which every shape was left out"
CVAT_OTHERS = ("shapes of type polyline", "shapes of type polygon", "shapes of type points")

# path: (format, pictures, boxes, left out)
EXPECTED: dict[str, tuple[str, int, int, dict[str, int]]] = {
    "coco/coco_instances": ("coco", 2, 3, {}),
    "coco/coco_instances/annotations/instances_train.json": ("coco", 1, 1, {}),
    "coco/coco_instances/annotations/instances_val.json": ("coco", 1, 2, {}),
    "cvat/for_images/export_project": (
        "cvat-images",
        3,
        3,
        {**dict.fromkeys(CVAT_OTHERS, 3), WHOLE: 3},
    ),
    "cvat/for_images/export_task/train.xml": (
        "cvat-images",
        1,
        1,
        {**dict.fromkeys(CVAT_OTHERS, 1), WHOLE: 1},
    ),
    "cvat/for_video/annotations.xml": (
        "cvat-video",
        1,
        1,
        {"shapes of type points": 1, "shapes of type polyline": 1},
    ),
    "voc/voc_dataset1": ("voc", 1, 2, {"parts of an object": 1}),
    "mot/mot_seq": ("mot", 1, 1, {}),
    "mot/mot_seq_with_seqinfo": ("mot", 1, 1, {}),
    "kitti/kitti_detection": ("kitti", 2, 5, {}),
    "yolo/strict": ("yolo", 1, 2, {}),
    "labelstudio/test_import_yolo_data": ("yolo", 7, 25, {}),
    "labelstudio/test_export_yolo/data.json": (
        "label-studio",
        2,
        4,
        {"boxes of a task's other annotations": 2},
    ),
    "labelstudio/test_export_yolo/data_obb.json": (
        "label-studio",
        0,
        0,
        {"rotated boxes": 25, WHOLE: 3},
    ),
    "labelstudio/test_export_yolo/data_polygons.json": (
        "label-studio",
        0,
        0,
        {"shapes of type polygonlabels": 1, WHOLE: 1},
    ),
    "bdd100k/example_annotation.json": (
        "bdd100k",
        0,
        0,
        {"labels without a box (poly2d)": 4, WHOLE: 1},
    ),
}
REFUSED = ("label_config.xml", "label_config_obb.xml", "label_config_polygons.xml")


@pytest.mark.parametrize("path", sorted(EXPECTED))
def test_counts(path: str, shared_data: Path) -> None:
    name, pictures, boxes, left_out = EXPECTED[path]
    labels = read(shared_data / "annotations" / path)
    assert (labels.format, len(labels.items), labels.box_count, labels.left_out) == (
        name,
        pictures,
        boxes,
        left_out,
    )


def test_no_file_is_forgotten(shared_data: Path) -> None:
    """Every file of labels in the folder is read by one of the entries above, or refused."""
    root = shared_data / "annotations"
    for file in sorted(root.rglob("*")):
        relative = file.relative_to(root).as_posix()
        if file.is_dir() or file.suffix in {".png", ".jpg", ".jpeg"}:
            continue
        if file.name in REFUSED:
            with pytest.raises(InputError, match="none of the label formats"):
                sniff(file)
            continue
        assert any(relative == e or relative.startswith(f"{e}/") for e in EXPECTED), relative


def boxes_of(labels: LabelFile) -> dict[str | int | None, list[Box]]:
    return {i.image if i.frame is None else i.frame: list(i.boxes) for i in labels.items}


EXACT: dict[str, dict[str | int, list[Box]]] = {
    "coco/coco_instances": {
        "a.jpg": [Box(2, 2, 5, 3, "b")],
        "b.jpg": [Box(0, 0, 1, 2, "a"), Box(0, 0, 1, 9, "b", ignore=True)],
    },
    "cvat/for_images/export_project": {
        f"{part}/img0.jpg": [Box(0, 2, 4, 4, "label1", occluded=True)]
        for part in ("Test", "Train", "Validation")
    },
    "cvat/for_images/export_task/train.xml": {
        "img0.jpg": [Box(0, 2, 4, 4, "label1", occluded=True)]
    },
    "cvat/for_video/annotations.xml": {10: [Box(3, 4, 10, 5, "II", occluded=True)]},
    "voc/voc_dataset1": {
        "2007_000001.jpg": [Box(0, 1, 3, 4, "cat", truncated=True), Box(3, 4, 6, 7, "person")]
    },
    "mot/mot_seq": {0: [Box(0, 4, 4, 12, "label_2")]},
    "mot/mot_seq_with_seqinfo": {0: [Box(0, 4, 4, 12, "label_2")]},
    "kitti/kitti_detection": {
        "000030_10.png": [Box(0, 1, 2, 3, "Truck", truncated=True), Box(0, 5, 1, 8, "Van")],
        "000030_11.png": [
            Box(0, 0, 2, 2, "Van", occluded=True, truncated=True),
            Box(4, 4, 6, 6, "Van"),
            Box(6, 6, 7, 9, "Van", occluded=True),
        ],
    },
}


@pytest.mark.parametrize("path", sorted(EXACT))
def test_exact_boxes(path: str, shared_data: Path) -> None:
    assert boxes_of(read(shared_data / "annotations" / path)) == EXACT[path]


def test_shares_and_per_cent(shared_data: Path) -> None:
    root = shared_data / "annotations"
    first, second = boxes_of(read(root / "yolo/strict"))["1.jpg"]
    # 0.133333 and 0.266667 of 15 pixels, 0.3 and 0.2 of 10.
    assert (first.x1, first.y1, first.x2, first.y2) == pytest.approx((0, 2, 4, 4), abs=1e-4)
    assert (second.x1, second.y1, second.x2, second.y2) == pytest.approx((3, 3, 5, 6), abs=1e-4)
    assert (first.category, second.category) == ("label_2", "label_4")
    labels = read(root / "labelstudio/test_export_yolo/data.json")
    assert labels.items[0].size == (2800, 2800)
    # Of the two annotations of the first task the second was changed last.
    assert labels.items[0].boxes[0].x1 == pytest.approx(28 * 37.88706739526412)
    names = Counter(b.category for i in labels.items for b in i.boxes)
    assert names == {"parasites": 1, "white": 3}
    labels = read(root / "labelstudio/test_import_yolo_data")
    assert labels.items[0].key == (None, None, "img_1.jpg")
    assert labels.items[0].size == (640, 329)
    assert Counter(b.category for i in labels.items for b in i.boxes) == {
        "closed_door": 11,
        "opened_door": 1,
        "bus": 8,
        "number": 5,
    } | count_yolo(root)


def count_yolo(root: Path) -> dict[str, int]:
    """The same count straight from the lines."""
    folder = root / "labelstudio/test_import_yolo_data"
    names = (folder / "classes.txt").read_text().split()
    return Counter(
        names[int(line.split()[0])]
        for file in (folder / "labels").iterdir()
        for line in file.read_text().splitlines()
        if line.strip()
    )


def test_videos_and_sizes(shared_data: Path) -> None:
    root = shared_data / "annotations"
    item = read(root / "cvat/for_video/annotations.xml").items[0]
    assert (item.video, item.frame, item.size) == ("t.mp4", 10, (25, 20))
    item = read(root / "mot/mot_seq_with_seqinfo").items[0]
    assert (item.video, item.size) == ("Test", (16, 16))
    item = read(root / "mot/mot_seq").items[0]
    assert (item.video, item.size) == ("mot_seq", (16, 16))
    assert read(root / "kitti/kitti_detection").items[0].size == (10, 10)


CAMVID = {  # frames, car, pedestrian, bicyclist, ignore regions, frames without a box
    "0006R0_1hz": (101, 402, 146, 14, 5, 4),
    "0016E5a_1hz": (68, 162, 131, 40, 15, 0),
    "0016E5b_1hz": (136, 373, 576, 123, 70, 1),
    "0016E5c_15hz": (101, 160, 204, 198, 6, 0),
}


@pytest.mark.parametrize("clip", sorted(CAMVID))
def test_camvid(clip: str, shared_data: Path) -> None:
    frames, cars, people, riders, ignored, empty = CAMVID[clip]
    path = shared_data / "camvid" / f"{clip}.coco.json"
    labels = read(path)
    assert labels.classes == ("car", "pedestrian", "bicyclist")
    boxes = [b for i in labels.items for b in i.boxes]
    assert Counter(b.category for b in boxes) == {
        "car": cars,
        "pedestrian": people,
        "bicyclist": riders,
    }
    assert sum(b.ignore for b in boxes) == ignored
    assert sum(i.state == "nothing" for i in labels.items) == empty
    raw = json.loads(path.read_text())
    assert Counter(
        (a["image_id"], *a["bbox"], bool(a.get("likely_group"))) for a in raw["annotations"]
    ) == Counter(
        (i.frame, b.x1, b.y1, b.width, b.height, b.ignore)
        for i in labels.items
        for b in i.boxes
    )
    bound = bind(labels, [VideoRef("v", f"{clip}.mp4", frames, (480, 360))])
    assert [key.frame for key in bound.frames] == list(range(frames))
    assert not bound.unbound
    people_only = adapt_classes(labels, ["pedestrian"])
    assert people_only.box_count == people
    pedestrian = next(c["id"] for c in raw["categories"] if c["name"] == "pedestrian")
    images = {a["image_id"] for a in raw["annotations"]}
    others = images - {
        a["image_id"] for a in raw["annotations"] if a["category_id"] == pedestrian
    }
    assert people_only.left_out == {
        **({"pictures of which every box was left out": len(others)} if others else {}),
        "boxes of class “car”": cars,
        "boxes of class “bicyclist”": riders,
    }


@pytest.mark.parametrize("name", ["coco", "cvat-video", "mot", "voc", "yolo", "label-studio"])
def test_camvid_through_other_formats(name: str, shared_data: Path, tmp_path: Path) -> None:
    """The pixels are whole, so that even VOC gives back every box that it can hold."""
    labels = read(shared_data / "camvid/0016E5a_1hz.coco.json")
    written = write(labels, tmp_path / "out", format=name)
    assert written.boxes == 333 - (15 if name == "yolo" else 0)
    assert written.lost["boxes moved to whole pixels"] == 0
    assert fit(labels, read_capability(name), name).lost == written.lost


def read_capability(name: str):  # type: ignore[no-untyped-def]
    from framesift.formats import FORMATS

    return FORMATS[name].capability
