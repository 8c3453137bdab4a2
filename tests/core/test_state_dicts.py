"""State dicts as training scripts leave them."""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from framesift.detectors.files.published import read_state
from framesift.errors import InputError

WEIGHTS = {"backbone.0.weight": torch.ones(2), "head.bias": torch.zeros(3)}


def prefixed(prefix: str) -> dict[str, torch.Tensor]:
    return {prefix + name: value for name, value in WEIGHTS.items()}


@pytest.mark.parametrize(
    "content",
    [
        prefixed("module."),
        {"state_dict": prefixed("model."), "epoch": 3, "global_step": 7},
        {"state_dict": prefixed("model.module."), "pytorch-lightning_version": "2.4"},
        {"model": prefixed("_orig_mod."), "optimizer": {"state": {}, "param_groups": []}},
        {"model": WEIGHTS, "epoch": 25, "args": argparse.Namespace(lr=0.02, device="cuda")},
    ],
)
def test_prefixes_and_wrappings(content: dict[str, Any], tmp_path: Path) -> None:
    """Of several cards, Lightning, torch.compile and torchvision's reference script."""
    torch.save(content, tmp_path / "last.ckpt")
    assert set(read_state(tmp_path / "last.ckpt")) == set(WEIGHTS)


def test_a_name_that_only_some_share_stays(tmp_path: Path) -> None:
    mixed = {"model.a": torch.ones(1), "head.b": torch.ones(1)}
    torch.save(mixed, tmp_path / "a.pth")
    assert set(read_state(tmp_path / "a.pth")) == set(mixed)


@pytest.mark.parametrize("module", ["ultralytics.nn.tasks", "models.yolo"])
def test_a_yolo_checkpoint_goes_by_onnx(module: str, tmp_path: Path) -> None:
    torch.save({"model": WEIGHTS}, tmp_path / "plain.pt")
    # A pickle that names the class, as torch lays it into its archive.
    code = f"c{module}\nDetectionModel\n.".encode()
    with (
        zipfile.ZipFile(tmp_path / "plain.pt") as plain,
        zipfile.ZipFile(tmp_path / "best.pt", "w") as made,
    ):
        for entry in plain.infolist():
            data = plain.read(entry)
            made.writestr(entry.filename, code if entry.filename.endswith("data.pkl") else data)
    with pytest.raises(InputError, match="export it to ONNX"):
        read_state(tmp_path / "best.pt")
