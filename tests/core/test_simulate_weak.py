"""Simulations whose oracle gives labels that cost less than boxes, and what that takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framesift.boxes import Box, Prediction
from framesift.errors import InputError
from framesift.labels import Weak
from framesift.simulate import Variant, load_experiment
from framesift.simulate.costs import Costs, labelling_seconds
from framesift.simulate.oracle import (
    answers,
    full,
    helps_little,
    points,
    tags,
    unsure,
    work_of,
)
from framesift.simulate.statistics import (
    miss_after,
)
from framesift.simulate.store import Row, Store
from framesift.simulate.weak_table import weak_minutes

PERSON, CAR = Box(10, 10, 30, 50), Box(60, 10, 90, 30, "car")
CROWD = Box(0, 0, 96, 8, "", ignore=True)
CLASSES = ("pedestrian", "car")


def test_points_lie_near_centres_and_are_all_there_are() -> None:
    given = points([PERSON, CAR, CROWD], ("d", 4))
    assert given == points([PERSON, CAR, CROWD], ("d", 4))
    assert given != points([PERSON, CAR, CROWD], ("d", 5))
    assert given.boxes == (CROWD,)
    assert given.weak is not None
    assert given.weak.every
    assert [p.category for p in given.weak.points] == ["pedestrian", "car"]
    for point, box in zip(given.weak.points, (PERSON, CAR), strict=True):
        assert box.x1 <= point.x <= box.x2
        assert box.y1 <= point.y <= box.y2
    assert given.work == {"points": 2}


def test_answers_to_proposals() -> None:
    rows = [
        [10, 10, 30, 48],
        [11, 10, 31, 50],
        [60, 10, 90, 30],
        [50, 0, 70, 8],
        [0, 20, 9, 60],
    ]
    proposals = Prediction(
        np.array(rows, np.float32),
        np.array([0.9, 0.8, 0.7, 0.6, 0.2], np.float32),
        np.array([0, 0, 0, 0, 0]),
    )
    given = answers([PERSON, CAR, CROWD], proposals, CLASSES, 0.5)
    # One yes for the person, a no to the second box of it and to the car called a pedestrian;
    # what the crowd covers and what is below the least score is not asked about.
    accepted = [b for b in given.boxes if not b.ignore]
    assert [(b.x1, b.y2, b.origin) for b in accepted] == [(10, 48, "confirmed")]
    assert given.weak is not None
    assert [(b.x1, b.category, b.denied) for b in given.weak.denied] == [
        (11, "pedestrian", True),
        (60, "pedestrian", True),
    ]
    assert given.work == {"answers": 3}


def test_tags_and_work() -> None:
    given = tags([PERSON, CROWD], CLASSES)
    assert given.weak == Weak(tags=(("car", False), ("pedestrian", True)))
    everything = [given, full([PERSON, CAR]), full([CAR], "extremes"), points([CAR], ("d", 1))]
    assert work_of(everything) == {"boxes": 2, "extremes": 1, "points": 1, "tags": 2}


def test_the_switches() -> None:
    assert not helps_little([0.9])
    assert not helps_little([0.9, 0.8, 0.75])
    assert helps_little([0.9, 0.8, 0.78])
    assert helps_little([0.9, 0.8, 0.78, 0.5])  # once for all
    assert helps_little([0.9, 0.95])
    scores = np.array([0.9, 0.8, 0.1], np.float32)
    sure = Prediction(np.zeros((3, 4), np.float32), scores, np.zeros(3, np.int64))
    assert not unsure(sure)
    assert unsure(Prediction.empty())
    assert unsure(Prediction(sure.boxes, scores - 0.2, sure.categories))


def row(variant: str, cycle: int, miss: float, work: dict[str, int], boxes: int = 0) -> Row:
    return Row(variant, 0, cycle, 10 * cycle, 0, boxes, 0.5, {"0.5": miss}, {}, work=work)


def test_seconds_count_what_was_given() -> None:
    costs = Costs(2, 25.5, 1.87, 7, 1.8, 1)
    work = {"boxes": 1, "points": 10, "extremes": 2, "answers": 5, "tags": 3}
    seconds = 10 * 2 + 25.5 + 18.7 + 14 + 9 + 3
    assert labelling_seconds(row("a", 1, 0.5, work, boxes=99), costs) == pytest.approx(seconds)
    # Results from before count their boxes.
    assert labelling_seconds(row("a", 1, 0.5, {}, boxes=4), costs) == 20 + 4 * 25.5
    assert miss_after([(0, 0.9), (10, 0.5), (20, 0.4)], 15) == pytest.approx(0.45)
    assert miss_after([(0, 0.9), (10, 0.5)], 11) is None


NAMES = ("boxes", "extremes", "points", "verification", "tags", "hard", "soft")


def toml(detector: Path) -> str:
    variants = "".join(
        f'[[variants]]\nname = "{n}"\nstrategy = "random"\nlabels = "{n}"\n' for n in NAMES
    )
    return f"""
budget = 3
cycles = 1
seeds = 1
aim = 2
baseline = "boxes"
label_s = 0.0
box_s = 25.5
rules = {{ delta1 = "4", delta2 = "1" }}

[pool]
kind = "synthetic"
paths = ["look=target,seed=46,frames=24,size=128x96,scenario=busy"]
every = 2

[evaluation]
kind = "synthetic"
paths = ["look=target,seed=62,frames=8,size=128x96,scenario=busy"]
every = 2

[initial]
detector = "{detector}"

[training]
epochs = 1
batch = 2
min_height = 8
num_workers = 0

[measuring]
min_height = 8
{variants}"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    from framesift.cli import main
    from framesift.detectors import PaperDetector
    from framesift.detectors.files.checkpoint import save_checkpoint

    folder = tmp_path_factory.mktemp("weak")
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        sizes = [[40, 20], [36, 18], [32, 16], [28, 14], [24, 12]]
        detector = PaperDetector(
            settings={"width": 0.125, "working_height": 96, "box_sizes": sizes}
        )
        torch.nn.init.normal_(detector.module.logits.weight, std=0.5)
        save_checkpoint(folder / "first.safetensors", detector)
    (folder / "small.toml").write_text(toml(folder / "first.safetensors"))
    words = ["simulate", folder / "small.toml", "--out", folder / "results"]
    assert main([str(word) for word in words]) == 0
    return folder / "small.toml", folder / "results"


def test_each_kind_of_labels_is_a_row(finished: tuple[Path, Path]) -> None:
    experiment = load_experiment(finished[0])
    rows = {r.variant: r for r in Store(finished[1], experiment).rows() if r.cycle == 1}
    assert set(rows) == set(NAMES)
    people = rows["boxes"].boxes
    assert rows["boxes"].work == {}
    assert rows["extremes"].work == {"extremes": people}
    # Chance picks the same frames for all of them.
    assert {r.picked for r in rows.values()} == {rows["boxes"].picked}
    assert rows["points"].work == rows["hard"].work == {"points": rows["points"].people}
    assert rows["tags"].work == {"tags": 3}
    assert rows["verification"].work["answers"] > 0
    assert rows["boxes"].miss_rate == rows["extremes"].miss_rate
    kept = json.loads((finished[1] / "runs/verification/0/labels-01.json").read_text())
    assert len(kept) == 3
    assert not (finished[1] / "runs/boxes/0/labels-01.json").exists()


def test_the_table_of_minutes(finished: tuple[Path, Path]) -> None:
    experiment = load_experiment(finished[0])
    named = {variant.name: variant for variant in experiment.variants}
    some = [named["boxes"], named["points"], named["verification"]]
    rows = [
        *(row("boxes", n, miss, {}, boxes=4 * n) for n, miss in ((0, 0.9), (1, 0.5))),
        *(
            row("points", n, miss, {"points": 4 * n})
            for n, miss in ((0, 0.9), (1, 0.9), (2, 0.5))
        ),
        *(
            row("verification", n, miss, {"answers": 60 * n})
            for n, miss in ((0, 0.9), (1, 0.8))
        ),
    ]
    table = weak_minutes(replace(experiment, aim=10), some, rows)
    minutes = {line[0]: line[2:] for line in table.rows}
    assert minutes["boxes"] == ("1.7",) * 3  # four boxes of 25.5 s
    assert minutes["points"] == ("0.2",) * 3  # eight clicks of 1.87 s
    assert minutes["verification"] == ("never",) * 3
    reached = [*rows, row("verification", 2, 0.5, {"answers": 120})]
    table = weak_minutes(replace(experiment, aim=10), some, reached)
    assert table.rows[2][2:] == ("3.6", "1.8", "7.2")
    assert weak_minutes(replace(experiment, aim=11), some, reached).rows == ()
    assert weak_minutes(replace(experiment, aim=10), some[:1], reached).rows == ()
    assert "25.5 s a box, 1.87 s a point" in table.about


def test_a_run_goes_on_with_the_labels_it_had(
    finished: tuple[Path, Path], command: Callable[..., str]
) -> None:
    """What was answered stands, whatever a detector would say now."""
    text, results = finished
    run = results / "runs/verification/0"
    before = (run / "labels-01.json").read_bytes()
    first = json.loads((run / "cycle-01.json").read_text())
    (run / "cycle-01.json").unlink()
    command("simulate", text, "--out", results)
    again = json.loads((run / "cycle-01.json").read_text())
    assert (run / "labels-01.json").read_bytes() == before
    assert (again["work"], again["miss_rate"]) == (first["work"], first["miss_rate"])


def test_weak_labels_without_their_training_are_refused() -> None:
    with pytest.raises(InputError, match="has points for labels and trains without weak"):
        Variant("a", "random", labels="points", training={"weak": {"enabled": False}})
    assert Variant("a", "random", labels="boxes", training={"weak": {"enabled": False}})
