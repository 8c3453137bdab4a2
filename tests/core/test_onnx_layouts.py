"""Foreign models whose outputs look alike and mean something else: read right, or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnx_models
import pytest
from onnx import TensorProto, helper, numpy_helper

from framesift.boxes import iou
from framesift.detectors.files.checkpoint import load_detector
from framesift.detectors.onnx.layouts import cells, decoded, grids
from framesift.detectors.onnx.recognising import recognise
from framesift.errors import InputError

SEEN = (64, 64)
STRIDES = (8, 16, 32)
COUNT = 64 + 16 + 4


def constant(path: Path, value: np.ndarray, **metadata: str) -> Path:
    """A model of 64×64 pictures that always says the same."""
    tensor = numpy_helper.from_array(value.astype(np.float32))
    node = helper.make_node("Constant", [], ["output0"], value=tensor)
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, list(value.shape))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for key, text in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, text
    onnx.save(model, path)
    return path


NAMES = "{0: 'pedestrian', 1: 'car'}"


def test_rt_detr_gives_middles_in_shares(tmp_path: Path) -> None:
    rows = np.zeros((1, 300, 6))
    rows[0, 0] = (0.5, 0.25, 0.25, 0.5, 0.1, 0.9)
    path = constant(tmp_path / "m.onnx", rows, names=NAMES, description="Ultralytics RT-DETR")
    detector = load_detector(path)
    found = detector.infer(np.zeros((1, 64, 64, 3), np.uint8), boxes=True).predictions
    assert found is not None
    np.testing.assert_allclose(found[0].boxes, [[24, 0, 40, 32]])
    assert (found[0].scores.tolist(), found[0].categories.tolist()) == (
        [pytest.approx(0.9)],
        [1],
    )


def test_shares_that_do_not_say_what_they_are(tmp_path: Path) -> None:
    rows = np.zeros((1, 300, 6))
    rows[0, 0] = (0.5, 0.25, 0.75, 0.5, 0.9, 1)
    with pytest.raises(InputError, match="as shares of the picture, and does not say"):
        load_detector(constant(tmp_path / "m.onnx", rows, names=NAMES))


@pytest.mark.parametrize(("task", "more"), [("segment", 32), ("pose", 51)])
def test_end_to_end_with_masks_or_keypoints(task: str, more: int, tmp_path: Path) -> None:
    rows = np.zeros((1, 300, 6 + more))
    rows[0, 0, :6] = (10, 20, 30, 50, 0.9, 1)
    rows[0, 0, 6:] = 500
    path = constant(tmp_path / "m.onnx", rows, names=NAMES, task=task, end2end="True")
    found = (
        load_detector(path).infer(np.zeros((1, 64, 64, 3), np.uint8), boxes=True).predictions
    )
    assert found is not None
    np.testing.assert_allclose(found[0].boxes, [[10, 20, 30, 50]])


def test_yolox_is_decoded_by_its_cells() -> None:
    """x, y in cells from the cell, w, h as logarithms of sizes in cells."""
    grid = cells(grids(SEEN, STRIDES), STRIDES)
    assert grid.shape == (COUNT, 3)
    raw = np.zeros((1, COUNT, 4), np.float32)
    at = 64 + 1 * 4 + 2  # stride 16, row 1, column 2
    raw[0, at] = (0.25, 0.5, np.log(2), np.log(0.5))
    np.testing.assert_allclose(decoded(raw, grid)[0, at], (36, 24, 32, 8), rtol=1e-6)


def yolo_rows(raw: bool, objectness: float) -> np.ndarray:
    rows = np.zeros((1, COUNT, 7), np.float32)
    rows[..., :2] = 0.5
    rows[..., 4] = objectness
    if not raw:
        rows[..., :4] = decoded(rows[..., :4], cells(grids(SEEN, STRIDES), STRIDES))
    return rows


@pytest.mark.parametrize(
    ("raw", "objectness", "name"),
    [(True, 0.01, "yolox"), (False, 0.01, "yolox"), (False, 1.0, "yolov5")],
)
def test_yolox_is_told_from_yolov6(raw: bool, objectness: float, name: str) -> None:
    layout = recognise("m.onnx", {"o": yolo_rows(raw, objectness)}, SEEN, None, {})
    assert (layout.name, layout.bgr_bytes) == (name, name == "yolox")
    found = layout.read({"o": yolo_rows(raw, objectness)}, SEEN)
    np.testing.assert_allclose(found.boxes[0][0], [0, 0, 8, 8], atol=1e-5)


def test_nanodet_is_refused_by_name() -> None:
    count = 64 + 16 + 4 + 1
    rows = np.zeros((1, count, 2 + 32), np.float32)
    for names in (("pedestrian", "car"), None):
        with pytest.raises(InputError, match="is a NanoDet-Plus"):
            recognise("m.onnx", {"o": rows}, SEEN, names, {})


def test_boxes_where_no_picture_is(tmp_path: Path) -> None:
    rows = np.full((1, 300, 6), 90_000.0)
    rows[..., 4:] = 0.5
    with pytest.raises(InputError, match="lie far outside of its picture"):
        load_detector(constant(tmp_path / "m.onnx", rows))


def in_half(path: Path) -> Path:
    """The model with every number of it, its input and its outputs in half precision."""
    model = onnx.load(str(path))
    for each in model.graph.initializer:
        if each.data_type == TensorProto.FLOAT:
            half = numpy_helper.to_array(each).astype(np.float16)
            each.CopyFrom(numpy_helper.from_array(half, each.name))
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = TensorProto.FLOAT16
    for node in model.graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.i == TensorProto.FLOAT:
                attribute.i = TensorProto.FLOAT16
    half_path = path.with_name("half.onnx")
    onnx.save(model, str(half_path))
    return half_path


def test_half_precision_finds_the_same(tmp_path: Path) -> None:
    path = onnx_models.yolo(tmp_path / "whole.onnx", objectness=False, size=(64, 96))
    frames = np.random.default_rng(3).integers(0, 255, (2, 64, 96, 3), np.uint8)
    whole, half = (load_detector(p, "cpu").predict(frames, 0.3) for p in (path, in_half(path)))
    for a, b in zip(whole, half, strict=True):
        assert len(a)
        kept = a.scores > 0.35
        ious = iou(a.boxes[kept], b.boxes)
        assert ious.max(1).min() > 0.9
