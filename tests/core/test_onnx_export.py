"""Detectors that leave as ONNX files, and score as they did."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from framesift.detectors import why_unavailable
from framesift.detectors.files.checkpoint import load_detector
from framesift.detectors.onnx.export import export_onnx
from framesift.errors import EnvironmentProblem
from framesift.scores import FrameScorer
from framesift.video import open_video

Command = Callable[..., str]
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def frames(small_drive: Path) -> np.ndarray:
    with open_video(small_drive) as video:
        return np.stack([video[n] for n in (0, 20, 40)])


@pytest.mark.parametrize("method", ["divergence", "entropy", "box_entropy"])
@pytest.mark.parametrize("flip", [False, True])
def test_the_papers_detector_scores_the_same(
    exported_paper: Path, frames: np.ndarray, method: str, flip: bool
) -> None:
    ours = load_detector(exported_paper.with_suffix(".safetensors"), "cpu", precision="float32")
    theirs = load_detector(exported_paper, "cpu")
    scorer = FrameScorer(method, flip=flip, region=12)
    for one, two in zip(scorer.score(ours, frames), scorer.score(theirs, frames), strict=True):
        assert one.score > 0
        assert two.score == pytest.approx(one.score, abs=1e-3)
    assert float((ours.maps(frames) - theirs.maps(frames)).abs().max()) < 1e-3
    for mine, found in zip(ours.predict(frames), theirs.predict(frames), strict=True):
        assert len(mine) == len(found) > 0
        np.testing.assert_allclose(found.boxes, mine.boxes, atol=1e-2)


def test_what_the_file_says_of_itself(exported_paper: Path) -> None:
    model = onnx.load(str(exported_paper))
    about = {entry.key: entry.value for entry in model.metadata_props}
    assert about["names"] == "{0: 'pedestrian', 1: 'car'}"
    found = json.loads(about["framesift"])
    assert found["architecture"] == "paper"
    assert found["settings"]["width"] == 0.125
    assert [one.name for one in model.graph.input] == ["images"]
    assert [one.name for one in model.graph.output] == [f"head{n}" for n in range(5)]
    detector = load_detector(exported_paper, "cpu")
    assert (detector.name, detector.lineage) == ("paper", {"parent": "nothing"})
    assert detector.classes == ("pedestrian", "car")
    assert not detector.trainable


def test_one_size_for_all_pictures(
    exported_paper: Path, frames: np.ndarray, tmp_path: Path, command: Command
) -> None:
    checkpoint = exported_paper.with_suffix(".safetensors")
    ours = load_detector(checkpoint, "cpu", precision="float32")
    said = command("export-onnx", checkpoint, tmp_path / "fixed.onnx", "--size", "160x96")
    assert "pictures of 160×96" in said
    theirs = load_detector(tmp_path / "fixed.onnx", "cpu")
    assert theirs.geometry(120, 160).content == (96, 128)
    assert theirs.geometry(120, 160).padded == (96, 160)
    # The same pixels of the picture, with more beside them.
    inside = slice(0, 60)
    difference = theirs.maps(frames)[..., inside] - ours.maps(frames)[..., inside]
    assert float(difference.abs().max()) < 2e-2
    wide = theirs.geometry(100, 400)
    assert wide.content == (40, 160)
    boxes = theirs.predict(np.zeros((1, 100, 400, 3), np.uint8), threshold=0.001)[0].boxes
    assert (boxes <= np.array([400, 100, 400, 100])).all()


def test_refusals(
    exported_paper: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = exported_paper.with_suffix(".safetensors")
    out = tmp_path / "out.onnx"
    for words, sentence in (
        ((checkpoint, tmp_path / "out.bin"), "end in .onnx"),
        ((checkpoint, out, "--size", "large"), "e.g. 640x480"),
        ((checkpoint, out, "--size", "161x96"), "multiples of 8"),
        ((checkpoint, out, "--size", "0x96"), "multiples of 8"),
        ((checkpoint, out, "--checkpoint", "1"), "give a project's folder"),
        ((exported_paper, out), "no dense network"),
        ((tmp_path / "none.safetensors", out), "There is no file"),
    ):
        assert sentence in command("export-onnx", *words, status=2)
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    assert "onnxscript is not installed" in command("export-onnx", checkpoint, out, status=3)
    assert not list(tmp_path.iterdir())


def test_a_file_that_differs_is_not_kept(
    exported_paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framesift.detectors.onnx import export

    detector = load_detector(exported_paper.with_suffix(".safetensors"), "cpu")
    wrong = onnx.load(str(exported_paper))
    weight = next(one for one in wrong.graph.initializer if "logits" in one.name)
    weight.raw_data = bytes(len(weight.raw_data))
    monkeypatch.setattr(export, "_traced", lambda *_: wrong)
    with pytest.raises(EnvironmentProblem, match="so it was not kept"):
        list(export_onnx(detector, tmp_path / "out.onnx"))
    assert not list(tmp_path.iterdir())


def test_a_projects_detector_leaves(
    command: Command, exported_paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framesift.detectors.onnx import export

    same = onnx.load(str(exported_paper))
    del same.metadata_props[:]
    monkeypatch.setattr(export, "_traced", lambda *_: same)
    folder = tmp_path / "project"
    command("init", folder, "--detector", exported_paper.with_suffix(".safetensors"))
    assert "any size" in command("export-onnx", folder, tmp_path / "out.onnx")
    found = load_detector(tmp_path / "out.onnx", "cpu")
    assert found.classes == ("pedestrian", "car")


@pytest.mark.usefixtures("shallow_resnets")
def test_torchvisions_fcos_scores_the_same(frames: np.ndarray, tmp_path: Path) -> None:
    reason = why_unavailable("fcos_resnet50_fpn")
    if reason is not None:
        pytest.skip(reason)
    ours = load_detector(
        "fcos_resnet50_fpn",
        "cpu",
        precision="float32",
        classes=("pedestrian", "car"),
        settings={"working_height": 96},
    )
    # A layer of each head: the exporter takes its time over each.
    for head in (ours.module.head.classification_head, ours.module.head.regression_head):
        del head.conv[3:]
    # Probabilities far from 0 and 1, where small differences would not be seen.
    logits = ours.module.head.classification_head.cls_logits
    torch.nn.init.normal_(logits.weight, std=0.5, generator=torch.Generator().manual_seed(1))
    torch.nn.init.zeros_(logits.bias)
    for _ in export_onnx(ours, tmp_path / "fcos.onnx"):
        pass
    theirs = load_detector(tmp_path / "fcos.onnx", "cpu")
    assert theirs.classes == ("pedestrian", "car")
    assert theirs.regresses_boxes
    maps = ours.maps(frames)
    assert float(maps.max() - maps.min()) > 0.1
    assert float((maps - theirs.maps(frames)).abs().max()) < 1e-3
    for method in ("divergence", "box_entropy"):
        scorer = FrameScorer(method, region=12)
        for one, two in zip(
            scorer.score(ours, frames), scorer.score(theirs, frames), strict=True
        ):
            assert one.score > 0
            assert two.score == pytest.approx(one.score, rel=1e-3, abs=1e-3)
