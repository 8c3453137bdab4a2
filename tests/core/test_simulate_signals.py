"""Several signals in a simulation: one pass over the pool; heads of the initial detector."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.generators import returned

from framesift.errors import InputError
from framesift.records import Notice
from framesift.scores import FrameScorer, every_score
from framesift.simulate import Store, load_experiment, pool_scores, simulate
from framesift.simulate.correlation import BASELINE
from framesift.simulate.pool_scores import scores_of
from framesift.simulate.stage import Stage, opened

EXPERIMENT = """
budget = 2
cycles = 1
seeds = 1
correlate_every = 1
correlate_on = "evaluation"
correlate_by = ["all"]
rules = { delta1 = "2", delta2 = "1" }

[pool]
kind = "synthetic"
paths = ["look=target,seed=46-47,frames=12,size=96x72,scenario=busy"]
every = 2

[evaluation]
kind = "synthetic"
paths = ["look=target,seed=62,frames=6,size=96x72,scenario=busy"]

[initial]
source = "drawn"
frames = 16
size = [72, 96]
width = 0.125
working_height = 72
heads = HEADS

[initial.training]
epochs = 1
batch = 4
optimizer = "adamw"
min_height = 5.0
num_workers = 0

[training]
epochs = 1
batch = 2
min_height = 5.0
num_workers = 0

[measuring]
min_height = 5.0

[[variants]]
name = "misses"
strategy = "predicted-misses"

[[variants]]
name = "nakamura"
strategy = "nakamura"
"""


def written(folder: Path, heads: str) -> Path:
    path = folder / "experiment.toml"
    path.write_text(EXPERIMENT.replace("HEADS", heads))
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[str]]:
    """The experiment's file, its results, and what was said."""
    folder = tmp_path_factory.mktemp("signals")
    path = written(folder, '["predicted-misses"]')
    records = simulate(load_experiment(path), folder / "results", devices=["cpu"])
    said = [record.text for record in records if isinstance(record, Notice)]
    return path, folder / "results", said


@pytest.fixture
def stage(finished: tuple[Path, Path, list[str]]) -> Iterator[Stage]:
    path, results, _ = finished
    experiment = load_experiment(path)
    records = list(opened(experiment, Store(results, experiment), "cpu"))
    stage = records[-1]
    assert isinstance(stage, Stage)
    yield stage
    stage.close()


def test_strategies_that_need_a_head_run(finished: tuple[Path, Path, list[str]]) -> None:
    path, results, _ = finished
    rows = Store(results, load_experiment(path)).rows()
    chosen = {row.variant: row.picked for row in rows if row.cycle == 1}
    assert set(chosen) == {"misses", "nakamura"}
    assert all(len(picked) == 2 for picked in chosen.values())


def test_heads_live_on_through_the_cycles(finished: tuple[Path, Path, list[str]]) -> None:
    from framesift.detectors.files.checkpoint import load_checkpoint

    path, results, _ = finished
    experiment = load_experiment(path)
    store = Store(results, experiment)
    assert set(load_checkpoint(store.initial).heads) == {"predicted_misses"}
    after = load_checkpoint(store.checkpoint(experiment.variants[0], 0, 1))
    # Two labelled frames are too few to learn from: the training says so and keeps none.
    assert set(after.heads) <= {"predicted_misses"}


def test_signals_of_one_pass_are_those_of_their_own(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[int] = []
    score_numbers = pool_scores.score_numbers

    def counted(video, detector, scorers, *args, **kwargs):  # type: ignore[no-untyped-def]
        passes.append(len(scorers))
        return score_numbers(video, detector, scorers, *args, **kwargs)

    monkeypatch.setattr(pool_scores, "score_numbers", counted)
    detector = stage.detector(stage.experiment.variants[0], 0, 0)
    signals = ("divergence", "box_entropy", "predicted_misses")
    scorers = {name: FrameScorer(name, radius=3, region=9, top=0) for name in signals}
    together = drained(stage, tmp_path / "together", detector, scorers)
    assert passes == [3, 3]  # one for each drive
    for name in signals:
        alone = drained(stage, tmp_path / name, detector, {name: scorers[name]})
        for drive, values in alone[name].items():
            np.testing.assert_array_equal(together[name][drive], values)
            assert np.isfinite(values).sum() == 6


def test_every_signal_that_the_detector_gives_is_correlated(
    finished: tuple[Path, Path, list[str]],
) -> None:
    _, results, said = finished
    rows = json.loads((results / "correlation.json").read_text())["rows"]
    initial = {row["score"] for row in rows if row["detector"] == "initial"}
    refused = {text.split(": ")[1].split(" ")[0] for text in said if "not correlated" in text}
    assert {"divergence", "flicker_missed", "predicted_misses", BASELINE} <= initial
    assert {"tightness", "ensemble_iou", "predicted_loss"} <= refused
    # Nothing is left out in silence.
    assert initial | refused >= {*every_score()}
    assert {row["frames"] for row in rows if row["among"] == "all"} == {6}


def drained(stage: Stage, folder: Path, detector: object, scorers: object) -> dict:  # type: ignore[type-arg]
    records = scores_of(stage.pool, Store(folder, stage.experiment), detector, scorers)  # type: ignore[arg-type]
    return dict(returned(records)[0])


def test_an_unknown_head_is_refused_before_anything_is_drawn(
    tmp_path: Path, command: Callable[..., str]
) -> None:
    path = written(tmp_path, '["second-sight"]')
    said = command("simulate", str(path), "--out", str(tmp_path / "results"), status=2)
    assert "There is no head 'second_sight'" in said
    with pytest.raises(InputError):
        list(simulate(load_experiment(path), tmp_path / "again", devices=["cpu"]))
