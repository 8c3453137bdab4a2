"""Training and evaluation settings: in the recipe exactly where they change the numbers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from arithmetic_detector import ArithmeticDetector

from framesift.boxes import Box, Prediction
from framesift.detectors import PaperDetector
from framesift.evaluation import Evaluation, EvaluationSettings, evaluate
from framesift.evaluation.saved import to_document
from framesift.labels import FrameKey, Point, Weak
from framesift.records.settings import Setting, settings_of, to_plain
from framesift.training import Finished, TrainSettings, WeakLearning, train
from framesift.training.data import MemorySource, Sample
from framesift.training.data.sample import Neighbour

SIZES = [[40, 20], [36, 18], [32, 16], [28, 14], [24, 12]]
BASE = {"epochs": 2, "batch": 2, "min_height": 10, "threads": 1, "n2p": 3, "rho": 0.5}
DRAWN = {"frames": 2}
AGREEING = {"batch": 3, "consistency": {"enabled": True, "frames": 3}}

WEAK = {"weak": {"enabled": True, "least_score": 0.001}}


def taught(**more: Any) -> dict[str, Any]:
    """Self-training that finds something, with other settings of its own."""
    how = {"enabled": True, "frames": 4, "keep": "tracks", "low_score": 0.02, "precision": 0.01}
    how |= {"track": 2, "reach": 1, "renewals": 1}
    return {"batch": 3, "ema_decay": 0.5, "self_training": {**how, **more}}


TRAINING: dict[str, tuple[Any, dict[str, Any]]] = {
    "epochs": (3, {}),
    "batch": (1, {}),
    "micro_batch": (1, {}),
    "optimizer": ("sgd", {}),
    "learning_rate": (2e-3, {}),
    "final_learning_rate": (1e-5, {}),
    "warmup": (2, {}),
    "weight_decay": (0.1, {}),
    "rho": (0.9, {}),
    "momentum": (0.1, {"optimizer": "sgd"}),
    "clip_norm": (0.01, {}),
    "ema_decay": (0.5, {}),
    "interpolation": (0.5, {}),
    "n2p": (9.0, {}),
    "hard_fraction": (0.5, {}),
    "positive_iou": (0.9, {}),
    "negative_iou": (0.1, {}),
    "min_height": (30.0, {}),
    "aspect": ((0.2, 3.0), {}),
    "aspect_classes": ((), {}),
    "filtered": ("discard", {"min_height": 30}),
    "batch_norm": ("frozen", {}),
    "frozen": (1, {}),
    "heads": ("all", {"heads": "dropped", "epochs": 1}),
    "precision": ("bfloat16", {}),
    "seed": (1, {}),
    "deterministic": (False, {}),
    "num_workers": (0, {}),
    "validate_every": (2, {"adopt": "best"}),
    "adopt": ("best", {"adopt": "last", "learning_rate": 0.5}),
    "patience": (1, {"adopt": "last", "learning_rate": 0.5, "epochs": 4}),
    "save_every_s": (0.0, {}),
    "augmentation.flip": (0.0, {}),
    "augmentation.scale": ((1.0, 1.0), {}),
    "augmentation.crop": ((32, 48), {}),
    "augmentation.aim": (1.0, {"augmentation": {"crop": (32, 48)}}),
    "augmentation.colour": (0.0, {}),
    "augmentation.visible": (0.99, {"augmentation": {"crop": (32, 48)}}),
    "propagation.frames": (2, {}),
    "propagation.share": (0.6, {"batch": 3, "propagation": {"frames": 2}}),
    "propagation.half_life": (0.1, {"propagation": {"frames": 2}}),
    "propagation.max_error": (0.0, {"propagation": {"frames": 2}}),
    "propagation.min_similarity": (1.0, {"propagation": {"frames": 2}}),
    "self_training.enabled": (False, taught()),
    "self_training.frames": (2, taught()),
    "self_training.share": (0.6, taught()),
    "self_training.keep": ("score", taught(reach=2, track=5)),
    "self_training.precision": (1.0, taught(keep="score")),
    "self_training.low_score": (0.2, taught()),
    "self_training.track": (5, taught(reach=2)),
    "self_training.reach": (3, taught(track=3)),
    "self_training.renewals": (2, taught()),
    "weak.enabled": (False, WEAK),
    "weak.weight": (3.0, {"weak": {"enabled": True, "least_score": 0.9}}),
    "weak.least_score": (0.9, WEAK),
    "consistency.enabled": (False, AGREEING),
    "consistency.frames": (2, AGREEING),
    "consistency.share": (0.6, AGREEING),
    "consistency.weight": (3.0, AGREEING),
    "consistency.ramp": (0.9, AGREEING),
    "replay.share": (0.5, {"replay": DRAWN}),
    "replay.source": (
        "synthetic:look=target,seed=3,frames=2,size=96x64",
        {"replay": {"share": 0.5, **DRAWN}},
    ),
    "replay.tone": ("labelled", {"replay": {"share": 0.5, **DRAWN}}),
    "replay.frames": (3, {"replay": {"share": 0.5, **DRAWN}}),
}
"""Another value of each setting, and what has to be chosen beside it for it to matter."""
UNTOLD = {
    "threads": "a small network's bits are the same whatever their number",
    "box_loss": "the paper's detector regresses no boxes",
}
"""What so small a run cannot show."""


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def sample(number: int) -> Sample:
    rng = np.random.default_rng(number)
    image = cv2.resize(rng.integers(40, 190, (16, 24, 3), np.uint8), (96, 64))
    boxes = []
    for width, height in ((16, 32), (30, 32), (8, 22)):
        x, y = int(rng.integers(0, 96 - width)), int(rng.integers(0, 64 - height))
        image[y : y + height, x : x + width, 0] = 220
        boxes.append(Box(x, y, x + width, y + height))
    return Sample(image, tuple(boxes), FrameKey("v", number))


def weakly(settings: TrainSettings) -> list[Sample]:
    """Frames with weak labels, for settings that are about those: a click that some proposal
    belongs to, one that none does."""
    if settings.weak == WeakLearning():
        return []
    known = sample(11)
    box = known.boxes[0]
    points = (Point((box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2), Point(2, 2))
    return [replace(known, boxes=(), weak=Weak(points, every=True))]


class Filmed(MemorySource):
    """Samples with neighbours: the camera turns by two pixels a frame, with grain. Frames that
    nobody has labelled show the same with other people."""

    def unlabelled(self, count: int, reach: int) -> tuple[FrameKey, ...]:
        return tuple(FrameKey("v", 20 + number) for number in range(min(count, 5)))

    def window(self, key: FrameKey, reach: int) -> Any:
        image = sample(key.frame).image
        steps = range(-reach, reach + 1)
        return np.stack([np.roll(image, 2 * step, axis=1) for step in steps])

    def around(self, index: int, reach: int) -> Any:
        image = self.sample(index).image

        def turned(step: int) -> Neighbour:
            key = FrameKey("v", 100 * index + 50 + step)
            grain = np.random.default_rng(key.frame).integers(0, 9, image.shape, np.uint8)
            return Neighbour(key, np.roll(image, 2 * step, axis=1) + grain, abs(step), True)

        steps = range(1, reach + 1)
        return [turned(-n) for n in steps], [turned(n) for n in steps]


def trained(out: Path, **given: Any) -> tuple[str, str]:
    """The weights and the validations that settings lead to, and what a recipe says."""
    torch.manual_seed(0)
    detector = PaperDetector(
        settings={"width": 0.125, "working_height": 64, "box_sizes": SIZES}
    )
    settings = TrainSettings().with_given({**BASE, **given})
    validated = settings.adopt == "best" or "adopt" in given
    records = train(
        detector,
        # Heads need more frames.
        Filmed(
            [*(sample(n) for n in range(8 if "heads" in given else 3)), *weakly(settings)],
            ("pedestrian",),
        ),
        settings,
        out,
        validation=MemorySource([sample(7)], ("pedestrian",)) if validated else None,
    )
    digest = hashlib.sha256()
    for record in records:
        if isinstance(record, Finished):
            digest.update(record.checkpoint.name.encode())
            digest.update(repr([(one.epoch, one.loss) for one in record.history]).encode())
    for tensor in detector.module.state_dict().values():
        digest.update(tensor.float().numpy().tobytes())
    for name, head in sorted(detector.heads.items()):
        digest.update(f"{name} {head.digest()}".encode())
    return digest.hexdigest(), json.dumps(to_plain(settings, recipe=True), sort_keys=True)


def test_every_training_setting_has_another_value() -> None:
    assert {one.name for one in settings_of(TrainSettings)} == set(TRAINING) | set(UNTOLD)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """What came of contexts that several settings share."""
    return {}


@pytest.mark.parametrize("one", settings_of(TrainSettings), ids=lambda one: one.name)
def test_a_training_setting_is_in_the_recipe_where_it_changes_the_numbers(
    one: Setting, plain: dict[str, tuple[str, str]], tmp_path: Path
) -> None:
    if one.name in UNTOLD:
        assert one.in_recipe, UNTOLD[one.name]
        return
    value, context = TRAINING[one.name]
    key = repr(context)
    if key not in plain:
        plain[key] = trained(tmp_path / "plain", **context)
    numbers, recipe = trained(tmp_path / "other", **{**context, one.name: value})
    assert (numbers != plain[key][0]) == (recipe != plain[key][1]) == one.in_recipe


class Measured(ArithmeticDetector):
    """Boxes near the labels, with scores and places that differ from frame to frame."""

    classes = ("pedestrian", "car")
    working_height = 120
    regresses_boxes = False

    def identity(self) -> str:
        return "measured"

    def best_iou(self, boxes: Any, size: Any) -> Any:
        return np.ones(len(boxes))

    def predict(self, frames: Any, threshold: float, flip: bool) -> list[Prediction]:
        found = []
        for frame in frames:
            rng = np.random.default_rng(int(frame[0, 0, 0]))
            boxes = [
                [b.x1 + d, b.y1 + d, b.x2 + d, b.y2 + d]
                for b in labels(int(frame[0, 0, 0]))
                for d in (0, *rng.integers(-30, 30, 3))
            ]
            scores = rng.uniform(0.02, 1, len(boxes)) - (0.01 if flip else 0)
            kept = np.flatnonzero(scores >= threshold)
            order = kept[np.argsort(-scores[kept])]
            found.append(
                Prediction(
                    np.array(boxes, np.float32)[order],
                    scores[order].astype(np.float32),
                    rng.integers(0, 2, len(boxes))[order],
                )
            )
        return found


def labels(number: int) -> list[Box]:
    """Labels of a frame: as they should be, small, large, wide, occluded."""
    x = 5.0 + number
    return [
        Box(x, 10, x + 24, 80, "pedestrian"),
        Box(x + 40, 10, x + 50, 40, "pedestrian"),
        Box(x + 60, 5, x + 100, 65, "pedestrian"),
        Box(x + 100, 0, x + 150, 118, "car"),
        Box(x + 160, 10, x + 185, 70, "pedestrian", occluded=True),
    ]


EVALUATION: dict[str, tuple[Any, dict[str, Any]]] = {
    "ious": ((0.3, 0.7), {}),
    "min_height": (20.0, {}),
    "max_height": (100.0, {}),
    "aspect": (None, {}),
    "aspect_classes": (("car",), {}),
    "ignore_occluded": (True, {}),
    "discard": (True, {}),
    "height_slack": (3.0, {}),
    "working_height": (240.0, {}),
    "threshold": (0.5, {}),
    "max_detections": (1, {}),
    "flip": (True, {}),
    "batch": (3, {}),
    "resamples": (20, {}),
    "level": (0.5, {}),
    "seed": (1, {}),
    "blocks": ("drives", {}),
    "segment": (4, {"blocks": "segments"}),
    "coco": (False, {}),
    "headline_iou": (0.5, {}),
}


def evaluated(**given: Any) -> tuple[str, str]:
    """What is measured under settings, and what a recipe says."""
    settings = EvaluationSettings(**{"resamples": 60, **given})
    frames = [np.full((120, 220, 3), n, np.uint8) for n in range(12)]
    items = [((f"v{n % 3}", n), frame, labels(n)) for n, frame in enumerate(frames)]
    detector: Any = Measured()
    for record in evaluate(detector, items, settings):
        if isinstance(record, Evaluation):
            document = to_document(record)
    del document["settings"]
    recipe = to_plain(settings, recipe=True)
    return json.dumps(document, sort_keys=True), json.dumps(recipe, sort_keys=True)


def test_every_evaluation_setting_has_another_value() -> None:
    assert {one.name for one in settings_of(EvaluationSettings)} == set(EVALUATION)


@pytest.mark.parametrize("one", settings_of(EvaluationSettings), ids=lambda one: one.name)
def test_an_evaluation_setting_is_in_the_recipe_where_it_changes_the_numbers(
    one: Setting,
) -> None:
    value, context = EVALUATION[one.name]
    numbers, recipe = evaluated(**context)
    others, changed = evaluated(**{**context, one.name: value})
    assert (numbers != others) == (recipe != changed) == one.in_recipe
