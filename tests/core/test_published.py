"""Weights that are not Framesift's own files: published ones in the cache folder, and state
dicts that users bring; through the command line where that is how they come."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from framesift.cli import main
from framesift.detectors import DETECTORS, foreign, weights
from framesift.detectors.files.available import available_detectors
from framesift.detectors.files.checkpoint import architecture_of, load_detector, save_checkpoint
from framesift.detectors.files.published import import_state
from framesift.detectors.weights import CATALOGUE, WeightsEntry
from framesift.errors import EnvironmentProblem, InputError
from framesift.training import PRESETS, default_settings, preset

pytest.importorskip("torchvision")

SSD = "ssdlite320_mobilenet_v3_large"
COCO = f"{SSD}:coco"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    """The state dict of torchvision's SSDlite for COCO's 91 outputs."""
    from torchvision.models.detection import ssdlite320_mobilenet_v3_large

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None)
    found: dict[str, torch.Tensor] = model.state_dict()
    return found


@pytest.fixture
def published(
    state: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[WeightsEntry, Path]:
    """A stand-in for what torchvision publishes, of the same form, and its file."""
    path = tmp_path / "brought.pth"
    torch.save(state, path)
    one = replace(CATALOGUE[COCO], sha256=hashlib.sha256(path.read_bytes()).hexdigest()[:8])
    monkeypatch.setitem(CATALOGUE, COCO, one)
    return one, path


def frame() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (1, 64, 96, 3), np.uint8)


def test_published_weights_come_by_hand_and_load(
    published: tuple[WeightsEntry, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    one, path = published
    with pytest.raises(InputError, match=f"not here yet .*weights get {COCO}"):
        load_detector(COCO, "cpu")
    assert main(["weights", "import", str(path)]) == 0
    assert COCO in capsys.readouterr().out
    assert main(["weights", "get", COCO]) == 0
    assert "was here already" in capsys.readouterr().out
    detector = load_detector(SSD, "cpu", weights="coco", classes=["pedestrian", "car", "ghost"])
    assert detector.classes == ("pedestrian", "car", "ghost")
    assert len(detector.settings["silent"]) == 78
    assert not any("N/A" in name for name in detector.settings["silent"])
    assert detector.lineage["published"]["name"] == COCO
    assert np.isfinite(detector.maps(frame()).numpy()).all()
    listed = {a.name: a for a in available_detectors()}
    assert listed[COCO].downloaded
    assert main(["weights", "remove", COCO]) == 0
    assert not weights.is_stored(one)


def test_a_persons_row_becomes_the_pedestrians(
    state: dict[str, torch.Tensor], published: tuple[WeightsEntry, Path]
) -> None:
    weights.adopt_file(published[1])
    detector = load_detector(COCO, "cpu")
    rows: Any = detector
    for key, per_anchor in rows.class_rows().items():
        if "bbox" in key:
            continue
        assert per_anchor
        outputs = len(rows.outputs())
        ours = detector.module.state_dict()[key]
        theirs = state[key]
        # Anchor by anchor, the outputs one after the other.
        ours = ours.reshape(-1, outputs, *ours.shape[1:])
        theirs = theirs.reshape(-1, 91, *theirs.shape[1:])
        assert torch.equal(ours[:, :2], theirs[:, :2])


def test_a_state_dict_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trained = DETECTORS[SSD](("person", "car"))
    plain = tmp_path / "mine.safetensors"
    save_file(
        {key: value.contiguous() for key, value in trained.module.state_dict().items()}, plain
    )
    assert (
        main(
            [
                "weights",
                "import",
                str(plain),
                "--architecture",
                SSD,
                "--classes",
                "person,car",
                "--working-height",
                "64",
            ]
        )
        == 0
    )
    out = tmp_path / "mine.framesift.safetensors"
    assert str(out) in capsys.readouterr().out
    detector = load_detector(out, "cpu", precision="float32")
    assert detector.classes == ("person", "car")
    assert detector.working_height == 64
    same = DETECTORS[SSD](("person", "car"), {"working_height": 64})
    same.module.load_state_dict(trained.module.state_dict())
    assert torch.equal(detector.maps(frame()), same.maps(frame()))
    assert (
        main(
            ["weights", "import", str(plain), "--architecture", SSD, "--classes", "person,car"]
        )
        == 2
    )
    assert "already" in capsys.readouterr().err
    assert main(["weights", "import", str(plain), "--classes", "person"]) == 2
    assert "both --architecture and --classes" in capsys.readouterr().err


def test_how_they_are_trained_follows_from_the_architecture(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(path, DETECTORS[SSD](("person",)))
    for name, architecture in (
        (path, SSD),
        (COCO, SSD),
        (SSD, SSD),
        ("paper", "paper"),
        ("pedestrian", "paper"),
        (tmp_path / "none.pth", ""),
    ):
        assert architecture_of(name) == architecture
    assert default_settings(SSD) == preset("torchvision")
    assert default_settings("paper") == default_settings("") == PRESETS["steady"]


def test_a_state_dict_in_its_usual_wrappings(tmp_path: Path) -> None:
    trained = DETECTORS[SSD](("person",))
    wrapped = {f"module.{key}": value for key, value in trained.module.state_dict().items()}
    torch.save({"model": wrapped, "epoch": 3}, tmp_path / "run.pth")
    found = import_state(tmp_path / "run.pth", SSD, ["person"])
    assert torch.equal(found.maps(frame()), trained.maps(frame()))


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.path,)


def refused(
    path: Path, words: str, *, architecture: str = SSD, classes: tuple[str, ...] = ("person",)
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        import_state(path, architecture, classes)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_weights_are_refused(tmp_path: Path) -> None:
    trained = DETECTORS[SSD](("person",)).module.state_dict()
    file, sprung = tmp_path / "file.pth", tmp_path / "sprung"
    torch.save({"x": Trap(sprung)}, file)
    refused(file, "more than weights")
    file.write_bytes(pickle.dumps(Trap(sprung)))
    refused(file, "more than weights|no readable weights")
    assert not sprung.exists()

    torch.save(trained, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    refused(file, "no readable weights")
    refused(tmp_path / "none.pth", "There is no file")
    torch.save([1, 2], file)
    refused(file, "no state dict")
    (tmp_path / "cut.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}")
    refused(tmp_path / "cut.safetensors", "no readable weights|no state dict")


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    trained = DETECTORS[SSD](("person", "car")).module.state_dict()
    file = tmp_path / "file.pth"
    torch.save(trained, file)
    refused(file, "know 3 classes, the background included, but 1 were named")
    refused(file, "not those of fcos_resnet50_fpn", architecture="fcos_resnet50_fpn")
    refused(file, "no architecture 'yolo'", architecture="yolo")
    key = next(iter(trained))
    torch.save({**trained, key: trained[key][:1]}, file)
    refused(file, "do not fit", classes=("person", "car"))
    torch.save({**trained, key: torch.full_like(trained[key], torch.nan)}, file)
    refused(file, "not all finite", classes=("person", "car"))


class NoTorchvision(MetaPathFinder):
    """Says of torchvision what Python says of what is not installed."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == "torchvision":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.fixture
def no_torchvision(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    foreign.why_no_torchvision.cache_clear()
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoTorchvision(), *sys.meta_path])
    yield
    foreign.why_no_torchvision.cache_clear()


@pytest.mark.usefixtures("no_torchvision")
def test_without_torchvision_there_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for name in DETECTORS:
        if name == "paper":
            continue
        with pytest.raises(EnvironmentProblem, match="torchvision is not installed") as caught:
            load_detector(name, "cpu")
        assert "\n" not in str(caught.value)
    states = {one.name: one for one in available_detectors()}
    assert states["pedestrian"].available
    assert "not installed" in states[COCO].reason
    assert main(["weights", "list"]) == 0
    assert "not installed" in " ".join(capsys.readouterr().out.split())


def test_the_list_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "list"]) == 0
    text = capsys.readouterr().out
    flat = "".join(text.split())
    for name in (*DETECTORS, *CATALOGUE, "pedestrian"):
        assert name in flat
    assert "BSD-3-Clause" in text
    assert main(["weights", "list", "--json"]) == 0
    assert '"precision": 39.2' in capsys.readouterr().out
    assert main(["weights", "get", "nothing"]) == 2
    assert "weights list" in capsys.readouterr().err
