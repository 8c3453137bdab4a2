"""Tiles: maps without seams, boxes whole, the plain detector where there is one tile."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from framesift.boxes import Prediction
from framesift.cli import main
from framesift.detectors import DETECTORS, Detector, PaperDetector
from framesift.detectors.files.checkpoint import load_detector, save_checkpoint
from framesift.detectors.maps import ProbabilityMaps, working_size
from framesift.detectors.run_settings import parse_tiles
from framesift.detectors.tiled import Tiled, tiled
from framesift.detectors.tiles import spans, stitched, together
from framesift.errors import InputError
from framesift.loop import current_detector
from framesift.project import Project
from framesift.synth import drive, write_drive


def small(height: int | None = None) -> Detector:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return PaperDetector(settings={"width": 0.125, "working_height": height})


def pictures(height: int, width: int, count: int = 1) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (count, height, width, 3), np.uint8)


@given(
    cells=st.integers(1, 60),
    count=st.integers(1, 5),
    overlap=st.integers(0, 200),
    step=st.sampled_from([8, 64, 128]),
)
def test_spans_cover_all_and_overlap(cells: int, count: int, overlap: int, step: int) -> None:
    found = spans(cells * step, count, overlap, step)
    assert 1 <= len(found) <= count
    assert found[0][0] == 0
    assert found[-1][1] == cells * step
    assert len({end - start for start, end in found}) == 1
    assert all(start % step == 0 for start, _ in found)
    for (low, end), (start, _) in pairwise(found):
        assert start > low
        assert end - start >= overlap


def test_each_cell_comes_from_the_tile_whose_border_is_farther() -> None:
    rows, columns = [(0, 32), (16, 48)], [(0, 48), (16, 64)]
    size = working_size(48, 64, None, 8)
    parts = [
        ProbabilityMaps([torch.full((1, 1, 4, 6), float(n))], size, ["a"]) for n in range(4)
    ]
    (whole,) = stitched(parts, rows, columns, size).logits
    assert whole.shape == (1, 1, 6, 8)
    expected = np.kron([[0, 1], [2, 3]], np.ones((3, 4)))
    assert np.array_equal(whole[0, 0].numpy(), expected)


def test_cells_keep_their_place() -> None:
    size = working_size(64, 96, None, 8)
    whole = torch.arange(8 * 12.0).reshape(1, 1, 8, 12)
    rows, columns = spans(64, 2, 16, 8), spans(96, 3, 24, 8)
    parts = [
        ProbabilityMaps([whole[..., a // 8 : b // 8, c // 8 : d // 8]], size, ["a"])
        for a, b in rows
        for c, d in columns
    ]
    assert len(parts) == 6
    assert torch.equal(stitched(parts, rows, columns, size).logits[0], whole)


@pytest.mark.parametrize("flip", [False, True])
def test_away_from_inner_borders_the_maps_are_the_whole_ones(flip: bool) -> None:
    frames = pictures(96, 620)  # padded at the right
    plain = small()
    split = Tiled(plain, 2, 1, overlap=256)
    (first, second) = split.grid(split.geometry(96, 620))[1]
    assert first[1] < 624
    one = plain.infer(frames, flip=flip).maps.stack()
    other = split.infer(frames, flip=flip).maps.stack()
    assert one.shape == other.shape
    difference = (one - other).abs().amax((0, 1, 2))
    # The middle of the overlap is 128 pixels from the borders: further than most of it sees.
    assert float(difference[: second[0]].max()) < 1e-4
    assert float(difference[first[1] :].max()) < 1e-4
    near = Tiled(plain, 2, 1, overlap=0).infer(frames).maps.stack()
    assert float((plain.infer(frames).maps.stack() - near).abs().max()) > 1e-4


def test_one_tile_is_the_plain_detector() -> None:
    frames = pictures(100, 150, 2)
    plain = small(96)
    one = Tiled(plain, 1, 1)
    for flip in (False, True):
        a = plain.infer(frames, flip=flip, boxes=True, threshold=0.0)
        b = one.infer(frames, flip=flip, boxes=True, threshold=0.0)
        assert torch.equal(a.maps.stack(), b.maps.stack())
        for x, y in zip(a.predictions or (), b.predictions or (), strict=True):
            assert len(x) > 0
            assert np.array_equal(x.boxes, y.boxes)
            assert np.array_equal(x.scores, y.scores)
    assert tiled(plain, "1x1") is plain
    assert tiled(plain, "") is plain


def test_boxes_are_shifted_merged_and_whole() -> None:
    split = Tiled(small(), 2, 1, overlap=64)
    size = split.geometry(64, 192)
    rows, columns = split.grid(size)
    assert columns == [(0, 128), (64, 192)]
    places = [(row, column) for row in rows for column in columns]

    def found(*rows: tuple[float, ...]) -> Prediction:
        table = np.array(rows, np.float32)
        return Prediction(table[:, :4], table[:, 4], np.zeros(len(table), np.int64))

    left = found(
        (100, 10, 128, 50, 0.9),  # cut; the right tile sees it whole
        (70, 5, 90, 45, 0.8),  # both see it
        (110, 52, 128, 64, 0.3),
    )  # cut, and nobody sees it whole
    right = found((36, 10, 90, 50, 0.7), (6, 5, 26, 45, 0.6), (100, 5, 120, 45, 0.5))
    boxes = together([left, right], places, size, split.settings.get("nms_iou", 0.5))
    assert boxes.boxes.tolist() == [
        [70, 5, 90, 45],
        [100, 10, 154, 50],
        [164, 5, 184, 45],
        [110, 52, 128, 64],
    ]
    assert boxes.scores.tolist() == pytest.approx([0.8, 0.7, 0.5, 0.3])


@pytest.mark.usefixtures("shallow_resnets")
@pytest.mark.parametrize(
    "name",
    [
        "paper",
        "fcos_resnet50_fpn",
        "fasterrcnn_mobilenet_v3_large_320_fpn",
        "ssdlite320_mobilenet_v3_large",
    ],
)
def test_every_kind_of_detector_works_on_tiles(name: str) -> None:
    if name != "paper":
        pytest.importorskip("torchvision")
    settings = {"working_height": 128} | ({"width": 0.125} if name == "paper" else {})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        split = Tiled(DETECTORS[name](("pedestrian",), settings), 2, 1, overlap=0)
    wide = 1100 if name.startswith("ssd") else 320
    found = split.infer(pictures(128, wide), flip=True, boxes=True, threshold=0.01)
    maps = found.maps.stack()
    assert maps.shape[2:] == (128, wide)
    assert torch.isfinite(maps).all()
    assert 0 <= float(maps.min()) <= float(maps.max()) <= 1
    assert found.predictions is not None
    boxes = found.predictions[0].boxes
    assert (boxes >= 0).all()
    assert (boxes[:, 2] <= wide).all()
    assert (boxes[:, 3] <= 128).all()
    passes = list(split.dropout_maps(pictures(128, wide), 2, 0.5))
    assert passes[0].shape == found.maps.shape
    if name == "paper":  # deep networks of random weights see nothing
        assert not torch.equal(passes[0].stack(), passes[1].stack())


def test_identity_saving_and_classes(tmp_path: Path) -> None:
    plain = small(96)
    names = {
        one.identity()
        for one in (
            plain,
            Tiled(plain, 2, 1),
            Tiled(plain, 1, 2),
            Tiled(plain, 2, 1, overlap=64),
        )
    }
    assert len(names) == 4
    split = Tiled(plain, 2, 1)
    assert split.plain is plain
    save_checkpoint(tmp_path / "kept.safetensors", split)
    assert load_detector(tmp_path / "kept.safetensors", "cpu").identity() == plain.identity()
    grown = split.with_classes(["rider"])
    assert isinstance(grown, Tiled)
    assert grown.classes == ("rider",)
    assert split.seen_at_once(96, 640)[1] < 640


@pytest.mark.parametrize("text", ["2", "0x2", "2x", "x", "2x2x2", "17x1", "-1x2", "²x2"])
def test_what_is_no_number_of_tiles(text: str) -> None:
    with pytest.raises(InputError, match="write columns and rows"):
        parse_tiles(text)


def test_an_onnx_model_of_a_size_of_its_own_says_so(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    import onnx_models

    fixed = load_detector(
        onnx_models.yolo(tmp_path / "fixed.onnx", objectness=False, size=(640, 640), batch=2),
        "cpu",
    )
    with pytest.raises(InputError, match="use it without --tiles"):
        Tiled(fixed, 2, 1).maps(pictures(96, 320))
    boxes_only = Tiled(
        load_detector(onnx_models.end_to_end(tmp_path / "t.onnx", lists=False), "cpu"), 2, 1
    )
    found = boxes_only.infer(pictures(480, 1280), boxes=True, threshold=0.0)
    assert found.maps.shape == (1, 0, 480, 1280)
    assert found.predictions is not None
    assert len(found.predictions[0]) > 0


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    video, detector = tmp_path / "drive.mp4", tmp_path / "narrow.safetensors"
    for _ in write_drive(drive(seed=3, frames=12, size=(96, 320)), video):
        pass
    save_checkpoint(detector, small(96))
    found = {}
    for tiles in ("1x1", "2x1"):
        out = tmp_path / f"{tiles}.json"
        assert (
            main(
                [
                    "select",
                    str(video),
                    "--detector",
                    str(detector),
                    "--device",
                    "cpu",
                    "--budget",
                    "2",
                    "--every",
                    "3",
                    "--tiles",
                    tiles,
                    "--json",
                    str(out),
                ]
            )
            == 0
        )
        found[tiles] = json.loads(out.read_text())
    assert '"tiles": "2x1"' in json.dumps(found["2x1"])
    assert '"tiles"' not in json.dumps(found["1x1"])
    with pytest.raises(SystemExit, match="2"):
        main(["select", str(video), "--tiles", "many"])
    assert "write columns and rows" in capsys.readouterr().err

    folder = str(tmp_path / "week")
    assert main(["init", folder, "--detector", str(detector)]) == 0
    assert (
        main(
            [
                "score",
                str(video),
                "--project",
                folder,
                "--every",
                "3",
                "--device",
                "cpu",
                "--tiles",
                "2x1",
            ]
        )
        == 0
    )
    with Project.open(folder, readonly=True) as project:
        assert project.settings.tiles == "2x1"
        kept = current_detector(project, device="cpu")
        assert kept.tiles == "2x1"
        assert current_detector(project, device="cpu", tiles="1x1").tiles == "1x1"
    # The kept tiles are those of the scores.
    assert (
        main(
            [
                "select",
                "--project",
                folder,
                "--device",
                "cpu",
                "--budget",
                "2",
                "--json",
                str(tmp_path / "offer.json"),
            ]
        )
        == 0
    )
