"""Sound files as others make them, to be mutated: videos, labels, ONNX detectors; and mutations
of their structure by hand."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Change = Callable[[Path], None]
FRAMES = 12
NAMES = {
    "video": "clip.mp4",
    "transport-stream": "clip.ts",
    "coco": "labels.json",
    "cvat": "labels.xml",
    "label-studio": "tasks.json",
    "labels-csv": "labels.csv",
    "mot": "gt/gt.txt",
    "onnx": "detector.onnx",
}


def _video(path: Path) -> None:
    from fractions import Fraction

    import av
    import numpy as np

    chance = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(FRAMES):
            pixels = chance.integers(0, 255, (48, 64, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


def _labels(format_: str, file: str) -> Change:
    def make(path: Path) -> None:
        import tempfile

        from framesift.boxes import Box
        from framesift.formats import LabelFile, LabelledImage, write

        items = tuple(
            LabelledImage(
                "clip.mp4",
                frame,
                None,
                64,
                48,
                (
                    Box(1 + frame, 2, 30, 40, "pedestrian", track=3),
                    Box(5, 6, 50, 20.5, "car", occluded=True),
                ),
            )
            for frame in range(FRAMES)
        )
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            write(LabelFile(("pedestrian", "car"), items), out, format=format_)
            path.write_bytes((out / file).read_bytes())

    return make


def _onnx(path: Path) -> None:
    from tests.helpers import onnx_models

    onnx_models.yolo(path, objectness=False, size=(64, 64))


MAKE: Mapping[str, Change] = {
    "video": _video,
    "transport-stream": _video,
    "coco": _labels("coco", "annotations/instances_default.json"),
    "cvat": _labels("cvat-video", "clip.xml"),
    "label-studio": _labels("label-studio-video", "tasks.json"),
    "labels-csv": _labels("csv", "labels.csv"),
    "mot": _labels("mot", "clip/gt/gt.txt"),
    "onnx": _onnx,
}


def _text(text: str) -> Change:
    return lambda path: path.write_text(text, encoding="utf-8") and None


def _pattern(old: str, new: str) -> Change:
    def change(path: Path) -> None:
        text, count = re.subn(old, new, path.read_text("utf-8"))
        assert count
        path.write_text(text, encoding="utf-8")

    return change


def _json(change_: Callable[[Any], None]) -> Change:
    def change(path: Path) -> None:
        document = json.loads(path.read_text("utf-8"))
        change_(document)
        path.write_text(json.dumps(document), encoding="utf-8")

    return change


def _many_samples(path: Path) -> None:
    """The table of sizes promises two thousand million frames of one size."""
    data = bytearray(path.read_bytes())
    at = data.index(b"stsz")
    data[at + 8 : at + 16] = struct.pack(">II", 1, 2_000_000_000)
    path.write_bytes(bytes(data))


def _animation(path: Path) -> None:
    """An animation of 200 pictures on a screen of 8000×8000, in 20 kB."""
    import io

    import PIL.Image

    buffer = io.BytesIO()
    PIL.Image.new("P", (8, 8), 3).save(buffer, "GIF")
    data = bytearray(buffer.getvalue())
    data[6:10] = struct.pack("<HH", 8000, 8000)
    table = 3 * (2 << (data[10] & 7)) if data[10] & 0x80 else 0
    path.write_bytes(data[: 13 + table] + data[13 + table : -1] * 200 + b"\x3b")


def _category_twice(document: Any) -> None:
    document["categories"][1]["id"] = document["categories"][0]["id"]


def _image_twice(document: Any) -> None:
    for image in document["images"]:
        image["id"] = 1


def _graph(change_: Callable[[Any], None]) -> Change:
    def change(path: Path) -> None:
        import onnx

        model = onnx.load(str(path))
        change_(model)
        path.write_bytes(model.SerializeToString())

    return change


def _custom(model: Any) -> None:
    model.graph.node[0].domain = "evil.ops"


def _outside(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = 1
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../../etc/passwd"


def _large(model: Any) -> None:
    from numpy import array, int64
    from onnx import helper, numpy_helper

    model.graph.initializer.append(
        numpy_helper.from_array(array([100_000, 100_000], int64), "large")
    )
    out = model.graph.output[0].name
    for node in model.graph.node:
        node.output[:] = ["unused" if name == out else name for name in node.output]
    model.graph.node.append(helper.make_node("ConstantOfShape", ["large"], [out]))


STRUCTURAL: Mapping[str, Mapping[str, Change]] = {
    "video": {
        "empty": lambda path: path.write_bytes(b"") and None,
        "many frames": _many_samples,
        "a huge animation": _animation,
        "text": _text("not a video"),
    },
    "transport-stream": {"no packets": _text("G" * 40), "empty": _text("")},
    "coco": {
        "deep": _text('{"images": ' + "[" * 100_000),
        "a class twice": _json(_category_twice),
        "an image twice": _json(_image_twice),
        "endless numbers": _pattern(r'"bbox": \[[^]]*\]', '"bbox": [1e999, 0, 1, 1]'),
    },
    "cvat": {
        "entities": _text(
            '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
            "<annotations><track id='0' label='&b;'/></annotations>"
        ),
        "five million frames": _pattern(r'frame="\d+"', 'frame="999999999999"'),
        "backwards": _pattern(r'xbr="[\d.]+"', 'xbr="-50"'),
    },
    "label-studio": {
        "deep": _text('[{"data": ' + "[" * 100_000),
        "keyframes before 1": _pattern(r'"frame": \d+', '"frame": 0'),
        "no class": _pattern(r'"labels": \[[^]]*\]', '"labels": []'),
    },
    "labels-csv": {
        "no columns": _text("a,b\n1,2\n"),
        "words": _pattern(r"(?m)^clip\.mp4,\d+", "clip.mp4,many"),
    },
    "mot": {"words": _text("a,b,c,d,e,f\n"), "frame 0": _pattern(r"(?m)^\d+,", "0,")},
    "onnx": {
        "operations of its own": _graph(_custom),
        "weights from outside": _graph(_outside),
        "gigabytes": _graph(_large),
        "text": _text("not a model"),
    },
}
"""Each of these must be refused."""
