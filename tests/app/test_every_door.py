"""One choice at all four doors: `select`, a project's `cycle`, `simulate` and the window."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from scored_week import scored_week

from framesift.cli import main
from framesift.errors import InputError
from framesift.loop import replay
from framesift.project import Project
from framesift.selection import STRATEGIES
from framesift.simulate import Store, load_experiment, simulate
from framesift_app.dialogs.others_field import OthersField
from framesift_app.dialogs.scoring import ScoreDialog, lacking

FRAMES, EVERY, BUDGET, SEED = 16, 2, 3, 0
PASSES = {"passes": 2}
Places = list[tuple[str, int]]
PROPOSING = "fasterrcnn_mobilenet_v3_large_fpn"
DETECTOR_OF = {
    name: "proposing" if "proposals" in strategy.needs else "headed"
    for name, strategy in STRATEGIES.items()
}
"""What each strategy's detector must have."""


def run(*words: object) -> None:
    assert main([str(word) for word in words]) == 0


@dataclass(frozen=True)
class Stage:
    """A drawn drive, detectors by what they have, and another checkpoint to compare with."""

    folder: Path
    drive: Path
    detectors: dict[str, Path]
    other: Path

    def params(self, strategy: str) -> dict[str, Any]:
        """Settings that the strategy's scores have of their own."""
        needs = STRATEGIES[strategy].needs
        return {
            **(PASSES if "dropout" in needs else {}),
            **({"ensemble": [str(self.other)]} if "checkpoints" in needs else {}),
        }

    def options(self, strategy: str) -> tuple[object, ...]:
        """What commands that score are told."""
        own = (
            word
            for name, value in self.params(strategy).items()
            for word in (f"--{name}", *(value if isinstance(value, list) else [value]))
        )
        return ("--strategy", strategy, *own, *self.seen_by(DETECTOR_OF[strategy]))

    def seen_by(self, detector: str) -> tuple[object, ...]:
        run_as = ("--precision", "float32", "--device", "cpu", "--batch", 2)
        return ("--detector", self.detectors[detector], *run_as, "--every", EVERY)


RULES = ("--budget", BUDGET, "--delta1", "3", "--delta2", "1", "--seed", SEED)


def picked(path: Path) -> Places:
    document = json.loads(path.read_text())
    return [(document["videos"][p["video"]]["path"], p["frame"]) for p in document["picks"]]


@pytest.fixture(scope="module")
def narrow(narrow: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The narrow detector with a head, as some strategies need one."""
    import torch

    from framesift.detectors.files.checkpoint import load_checkpoint, save_checkpoint
    from framesift.detectors.heads import CellHead

    detector, taken = load_checkpoint(narrow), list[torch.Tensor]()
    with detector.tapped(taken.append):
        detector.infer(np.zeros((1, 96, 128, 3), np.uint8))
    torch.manual_seed(0)
    detector.heads["predicted_misses"] = CellHead(taken[0].shape[1])
    path = tmp_path_factory.mktemp("headed") / "narrow.safetensors"
    save_checkpoint(path, detector)
    return path


@pytest.fixture(scope="module")
def scored_project(
    narrow: Path, footage: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return scored_week(tmp_path_factory.mktemp("headed") / "week", footage, narrow)


@pytest.fixture(scope="module")
def stage(narrow: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    import torch

    from framesift.detectors import DETECTORS
    from framesift.detectors.files.checkpoint import save_checkpoint
    from framesift.synth import drive, write_drive

    folder = tmp_path_factory.mktemp("doors")
    for name, seed, frames in (("drive", 3, FRAMES), ("unseen", 62, 10)):
        for _ in write_drive(
            drive(seed, frames=frames, size=(96, 128)), folder / f"{name}.mp4"
        ):
            pass
    torch.manual_seed(1)
    for name, detector in (
        ("other", DETECTORS["paper"](("pedestrian",), {"width": 0.125, "working_height": 96})),
        ("proposing", DETECTORS[PROPOSING](("pedestrian",), {"working_height": 96})),
    ):
        save_checkpoint(folder / f"{name}.safetensors", detector)
    detectors = {"headed": narrow, "proposing": folder / "proposing.safetensors"}
    return Stage(folder, folder / "drive.mp4", detectors, folder / "other.safetensors")


@pytest.fixture(scope="module")
def scored_once(stage: Stage) -> dict[str, Path]:
    """By detector a project that holds all that any strategy ranks by, from one pass: what
    `cycle` and the window find scored."""
    projects = {}
    for detector in stage.detectors:
        signals = [
            signal
            for name, strategy in STRATEGIES.items()
            if DETECTOR_OF[name] == detector
            for signal in strategy.signals
        ]
        every = stage.folder / f"{detector}.toml"
        every.write_text(f"signals = {json.dumps(list(dict.fromkeys(signals)))}\n")
        projects[detector] = stage.folder / f"{detector}-week"
        own = ("--passes", 2, "--ensemble", stage.other) if detector == "headed" else ()
        words = ("--strategy", every, *own, *stage.seen_by(detector))
        run("score", stage.drive, "--project", projects[detector], *words)
    return projects


@pytest.fixture(scope="module")
def simulated(stage: Stage) -> dict[str, Places]:
    """By strategy what the first cycle of a simulation takes."""
    from framesift.synth import labels_path

    def pool(name: str) -> str:
        return json.dumps(str(labels_path(stage.folder / f"{name}.mp4")))

    taken: dict[str, Places] = {}
    for detector, path in stage.detectors.items():
        variants = "".join(
            f'[[variants]]\nname = "{name}"\nstrategy = "{name}"\n'
            + "".join(
                f"score.{key} = {json.dumps(value)}\n"
                for key, value in stage.params(name).items()
            )
            for name in STRATEGIES
            if DETECTOR_OF[name] == detector
        )
        file = stage.folder / f"{detector}-every.toml"
        file.write_text(
            f"""
budget = {BUDGET}
cycles = 1
seeds = 1
rules = {{ delta1 = "3", delta2 = "1" }}
pool = {{ kind = "coco", paths = [{pool("drive")}], every = {EVERY} }}
evaluation = {{ kind = "coco", paths = [{pool("unseen")}], every = 10 }}
initial = {{ source = "checkpoint", detector = {json.dumps(str(path))} }}
training = {{ epochs = 1, batch = 4, min_height = 5.0, augmentation = {{ crop = [64, 64] }} }}
measuring = {{ min_height = 5.0 }}
{variants}"""
        )
        folder = stage.folder / f"{detector}-simulated"
        experiment = load_experiment(file)
        for _ in simulate(experiment, folder, devices=["cpu"]):
            pass
        store = Store(folder, experiment)
        for variant in experiment.variants:
            _, row = store.rows_of(variant, SEED)
            taken[variant.name] = list(row.picked)
    return taken


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_door_gives_the_strategys_own_picks(
    strategy: str,
    stage: Stage,
    scored_once: dict[str, Path],
    simulated: dict[str, Places],
    session: Any,
    tmp_path: Path,
    until: Callable[[Callable[[], Any]], None],
) -> None:
    options = stage.options(strategy)
    run("select", stage.drive, *options, *RULES, "--json", tmp_path / "select.json")
    frames = [frame for _, frame in picked(tmp_path / "select.json")]
    assert len(frames) == BUDGET
    assert [frame for _, frame in simulated[strategy]] == frames

    week = shutil.copytree(scored_once[DETECTOR_OF[strategy]], tmp_path / "week")
    run("cycle", week, *options, *RULES, "--no-report", "--json", tmp_path / "cycle.json")
    assert [frame for _, frame in picked(tmp_path / "cycle.json")] == frames
    _check_ledger(week, strategy, frames, scored_once)
    with Project.open(week, readonly=True) as project:
        assert replay(project, 1).same

    folder = shutil.copytree(scored_once[DETECTOR_OF[strategy]], tmp_path / "window")
    session.open_project(folder)
    until(lambda: session.footage.drives and session.detector.view)
    assert lacking(STRATEGIES[strategy], session.detector.view) == ()
    session.selection.set_rules(
        strategy=strategy, budget=BUDGET, delta1="3", delta2="1", seed=SEED
    )
    session.scores.start(every=EVERY, **stage.params(strategy))
    until(lambda: session.jobs.active("score") is None and session.selection.settled)
    assert [pick.frame for pick in session.selection.offered] == frames
    session.picks.take()
    until(lambda: session.cycles.latest is not None)
    assert session.errors == []
    _check_ledger(folder, strategy, frames, scored_once)


def _check_ledger(
    folder: Path, strategy: str, frames: list[int], scored_once: dict[str, Path]
) -> None:
    """A project's first cycle is the strategy's, and its scores are those of before: what a
    door asks for is what every other door's scores are."""
    with (
        Project.open(folder, readonly=True) as project,
        Project.open(scored_once[DETECTOR_OF[strategy]], readonly=True) as before,
    ):
        cycle = project.ledger.cycle(1)
        assert [(r.video, r.identity) for r in project.series.all()] == [
            (r.video, r.identity) for r in before.series.all()
        ]
    assert [pick.key.frame for pick in cycle.picks] == frames
    assert cycle.settings["strategy"] == strategy
    signals, score = STRATEGIES[strategy].signals, cycle.settings["score"]
    if len(signals) > 1:
        assert {name: each["method"] for name, each in score.items()} == {
            name: name for name in signals
        }
    else:
        assert score.get("method") == (signals[0] if signals else None)


def test_the_window_scores_as_the_commands_do(
    stage: Stage,
    simulated: dict[str, Places],
    session: Any,
    tmp_path: Path,
    until: Callable[[Callable[[], Any]], None],
) -> None:
    """A project that begins in the window and is scored there."""
    session.new_project(tmp_path / "window", ["pedestrian"], str(stage.detectors["headed"]))
    until(lambda: session.folder is not None)
    session.footage.add([stage.drive])
    until(lambda: session.footage.drives and session.detector.view)
    session.selection.set_rules(
        strategy="nakamura", budget=BUDGET, delta1="3", delta2="1", seed=SEED
    )
    session.scores.start(every=EVERY)
    until(lambda: session.jobs.active("score") is None and session.selection.settled)
    picks = [pick.frame for pick in session.selection.offered]
    assert picks == [frame for _, frame in simulated["nakamura"]]
    assert session.errors == []


def test_the_ledger_says_what_was_scored_by(
    scored: Any, qtbot: Any, until: Callable[[Callable[[], Any]], None]
) -> None:
    """A project scored by entropy, and then by divergence in the form. Before the strategy
    decided the score, the form changed the score alone: the cycle was ranked by one, and its
    ledger named the other."""
    dialog = ScoreDialog(scored)
    qtbot.addWidget(dialog)
    box = dialog.findChild(QComboBox, "strategy")
    assert box.currentData() == "entropy"
    box.setCurrentIndex(box.findData("divergence"))
    dialog.accept()
    until(lambda: scored.jobs.active("score") is None and scored.selection.settled)
    scored.picks.take()
    until(lambda: scored.cycles.latest is not None)
    settings = scored.cycles.latest.settings
    assert (settings["strategy"], settings["score"]["method"]) == ("divergence", "divergence")
    with Project.open(scored.folder, readonly=True) as project:
        assert replay(project, 1).same
    assert scored.errors == []


def test_the_window_offers_what_the_detector_has(scored: Any, qtbot: Any) -> None:
    dialog = ScoreDialog(scored)
    qtbot.addWidget(dialog)
    box = dialog.findChild(QComboBox, "strategy")
    offered = {box.itemData(n) for n in range(box.count())}
    assert {"predicted-misses", "nakamura", "gradient"} <= offered
    assert "tightness" not in offered
    bare = replace(scored.detector.view, heads=(), has_features=False)
    assert lacking(STRATEGIES["nakamura"], bare) == ("head",)
    assert lacking(STRATEGIES["gradient"], bare) == ("features",)


def test_the_window_refuses_a_setting_of_another_score(
    scored: Any, until: Callable[[Callable[[], Any]], None]
) -> None:
    """What the project keeps from an earlier score is no contradiction."""
    scored.scores.options = {**scored.scores.options, "radius": 4}
    scored.selection.set_rules(strategy="entropy")
    with pytest.raises(InputError, match="radius is a setting of divergence, but the strategy"):
        scored.scores.start(every=8, radius=3)
    assert scored.jobs.active("score") is None
    scored.scores.start(every=8)
    until(lambda: scored.jobs.active("score") is None and scored.selection.settled)
    assert scored.scores.strategy.name == "entropy"


@pytest.fixture
def compared(
    stage: Stage,
    scored_once: dict[str, Path],
    session: Any,
    tmp_path: Path,
    until: Callable[[Callable[[], Any]], None],
) -> Any:
    """A session with a project that holds a checkpoint of an earlier cycle beside the detector
    in use; nothing of it has been compared yet."""
    folder = shutil.copytree(scored_once["headed"], tmp_path / "compared")
    adopted = shutil.copy(stage.other, tmp_path / "other.safetensors")
    with Project.open(folder) as project:
        project.checkpoints.adopt(
            Path(adopted),
            identity="another",
            classes=["pedestrian"],
            cycle=0,
            stay_with=project.detector,
        )
    session.open_project(folder)
    until(lambda: session.footage.drives and session.detector.view)
    session.scores.every = EVERY
    return session


def test_the_window_compares_with_the_projects_own_checkpoints(
    stage: Stage,
    compared: Any,
    qtbot: Any,
    tmp_path: Path,
    until: Callable[[Callable[[], Any]], None],
) -> None:
    """Where nobody names detectors, the window and `cycle` take the project's."""
    options = stage.options("ensemble-mi")
    run("select", stage.drive, *options, *RULES, "--json", tmp_path / "select.json")
    compared.selection.set_rules(
        strategy="ensemble-mi", budget=BUDGET, delta1="3", delta2="1", seed=SEED
    )
    dialog = ScoreDialog(compared)
    qtbot.addWidget(dialog)
    dialog.show()
    others = dialog.findChild(OthersField, "ensemble")
    until(lambda: others.list.count())
    row = others.list.item(0)
    assert (others.list.count(), row.text()) == (1, "Checkpoint 1, from cycle 0")
    assert row.checkState() == Qt.CheckState.Checked
    assert others.passes() == 2
    # Nothing is ticked: nothing can be compared, and the form stays open and says why.
    row.setCheckState(Qt.CheckState.Unchecked)
    dialog.accept()
    assert "Tick a detector" in dialog.problem.text()
    assert compared.jobs.active("score") is None
    row.setCheckState(Qt.CheckState.Checked)
    assert dialog.options()["ensemble"] == ()
    dialog.accept()
    until(lambda: compared.jobs.active("score") is None and compared.selection.settled)
    picks = [pick.frame for pick in compared.selection.offered]
    assert picks == [frame for _, frame in picked(tmp_path / "select.json")]
    assert compared.errors == []


def test_a_detector_from_elsewhere_is_kept_by_the_window(
    stage: Stage, compared: Any, qtbot: Any, until: Callable[[Callable[[], Any]], None]
) -> None:
    compared.selection.set_rules(strategy="ensemble", budget=BUDGET)
    dialog = ScoreDialog(compared)
    qtbot.addWidget(dialog)
    dialog.show()
    others = dialog.findChild(OthersField, "ensemble")
    until(lambda: others.list.count())
    others.add(str(stage.other))
    others.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.options()["ensemble"] == (str(stage.other),)
    compared.scores.options = {"ensemble": [str(stage.other)]}
    again = ScoreDialog(compared)
    qtbot.addWidget(again)
    again.show()
    assert again.options()["ensemble"] == (str(stage.other),)


def test_a_project_without_a_second_detector_says_what_is_missing(
    scored: Any, qtbot: Any, until: Callable[[Callable[[], Any]], None]
) -> None:
    """In the form, and where scores are asked for without it."""
    scored.selection.set_rules(strategy="ensemble")
    dialog = ScoreDialog(scored)
    qtbot.addWidget(dialog)
    dialog.show()
    until(lambda: scored.detector.others is not None)
    dialog.accept()
    assert dialog.problem.text() == (
        "The project has no second detector of these classes to compare with; train a cycle "
        "first, or add a checkpoint file."
    )
    scored.scores.start(every=8)
    until(lambda: scored.errors)
    (sentence, _) = scored.errors.pop()
    assert "no second detector of pedestrian" in sentence
    run_in = scored.folder
    scored.close()
    options = ("--strategy", "ensemble", "--precision", "float32", "--device", "cpu")
    assert main(["cycle", str(run_in), *options, "--every", "8", "--no-report"]) == 2
