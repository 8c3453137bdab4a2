"""What `framesift doctor` says of cards and drivers, and how its report reads."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from framesift.cli import doctor


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The driver's own tool, as a script to be written."""
    if sys.platform == "win32":
        pytest.skip("a script cannot stand for a program here")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    path = tmp_path / "nvidia-smi"
    path.write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_cards_as_their_driver_tells_them(driver: Path) -> None:
    driver.write_text(
        "#!/bin/sh\nprintf 'NVIDIA T4, 550.54, 15360 MiB\\n"
        "NVIDIA A100, 550.54, 40960 MiB\\nno such line\\n'\n",
        encoding="utf-8",
    )
    assert doctor.cards() == [
        {"name": "NVIDIA T4", "driver": "550.54", "memory": "15360 MiB"},
        {"name": "NVIDIA A100", "driver": "550.54", "memory": "40960 MiB"},
    ]


def test_driver_that_answers_with_an_error_or_not_at_all_has_no_cards(
    driver: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doctor.cards() == []
    driver.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    monkeypatch.setattr(doctor, "_DRIVER_S", 0.2)
    assert doctor.cards() == []
    driver.unlink()
    monkeypatch.setenv("PATH", str(driver.parent))
    assert doctor.cards() == []


def test_report_is_plain_text_in_columns() -> None:
    found = {
        "framesift": "1.2",
        "python": "3.12.1",
        "executable": "/bin/framesift",
        "system": "Linux",
        "cores": 4,
        "memory": "8.0 GB memory, 3.0 GB free",
        "libraries": {
            "torch": {"version": "2.9", "state": "works"},
            "torchvision": {"version": "", "state": "not installed"},
        },
        "devices": [{"device": "cpu", "name": "x86_64", "state": "computes"}],
        "cards": [{"name": "NVIDIA T4", "driver": "550.54", "memory": "15360 MiB"}],
        "detectors": {"pedestrian": "loads"},
        "crashes": "/home/me/crashes",
    }
    lines = doctor.report(found).splitlines()
    assert lines[0] == (
        "Framesift 1.2 · Python 3.12.1 · Linux · 4 cores · 8.0 GB memory, 3.0 GB free"
    )
    assert "torch        2.9      works" in lines
    assert "torchvision           not installed" in lines
    assert "NVIDIA T4      550.54  15360 MiB" in lines
    assert lines[-1] == "Reports of crashes: /home/me/crashes"
    assert "no NVIDIA card" in doctor.report({**found, "cards": []})
