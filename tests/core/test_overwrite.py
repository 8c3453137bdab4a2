"""Commands that write a file leave one that is there alone, unless they are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from framesift.synth import labels_path

Command = Callable[..., str]
MINE = b"somebody's own"


def test_drawn_drives_replace_nothing_unasked(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    words = ("synth", out, "--frames", 2, "--width", 64, "--height", 64)
    for path in (out, labels_path(out)):
        path.write_bytes(MINE)
        assert f"There is a {path} already" in command(*words, status=2)
        assert path.read_bytes() == MINE
        path.unlink()
    out.mkdir()
    assert "is a folder" in command(*words, "--overwrite", status=2)
    out.rmdir()
    out.write_bytes(MINE)
    command(*words, "--overwrite")
    assert out.read_bytes() != MINE
    assert labels_path(out).exists()
    assert "already" in command("demo", "--keep", out, "--out", tmp_path / "demo", status=2)


def test_exported_detectors_replace_nothing_unasked(
    command: Command, exported_paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framesift.detectors.onnx import export

    monkeypatch.setattr(export, "_traced", lambda *_: onnx.load(str(exported_paper)))
    out, checkpoint = tmp_path / "out.onnx", exported_paper.with_suffix(".safetensors")
    out.write_bytes(MINE)
    assert "already" in command("export-onnx", checkpoint, out, status=2)
    assert out.read_bytes() == MINE
    command("export-onnx", checkpoint, out, "--overwrite")
    assert out.read_bytes() != MINE


def test_made_detectors_replace_nothing_unasked(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "mine.safetensors"
    out.write_bytes(MINE)
    assert "already" in command("train-initial", out, "--steps", 1, status=2)
    assert out.read_bytes() == MINE
