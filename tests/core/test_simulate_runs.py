"""A small experiment through the real command: rows, resumption, common random numbers."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from framesift.errors import EnvironmentProblem
from framesift.project.lock import WriterLock
from framesift.simulate import Row, Store, load_experiment, simulate
from framesift.simulate.stage import Stage
from framesift.simulate.workers import Task, in_turn, side_by_side
from framesift.training import PRESETS, Labels

Command = Callable[..., str]
VARIANTS = """
[[variants]]
name = "divergence"

[[variants]]
name = "guided-random"
strategy = "guided-random"

[[variants]]
name = "everything"
everything = true
seeds = 1

[[variants]]
name = "alike"
rules = { look_alike = "strict" }
score = { radius_by_box = true }
seeds = 1
ablation = true

[[variants]]
name = "stills"
strategy = "random"
stills = true
seeds = 1
ablation = true
"""

STEADY = """
[[variants]]
name = "steady"
strategy = "guided-random"
preset = "steady"
start = "random"
seeds = 1
ablation = true

[variants.training]
epochs = 1
batch = 5
replay = { frames = 3 }
propagation = { frames = 1 }
self_training = { enabled = true, frames = 3, reach = 1, renewals = 1 }
consistency = { enabled = true, frames = 2 }
"""


def toml(detector: Path, variants: str = VARIANTS) -> str:
    return f"""
budget = 3
cycles = 2
seeds = 2
correlate_every = 1
rules = {{ delta1 = "4", delta2 = "1" }}
score = {{ radius = 3, region = 9 }}
box_s = 2.0

[pool]
kind = "synthetic"
paths = ["look=target,seed=46-47,frames=28,size=128x96,scenario=busy"]
every = 2

[evaluation]
kind = "synthetic"
paths = ["look=target,seed=62,frames=24,size=128x96,scenario=busy"]
every = 3

[initial]
source = "checkpoint"
detector = {json.dumps(str(detector))}

[training]
epochs = 2
batch = 2
optimizer = "adamw"
min_height = 5.0
num_workers = 0

[training.augmentation]
crop = [64, 64]

[measuring]
min_height = 5.0
{variants}"""


@pytest.fixture(scope="module")
def detector(
    tmp_path_factory: pytest.TempPathFactory, make_detector: Callable[..., Path]
) -> Path:
    return make_detector(
        tmp_path_factory.mktemp("initial") / "first.safetensors",
        width=0.125,
        height=96,
        spread=True,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, detector: Path) -> tuple[Path, Path]:
    """The experiment's file and its results, run in this process."""
    folder = tmp_path_factory.mktemp("simulation")
    path = folder / "small.toml"
    path.write_text(toml(detector, VARIANTS + STEADY))
    for _ in simulate(load_experiment(path), folder / "results", devices=["cpu"]):
        pass
    return path, folder / "results"


def rows_of(path: Path, results: Path) -> list[Row]:
    return Store(results, load_experiment(path)).rows()


def test_every_run_has_its_cycles(finished: tuple[Path, Path]) -> None:
    path, results = finished
    experiment = load_experiment(path)
    rows = rows_of(path, results)
    for variant in experiment.variants:
        for seed in experiment.seeds_of(variant):
            own = [r for r in rows if (r.variant, r.seed) == (variant.name, seed)]
            expected = [0, 28] if variant.everything else [0, 3, 6]
            assert [r.frames for r in own] == expected
    zero = {r.miss_rate["0.3"] for r in rows if r.cycle == 0}
    assert len(zero) == 1
    assert not list((results / "runs").glob("*/*/training-*"))


def test_rules_hold_over_the_cycles(finished: tuple[Path, Path]) -> None:
    rows = rows_of(*finished)
    for name in ("divergence", "guided-random"):
        first, second = (r for r in rows if (r.variant, r.seed) == (name, 0) and r.cycle)
        for drive, number in first.picked:
            assert number % 2 == 0
            near = [n for d, n in second.picked if d == drive and abs(n - number) <= 1]
            assert not near
        for one in (first, second):
            places = sorted(one.picked)
            assert all(a[0] != b[0] or b[1] - a[1] > 4 for a, b in pairwise(places))


def test_repeats_differ_only_where_chance_has_a_say(finished: tuple[Path, Path]) -> None:
    """The same initial detector gives the same first picks; random orders change."""
    rows = rows_of(*finished)

    def first(name: str, seed: int) -> Any:
        return next(r for r in rows if (r.variant, r.seed, r.cycle) == (name, seed, 1)).picked

    assert first("divergence", 0) == first("divergence", 1)
    assert first("guided-random", 0) != first("guided-random", 1)


def test_repeats_share_the_first_cycles_scores(finished: tuple[Path, Path]) -> None:
    """What scoring took is kept with the scores: measured once, the same for both."""
    firsts = [r for r in rows_of(*finished) if (r.variant, r.cycle) == ("divergence", 1)]
    first, second = (row.seconds["scoring"] for row in firsts)
    assert first == second


def test_rows_keep_what_other_drives_would_give(
    finished: tuple[Path, Path], tmp_path: Path
) -> None:
    rows = rows_of(*finished)
    # One drive of less than a second: there is nothing to draw.
    assert {(row.resampled, row.blocks) for row in rows} == {((), "seconds")}
    kept = replace(rows[-1], resampled=(0.5, None), blocks="drives")
    store = Store(tmp_path / "kept", load_experiment(finished[0]))
    variant = next(v for v in store.experiment.variants if v.name == kept.variant)
    for row in rows:
        if row.variant == kept.variant and row.seed == kept.seed:
            store.write_row(row, None if row.cycle == 0 else variant)
    store.write_row(kept, variant)
    assert store.rows_of(variant, kept.seed)[-1] == kept


def test_the_report_says_what_came_out(finished: tuple[Path, Path], command: Command) -> None:
    path, results = finished
    said = command("simulate", path, "--out", results, "--report")
    assert str(results / "report.html") in said
    with (results / "results.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 2 * 3 + 2 * 3 + 2 + 3 + 3 + 3
    for line, row in zip(lines, rows_of(path, results), strict=True):
        assert (line["variant"], int(line["cycle"])) == (row.variant, row.cycle)
        assert float(line["labelling_seconds"]) == row.frames * 35 + row.boxes * 2
    page = (results / "report.html").read_text()
    assert "No drives were drawn again" in page
    for title in (
        "Headroom",
        "Miss rate per cycle",
        "Ablations",
        "Against guided-random",
        "What was labelled",
        "Is the score high where the detector errs?",
    ):
        assert f"<h2>{title}</h2>" in page
    assert page.count("data:image/png") >= 7
    found = json.loads((results / "correlation.json").read_text())["rows"]
    assert {one["detector"] for one in found} == {"initial", "guided-random, cycle 2"}
    told = [one for one in found if one["rho"] is not None]
    assert told
    assert all(-1 <= one["rho"] <= 1 for one in told)
    drawn = [one for one in told if one["low"] is not None]
    assert all(-1 <= one["low"] <= one["rho"] <= one["high"] <= 1 for one in drawn)
    assert "| divergence |" in (results / "tables.md").read_text()


def test_finished_cycles_are_never_computed_again(finished: tuple[Path, Path]) -> None:
    path, results = finished
    before = {one: one.stat().st_mtime_ns for one in (results / "runs").rglob("*.json")}
    records = list(simulate(load_experiment(path), results, devices=["cpu"]))
    assert not [r for r in records if isinstance(r, Row)]
    assert before == {one: one.stat().st_mtime_ns for one in (results / "runs").rglob("*.json")}


def test_one_at_a_time(finished: tuple[Path, Path]) -> None:
    path, results = finished
    lock = WriterLock(results)
    with pytest.raises(EnvironmentProblem, match=r"by another program .* wait"):
        next(simulate(load_experiment(path), results, devices=["cpu"]))
    lock.release()
    for _ in range(2):
        assert list(simulate(load_experiment(path), results, devices=["cpu"]))


@pytest.mark.timeout(280)
def test_killed_and_gone_on_with_gives_the_same_rows(
    finished: tuple[Path, Path],
    tmp_path: Path,
) -> None:
    path, results = finished
    again = tmp_path / "again"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    args = [
        sys.executable,
        "-m",
        "framesift",
        "simulate",
        str(path),
        "--out",
        str(again),
        "--seeds",
        "1",
        "--only",
        "divergence",
        "--only",
        "guided-random",
    ]

    def rows() -> int:
        return sum(1 for _ in (again / "runs").rglob("cycle-*.json"))

    for least, devices in ((1, ["--device", "cpu", "--device", "cpu"]), (2, [])):
        child = subprocess.Popen(
            [*args, *(devices or ["--device", "cpu"])],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while child.poll() is None and rows() < least:
            time.sleep(0.01)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        assert rows() < 4
    experiment = replace(
        load_experiment(path),
        seeds=1,
        variants=tuple(
            one
            for one in load_experiment(path).variants
            if one.name in ("divergence", "guided-random")
        ),
    )
    for _ in simulate(experiment, again, devices=["cpu"]):
        pass
    mine, theirs = (
        [replace(row, seconds={}) for row in Store(folder, experiment).rows()]
        for folder in (again, results)
    )
    assert len(mine) == 6
    assert mine == theirs
    assert_same_to_the_bit(again, results)


def assert_same_to_the_bit(some: Path, all_runs: Path) -> None:
    """Rows, detectors, scores and drawn footage are byte by byte those of all_runs."""
    compared: dict[str, int] = {}
    for path in some.rglob("*"):
        if path.suffix not in {".json", ".safetensors", ".npz", ".mp4"}:
            continue
        if path.name.startswith((".", "experiment")) or path.name.endswith(".seconds.json"):
            continue
        assert path.read_bytes() == (all_runs / path.relative_to(some)).read_bytes(), path
        compared[path.suffix] = compared.get(path.suffix, 0) + 1
    assert compared[".safetensors"] >= 5
    assert compared[".npz"] >= 2
    assert compared[".json"] >= 5
    assert compared[".mp4"] == 3


def test_bad_wishes_are_one_sentence(detector: Path, tmp_path: Path, command: Command) -> None:
    path = tmp_path / "one.toml"
    path.write_text(toml(detector, '[[variants]]\nname = "ours"\n'))
    out = ("--out", tmp_path / "results")
    for words, said in (
        ((), "experiment.toml"),
        (("--preset", "huge"), "'huge'"),
        ((path, "--only", "mine"), "'mine'"),
        (("--paper", "caltech", tmp_path), "citypersons"),
        (("--camvid", tmp_path), "lacks"),
        (("--camvid", tmp_path, "--preset", "means"), "lacks"),
        (("--camvid", tmp_path, "--preset", "tiny"), "footage of its own"),
        (("--camvid", tmp_path, "--preset", "means", path), "one of them"),
    ):
        sentence = command("simulate", *words, *out, status=2)
        assert said in sentence
        assert sentence.count("\n") == 1


def _failing(*_: Any) -> Any:
    raise ValueError("the task's own bug")
    yield


def _dying(*_: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)
    yield


def test_a_process_that_fails_is_heard(tmp_path: Path, detector: Path) -> None:
    from framesift.errors import EnvironmentProblem

    path = tmp_path / "one.toml"
    path.write_text(toml(detector, '[[variants]]\nname = "ours"\n'))
    experiment = load_experiment(path)
    task = Task("run", "ours", 0)
    with pytest.raises(ValueError, match="own bug"):
        list(in_turn(_failing, experiment, tmp_path, "cpu", [task]))
    with pytest.raises(RuntimeError, match="own bug"):
        list(side_by_side(_failing, experiment, tmp_path, ["cpu"], [task]))
    with pytest.raises(EnvironmentProblem, match="died"):
        list(side_by_side(_dying, experiment, tmp_path, ["cpu"], [task]))


def test_a_variant_trains_by_a_preset_and_from_its_own_start(
    finished: tuple[Path, Path],
) -> None:
    experiment = load_experiment(finished[0])
    named = {variant.name: variant for variant in experiment.variants}
    usual = experiment.training_of(named["guided-random"], 0, Labels(3, 5))
    steady = experiment.training_of(named["steady"], 0, Labels(3, 5))
    assert (usual.ema_decay, usual.replay.share, usual.batch_norm) == (0, 0, "batch")
    # The preset goes before the experiment's, and what the variant says before both.
    assert (steady.ema_decay > 0, steady.replay.share > 0) == (True, True)
    assert (steady.batch, steady.epochs, steady.propagation.frames) == (5, 1, 1)
    assert steady.self_training.enabled
    assert steady.consistency.enabled
    assert steady.augmentation == usual.augmentation
    rows = rows_of(*finished)
    assert [row.cycle for row in rows if row.variant == "steady"] == [0, 1, 2]


def test_a_preset_that_is_the_default_is_still_all_of_its_recipe(
    finished: tuple[Path, Path],
) -> None:
    experiment = load_experiment(finished[0])
    variant = experiment.variants[1]
    training = experiment.training.with_(optimizer="adamw", batch_norm="frozen", epochs=3)
    experiment = replace(experiment, training=training)
    classic = experiment.training_of(replace(variant, preset="classic"), 0)
    usual = PRESETS["classic"]
    for name in ("optimizer", "batch_norm", "epochs", "learning_rate", "weight_decay"):
        assert getattr(classic, name) == getattr(usual, name)
    # Crops and frames a step stay those of the footage and of the machine.
    assert (classic.augmentation, classic.batch) == (training.augmentation, training.batch)


def test_rows_keep_how_well_proposals_are_placed(
    finished: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def placed(self: Stage, detector: Any) -> Generator[Any, None, float]:
        yield from ()
        return 0.25

    monkeypatch.setattr(Stage, "positive_iou", placed)
    experiment = load_experiment(finished[0])
    chance = [one for one in experiment.variants if one.name == experiment.baseline]
    shorter = replace(experiment, variants=tuple(chance), cycles=1, seeds=1, correlate_every=0)
    for _ in simulate(shorter, tmp_path, devices=["cpu"]):
        pass
    rows = Store(tmp_path, shorter).rows()
    assert [(row.cycle, row.positive_iou) for row in rows] == [(0, 0.25), (1, 0.25)]
    assert {row.positive_iou for row in rows_of(*finished)} == {None}


def test_another_preset_or_start_is_another_run(
    finished: tuple[Path, Path],
) -> None:
    experiment = load_experiment(finished[0])
    variant = experiment.variants[1]
    digest = experiment.digest(variant)
    assert digest != experiment.digest(replace(variant, preset="steady"))
    assert digest != experiment.digest(replace(variant, start="random"))
    all_by = {
        name: replace(experiment, preset=name).digest(variant) for name in (None, *PRESETS)
    }
    assert len(set(all_by.values())) == len(all_by)
    # Whoever names it, the run is the same.
    assert all_by["sgd"] == experiment.digest(replace(variant, preset="sgd"))
