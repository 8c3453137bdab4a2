"""Foreign ONNX detectors: layouts, letterbox, names, and the loop around them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx_models
import pytest
import torch
from onnx import TensorProto

from framesift.detectors.files.checkpoint import load_detector
from framesift.detectors.onnx.foreign import GREY, letterbox
from framesift.detectors.onnx.layouts import Yolo
from framesift.errors import InputError
from framesift.project import Project
from framesift.scores import FrameScorer

Command = Callable[..., str]
SEEN = (96, 160)
CELLS = [(12, 20), (6, 10), (3, 5)]


def row_of(level: int, row: int, column: int, anchor: int = 0, anchors: int = 1) -> int:
    before = sum(anchors * h * w for h, w in CELLS[:level])
    height, width = CELLS[level]
    return before + anchor * height * width + row * width + column


def test_yolov8_rows_go_to_their_cells() -> None:
    output = np.zeros((2, 4 + 3 + 32, sum(h * w for h, w in CELLS)), np.float32)
    at = row_of(1, 4, 7)
    output[1, :4, at] = (120, 72, 40, 20)
    output[1, 4:7, at] = (0.1, 0.8, 0.3)
    output[1, 7:, at] = 9.0  # what follows the classes (masks, points) is not theirs
    found = Yolo("o", 3, (8, 16, 32), anchors=1, objectness=False).read({"o": output}, SEEN)
    assert [m.shape for m in found.maps or ()] == [(2, 3, *cells) for cells in CELLS]
    assert found.maps is not None
    maps = [1 / (1 + np.exp(-m)) for m in found.maps]
    np.testing.assert_allclose(maps[1][1, :, 4, 7], [0.1, 0.8, 0.3], atol=1e-6)
    maps[1][1, :, 4, 7] = 0
    assert all(one.max() < 1e-5 for one in maps)
    np.testing.assert_allclose(found.boxes[1][at], [100, 62, 140, 82])
    np.testing.assert_allclose(found.probabilities[1][at], [0.1, 0.8, 0.3])


def test_yolov5_maps_are_the_anchors_maximum_of_objectness_times_class() -> None:
    output = np.zeros((1, 3 * sum(h * w for h, w in CELLS), 5 + 2), np.float32)
    for anchor, (objectness, first, second) in enumerate(
        ((0.5, 0.4, 0.9), (0.9, 0.5, 0.1), (0.1, 1.0, 1.0))
    ):
        output[0, row_of(2, 1, 3, anchor, 3), 4:] = (objectness, first, second)
    found = Yolo("o", 2, (8, 16, 32), anchors=3, objectness=True).read({"o": output}, SEEN)
    assert found.maps is not None
    here = 1 / (1 + np.exp(-found.maps[2][0, :, 1, 3]))
    np.testing.assert_allclose(here, [0.45, 0.45], atol=1e-6)
    with pytest.raises(InputError, match="do not fit its picture"):
        Yolo("o", 2, (8, 16, 32), anchors=3, objectness=True).read({"o": output}, (96, 96))


def test_the_letterbox_is_exact(tmp_path: Path) -> None:
    path = onnx_models.yolo(tmp_path / "m.onnx", objectness=False, size=SEEN)
    detector = load_detector(path, "cpu")
    size = detector.geometry(90, 200)
    assert (size.content, size.padded, size.origin) == ((72, 160), SEEN, (12, 0))
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 255, (90, 200, 3), np.uint8)
    seen = letterbox(frame, size)
    assert seen.shape == (*SEEN, 3)
    assert (seen[:12] == GREY).all()
    assert (seen[84:] == GREY).all()
    # One blue cell: its prediction and its map lie where it lies in the frame.
    frame = np.full((90, 200, 3), 60, np.uint8)
    frame[20:30, 100:110] = (0, 0, 255)
    maps = detector.maps(frame[None])[0]
    plain = detector.maps(np.full((1, 90, 200, 3), 60, np.uint8))[0]
    assert maps.shape[1:] == (72, 160)
    changed = (maps[:2] - plain[:2]).abs().amax(0) > 1e-3
    rows, columns = torch.nonzero(changed, as_tuple=True)
    # In working pixels the cell is [16, 24) × [80, 88); cells of 8 begin at 12 − 8 = 4 …
    assert 4 <= int(rows.min()) <= 16 <= int(rows.max()) <= 40
    assert 72 <= int(columns.min()) <= 80 <= int(columns.max()) <= 96


def test_boxes_come_back_to_native_pixels(tmp_path: Path) -> None:
    path = onnx_models.yolo(tmp_path / "m.onnx", objectness=False, size=SEEN)
    detector = load_detector(path, "cpu")
    frame = np.random.default_rng(2).integers(0, 255, (180, 400, 3), np.uint8)
    inference = detector.infer(frame[None], boxes=True, threshold=0.001)
    assert inference.predictions is not None
    # Cell middles of stride 8, 16, 32 and boxes of 2×4, 2×4 … strides, before clipping.
    size = detector.geometry(180, 400)
    for box in inference.predictions[0].boxes:
        x1, y1, x2, y2 = np.asarray(box) * 0.4 + np.array([0, 12, 0, 12])
        if x1 > 0.1 and x2 < 159.9 and y1 > 12.1 and y2 < 83.9:
            stride = (x2 - x1) / 2
            assert min(abs(stride - s) for s in (8, 16, 32)) < 1e-3
            assert ((x1 + x2) / 2 / stride) % 1 == pytest.approx(0.5, abs=1e-3)
    assert size.scale_x == 0.4


@pytest.mark.parametrize(
    ("size", "batch", "kind"),
    [
        ((96, 160), 2, TensorProto.FLOAT),
        ((None, None), None, TensorProto.FLOAT16),
        ((None, None), 1, TensorProto.UINT8),
    ],
)
def test_fixed_and_any_sizes_batches_and_number_formats(
    tmp_path: Path, size: tuple[int | None, int | None], batch: int | None, kind: int
) -> None:
    plain = load_detector(
        onnx_models.yolo(tmp_path / "a.onnx", objectness=True, size=(96, 160)), "cpu"
    )
    other = load_detector(
        onnx_models.yolo(
            tmp_path / "b.onnx",
            objectness=True,
            size=size,
            batch=batch,
            kind=kind,
            metadata={"imgsz": "[96, 160]"},
        ),
        "cpu",
    )
    frames = np.random.default_rng(1).integers(0, 255, (3, 96, 160, 3), np.uint8)
    difference = (plain.maps(frames) - other.maps(frames)).abs().max()
    assert float(difference) < (5e-2 if kind == TensorProto.FLOAT16 else 1e-5)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("{0: 'person', 1: 'car'}", ("person", "car")),
        ("['a', 'a']", ("a", "a 2")),
        ('["a", "b"]', ("a", "b")),
        ('{"0": "a", "1": "b"}', ("a", "b")),
    ],
)
def test_class_names_of_the_metadata(
    tmp_path: Path, names: str, expected: tuple[str, ...]
) -> None:
    path = onnx_models.yolo(
        tmp_path / "m.onnx", objectness=False, classes=2, metadata={"names": names}
    )
    assert load_detector(path, "cpu").classes == expected
    path.with_suffix(".names").write_text("x\n\ny z\n")
    assert load_detector(path, "cpu").classes == ("x", "y z")


@pytest.mark.parametrize(
    "names",
    [
        "__import__('os').system('touch ran')",
        "{0: 'a', 2: 'b'}",
        "[1, 2]",
        "5",
        "[" * 100_000,
        "{'a': 1}",
        "['a\\nb']",
        "[]",
        "(" * 5000,
        "['" + "a" * 300 + "', 'b']",
    ],
)
def test_class_names_that_are_none(tmp_path: Path, names: str) -> None:
    path = onnx_models.yolo(
        tmp_path / "m.onnx", objectness=False, classes=2, metadata={"names": names}
    )
    with pytest.raises(InputError, match=r"class names in m\.onnx"):
        load_detector(path, "cpu")


def test_without_names_classes_are_numbered(tmp_path: Path) -> None:
    path = onnx_models.yolo(tmp_path / "m.onnx", objectness=True, classes=2)
    assert load_detector(path, "cpu").classes == ("class 0", "class 1")
    assert load_detector(path, "cpu", classes=["class 0", "class 1"])
    with pytest.raises(InputError, match="knows class 0, class 1, not person"):
        load_detector(path, "cpu", classes=["person"])


def test_identity_is_of_content_classes_and_settings(tmp_path: Path) -> None:
    one = onnx_models.yolo(tmp_path / "one.onnx", objectness=False)
    same = tmp_path / "same.onnx"
    same.write_bytes(one.read_bytes())
    other = onnx_models.yolo(tmp_path / "other.onnx", objectness=False, seed=1)
    first = load_detector(one, "cpu").identity()
    assert load_detector(same, "cpu").identity() == first
    assert load_detector(other, "cpu").identity() != first
    same.with_suffix(".names").write_text("a\nb\n")
    assert load_detector(same, "cpu").identity() != first


def test_a_frame_scores_the_same_whatever_is_beside_it(tmp_path: Path) -> None:
    detector = load_detector(onnx_models.yolo(tmp_path / "m.onnx", objectness=True), "cpu")
    frames = np.random.default_rng(3).integers(0, 255, (3, 90, 120, 3), np.uint8)
    scorer = FrameScorer()
    together = scorer.score(detector, frames)
    for frame, expected in zip(frames, together, strict=True):
        (alone,) = scorer.score(detector, frame[None])
        assert alone.score == pytest.approx(expected.score, abs=1e-6)


def test_a_project_works_with_an_onnx_detector(
    command: Command, small_drive: Path, tmp_path: Path
) -> None:
    model = onnx_models.yolo(
        tmp_path / "yolo.onnx", objectness=False, metadata={"imgsz": "160"}
    )
    folder = tmp_path / "project"
    command("init", folder, "--classes", "pedestrian", "--detector", model)
    command("add", folder, small_drive)
    assert "frames scored" in command("score", "--project", folder, "--every", "8")
    said = command("cycle", folder, "--budget", "2", "--every", "8", "--no-report")
    assert "2 frames are taken" in said
    with Project.open(folder, readonly=True) as project:
        series = project.series.all()
        assert len(series) == 1
        assert series[0].recipe["detector"] == load_detector(model, "cpu").identity()
        assert series[0].recipe["score"]["classes"] == ["pedestrian"]


def test_boxes_only_detectors_are_scored_by_their_boxes(
    command: Command, small_drive: Path, tmp_path: Path
) -> None:
    model = onnx_models.end_to_end(tmp_path / "boxes.onnx", lists=True)
    words = ("select", small_drive, "--detector", model, "--every", "8", "--budget", "2")
    sentence = command(*words, status=2)
    assert "gives boxes and no probability maps" in sentence
    assert "box_entropy" in sentence
    command(*words, "--score", "box-margin", "--aggregate", "mean", "--out", tmp_path / "out")
    found = json.loads((tmp_path / "out" / "selection.json").read_text())
    assert len(found["picks"]) == 2
    assert found["settings"]["score"]["method"] == "box_margin"
    assert all(pick["score"] > 0 for pick in found["picks"])
