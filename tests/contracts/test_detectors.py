"""What every detector of the family must do. A new member is tested by being in DETECTORS."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx_models
import pytest
import torch
from torch import nn

from framesift.boxes import Box
from framesift.detectors import DETECTORS, Detector, why_unavailable
from framesift.detectors.files.checkpoint import load_detector, save_checkpoint
from framesift.detectors.maps import SHARED
from framesift.errors import InputError

pytestmark = pytest.mark.timeout(600)  # torch's exporter is slow

# Members get smaller here where they can be, so that the suite stays quick.
SMALL: dict[str, dict[str, Any]] = {"paper": {"width": 0.125, "working_height": 96}}
_SMALLER = {"working_height": 64, "trainable_layers": 1}
_TWO_STAGES = {**_SMALLER, "proposals": 12}
SMALL |= {
    name: _TWO_STAGES if "rcnn" in name else _SMALLER for name in DETECTORS if name != "paper"
}
LEARNS = {"paper": (2e-3, 12)}
"""Learning rate and steps."""

FILES: dict[str, Callable[[Path], Path]] = {
    "onnx-yolov5": lambda folder: onnx_models.yolo(folder / "v5.onnx", objectness=True),
    "onnx-yolov8": lambda folder: onnx_models.yolo(folder / "v8.onnx", objectness=False),
    "onnx-fixed": lambda folder: onnx_models.yolo(
        folder / "fixed.onnx", objectness=False, size=(640, 640), batch=2
    ),
    "onnx-table": lambda folder: onnx_models.end_to_end(folder / "t.onnx", lists=False),
    "onnx-lists": lambda folder: onnx_models.end_to_end(folder / "l.onnx", lists=True),
}
"""Detectors that are files which others made."""
EXPORTED = "onnx-exported"


@pytest.fixture(scope="module", params=[*sorted(DETECTORS), *FILES, EXPORTED])
def made(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    shallow_resnets: None,
) -> Detector | Path:
    """A detector with random weights, built once; the tests are given copies. Or a file."""
    if request.param == EXPORTED:
        exported: Path = request.getfixturevalue("exported_paper")
        return exported
    if request.param in FILES:
        return FILES[request.param](tmp_path_factory.mktemp("files"))
    reason = why_unavailable(request.param)
    if reason is not None:
        pytest.skip(reason)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        detector = DETECTORS[request.param](("pedestrian", "car"), SMALL.get(request.param))
        settle(detector)
    return detector


@pytest.fixture
def detector(made: Detector | Path) -> Detector:
    return load_detector(made, "cpu") if isinstance(made, Path) else copy.deepcopy(made)


@pytest.fixture
def mapped(detector: Detector) -> Detector:
    """A detector that gives maps."""
    if not detector.has_maps:
        pytest.skip("gives boxes only")
    return detector


@pytest.fixture
def trainable(detector: Detector) -> Detector:
    """A detector that can be fine-tuned."""
    if not detector.trainable:
        pytest.skip("score only")
    return detector


def settle(detector: Detector) -> None:
    """Gives batch normalisation the statistics of some pictures: with those it is born with, a
    deep network of random weights sees nothing."""
    norms = [m for m in detector.module.modules() if isinstance(m, nn.BatchNorm2d)]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = None
    with torch.no_grad():
        detector.loss(
            np.stack([scene(n) for n in range(3)]),
            [[], [], []],
            generator=torch.Generator().manual_seed(0),
        )
    for norm, momentum in zip(norms, before, strict=True):
        norm.momentum = momentum
    detector.module.eval()


def scene(seed: int, height: int = 96, width: int = 160) -> np.ndarray:
    """A smooth picture with some structure, uint8 H×W×3."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (height // 8, width // 8, 3), np.uint8)
    return np.kron(coarse, np.ones((8, 8, 1), np.uint8))


@pytest.fixture
def frames() -> np.ndarray:
    return np.stack([scene(n) for n in range(2)])


def test_maps_are_probabilities_of_working_size(detector: Detector, frames: np.ndarray) -> None:
    maps = detector.maps(frames)
    size = detector.geometry(96, 160)
    assert (maps.shape[1] > 0) == detector.has_maps
    inference = detector.infer(frames)
    assert maps.dtype == torch.float32
    assert tuple(maps.shape) == inference.maps.shape
    assert maps.shape[2:] == size.content
    assert len(inference.maps.names) == maps.shape[1]
    assert inference.predictions is None
    if detector.has_maps:
        assert {name for _, name in inference.maps.names} in (set(detector.classes), {SHARED})
        assert torch.isfinite(maps).all()
        assert float(maps.min()) >= 0
        assert float(maps.max()) <= 1


def test_other_frames_have_other_maps(mapped: Detector, frames: np.ndarray) -> None:
    maps = mapped.maps(frames)
    assert float((maps[0] - maps[1]).abs().max()) > 1e-4
    assert torch.equal(mapped.maps(frames), maps)


def test_position_and_company_do_not_matter(mapped: Detector, frames: np.ndarray) -> None:
    alone = mapped.maps(frames[1:2])[0]
    for batch, place in ((frames, 1), (frames[::-1].copy(), 0)):
        assert float((mapped.maps(batch)[place] - alone).abs().max()) < 1e-4


def test_maps_move_with_the_picture(mapped: Detector) -> None:
    """By the coarsest stride, away from the borders (further than the network sees). A strip:
    its upper and lower border are the same in both."""
    step = mapped.coarsest or mapped.multiple
    height, width = max(96, step), max(640, 12 * step)
    picture = scene(5, height, width)
    mapped.working_height = None
    hold_averages(mapped)
    middle = width // 2
    before, after = (mapped.infer(p[None]).maps for p in (picture, np.roll(picture, step, 1)))
    for one, other in zip(before, after, strict=True):
        difference = (
            one[..., middle - 16 : middle + 16]
            - other[..., middle - 16 + step : middle + 16 + step]
        )
        assert float(difference.abs().max()) < 2e-3


def hold_averages(detector: Detector) -> None:
    """Squeeze-and-excitation looks at the whole picture, its borders too: the second run is
    given the averages of the first."""
    kept: list[torch.Tensor] = []
    replayed: list[torch.Tensor] = []
    pools = [m for m in detector.module.modules() if isinstance(m, nn.AdaptiveAvgPool2d)]

    def hook(module: nn.Module, seen: object, average: torch.Tensor) -> torch.Tensor:
        if len(kept) < len(pools):
            kept.append(average)
            return average
        replayed.append(average)
        return kept[len(replayed) - 1]

    for pool in pools:
        pool.register_forward_hook(hook)


def test_boxes_lie_inside_the_frame(detector: Detector, frames: np.ndarray) -> None:
    native = np.stack([scene(n, 120, 208) for n in range(2)])
    for flip in (False, True):
        found = detector.predict(native, threshold=0.0, flip=flip)
        assert len(found) == 2
        for prediction in found:
            assert len(prediction) > 0
            assert prediction.boxes.shape == (len(prediction), 4)
            x1, y1, x2, y2 = prediction.boxes.T
            assert (x1 >= 0).all()
            assert (y1 >= 0).all()
            assert (x2 <= 208).all()
            assert (y2 <= 120).all()
            assert (x2 > x1).all()
            assert (y2 > y1).all()
            assert (np.diff(prediction.scores) <= 0).all()
            assert set(prediction.categories) <= {0, 1}
    assert all(len(p) == 0 for p in detector.predict(native, threshold=1.0))


def test_the_mirrored_frame_has_the_mirrored_maps(mapped: Detector, frames: np.ndarray) -> None:
    double = mapped.infer(frames, flip=True).maps.stack()
    back = mapped.infer(np.ascontiguousarray(frames[:, :, ::-1]), flip=True).maps.stack()
    assert float((double - back.flip(-1)).abs().max()) < 1e-4


def test_features_come_with_the_maps(detector: Detector, frames: np.ndarray) -> None:
    taken: list[torch.Tensor] = []
    alone = detector.infer(frames, boxes=True)
    with detector.tapped(taken.append):
        tapped = detector.infer(frames, boxes=True)
        detector.infer(frames[:1], flip=True)
    detector.infer(frames)
    assert [len(p.boxes) for p in alone.predictions] == [
        len(p.boxes) for p in tapped.predictions
    ]
    if detector.trunk() is None:
        assert not taken
        return
    assert [len(features) for features in taken] == [len(frames), 1, 1]
    first, plain, flipped = (features.float() for features in taken)
    assert all(f.ndim == 4 and not f.requires_grad and f.isfinite().all() for f in taken)
    torch.testing.assert_close(first[:1], plain, rtol=1e-3, atol=1e-3)
    assert not torch.equal(plain, flipped)


def test_dropout_maps_differ_and_repeat(trainable: Detector, frames: np.ndarray) -> None:
    first = [m.stack() for m in trainable.dropout_maps(frames, 2, 0.5, seed=1)]
    again = [m.stack() for m in trainable.dropout_maps(frames, 2, 0.5, seed=1)]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert float((first[0] - first[1]).abs().max()) > 1e-5
    alone = next(iter(trainable.dropout_maps(frames[1:], 1, 0.5, seed=1))).stack()
    assert float((first[0][1:] - alone).abs().max()) < 1e-4
    whole = next(iter(trainable.dropout_maps(frames, 1, 0.0))).stack()
    assert float((whole - trainable.maps(frames)).abs().max()) < 1e-5


def test_a_few_steps_lower_the_loss(trainable: Detector) -> None:
    frames = np.stack([scene(n) for n in range(3)])
    labels = [
        [Box(40, 20, 64, 80)],
        [Box(90, 10, 118, 90, "car")],
        [Box(10, 20, 40, 90), Box(60, 0, 160, 40, ignore=True)],
    ]
    rate, steps = LEARNS.get(trainable.architecture, (1e-4, 6))
    optimiser = torch.optim.AdamW(trainable.module.parameters(), rate)
    losses = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for _ in range(steps):
            generator = torch.Generator().manual_seed(0)
            loss = trainable.loss(
                frames, labels, generator=generator, settings={"min_height": 8}
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
    assert all(np.isfinite(losses))
    assert min(losses[-3:]) < 0.9 * losses[0]
    assert torch.isfinite(trainable.maps(frames)).all()


def test_the_loss_works_without_labels(trainable: Detector, frames: np.ndarray) -> None:
    loss = trainable.loss(frames, [[], []], generator=torch.Generator().manual_seed(0))
    loss.backward()
    assert np.isfinite(float(loss.detach()))


def test_saved_and_reloaded_it_gives_the_same_bits(
    detector: Detector, frames: np.ndarray, tmp_path: Path
) -> None:
    detector.infer(frames)
    path = tmp_path / f"kept{detector.suffix}"
    save_checkpoint(path, detector, {"from": "nothing"})
    again = load_detector(path, "cpu", precision="float32")
    assert again.identity() == detector.identity()
    assert again.classes == detector.classes
    assert again.settings == detector.settings
    if detector.file_content() is None:
        assert again.lineage == {"from": "nothing"}
    assert torch.equal(again.maps(frames), detector.maps(frames))


def test_score_only_detectors_say_so(detector: Detector, frames: np.ndarray) -> None:
    if detector.trainable:
        pytest.skip("learns")
    for attempt in (
        lambda: detector.loss(frames, [[], []], generator=torch.Generator()),
        lambda: detector.with_classes(["bicyclist"]),
        lambda: next(iter(detector.dropout_maps(frames, 1, 0.5))),
    ):
        with pytest.raises(InputError, match="is an ONNX file"):
            attempt()
    assert detector.with_classes(detector.classes) is detector


def test_identity_follows_the_weights(trainable: Detector) -> None:
    before = trainable.identity()
    assert len(before) == 64
    assert trainable.identity() == before
    weight = next(trainable.module.parameters())
    with torch.no_grad():
        weight[0, 0, 0, 0] += 1e-3
    assert trainable.identity() != before


def test_inference_follows_the_weights(trainable: Detector, frames: np.ndarray) -> None:
    """Whatever is kept between batches must not outlive a change of the weights."""
    before = trainable.maps(frames)
    with torch.no_grad():
        for parameter in trainable.module.parameters():
            parameter.mul_(0.9)
    assert not torch.equal(trainable.maps(frames), before)


def test_classes_that_carry_over_keep_what_they_learned(
    trainable: Detector, frames: np.ndarray
) -> None:
    grown = trainable.with_classes(["bicyclist", "car", "pedestrian"])
    assert grown.classes == ("bicyclist", "car", "pedestrian")
    old, new = trainable.infer(frames).maps, grown.infer(frames).maps
    for k, name in enumerate(old.names):
        same = new.map(new.names.index(name))
        assert float((same - old.map(k)).abs().max()) < 1e-5
    again = trainable.with_classes(["bicyclist", "car", "pedestrian"])
    assert again.identity() == grown.identity()


def test_reach_is_an_iou(detector: Detector) -> None:
    reach = detector.best_iou([Box(10, 10, 20, 40), Box(0, 0, 3, 90)], (96, 160))
    assert reach.shape == (2,)
    assert ((reach >= 0) & (reach <= 1)).all()
    assert detector.best_iou([], (96, 160)).shape == (0,)


def test_frames_of_the_wrong_kind_are_a_bug(detector: Detector) -> None:
    for wrong in (
        np.zeros((96, 160, 3), np.uint8),
        np.zeros((1, 96, 160, 3), np.float32),
        np.zeros((0, 96, 160, 3), np.uint8),
    ):
        with pytest.raises(ValueError, match="uint8 N×H×W×3"):
            detector.maps(wrong)


def test_release_gives_back_and_goes_on(detector: Detector, frames: np.ndarray) -> None:
    before = detector.maps(frames)
    detector.release()
    assert torch.equal(detector.maps(frames), before)
