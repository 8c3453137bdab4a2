"""What the window asks of Python itself."""

from __future__ import annotations

import gc
import importlib
import sys

import pytest

from framesift_app.workers import inference
from framesift_app.workers.crew import Crew
from framesift_app.workers.relay import Relay


def test_garbage_collection_waits_for_an_import_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    during: list[tuple[str, bool]] = []
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(
        importlib, "import_module", lambda name: during.append((name, gc.isenabled()))
    )
    frozen = gc.get_freeze_count()
    inference.import_torch()
    assert during == [("torch", False)]
    assert gc.isenabled()
    assert gc.get_freeze_count() > frozen
    gc.unfreeze()

    def fails(_: str) -> None:
        raise ImportError("torch")

    monkeypatch.setattr(importlib, "import_module", fails)
    with pytest.raises(ImportError):
        inference.import_torch()
    assert gc.isenabled()


def test_threads_hand_the_interpreter_over_soon(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(sys, "setswitchinterval", asked.append)
    relay = Relay()
    crew = Crew(relay)
    crew.close()
    relay.close()
    assert asked
    assert all(seconds <= 0.001 for seconds in asked)
