"""A simulation's runs by workers: the rows that one process gives, whoever does them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from framesift.cluster import Board, Where
from framesift.records import Notice
from framesift.simulate import Experiment, Row, Store, load_experiment, simulate
from framesift.simulate.engine import perform
from framesift.simulate.workers import Task

Command = Callable[..., str]
TOML = """
budget = 2
cycles = 2
seeds = 1
rules = {{ delta1 = "4", delta2 = "1" }}
score = {{ radius = 3, region = 9 }}
box_s = 2.0

[pool]
kind = "synthetic"
paths = ["look=target,seed=46,frames=20,size=96x64,scenario=busy"]
every = 2

[evaluation]
kind = "synthetic"
paths = ["look=target,seed=62,frames=6,size=96x64,scenario=busy"]
every = 2

[initial]
source = "checkpoint"
detector = {detector}

[training]
epochs = 1
batch = 2
min_height = 4.0
num_workers = 0

[measuring]
min_height = 4.0

[[variants]]
name = "divergence"

[[variants]]
name = "guided-random"
strategy = "guided-random"
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, make_detector: Callable[..., Path]) -> Path:
    folder = tmp_path_factory.mktemp("simulation")
    detector = make_detector(folder / "first.safetensors", width=0.125, height=64, spread=True)
    (folder / "tiny.toml").write_text(TOML.format(detector=json.dumps(str(detector))))
    return folder / "tiny.toml"


@pytest.fixture(scope="module")
def alone(path: Path) -> list[Row]:
    """The rows of one process."""
    return drained(path, path.parent / "alone")


def drained(path: Path, folder: Path, **how: Any) -> list[Row]:
    experiment = load_experiment(path)
    for _ in simulate(experiment, folder, devices=["cpu"], **how):
        pass
    return rows(experiment, folder)


def rows(experiment: Experiment, folder: Path) -> list[Row]:
    """All but what a clock says."""
    return [replace(row, seconds={}) for row in Store(folder, experiment).rows()]


def test_workers_do_what_one_process_does(
    path: Path, alone: list[Row], tmp_path: Path, command: Command
) -> None:
    said = command(
        "simulate", path, "--out", tmp_path, "--device", "cpu", "--cluster", "local:2"
    )
    assert said.count("miss rate") == 4
    assert len(alone) == 6
    assert rows(load_experiment(path), tmp_path) == alone
    assert not (tmp_path / "cluster").exists()


def test_two_live_workers_at_one_run(path: Path, alone: list[Row], tmp_path: Path) -> None:
    """Record by record in turn, so that they are in the middle of the same trainings."""
    experiment = load_experiment(path)
    # What the coordinator prepares.
    with closing(simulate(experiment, tmp_path, devices=["cpu"])) as records:
        while not (tmp_path / "cycle-00.json").exists():
            next(records)
    task = Task("run", "guided-random", 0)
    both = [perform(experiment, tmp_path, "cpu", task, owner) for owner in ("one", "two")]
    assert sum(isinstance(r, Row) for pair in zip_longest(*both) for r in pair) == 4
    mine = [row for row in rows(experiment, tmp_path) if row.variant == task.variant]
    assert mine == [row for row in alone if row.variant == task.variant]
    assert not list(tmp_path.glob("runs/*/*/training-*"))


def test_slurm_goes_on_with_what_its_jobs_did(
    path: Path, alone: list[Row], tmp_path: Path
) -> None:
    experiment = load_experiment(path)
    where = Where.of("slurm:2")

    def notices() -> Iterator[str]:
        for record in simulate(experiment, tmp_path, devices=["cpu"], where=where):
            if isinstance(record, Notice):
                yield str(record)

    for phase in ("score", "run"):
        assert any(f"cluster/{phase}/workers.sbatch" in told for told in notices())
        work_at(tmp_path / "cluster" / phase)
    assert not any("sbatch" in told for told in notices())
    assert rows(experiment, tmp_path) == alone


def work_at(folder: Path) -> None:
    """What a job does."""
    from framesift.cli import main

    assert Board.open(folder).left()
    assert main(["worker", str(folder)]) == 0


def test_what_cannot_be_is_a_sentence(path: Path, tmp_path: Path, command: Command) -> None:
    words = ("simulate", path, "--out", tmp_path / "none", "--device", "cpu")
    assert "one --device" in command(*words, "--device", "cpu", "--cluster", "ray", status=2)
    assert "no place to work" in command(*words, "--cluster", "far", status=2)
    assert not (tmp_path / "none").exists()
