"""Whether the pixel score is meaningful for a detector: maps made of arithmetic, and the
command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import onnx_models
import pytest
import torch
from PIL import Image

from framesift.boxes import Prediction
from framesift.detectors.maps import ProbabilityMaps, working_size
from framesift.records import Progress
from framesift.report.mapcheck import MapCheck, check_maps

Command = Callable[..., str]
HEIGHT, WIDTH = 160, 240


def frame(x: int = 100, y: int = 60) -> np.ndarray:
    """A soft red blob on noise."""
    noise = np.random.default_rng(0).integers(0, 40, (HEIGHT, WIDTH, 3), np.uint8)
    cv2.ellipse(noise, (x, y), (14, 30), 0, 0, 360, (230, 60, 60), -1)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 4), np.uint8)


class Arithmetic:
    """A detector whose map follows the red channel, by one of several ways."""

    name, classes, has_maps, multiple = "arithmetic", ("thing",), True, 8

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def geometry(self, height: int, width: int) -> Any:
        return working_size(height, width, None, 8)

    def infer(self, frames: np.ndarray, *, boxes: bool = False, threshold: float = 0.05) -> Any:
        size = self.geometry(*frames.shape[1:3])
        red = torch.from_numpy(frames[..., 0].astype(np.float32))[:, None]
        cells = torch.nn.functional.avg_pool2d(red, 8)
        logits = {
            "good": (cells - 90) / 12,
            "constant": 0 * cells - 3,
            "stuck": (cells - 90).sign() * 12,
            "inverted": (20 - cells) / 12,
            "still": (cells * 0 + torch.linspace(-4, 4, cells.shape[-1])),
            "none": cells,
        }[self.kind]
        maps = (
            ProbabilityMaps.of(torch.zeros(len(frames), 0, *size.content), ())
            if self.kind == "none"
            else ProbabilityMaps([logits], size, self.classes)
        )
        found = Prediction(
            np.array([[86, 30, 114, 90]], np.float32),
            np.array([0.8], np.float32),
            np.array([0]),
        )
        empty = frames[..., 0].max() < 90
        return SimpleNamespace(
            maps=maps, predictions=tuple(Prediction.empty() if empty else found for _ in frames)
        )


def verdict(kind: str, *frames: np.ndarray) -> MapCheck:
    detector: Any = Arithmetic(kind)
    *progress, found = check_maps(detector, frames or (frame(),))
    assert all(isinstance(one, Progress) for one in progress)
    assert isinstance(found, MapCheck)
    return found


def test_good_maps_are_meaningful() -> None:
    found = verdict("good", frame(), frame())
    assert found.meaningful
    assert found.method == "entropy"
    assert found.still is not None
    assert found.still < 0.1
    assert found.agreement is not None
    assert found.agreement > 0.95
    assert found.boxes == 2
    assert "is meaningful for arithmetic" in found.sentence()
    assert found.sentence().count(".") >= 1
    assert "\n" not in found.sentence()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("none", "boxes only"),
        ("constant", "constant"),
        ("stuck", "stuck at 0 and 1"),
        ("inverted", "not higher inside its boxes"),
        ("still", "do not move"),
    ],
)
def test_maps_that_mean_nothing(kind: str, reason: str) -> None:
    found = verdict(kind)
    assert not found.meaningful
    assert found.method == "box-entropy"
    assert reason in found.sentence()
    assert "not meaningful" in found.sentence()


def test_without_boxes_the_rest_decides() -> None:
    dark = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    found = verdict("none", dark)
    assert "finds no box in these" in found.sentence()
    found = verdict("good", (frame() * 0.35).astype(np.uint8))
    assert found.agreement is None
    assert not found.boxes


def test_the_command_draws_and_says(
    command: Command, small_drive: Path, tmp_path: Path
) -> None:
    model = onnx_models.yolo(
        tmp_path / "yolo.onnx", objectness=False, metadata={"imgsz": "160"}
    )
    said = command(
        "check-detector", model, small_drive, "--frames", 2, "--out", tmp_path / "check"
    )
    assert "meaningful for yolo" in said
    about = json.loads((tmp_path / "check" / "check.json").read_text())
    assert about["verdict"] in said
    assert about["frames"] == 2
    for number in (1, 2):
        with Image.open(tmp_path / "check" / f"maps-{number}.png") as picture:
            assert picture.width > 800
            assert np.asarray(picture.convert("L")).std() > 20
    boxes = onnx_models.end_to_end(tmp_path / "boxes.onnx", lists=False)
    Image.fromarray(frame()).save(tmp_path / "one.png")
    answer = json.loads(
        command(
            "check-detector", boxes, tmp_path / "one.png", "--json", "--out", tmp_path / "one"
        )
    )
    assert (answer["meaningful"], answer["score"], answer["maps"]) == (False, "box-entropy", 0)
    assert (tmp_path / "one" / "maps-1.png").exists()
    (tmp_path / "bad.png").write_bytes(b"no picture")
    assert "cannot be read" in command("check-detector", boxes, tmp_path / "bad.png", status=2)
    assert command("check-detector", boxes, tmp_path / "none.png", status=2)
