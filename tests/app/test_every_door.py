"""One choice at all four doors: `select`, a project's `cycle`, `simulate` and the window."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox

from framesift.cli import main
from framesift.errors import InputError
from framesift.loop import replay
from framesift.project import Project
from framesift.scores import SIGNALS
from framesift.selection import STRATEGIES
from framesift.selection.strategies.by_score import ByScore
from framesift.simulate import Store, load_experiment
from framesift_app.dialogs.scoring import ScoreDialog, lacking

BUDGET, EVERY, SEED = 4, 2, 0
PARAMS = {"mc-dropout": {"passes": 2}}
Places = list[tuple[str, int]]
LIKE = {
    name: "stability"
    for name, strategy in STRATEGIES.items()
    if isinstance(strategy, ByScore) and name != "stability"
    for signal in strategy.signals
    if signal in SIGNALS or "checkpoints" in strategy.needs
}
"""Strategies that take the same way as another: they rank by a signal of the same kind."""
TAKEN = [name for name in STRATEGIES if name not in LIKE]


def run(*words: object) -> None:
    assert main([str(word) for word in words]) == 0


def options(strategy: str, detector: Path) -> tuple[object, ...]:
    own = (
        word
        for name, value in PARAMS.get(strategy, {}).items()
        for word in (f"--{name}", value)
    )
    scored = (
        ("--detector", detector, "--precision", "float32", "--batch", 2)
        if STRATEGIES[strategy].signals
        else ()
    )
    return ("--strategy", strategy, *own, "--every", EVERY, "--device", "cpu", *scored)


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
def simulated(
    tmp_path_factory: pytest.TempPathFactory, footage: Path, narrow: Path
) -> dict[str, Places]:
    """By strategy what the first cycle of `framesift simulate` takes."""
    from framesift.synth import drive, labels_path, write_drive

    folder = tmp_path_factory.mktemp("simulated")
    for _ in write_drive(drive(seed=62, frames=10, size=(96, 128)), folder / "unseen.mp4"):
        pass
    variants = "".join(
        f'[[variants]]\nname = "{name}"\nstrategy = "{name}"\n'
        + "".join(
            f"score = {{ {key} = {value} }}\n" for key, value in PARAMS.get(name, {}).items()
        )
        for name in TAKEN
    )
    pool, unseen = (
        json.dumps(str(labels_path(one))) for one in (footage, folder / "unseen.mp4")
    )
    (folder / "every.toml").write_text(
        f"""
budget = {BUDGET}
cycles = 1
seeds = 1
rules = {{ delta1 = "3", delta2 = "1" }}
pool = {{ kind = "coco", paths = [{pool}], every = {EVERY} }}
evaluation = {{ kind = "coco", paths = [{unseen}], every = 5 }}
initial = {{ source = "checkpoint", detector = {json.dumps(str(narrow))} }}
training = {{ epochs = 1, batch = 2, min_height = 5.0, augmentation = {{ crop = [64, 64] }} }}
measuring = {{ min_height = 5.0 }}
{variants}"""
    )
    run("simulate", folder / "every.toml", "--out", folder / "out", "--device", "cpu")
    experiment = load_experiment(folder / "every.toml")
    store = Store(folder / "out", experiment)
    found: dict[str, Places] = {}
    for variant in experiment.variants:
        _, row = store.rows_of(variant, SEED)
        found[variant.name] = list(row.picked)
    return found


@pytest.mark.parametrize("strategy", TAKEN)
def test_every_door_gives_the_strategys_own_picks(
    strategy: str,
    footage: Path,
    narrow: Path,
    simulated: dict[str, Places],
    session: Any,
    tmp_path: Path,
    until: Callable[[Callable[[], Any]], None],
) -> None:
    said = options(strategy, narrow)
    run("select", footage, *said, *RULES, "--json", tmp_path / "select.json")
    found = [frame for _, frame in picked(tmp_path / "select.json")]
    assert len(found) == BUDGET
    assert [frame for _, frame in simulated[strategy]] == found

    week = tmp_path / "week"
    run("score", footage, "--project", week, *said)
    run("cycle", week, *said, *RULES, "--no-report", "--json", tmp_path / "cycle.json")
    assert [frame for _, frame in picked(tmp_path / "cycle.json")] == found

    session.new_project(tmp_path / "window", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(lambda: session.footage.drives and session.detector.view)
    session.selection.set_rules(
        strategy=strategy, budget=BUDGET, delta1="3", delta2="1", seed=SEED
    )
    session.scores.start(every=EVERY, **PARAMS.get(strategy, {}))
    until(lambda: session.jobs.active("score") is None and session.selection.settled)
    assert [pick.frame for pick in session.selection.offered] == found
    session.picks.take()
    until(lambda: session.cycles.latest is not None)
    assert session.errors == []
    for folder in (week, tmp_path / "window"):
        with Project.open(folder, readonly=True) as project:
            cycle = project.ledger.cycle(1)
        assert [pick.key.frame for pick in cycle.picks] == found
        assert cycle.settings["strategy"] == strategy
        signals = STRATEGIES[strategy].signals
        scored = cycle.settings["score"]
        if len(signals) > 1:
            assert {name: each["method"] for name, each in scored.items()} == {
                name: name for name in signals
            }
        else:
            assert scored.get("method") == (signals[0] if signals else None)


def test_the_ledger_says_what_was_scored_by(
    scored: Any, qtbot: Any, until: Callable[[Callable[[], Any]], None]
) -> None:
    """A project scored by divergence, and then by entropy in the form. Before the strategy
    decided the score, the form changed the score alone: the cycle was ranked by entropy, and
    its ledger said `strategy: divergence`."""
    dialog = ScoreDialog(scored)
    qtbot.addWidget(dialog)
    box = dialog.findChild(QComboBox, "strategy")
    assert box.currentData() == "divergence"
    box.setCurrentIndex(box.findData("entropy"))
    dialog.accept()
    until(lambda: scored.jobs.active("score") is None and scored.selection.settled)
    scored.picks.take()
    until(lambda: scored.cycles.latest is not None)
    settings = scored.cycles.latest.settings
    assert (settings["strategy"], settings["score"]["method"]) == ("entropy", "entropy")
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
