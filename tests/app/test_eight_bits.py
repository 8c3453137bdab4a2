"""8 bits in the window: shown first, kept by a click, never what is measured by."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt

from framesift.detectors.backends import BACKENDS
from framesift.loop import trying_eight_bits
from framesift.loop.eight_bits import of_detector
from framesift_app import settings
from framesift_app.dialogs.eight_bits import EightBitsDialog

pytestmark = pytest.mark.skipif(
    BACKENDS["openvino"].why_unavailable() is not None, reason="OpenVINO is not here"
)


def _tried(session: Any, qtbot: Any, until: Any) -> EightBitsDialog:
    until(lambda: session.detector.view is not None)
    dialog = EightBitsDialog(session)
    dialog.show()
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert not dialog.go.isEnabled()
    until(dialog.go.isEnabled)
    return dialog


def test_it_is_shown_kept_and_ended(
    scored: Any, qtbot: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying_eight_bits, "LEAST", 0.0)
    dialog = _tried(scored, qtbot, until)
    assert " picks are the same among " in dialog._result.text()
    assert dialog.go.text() == "Score in 8 bits"
    assert not scored.detector.in_eight_bits
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    until(lambda: scored.detector.in_eight_bits)

    source, inference = scored.detector.source, scored.detector._inference
    both: list[bool] = []

    def look() -> None:
        for load in (inference.detector, inference.exact_detector):
            both.append(of_detector(load(source, settings.device())) is not None)

    inference.submit(look)
    until(lambda: len(both) == 2)
    assert both == [True, False]

    again = EightBitsDialog(scored)
    again.show()
    assert again._off.isVisible()
    assert "scores in 8 bits now" in again._result.text()
    qtbot.mouseClick(again._off, Qt.MouseButton.LeftButton)
    until(lambda: not scored.detector.in_eight_bits)


def test_too_few_same_picks_offer_nothing(
    scored: Any, qtbot: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying_eight_bits, "LEAST", 2.0)
    dialog = _tried(scored, qtbot, until)
    assert dialog.problem.isVisible()
    assert dialog.go.text() == "Try it"
    assert not scored.detector.in_eight_bits
    dialog.close()
