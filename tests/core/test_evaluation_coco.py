"""Mean average precision equals the library's, given the same COCO file."""

from __future__ import annotations

import contextlib
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest

from framesift.boxes import Box, Prediction
from framesift.evaluation import EvaluationSettings, evaluate_predictions

PLAIN = EvaluationSettings.unfiltered().with_(resamples=0, threshold=0.0)


def made_file(path: Path) -> Path:
    random = np.random.default_rng(11)
    images = [
        {"id": n, "file_name": f"{n}.png", "width": 640, "height": 480} for n in range(5, 45)
    ]
    annotations = []
    for image in images:
        for _ in range(random.poisson(3)):
            x, y = random.uniform(0, 500, 2)
            w, h = random.uniform(5, 150, 2)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image["id"],
                    "bbox": [x, y, w, h],
                    "area": w * h,
                    "category_id": int(random.choice([3, 7])),
                    "iscrowd": int(random.random() < 0.15),
                }
            )
    path.write_text(
        json.dumps(
            {
                "info": {},
                "images": images,
                "annotations": annotations,
                "categories": [{"id": 3, "name": "car"}, {"id": 7, "name": "pedestrian"}],
            }
        )
    )
    return path


def detections_for(document: dict, seed: int) -> list[dict]:
    random = np.random.default_rng(seed)
    rows = []
    ids = [c["id"] for c in document["categories"]]
    for annotation in document["annotations"]:
        for _ in range(random.integers(0, 3)):
            box = np.float32(np.array(annotation["bbox"]) * random.normal(1, 0.08, 4))
            rows.append(
                {
                    "image_id": annotation["image_id"],
                    "bbox": [float(v) for v in box],
                    "category_id": annotation["category_id"],
                    "score": float(np.float32(random.random())),
                }
            )
    for image in document["images"]:
        for _ in range(3):
            x, y, w, h = (float(np.float32(v)) for v in random.uniform(5, 120, 4))
            rows.append(
                {
                    "image_id": image["id"],
                    "bbox": [x, y, w, h],
                    "category_id": int(random.choice(ids)),
                    "score": float(np.float32(random.random() ** 2)),
                }
            )
    return rows


def library(path: Path, rows: list[dict]) -> np.ndarray:
    from faster_coco_eval import COCO, COCOeval_faster

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(path))
        evaluator = COCOeval_faster(
            truth, truth.loadRes(rows), "bbox", print_function=lambda *_: None
        )
        evaluator.run()
    return np.asarray(evaluator.stats[:3])


def ours(document: dict, rows: list[dict]):
    names = {c["id"]: c["name"] for c in document["categories"]}
    order = sorted(names)
    items = []
    for image in document["images"]:
        labels = []
        for a in document["annotations"]:
            if a["image_id"] == image["id"]:
                x, y, w, h = a["bbox"]
                labels.append(
                    Box(
                        x,
                        y,
                        x + w,
                        y + h,
                        names[a["category_id"]],
                        ignore=bool(a.get("iscrowd")),
                    )
                )
        own = [r for r in rows if r["image_id"] == image["id"]]
        boxes = np.array([r["bbox"] for r in own], np.float64).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        items.append(
            (
                ("v", image["id"]),
                Prediction(
                    boxes.astype(np.float32),
                    np.array([r["score"] for r in own], np.float32),
                    np.array([order.index(r["category_id"]) for r in own], np.int64),
                ),
                labels,
            )
        )
    return evaluate_predictions(items, PLAIN, classes=[names[i] for i in order]).coco


@pytest.mark.parametrize("seed", range(3))
def test_equals_the_library_on_a_coco_file(tmp_path, seed):
    path = made_file(tmp_path / "labels.json")
    document = json.loads(path.read_text())
    rows = detections_for(document, seed)
    coco = ours(document, rows)
    assert coco is not None
    assert [coco.map, coco.ap50, coco.ap75] == pytest.approx(library(path, rows), abs=1e-6)
    assert np.mean([row[1] for row in coco.per_class]) == pytest.approx(coco.map)


def test_equals_the_library_on_a_real_file(shared_data):
    found = sorted((shared_data / "camvid").glob("**/*.json"))
    if not found:
        pytest.skip("no COCO file in the data folder")
    document = json.loads(found[0].read_text())
    for annotation in document["annotations"]:
        annotation.setdefault("iscrowd", 0)
    rows = detections_for(document, 1)
    coco = ours(document, rows)
    assert coco is not None
    assert [coco.map, coco.ap50, coco.ap75] == pytest.approx(library(found[0], rows), abs=1e-6)


def test_prints_nothing_and_knows_the_empty_cases(capsys):
    label = Box(0, 0, 30, 60)
    found = Prediction(
        np.array([[0, 0, 30, 60]], np.float32),
        np.array([0.9], np.float32),
        np.zeros(1, np.int64),
    )
    perfect = evaluate_predictions([(("v", 0), found, [label])], PLAIN).coco
    silent = evaluate_predictions([(("v", 0), Prediction.empty(), [label])], PLAIN).coco
    nothing = evaluate_predictions([(("v", 0), found, [])], PLAIN).coco
    assert perfect is not None
    assert silent is not None
    assert nothing is not None
    assert perfect.map == pytest.approx(1.0)
    assert silent.map == 0.0
    assert math.isnan(nothing.map)
    assert capsys.readouterr().out == ""
