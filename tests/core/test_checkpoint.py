"""Checkpoints: what is kept, and files that must be refused with one sentence."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from framesift.detectors import PaperDetector
from framesift.detectors.files.checkpoint import (
    BUNDLED,
    load_checkpoint,
    load_detector,
    save_checkpoint,
)
from framesift.errors import InputError
from framesift.product.resources import resource


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.safetensors"
    detector = PaperDetector(("pedestrian", "car"), {"width": 0.125})
    save_checkpoint(path, detector, {"parent": "abc", "frames": 12})
    return path


def about(path: Path) -> dict[str, Any]:
    with safe_open(path, "pt") as file:
        found: dict[str, Any] = json.loads(file.metadata()["framesift"])
    return found


def rewritten(
    path: Path,
    weights: dict[str, torch.Tensor] | None = None,
    metadata: dict[str, str] | None = None,
    **changes: Any,
) -> Path:
    out = path.with_name("changed.safetensors")
    text = json.dumps({**about(path), **changes})
    save_file(
        load_file(path) if weights is None else weights,
        out,
        {"framesift": text} if metadata is None else metadata,
    )
    return out


def refused(path: Path, words: str, **options: Any) -> None:
    with pytest.raises(InputError, match=words) as caught:
        load_checkpoint(path, **options)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")


def test_everything_comes_back(good: Path) -> None:
    detector = load_detector(good, "cpu")
    assert detector.classes == ("pedestrian", "car")
    assert detector.lineage == {"parent": "abc", "frames": 12}
    assert detector.settings["width"] == 0.125
    again = good.with_name("again.safetensors")
    save_checkpoint(again, detector)
    assert again.read_bytes() == good.read_bytes()


def test_names(tmp_path: Path) -> None:
    paper = load_detector("paper", "cpu", precision="float32")
    assert paper.identity() == load_detector("paper", "cpu").identity()
    assert paper.settings["width"] == 1.0
    assert load_detector("paper", "cpu", classes=("a", "b")).classes == ("a", "b")
    with pytest.raises(InputError, match="choose one of pedestrian, paper"):
        load_detector("papre")
    with pytest.raises(InputError, match="no file"):
        load_detector(tmp_path / "none.safetensors")


@pytest.mark.skipif(
    not resource("detectors").joinpath("pedestrian.safetensors").exists(),
    reason="the weights are not made yet",
)
def test_the_bundled_weights_load_and_are_small() -> None:
    for name in BUNDLED:
        path = resource("detectors", f"{name}.safetensors")
        assert path.stat().st_size <= 15_000_000
        assert resource("detectors", f"{name}.md").stat().st_size > 500
        detector = load_detector(name, "cpu")
        assert detector.classes == ("pedestrian",)
        assert detector.name == name
        assert detector.lineage["steps_done"] > 0


def test_other_classes(good: Path) -> None:
    assert load_checkpoint(good, classes=["pedestrian", "car"])
    refused(good, "knows pedestrian, car, not car", classes=["car"])


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.01, 0.5, 0.999])
def test_cut_files(good: Path, share: float) -> None:
    data = good.read_bytes()
    good.write_bytes(data[: int(len(data) * share)])
    refused(good, "no readable checkpoint")


@pytest.mark.parametrize(
    "content", [b"hello", b"\xff" * 100, b"\0" * 64, (2**62).to_bytes(8, "little") + b"{}"]
)
@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".pth", ""])
def test_files_of_another_kind(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"other{suffix}"
    path.write_bytes(content)
    refused(path, "not loaded|no readable checkpoint")


class Bomb:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.mark}",)


def test_code_in_a_file_does_not_run(tmp_path: Path, good: Path) -> None:
    mark = tmp_path / "ran"
    payloads: list[Any] = [Bomb(mark), {"framesift": about(good), "weights": {"a": Bomb(mark)}}]
    for number, payload in enumerate(payloads):
        path = tmp_path / f"bomb{number}.pt"
        torch.save(payload, path)
        refused(path, "not loaded")
        raw = tmp_path / f"raw{number}.pt"
        raw.write_bytes(pickle.dumps(payload))
        refused(raw, "not loaded|no readable")
        disguised = tmp_path / f"bomb{number}.safetensors"
        disguised.write_bytes(raw.read_bytes())
        refused(disguised, "no readable checkpoint")
    assert not mark.exists()


def test_torch_files_with_nothing_but_weights(tmp_path: Path, good: Path) -> None:
    path = tmp_path / "weights.pt"
    torch.save({"framesift": about(good), "weights": load_file(good)}, path)
    assert load_checkpoint(path).identity() == load_checkpoint(good).identity()
    torch.save(load_file(good), path)
    refused(path, "does not say what its weights are for")
    torch.save([1, 2], path)
    refused(path, "does not say what its weights are for")


def test_wrong_shapes_names_and_numbers(good: Path) -> None:
    weights = load_file(good)
    first = "logits.weight"
    refused(rewritten(good, {**weights, first: torch.zeros(3)}), "do not fit")
    refused(rewritten(good, {**weights, "more": torch.zeros(3)}), "do not fit")
    refused(rewritten(good, {k: v for k, v in weights.items() if k != first}), "do not fit")
    spoilt = {**weights, first: weights[first].clone().fill_(float("nan"))}
    refused(rewritten(good, spoilt), "not all finite")
    whole = {**weights, first: torch.zeros(weights[first].shape, dtype=torch.int64)}
    refused(rewritten(good, whole), "not all finite")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"settings": {"width": 0.25}}, "do not fit"),
        ({"settings": {"width": 1e9}}, "make no sense"),
        ({"settings": {"import": "os"}}, "no setting"),
        ({"settings": [1]}, "rightly"),
        ({"classes": ["a"]}, "do not fit"),
        ({"classes": []}, "rightly"),
        ({"classes": ["a", "a"]}, "each named once"),
        ({"classes": [1, 2]}, "rightly"),
        ({"classes": "ab"}, "rightly"),
        ({"architecture": "resnet"}, "which this Framesift lacks"),
        ({"architecture": 3}, "rightly"),
        ({"version": 99}, "newer Framesift"),
        ({"version": "1"}, "rightly"),
        ({"lineage": 5}, "rightly"),
    ],
)
def test_metadata_that_lies(good: Path, changes: dict[str, Any], words: str) -> None:
    refused(rewritten(good, **changes), words)


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "[" * 100_000])
def test_metadata_that_is_none(good: Path, text: str) -> None:
    refused(rewritten(good, metadata={"framesift": text}), "rightly")
    refused(rewritten(good, metadata={}), "does not say for what")
