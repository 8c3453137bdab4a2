"""What the window asks of Python itself."""

from __future__ import annotations

import gc
import importlib
import sys
from types import SimpleNamespace

import pytest

from framesift_app.session import Session
from framesift_app.workers import inference


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


def test_threads_hand_the_interpreter_over_soon_once_qts_classes_are_there(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []
    imports = importlib.import_module

    def imported(name: str, package: str | None = None) -> object:
        return done.append(name) if name == "pyqtgraph" else imports(name, package)

    monkeypatch.setattr(importlib, "import_module", imported)
    monkeypatch.setattr(sys, "setswitchinterval", done.append)
    monkeypatch.setattr(inference, "import_torch", lambda: done.append("torch"))
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(set_num_threads=lambda _: None))
    session.warm_up("pyqtgraph")
    session.close()
    assert done == ["pyqtgraph", 0.001, "torch"]
