"""Evaluations saved and drawn."""

from __future__ import annotations

import json
import math
from html.parser import HTMLParser

import numpy as np
import pytest

from framesift.boxes import Box, Prediction
from framesift.errors import InputError
from framesift.evaluation import (
    EvaluationSettings,
    compare,
    comparison_section,
    curves_png,
    evaluate_predictions,
    evaluation_page,
    evaluation_section,
    from_document,
    load_evaluation,
    save_evaluation,
    to_document,
)

OPTIONS = EvaluationSettings.unfiltered().with_(resamples=40)


def made(seed: int = 0, hits: float = 0.7, classes: tuple[str, ...] = ("pedestrian", "car")):
    random = np.random.default_rng(seed)
    items = []
    for number in range(30):
        labels = [
            Box(x, y, x + 30, y + 70, classes[int(random.integers(len(classes)))])
            for x, y in random.uniform(0, 300, (random.integers(0, 4), 2))
        ]
        rows = [[b.x1, b.y1, b.x2, b.y2] for b in labels if random.random() < hits]
        rows += [[x, 0.0, x + 30, 70.0] for x in random.uniform(0, 300, random.integers(0, 4))]
        items.append(
            (
                (f"d{number // 20}", number),
                Prediction(
                    np.array(rows, np.float32).reshape(-1, 4),
                    random.uniform(0.1, 1, len(rows)).astype(np.float32),
                    random.integers(0, len(classes), len(rows)).astype(np.int64),
                ),
                labels,
                (480, 640),
            )
        )
    return evaluate_predictions(
        items,
        OPTIONS,
        classes=classes,
        detector="abc",
        best_iou=lambda boxes, size: np.full(len(boxes), 0.4),
    )


def same_arrays(one, two) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(two, name), equal_nan=True)
        and getattr(one, name).dtype == getattr(two, name).dtype
        for name in (
            "detection_frame",
            "detection_score",
            "detection_state",
            "detection_box",
            "label_frame",
            "label_box",
            "label_score",
            "label_reach",
        )
    )


def test_saved_and_read_back_it_is_the_same(tmp_path):
    first = made()
    save_evaluation(tmp_path / "evaluation.json", first)
    again = load_evaluation(tmp_path / "evaluation.json")
    assert again.summary() == first.summary()
    assert (again.settings, again.keys, again.coco) == (first.settings, first.keys, first.coco)
    assert np.array_equal(again.blocks, first.blocks)
    for one, two in zip(first.results, again.results, strict=True):
        assert same_arrays(one.matches, two.matches)
        assert one.miss_rate_interval == two.miss_rate_interval
    assert compare(first, again, resamples=0).frames == ()


def test_a_summary_is_plain_json():
    summary = json.loads(json.dumps(made().summary(), allow_nan=False))
    assert summary["frames"] == 30
    assert summary["classes"][0]["reachable"] == 1.0
    assert summary["classes"][1]["reachable"] == 0.0
    assert summary["headline_iou"] == 0.3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.update(format="something"),
        lambda d: d.update(version=99),
        lambda d: d.update(version="1"),
        lambda d: d.pop("results"),
        lambda d: d["results"].pop(),
        lambda d: d["results"][0].pop("label_box"),
        lambda d: d["results"][0]["label_box"].update(shape=[10**9, 4]),
        lambda d: d["results"][0]["label_box"].update(shape=[-1, 4]),
        lambda d: d["results"][0]["label_box"].update(dtype="O"),
        lambda d: d["results"][0]["label_box"].update(data="!!!"),
        lambda d: d["results"][0].update(label_frame=d["frame_number"]),
        lambda d: d["settings"].update(blocks="days"),
        lambda d: d["settings"].update(ious="abc"),
        lambda d: d.update(videos=[]),
        lambda d: d.update(headline=0.7),
    ],
)
def test_damaged_files_are_refused_with_a_sentence(spoil):
    document = json.loads(json.dumps(to_document(made())))
    spoil(document)
    with pytest.raises(InputError):
        from_document(document)


def test_no_json_and_no_file(tmp_path):
    (tmp_path / "broken.json").write_text("{")
    for name in ("broken.json", "absent.json"):
        with pytest.raises(InputError):
            load_evaluation(tmp_path / name)


class Strict(HTMLParser):
    """Checks that tags close in order and that nothing is fetched from elsewhere."""

    VOID = ("img", "meta", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.pictures = 0

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("src", "href"):
                assert value is not None
                assert value.startswith("data:image/png;base64,")
                self.pictures += 1
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def checked(page: str) -> Strict:
    parser = Strict()
    parser.feed(page)
    assert parser.open == []
    return parser


def test_the_page_is_whole_and_escapes_names():
    before, after = made(1, 0.3), made(1, 0.9)
    page = evaluation_page(
        evaluation_section({"<script>alert(1)</script> $x": before, "after": after}),
        comparison_section(compare(before, after, resamples=20)),
        title="Week <47>",
    )
    parser = checked(page)
    assert parser.pictures == 4, "two classes at two thresholds"
    assert "<script>" not in page
    assert "Week &lt;47&gt;" in page
    assert "newly found" in page


def test_several_classes_are_told_apart_and_together():
    found = made()
    mean, half = found.average_precision("car")
    assert 0 < mean <= half + 1e-9 < 1
    assert found.average_precision("horse") is None
    told = {one["class"]: one for one in found.summary()["average_precision"]}
    assert told["car"]["map"] == mean
    page = evaluation_page(evaluation_section({"now": found}))
    assert "mean of the classes" in page
    for value in (mean, half, found.coco.map, found.miss_rate()):
        assert f"{value:.1%}".replace("%", " %") in page
    single = evaluation_page(evaluation_section({"now": made(classes=("pedestrian",))}))
    assert "mean of the classes" not in single


def test_curves_are_pictures_even_of_nothing():
    nothing = evaluate_predictions([(("v", 0), Prediction.empty(), [])], OPTIONS)
    silent = evaluate_predictions([(("v", 0), Prediction.empty(), [Box(0, 0, 9, 20)])], OPTIONS)
    perfect = evaluate_predictions(
        [
            (
                ("v", 0),
                Prediction(
                    np.array([[0, 0, 9, 20]], np.float32),
                    np.array([1.0], np.float32),
                    np.zeros(1, np.int64),
                ),
                [Box(0, 0, 9, 20)],
            )
        ],
        OPTIONS,
    )
    data = curves_png({"nothing": nothing, "silent $ \u4eba": silent, "perfect": perfect})
    assert data.startswith(b"\x89PNG")
    assert data == curves_png(
        {"nothing": nothing, "silent $ \u4eba": silent, "perfect": perfect}
    )
    section = evaluation_section({"nothing": nothing, "silent": silent})
    checked(section)
    assert "no label counts" in section
    assert "ends before one" in section
    assert math.isnan(nothing.miss_rate())
    assert silent.miss_rate() == 1.0
    assert perfect.miss_rate() == 0.0
