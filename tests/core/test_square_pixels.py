"""Videos whose pixels are not square: labels of tools that show them as players do."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import PIL.Image
import pytest

from framesift.boxes import Box
from framesift.formats import FORMATS
from framesift.labels import FrameKey, FrameLabels
from framesift.loop import export_labels, import_labels
from framesift.project import Project
from framesift.video import open_video

_spec = importlib.util.spec_from_file_location(
    "labels_project", Path(__file__).with_name("labels_project.py")
)
assert _spec is not None
assert _spec.loader is not None
given = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(given)
WIDTH, HEIGHT, SHOWN = 72, 58, 102
"""64:45 is the pixel of PAL in 16:9: 72×58 are shown as 102×58."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encoded(tmp_path_factory.mktemp("wide") / "wide.mp4")


def encoded(path: Path, aspect: Fraction = Fraction(64, 45)) -> Path:
    """Six frames, the right half white."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[:, WIDTH // 2 :] = 255
    with av.open(str(path), "w") as container:
        made: Any = container.add_stream("mpeg4", rate=10)
        made.width, made.height, made.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        made.codec_context.sample_aspect_ratio = aspect
        for number in range(6):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(made.encode(frame))
        container.mux(made.encode(None))
    return path


def test_a_video_knows_the_shape_of_its_pixels(clip: Path, tmp_path: Path) -> None:
    for _ in range(2):  # The second time it comes from the cache.
        with open_video(clip) as video:
            assert video.pixel_aspect == Fraction(64, 45)
            assert video.square_size == (SHOWN, HEIGHT)
    with open_video(encoded(tmp_path / "square.mp4", Fraction(1))) as video:
        assert video.square_size == (video.width, video.height)


BOXES = (Box(36.0, 10.0, 54.0, 40.0), Box(1.0, 2.0, 20.0, 30.0, "car"))


@pytest.mark.parametrize("name", FORMATS)
def test_square_pixels_there_and_back(clip: Path, tmp_path: Path, name: str) -> None:
    folder = given.make_project(tmp_path / "p", clip)
    key = FrameKey("wide", 3)
    with Project.open(folder) as project:
        project.labels.change({key: FrameLabels.of(BOXES)})
        out = tmp_path / "out"
        list(export_labels(project, out, format=name, pictures=True, square_pixels=True))
        (picture,) = (path for path in out.rglob("*") if path.suffix in (".jpg", ".png"))
        with PIL.Image.open(io.BytesIO(picture.read_bytes())) as seen:
            assert seen.size == (SHOWN, HEIGHT)
            # The white half begins where it is shown to begin.
            row = np.asarray(seen.convert("L"))[HEIGHT // 2]
            assert abs(int(np.argmax(row > 128)) - SHOWN // 2) <= 1
        project.labels.change({key: FrameLabels()})
        list(import_labels(project, out, square_pixels=True))
        back = sorted(project.labels.get(key).boxes, key=lambda box: -box.x1)
        for box, right in zip(back, BOXES, strict=True):
            coarse = 0.75 if name == "voc" else 0.01
            assert box.category == right.category
            assert (box.x1, box.x2) == pytest.approx((right.x1, right.x2), abs=coarse)
            assert (box.y1, box.y2) == pytest.approx((right.y1, right.y2), abs=0.51)


def test_labels_of_a_tool_that_shows_them_square(
    clip: Path, tmp_path: Path, command: Callable[..., str]
) -> None:
    folder = given.make_project(tmp_path / "p", clip)
    shown = tmp_path / "shown.json"
    factor = SHOWN / WIDTH
    text = given.coco(
        ["wide_000003.png"], [{"image_id": 1, "bbox": [36 * factor, 10, 18 * factor, 30]}]
    )
    shown.write_text(
        text.replace('"width": 64, "height": 48', f'"width": {SHOWN}, "height": 58')
    )
    said = command("labels", "import", folder, shown, status=2)
    assert "102×58 is how players show wide.mp4" in said
    assert "--square-pixels" in said
    assert not given.found(folder)
    command("labels", "import", folder, shown, "--square-pixels")
    ((category, *box),) = given.found(folder)["wide", 3]
    assert category == "pedestrian"
    assert box == pytest.approx([36, 10, 54, 40])


def test_a_lost_video_is_named_where_its_pixels_must_be_known(
    tmp_path: Path, command: Callable[..., str]
) -> None:
    path = encoded(tmp_path / "wide.mp4")
    folder = given.make_project(tmp_path / "p", path)
    with Project.open(folder) as project:
        project.labels.change({FrameKey("wide", 3): FrameLabels.of(BOXES)})
    path.unlink()
    out = ("labels", "export", folder, "--format", "coco", "--out", tmp_path / "out")
    assert "Without wide.mp4" in command(*out, "--square-pixels", status=2)
    assert not (tmp_path / "out").exists()
    command(*out)
