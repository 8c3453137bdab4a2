"""A tiny project to drive the window with: a drawn drive and a narrow detector."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scored_week import scored_week

pytest.importorskip("PySide6")
pytest.importorskip("pytestqt")

WAIT_MS = 300_000
"""Long, since a training gives way to whatever else runs on the machine."""
FRAMES = 48


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of the test's own; the user's are left alone."""
    path = tmp_path / "settings.ini"
    monkeypatch.setenv("FRAMESIFT_SETTINGS", str(path))
    return path


@pytest.fixture(autouse=True)
def no_stray_words(qtlog: Any) -> Iterator[None]:
    """Fails a test in which Qt warns of something."""
    yield
    stray = [
        record.message
        for record in qtlog.records
        if record.type_name in ("QtWarningMsg", "QtCriticalMsg", "QtFatalMsg")
        and not record.message.startswith("This plugin does not support")
    ]
    assert stray == []


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Frame indices go to a folder of the test run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn drive of 48 frames, 128×96, as a file."""
    from framesift.synth import drive, write_drive

    path = tmp_path_factory.mktemp("footage") / "drive.mp4"
    for _ in write_drive(drive(seed=3, frames=FRAMES, size=(96, 128)), path):
        pass
    return path


@pytest.fixture(scope="session")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A narrow detector with random weights and heads, as a checkpoint."""
    import numpy as np
    import torch

    from framesift.detectors import PaperDetector
    from framesift.detectors.files.checkpoint import save_checkpoint
    from framesift.detectors.heads import CellHead
    from framesift.detectors.mixture_head import MixtureHead

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("detector") / "narrow.safetensors"
    detector = PaperDetector(settings={"width": 0.125, "working_height": 96})
    taken = list[torch.Tensor]()
    with detector.tapped(taken.append):
        detector.infer(np.zeros((1, 96, 128, 3), np.uint8))
    channels = taken[0].shape[1]
    detector.heads["predicted_loss"] = CellHead(channels)
    detector.heads["mdn"] = MixtureHead(channels, 2)
    save_checkpoint(path, detector)
    return path


@pytest.fixture
def until(qtbot: Any) -> Callable[[Callable[[], Any]], None]:
    """Waits until something holds, and fails after five minutes."""

    def wait(holds: Callable[[], Any]) -> None:
        qtbot.waitUntil(lambda: bool(holds()), timeout=WAIT_MS)

    return wait


@pytest.fixture
def session(qtbot: Any) -> Iterator[Any]:
    """A session without a window; an error that nobody expects fails the test."""
    from framesift_app.session import Session

    made = Session()
    made.errors = []
    made.messages.failed.connect(
        lambda sentence, details: made.errors.append((sentence, details))
    )
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture(scope="session")
def scored_project(
    footage: Path, narrow: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A project whose drive is scored. Nobody works in it: tests have copies."""
    return scored_week(tmp_path_factory.mktemp("scored") / "week", footage, narrow)


@pytest.fixture
def scored(session: Any, scored_project: Path, tmp_path: Path, until: Any) -> Any:
    """A session with a project whose drive is scored, four picks offered."""
    shutil.copytree(scored_project, tmp_path / "week")
    session.open_project(tmp_path / "week")
    until(lambda: session.footage.drives and session.detector.view)
    session.selection.set_rules(budget=4, delta1=6, delta2=2, look_alike="off")
    until(lambda: len(session.picks.all) == 4 and session.selection.settled)
    assert session.errors == []
    return session
