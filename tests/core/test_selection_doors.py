"""One choice at every door: the command line, a project, a script; and the strategy says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import framesift
from framesift.cli import main
from framesift.errors import InputError
from framesift.loop import current_detector, replay, score_project, selection
from framesift.project import Project
from framesift.project.strategy import usual_strategy_of
from framesift.selection import STRATEGIES, Pool, PoolDrive, Rules, choose
from framesift.video import open_video

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


def test_where_no_strategy_is_named(
    drive: Path,
    seen: tuple[object, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The default; or the paper's preset, or a setting that only the divergence has."""
    path, default = tmp_path / "picks.json", Rules().strategy
    assert default == "entropy"
    for words, expected, told in (
        ((), default, ""),
        (("--preset", "paper"), "divergence", ""),
        (("--radius", "3"), "divergence", "chosen by the divergence, of which a setting"),
        (("--preset", "paper", "--strategy", "entropy"), "entropy", ""),
    ):
        capsys.readouterr()
        run("select", drive, *words, *RULES, *seen[2:], "--json", path)
        assert json.loads(path.read_text())["settings"]["strategy"] == expected
        assert told in capsys.readouterr().err
    # Of a setting of others a sentence says whose it is, and no project is left behind.
    assert main(["select", str(drive), "--passes", "3"]) == 2
    words = ("--radius", "3", "--passes", "3", "--project", str(tmp_path / "none"))
    assert main(["score", str(drive), *words]) == 2
    assert not (tmp_path / "none").exists()
    monkeypatch.chdir(drive.parent)
    detector = framesift.load_detector(str(seen[-1]), device="cpu", precision="float32")
    few: dict[str, Any] = {"budget": 1, "every": 8, "delta1": 3}
    for more, signal in (({}, "entropy"), ({"radius": 3}, "divergence")):
        assert framesift.score_video("drive.mp4", detector, every=8, **more).signal == signal
        chosen = framesift.select_frames("drive.mp4", detector, **few, **more)
        assert signal in repr(chosen)
    paper = framesift.select_frames("drive.mp4", detector, **few, preset="paper")
    assert "divergence" in repr(paper)


def test_a_project_goes_on_with_the_default_of_before(
    drive: Path, seen: tuple[object, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Until it is scored by the default, too."""
    week = tmp_path / "week"
    how = seen[2:]
    run("score", drive, "--project", week, "--strategy", "divergence", *how)
    for command in (("score", "--project", week), ("cycle", week, *RULES, "--no-report")):
        capsys.readouterr()
        run(*command, *how)
        assert "scored by the divergence and goes on" in capsys.readouterr().err
    run("select", "--project", week, *RULES, *how, "--json", tmp_path / "picks.json")
    picked = json.loads((tmp_path / "picks.json").read_text())
    assert picked["settings"]["strategy"] == "divergence"
    with Project.open(week, readonly=True) as project:
        assert {record.signal for record in project.series.all()} == {"divergence"}
        assert usual_strategy_of(project) == "divergence"
    # A few frames of the default are no change of mind.
    few = (*seen[2:], "--every", "12")
    run("score", "--project", week, "--strategy", "entropy", *few)
    with Project.open(week, readonly=True) as project:
        assert usual_strategy_of(project) == "divergence"
    run("score", "--project", week, "--strategy", "entropy", *how)
    capsys.readouterr()
    run("cycle", week, *RULES, "--no-report", *how)
    assert "goes on" not in capsys.readouterr().err
    with Project.open(week, readonly=True) as project:
        assert [cycle.settings["strategy"] for cycle in project.ledger.cycles()] == [
            "divergence",
            "entropy",
        ]


def test_signals_that_are_named_ask_for_no_default(
    drive: Path, small_detector: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Project] = []

    def usual(project: Project, _: object) -> str:
        asked.append(project)
        return "entropy"

    monkeypatch.setattr("framesift.loop.scoring.usual_strategy_of", usual)
    with Project.create(tmp_path / "week", detector=str(small_detector)) as project:
        with open_video(drive) as video:
            project.videos.add(video)
        detector = current_detector(project, device="cpu")
        for more in ({"signals": ["divergence"]}, {"options": {"method": "divergence"}}, {}):
            list(score_project(project, detector, every=12, **more))
            assert len(asked) == (not more)
        assert {one.signal for one in project.series.all()} == {"divergence", "entropy"}


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
    run("score", drive, "--project", tmp_path / "week", "--strategy", "divergence", *seen[2:])
    with (
        Project.open(tmp_path / "week", readonly=True) as project,
        pytest.raises(InputError, match=r"Nothing is scored .*entropy"),
    ):
        selection(project, Rules(), detector="", scores={})


def test_a_strategy_there_is_not() -> None:
    pool = Pool((PoolDrive("a", 3, fps=30.0, signals={"entropy": np.zeros(3)}),))
    with pytest.raises(InputError, match="There is no strategy 'oracle'"):
        choose(pool, Rules(strategy="oracle"))
