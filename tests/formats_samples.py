"""Small label files in each format's own way, as other tools write them: the box over pixels
0–3 × 1–2 of a picture of 20×10, with whatever mark a test adds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats import LabelFile, LabelledImage, read

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
        annotations.append(
            {"id": 1, "image_id": 9, "category_id": 17, "bbox": [0, 1, 4, 2], **annotation}
        )
    return json.dumps(
        {
            "images": [{"id": 9, "file_name": "a.jpg", "width": 20, "height": 10, **image}],
            "annotations": annotations,
            "categories": [{"id": 17, "name": CAR}, {"id": 3, "name": "bus"}],
        }
    )


def voc(extra: str = "", box: tuple[object, ...] = (1, 2, 4, 3), name: str = CAR) -> str:
    low = "<xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax>".format(*box)
    return (
        "<annotation><filename>a.jpg</filename><size><width>20</width><height>10</height>"
        f"<depth>3</depth></size><object><name>{name}</name>{extra}"
        f"<bndbox>{low}</bndbox></object></annotation>"
    )


def cvat(body: str, meta: str = "") -> str:
    return f"<annotations><version>1.1</version><meta>{meta}</meta>{body}</annotations>"


def cvat_box(extra: str = "", inner: str = "", marks: str = 'occluded="0"') -> str:
    return f'<box label="{CAR}" {marks} xtl="0" ytl="1" xbr="4" ybr="3" {extra}>{inner}</box>'


def studio(marks: list[str] | None = None, **value: object) -> str:
    region = {
        "id": "r",
        "type": "rectanglelabels",
        "original_width": 20,
        "original_height": 10,
        "value": {
            "x": 0,
            "y": 10,
            "width": 20,
            "height": 20,
            "rotation": 0,
            "rectanglelabels": [CAR],
            **value,
        },
    }
    result: list[dict[str, object]] = [region]
    if marks:
        result.append({"id": "r", "type": "choices", "value": {"choices": marks}})
    return json.dumps(
        [{"id": 1, "data": {"image": "a.jpg"}, "annotations": [{"result": result}]}]
    )


def bdd(**label: object) -> str:
    return json.dumps(
        [
            {
                "name": "a.jpg",
                "labels": [
                    {"category": CAR, "box2d": {"x1": 0, "y1": 1, "x2": 3, "y2": 2}, **label}
                ],
            }
        ]
    )


def kitti(kind: str = CAR, truncated: str = "0.00", occluded: str = "0") -> str:
    return f"{kind} {truncated} {occluded} -10 0 1 4 3 -1 -1 -1 -1000 -1000 -1000 -10\n"


def table(row: str) -> str:
    return f"image,category,x1,y1,x2,y2,ignore,occluded,truncated\n{row}\n"


def labelme(**shape: object) -> str:
    rectangle = {"label": CAR, "points": [[4, 3], [0, 1]], "shape_type": "rectangle", **shape}
    return json.dumps(
        {
            "version": "5.5.0",
            "flags": {},
            "shapes": [rectangle],
            "imagePath": "a.jpg",
            "imageData": None,
            "imageHeight": 10,
            "imageWidth": 20,
        }
    )


def datumaro(**annotation: object) -> str:
    box = {"id": 0, "type": "bbox", "attributes": {}, "label_id": 1, "bbox": [0, 1, 4, 2]}
    return json.dumps(
        {
            "info": {},
            "categories": {"label": {"labels": [{"name": "bus"}, {"name": CAR}]}},
            "items": [
                {
                    "id": "a",
                    "annotations": [{**box, **annotation}],
                    "image": {"path": "a.jpg", "size": [10, 20]},
                }
            ],
        }
    )


def via(shape: dict[str, object] | None = None, **attributes: object) -> str:
    rect = {"name": "rect", "x": 0, "y": 1, "width": 4, "height": 2}
    region = {
        "shape_attributes": shape or rect,
        "region_attributes": {"class": CAR, **attributes},
    }
    return json.dumps({"a.jpg123": {"filename": "a.jpg", "size": 123, "regions": [region]}})


def studio_video(*keys: dict[str, object], count: int = 13, **result: object) -> str:
    """A track over pixels 0–3 × 1–2 of a video of 20×10, seen in its 13th frame."""
    box = {"x": 0, "y": 10, "width": 20, "height": 20, "rotation": 0}
    sequence = [{**box, **key} for key in keys or ({"frame": 13, "enabled": False},)]
    region = {
        "id": "r",
        "type": "videorectangle",
        "original_width": 20,
        "original_height": 10,
        "value": {"framesCount": count, "sequence": sequence, "labels": [CAR]},
        **result,
    }
    return json.dumps(
        [{"id": 1, "data": {"video": "clip.mp4"}, "annotations": [{"result": [region]}]}]
    )


FOREIGN: dict[str, dict[str, str]] = {
    "coco": {"in.json": coco({})},
    "yolo": {"classes.txt": f"bus\n{CAR}\n", "a.txt": "1 0.1 0.2 0.2 0.2\n"},
    "yolo-ultralytics": {
        "data.yaml": f"train: images/train\nnames: [bus, {CAR}]\n",
        "labels/train/a.txt": "1 0.1 0.2 0.2 0.2\n",
    },
    "voc": {"Annotations/a.xml": voc()},
    "cvat-video": {
        "a.xml": cvat(
            f'<track id="0" label="{CAR}">'
            f"{cvat_box(marks=chr(32).join(['frame=', 'outside=']))}".replace(
                "frame= outside=", 'frame="12" outside="0" occluded="0" keyframe="1"'
            )
            + "</track>"
        )
    },
    "cvat-images": {
        "a.xml": cvat(f'<image id="0" name="a.jpg" width="20" height="10">{cvat_box()}</image>')
    },
    "label-studio": {"in.json": studio()},
    "label-studio-video": {"in.json": studio_video()},
    "mot": {"gt/gt.txt": "13,5,0,1,4,2,1,2,1\n", "gt/labels.txt": f"bus\n{CAR}\n"},
    "kitti": {"label_2/a.txt": kitti()},
    "kitti-tracking": {"label_02/0001.txt": f"12 5 {kitti()}"},
    "bdd100k": {"in.json": bdd()},
    "labelme": {"a.json": labelme()},
    "datumaro": {"annotations/default.json": datumaro()},
    "via": {"in.json": via()},
    "csv": {"in.csv": table(f"a.jpg,{CAR},0,1,4,3,0,0,0")},
}


def refused(path: Path, *parts: str, **options: object) -> str:
    with pytest.raises(InputError) as error:
        read(path, **options)  # type: ignore[arg-type]
    sentence = str(error.value)
    assert "\n" not in sentence
    assert len(sentence) < 400
    for part in parts:
        assert part in sentence
    return sentence


def coco_text(bbox: str = "[1, 2, 3, 4]", image: str = "", annotation: str = "") -> str:
    return (
        '{"images": [{"id": 1, "file_name": "a.jpg"' + image + '}], "annotations": ['
        '{"id": 1, "image_id": 1, "category_id": 1, "bbox": ' + bbox + annotation + "}], "
        '"categories": [{"id": 1, "name": "car"}]}'
    )


def one(video: str = "clip.mp4", category: str = "pedestrian") -> LabelFile:
    """A small file of frames that every format can take."""
    return LabelFile(
        (category, "car"),
        (
            LabelledImage(
                video,
                3,
                None,
                320,
                240,
                (
                    Box(1, 2, 30, 40, category),
                    Box(50, 60, 70, 90, "car", occluded=True),
                    Box(100, 100, 120, 130, category, ignore=True),
                ),
            ),
            LabelledImage(video, 7, None, 320, 240),
            LabelledImage(
                video, 9, None, 320, 240, (Box(0, 0, 320, 240, "car", truncated=True),)
            ),
        ),
    )
