"""Tiny labelled footage, written by hand in the formats in which data sets come."""

from __future__ import annotations

import json
import runpy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
from PIL import Image
from scipy.io import savemat

from framesift.boxes import Box

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("media.py"))))
Picture = np.ndarray


@dataclass(frozen=True)
class Sample:
    """What `open_dataset(kind, path, **options)` is to find: the boxes of some frames by clip,
    and whether the clips are stills."""

    kind: str
    path: Any
    boxes: dict[str, dict[int, tuple[Box, ...]]]
    lengths: dict[str, int]
    stills: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    fps: float | None = None


def grey(value: int, size: tuple[int, int] = (64, 48)) -> Picture:
    """A picture (width, height) of one grey; `value` says which picture it is."""
    return np.full((size[1], size[0], 3), value, np.uint8)


def shade(number: int) -> int:
    """The grey of picture `number`, far enough from its neighbours' to survive JPEG."""
    return 20 + 12 * number


def number_of(image: Picture) -> int:
    """The number of a picture that was drawn in its shade."""
    return round((float(image.mean()) - 20) / 12)


def save_pictures(
    folder: Path,
    names: Sequence[str],
    size: tuple[int, int] = (64, 48),
) -> None:
    """Pictures in the shades of their places."""
    for place, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(grey(shade(place), size)).save(path)


def save_video(
    path: Path,
    count: int,
    size: tuple[int, int] = (64, 48),
    rate: int = 10,
) -> None:
    """A video of `count` frames in their shades."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.options = {"crf": "10", "preset": "ultrafast"}
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(grey(shade(number), size), format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def coco(folder: Path) -> Sample:
    save_video(folder / "one.mp4", 6)
    images = [
        {"id": i, "file_name": f"x/{i}.png", "width": 64, "height": 48, "frame_index": i}
        for i in range(5)
    ]
    notes = [
        (0, 1, [4, 8, 10, 20], {}),
        (3, 1, [10, 5, 60, 30], {"likely_group": True}),
        (3, 2, [1, 2, 3, 4], {}),
        (3, 3, [20, 20, 5, 10], {}),
    ]
    data = {
        "categories": [
            {"id": 1, "name": "pedestrian"},
            {"id": 2, "name": "car"},
            {"id": 3, "name": "bicyclist"},
        ],
        "images": images,
        "annotations": [
            {"id": n, "image_id": i, "category_id": c, "bbox": b, **extra}
            for n, (i, c, b, extra) in enumerate(notes)
        ],
    }
    (folder / "one.coco.json").write_text(json.dumps(data), encoding="utf-8")
    return Sample(
        "coco",
        folder,
        {
            "one": {
                0: (Box(4, 8, 14, 28),),
                3: (
                    Box(10, 5, 64, 35, ignore=True, truncated=True),
                    Box(20, 20, 25, 30, ignore=True),
                ),
                4: (),
                5: (),
            }
        },
        {"one": 6},
        fps=10,
    )


def synthetic(folder: Path) -> Sample:
    from framesift import synth

    name = "synthetic-target-busy-{}"
    drives = {
        name.format(seed): synth.drive(seed, "target", 12, (144, 192), "busy")
        for seed in (7, 8)
    }
    return Sample(
        "synthetic",
        "look=target, scenario=busy, seed=7-8, frames=12, size=192x144",
        {
            name: {frame: drive.labels(frame) for frame in range(12)}
            for name, drive in drives.items()
        },
        dict.fromkeys(drives, 12),
        fps=30,
    )


def cell(values: Sequence[Any]) -> np.ndarray:
    """A 1×n cell array, for savemat."""
    array = np.empty((1, len(values)), object)
    for place, value in enumerate(values):
        array[0, place] = value
    return array


def save_vbb(
    path: Path,
    frames: Sequence[Sequence[dict[str, Any]]],
    labels: Sequence[str],
    **changes: Any,
) -> None:
    """A .vbb file: for each frame its objects, as dicts of id, pos and, where hidden, posv."""
    lists = []
    for objects in frames:
        if not objects:
            lists.append(np.zeros((0, 0)))
            continue
        array = np.zeros(
            (1, len(objects)), [(n, object) for n in ("id", "pos", "occl", "lock", "posv")]
        )
        for place, one in enumerate(objects):
            array[0, place] = (
                float(one["id"]),
                np.array([one["pos"]], float),
                float("posv" in one),
                0.0,
                np.array([one.get("posv", [0, 0, 0, 0])], float),
            )
        lists.append(array)
    count = len(labels)
    fields = {
        "nFrame": float(len(frames)),
        "objLists": cell(lists),
        "maxObj": float(count),
        "objInit": np.ones((1, count)),
        "objLbl": cell(labels),
        "objStr": np.ones((1, count)),
        "objEnd": np.full((1, count), len(frames)),
        "objHide": np.zeros((1, count)),
        "altered": 0.0,
        "log": 735_000.5,
        "logLen": 1.0,
        **changes,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, {"A": fields}, appendmat=False, do_compression=True)


def save_seq(path: Path, count: int, **options: Any) -> None:
    """A .seq file of `count` frames in their shades."""
    path.parent.mkdir(parents=True, exist_ok=True)
    media.sequence(
        path, [media.jpeg(grey(shade(n))) for n in range(count)], (64, 48), **options
    )


def caltech(folder: Path) -> Sample:
    save_seq(folder / "set00/V000.seq", 4, gap=16)
    save_seq(folder / "set06/V003.seq", 3)
    save_vbb(
        folder / "annotations/set00/V000.vbb",
        [
            [],
            [{"id": 1, "pos": [1, 1, 4, 10]}],
            [
                {"id": 2, "pos": [11, 6, 20, 30]},
                {"id": 1, "pos": [11.5, 6, 10, 30], "posv": [11.5, 6, 10, 15]},
                {"id": 3, "pos": [-4, 6, 10, 30], "posv": [-4, 6, 10, 25]},
            ],
            [],
        ],
        ["person", "people", "person"],
    )
    save_vbb(
        folder / "annotations/set06/V003.vbb",
        [[{"id": 1, "pos": [30, 20, 8, 20]}], []],
        ["person?"],
    )
    return Sample(
        "caltech",
        folder,
        {
            "set00/V000": {
                0: (),
                1: (Box(0, 0, 4, 10),),
                2: (
                    Box(10, 5, 30, 35, ignore=True),
                    Box(10.5, 5, 20.5, 35, occluded=True),
                    Box(0, 5, 5, 35, truncated=True),
                ),
                3: (),
            },
            "set06/V003": {0: (Box(29, 19, 37, 39, ignore=True),), 1: (), 2: ()},
        },
        {"set00/V000": 4, "set06/V003": 3},
        fps=30,
    )


def save_citypersons(
    path: Path,
    pictures: Sequence[tuple[str, str, Sequence[Sequence[int]]]],
) -> None:
    """An anno_train.mat or anno_val.mat."""
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(
        path,
        {
            f"{path.stem}_aligned": cell(
                [
                    {
                        "cityname": city,
                        "im_name": name,
                        "bbs": np.array(rows, np.uint16).reshape(-1, 10),
                    }
                    for city, name, rows in pictures
                ]
            )
        },
        do_compression=True,
    )


def citypersons(folder: Path) -> Sample:
    names = [
        "aachen_000000_000019_leftImg8bit.png",
        "aachen_000001_000019_leftImg8bit.png",
        "zurich_000000_000019_leftImg8bit.png",
    ]
    for city in ("aachen", "zurich"):
        save_pictures(
            folder / "leftImg8bit/train" / city,
            [name for name in names if name.startswith(city)],
        )
    save_pictures(folder / "leftImg8bit/val/lindau", ["lindau_000000_000019_leftImg8bit.png"])
    save_citypersons(
        folder / "annotations/anno_train.mat",
        [
            (
                "aachen",
                names[0],
                [
                    [1, 4, 5, 8, 20, 24000, 4, 5, 8, 10],
                    [2, 20, 5, 8, 20, 25000, 20, 5, 8, 20],
                    [0, 40, 5, 8, 20, 0, 40, 5, 8, 20],
                ],
            ),
            (
                "zurich",
                names[2],
                [
                    [3, 1, 2, 3, 4, 1, 1, 2, 3, 4],
                    [4, 5, 6, 7, 8, 1, 5, 6, 7, 8],
                    [5, 9, 10, 11, 12, 1, 9, 10, 11, 12],
                    [1, 30, 10, 10, 24, 24000, 30, 10, 10, 20],
                ],
            ),
            ("aachen", names[1], []),
        ],
    )
    save_citypersons(
        folder / "annotations/anno_val.mat",
        [("lindau", "lindau_000000_000019_leftImg8bit.png", [[1, 0, 0, 64, 48] * 2])],
    )
    return Sample(
        "citypersons",
        folder,
        {
            "train/aachen": {
                0: (
                    Box(4, 5, 12, 25, occluded=True),
                    Box(20, 5, 28, 25, ignore=True),
                    Box(40, 5, 48, 25, ignore=True),
                ),
                1: (),
            },
            "train/zurich": {
                0: (
                    Box(1, 2, 4, 6, ignore=True),
                    Box(5, 6, 12, 14, ignore=True),
                    Box(9, 10, 20, 22, ignore=True),
                    Box(30, 10, 40, 34),
                )
            },
            "val/lindau": {0: (Box(0, 0, 64, 48),)},
        },
        {"train/aachen": 2, "train/zurich": 1, "val/lindau": 1},
        stills=True,
    )


def bdd_label(category: str, corners: Sequence[float], **attributes: Any) -> dict[str, Any]:
    return {
        "id": "0",
        "category": category,
        "attributes": attributes,
        "box2d": dict(zip(("x1", "y1", "x2", "y2"), corners, strict=True)),
    }


def bdd100k(folder: Path) -> Sample:
    """The tracking set; `bdd100k_stills` is the detection set."""
    name = "0000f77c-6257be58"
    frames = [
        {"name": f"{name}-{i + 1:07d}.jpg", "videoName": name, "frameIndex": i, "labels": []}
        for i in range(4)
    ]
    frames[1]["labels"] = [
        bdd_label("pedestrian", [4, 5, 11, 24], occluded=True, truncated=False, crowd=False),
        bdd_label("rider", [20, 5, 27, 24]),
        bdd_label("car", [1, 1, 2, 2]),
        bdd_label("pedestrian", [30, 5, 49, 24], crowd=True),
    ]
    frames[2]["labels"] = [bdd_label("other person", [0, 0, 9, 9])]
    path = folder / "labels/box_track_20/train" / f"{name}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(frames[:3]), encoding="utf-8")
    save_pictures(folder / "images/track/train" / name, [f["name"] for f in frames])
    return Sample(
        "bdd100k",
        folder,
        {
            name: {
                0: (),
                1: (
                    Box(4, 5, 12, 25, occluded=True),
                    Box(20, 5, 28, 25, ignore=True),
                    Box(30, 5, 50, 25, ignore=True),
                ),
                2: (Box(0, 0, 10, 10, ignore=True),),
                3: (),
            }
        },
        {name: 4},
        fps=5,
    )


def bdd100k_stills(folder: Path) -> Sample:
    frames = [
        {"name": f"{letter}-1.jpg", "attributes": {"weather": "rainy"}, "labels": labels}
        for letter, labels in (
            ("b", [bdd_label("pedestrian", [4, 5, 11, 24])]),
            ("a", [bdd_label("car", [4, 5, 11, 24])]),
            ("gone", []),
            ("c", None),
        )
    ]
    path = folder / "labels/det_20/det_val.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(frames), encoding="utf-8")
    save_pictures(folder / "images/100k/val", ["b-1.jpg", "a-1.jpg", "c-1.jpg"])
    return Sample(
        "bdd100k", folder, {"val": {0: (Box(4, 5, 12, 25),), 1: ()}}, {"val": 2}, stills=True
    )


def kitti(folder: Path) -> Sample:
    """Picture 2 is missing, as in one of the real sequences; the last frame has no line."""
    rest = "-1 -1 -1 -1000 -1000 -1000 -10"
    lines = [
        f"0 1 Pedestrian 0 0 -10 4 5 12 25 {rest}",
        f"0 -1 DontCare -1 -1 -10 40.5 5 60 25 {rest}",
        f"3 2 Person 0 0 -10 20 5 28 25 {rest}",
        f"3 3 Car 0 0 -10 1 1 9 9 {rest}",
        f"3 1 Pedestrian 1 2 -10 4 5 12 25 {rest}",
        f"2 1 Pedestrian 0 0 -10 4 5 12 25 {rest}",
    ]
    label = folder / "training/label_02/0001.txt"
    label.parent.mkdir(parents=True)
    label.write_text("\n".join(lines) + "\n", encoding="utf-8")
    save_pictures(folder / "training/image_02/0001", [f"{i:06d}.png" for i in (0, 1, 3, 4)])
    return Sample(
        "kitti",
        folder,
        {
            "0001": {
                0: (Box(4, 5, 12, 25, track=1), Box(40.5, 5, 60, 25, ignore=True)),
                1: (),
                2: (
                    Box(20, 5, 28, 25, ignore=True, track=2),
                    Box(4, 5, 12, 25, occluded=True, truncated=True, track=1),
                ),
                3: (),
            }
        },
        {"0001": 4},
        fps=10,
    )


def mot(folder: Path) -> Sample:
    rows = [
        "1,1,5,6,8,20,1,1,1",
        "1,2,21,6,8,20,1,7,1",
        "3,1,5,6,8,20,1,1,0.3",
        "3,3,31,6,8,20,0,1,1",
        "3,4,1,1,9,9,1,3,1",
        "3,5,41,6,8,20,0,12,1",
    ]
    for detector in ("DPM", "SDP"):
        place = folder / f"train/MOT17-02-{detector}"
        (place / "gt").mkdir(parents=True)
        (place / "gt/gt.txt").write_text("\n".join(rows), encoding="utf-8")
        (place / "seqinfo.ini").write_text(
            f"[Sequence]\nname=MOT17-02-{detector}\nimDir=img1\nframeRate=14\nseqLength=4\n"
            "imWidth=64\nimHeight=48\nimExt=.jpg\n",
            encoding="utf-8",
        )
        save_pictures(place / "img1", [f"{i:06d}.jpg" for i in range(1, 5)])
    return Sample(
        "mot",
        folder,
        {
            "MOT17-02-DPM": {
                0: (Box(4, 5, 12, 25, track=1), Box(20, 5, 28, 25, ignore=True, track=2)),
                1: (),
                2: (
                    Box(4, 5, 12, 25, occluded=True, track=1),
                    Box(30, 5, 38, 25, ignore=True, track=3),
                    Box(40, 5, 48, 25, ignore=True, track=5),
                ),
                3: (),
            }
        },
        {"MOT17-02-DPM": 4},
        options={"split": "train"},
        fps=14,
    )


SAMPLES = {
    "caltech": caltech,
    "citypersons": citypersons,
    "bdd100k": bdd100k,
    "kitti": kitti,
    "mot": mot,
    "coco": coco,
    "synthetic": synthetic,
}
