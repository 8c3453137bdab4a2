"""One choice at every door: the command line, a project, a script; and the strategy says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framesift.cli import main
from framesift.errors import InputError
from framesift.loop import replay, selection
from framesift.project import Project
from framesift.selection import STRATEGIES, Pool, PoolDrive, Rules, choose

SEEN = ("--radius", "3", "--device", "cpu", "--precision", "float32", "--every", "2")
RULES = ("--budget", "4", "--delta1", "3", "--delta2", "1", "--seed", "3")
CHOSEN = (
    "divergence",
    "entropy",
    "box-entropy",
    "box-margin",
    "guided-random",
    "random",
    "uniform",
)


def run(*words: object) -> None:
    assert main([str(word) for word in words]) == 0


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from framesift.synth import drive, write_drive

    path = tmp_path_factory.mktemp("doors") / "drive.mp4"
    for _ in write_drive(drive(seed=5, frames=24, size=(96, 128)), path):
        pass
    return path


@pytest.fixture(scope="module")
def seen(small_detector: Path) -> tuple[object, ...]:
    """How the footage is scored."""
    return (*SEEN, "--detector", small_detector)


def picks(path: Path) -> list[tuple[int, float, float]]:
    document = json.loads(path.read_text())
    return [(p["frame"], p["smoothed"], p["score"]) for p in document["picks"]]


@pytest.mark.parametrize("strategy", CHOSEN)
def test_every_door_gives_the_strategys_own_picks(
    strategy: str, drive: Path, seen: tuple[object, ...], tmp_path: Path
) -> None:
    radius = seen if strategy == "divergence" else seen[2:]
    said = ("--strategy", strategy, *RULES, *radius)
    run("select", drive, *said, "--json", tmp_path / "select.json")
    run("score", drive, "--project", tmp_path / "week", "--strategy", strategy, *radius)
    run("cycle", tmp_path / "week", *said, "--no-report", "--json", tmp_path / "cycle.json")
    found = picks(tmp_path / "select.json")
    assert len(found) == 4
    assert picks(tmp_path / "cycle.json") == found
    with Project.open(tmp_path / "week", readonly=True) as project:
        cycle = project.ledger.cycle(1)
        assert cycle.settings["strategy"] == strategy
        score = cycle.settings["score"]
        signals = STRATEGIES[strategy].signals
        assert (score.get("method"),) == signals if signals else score == {}
        assert replay(project, 1).same
        # A script, from what the project stores.
        inputs = project.ledger.replay_inputs(1)
        candidates = None
        if not signals:
            (of,) = inputs.drives
            candidates = {of.key: np.arange(len(of)) % 2 == 0}
        chosen = choose(inputs.pool(candidates), Rules.from_settings(cycle.settings))
        assert [(p.frame, p.score, p.raw) for p in chosen.selection] == found


def test_strategies_differ(drive: Path, seen: tuple[object, ...], tmp_path: Path) -> None:
    made = {}
    for strategy in ("divergence", "entropy"):
        path = tmp_path / f"{strategy}.json"
        run("select", drive, "--strategy", strategy, *RULES, *seen[2:], "--json", path)
        made[strategy] = picks(path)
        assert json.loads(path.read_text())["settings"]["score"]["method"] == strategy
    assert made["divergence"] != made["entropy"]


def test_two_names_that_contradict_each_other_are_refused(
    drive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["select", str(drive), "--strategy", "entropy", "--method", "divergence"]
    assert main(words) == 2
    assert "--strategy entropy and --method divergence contradict" in capsys.readouterr().err


def test_what_is_said_wins_over_the_papers_rules(drive: Path, tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    said = ("--strategy", "uniform", "--preset", "paper", "--delta1", "40", "--json", path)
    run("select", drive, *said)
    settings = json.loads(path.read_text())["settings"]
    assert (settings["delta1"], settings["delta2"], settings["look_alike"]) == (
        "40",
        "2",
        "off",
    )


def test_a_ledger_that_names_another_strategy_than_it_ranked_by(
    drive: Path, seen: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier versions' windows scored by entropy and wrote down divergence."""
    run("score", drive, "--project", tmp_path / "week", "--strategy", "entropy", *seen[2:])
    run("cycle", tmp_path / "week", "--strategy", "entropy", *RULES, *seen[2:], "--no-report")
    with Project.open(tmp_path / "week", readonly=True) as project:
        cycle = project.ledger.cycle(1)
        real = project.ledger.cycle

        def older(number: int) -> Any:
            from dataclasses import replace

            return replace(real(number), settings={**cycle.settings, "strategy": "divergence"})

        monkeypatch.setattr(project.ledger, "cycle", older)
        made = replay(project, 1)
        assert made.same
        assert made.choice.signal == "entropy"


def test_nothing_scored_is_said(drive: Path, seen: tuple[object, ...], tmp_path: Path) -> None:
    run("score", drive, "--project", tmp_path / "week", "--strategy", "entropy", *seen[2:])
    with (
        Project.open(tmp_path / "week", readonly=True) as project,
        pytest.raises(InputError, match=r"Nothing is scored .*divergence"),
    ):
        selection(project, Rules(), detector="", scores={})


def test_a_strategy_there_is_not() -> None:
    pool = Pool((PoolDrive("a", 3, fps=30.0, signals={"entropy": np.zeros(3)}),))
    with pytest.raises(InputError, match="There is no strategy 'oracle'"):
        choose(pool, Rules(strategy="oracle"))
