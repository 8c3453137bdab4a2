"""Devices, versions, and what is unavailable here and why."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from framesift._version import __version__
from framesift.cli import console
from framesift.errors import FramesiftError, first_line
from framesift.product import crashes

_LIBRARIES = (
    "torch",
    "torchvision",
    "numpy",
    "av",
    "opencv-python-headless",
    "safetensors",
    "pillow",
    "matplotlib",
    "scipy",
    "faster-coco-eval",
    "openvino",
    "onnxruntime",
    "PySide6-Essentials",
    "pyqtgraph",
)
_MODULES = {
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "faster-coco-eval": "faster_coco_eval",
    "scipy": "scipy.special",
    "PySide6-Essentials": "PySide6.QtCore",
}
_OPTIONAL = {
    "openvino": "the quicker backend on processors",
    "onnxruntime": "ONNX detectors",
    "PySide6-Essentials": "the desktop application",
    "pyqtgraph": "the charts of the desktop application",
    "torchvision": "torchvision's detectors",
}

_DRIVER_S = 20.0
"""How long the driver's own tool may take: it wakes sleeping cards."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(args: argparse.Namespace) -> int:
    facts = examine()
    console.say(json.dumps(facts, indent=1) if args.json else report(facts))
    return 0


def report(facts: Mapping[str, Any]) -> str:
    """What `examine` found, as plain text to read, copy and send."""
    cards = [(entry["name"], entry["driver"], entry["memory"]) for entry in facts["cards"]]
    return "\n\n".join(
        [
            f"Framesift {facts['framesift']} · Python {facts['python']} · {facts['system']} · "
            f"{facts['cores']} cores · {facts['memory']}\n{facts['executable']}",
            _columns(
                ("library", "version", "state"),
                [
                    (name, entry["version"], entry["state"])
                    for name, entry in facts["libraries"].items()
                ],
            ),
            _columns(
                ("device", "name", "state"),
                [
                    (entry["device"], entry["name"], entry["state"])
                    for entry in facts["devices"]
                ],
            ),
            _columns(
                ("graphics card", "driver", "memory"),
                cards or [("no NVIDIA card or driver answers", "", "")],
            ),
            _columns(("detector", "state"), list(facts["detectors"].items())),
            f"Reports of crashes: {facts['crashes']}",
        ]
    )


def _columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def examine() -> dict[str, Any]:
    """Everything `doctor` says, JSON-able."""
    return {
        "framesift": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "memory": _memory(),
        "libraries": {name: _library(name) for name in _LIBRARIES},
        "devices": _devices(),
        "cards": cards(),
        "detectors": _detectors(),
        "crashes": str(crashes.folder()),
    }


def _library(name: str) -> dict[str, str]:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        version = ""
    try:
        _load(name)
    except Exception as error:  # any failure of a foreign import is what is to be told
        lost = f"; without it: no {_OPTIONAL[name]}" if name in _OPTIONAL else ""
        why = "not installed" if not version else f"cannot be imported ({first_line(error)})"
        return {"version": version, "state": why + lost}
    return {"version": version, "state": "works"}


def _load(name: str) -> None:
    """Imports a library as the engine does. Raises whatever the import does."""
    if name == "openvino":
        from framesift.detectors.backends.openvino_library import library

        library()
    else:
        importlib.import_module(_MODULES.get(name, name))


def _memory() -> str:
    import psutil

    memory = psutil.virtual_memory()
    return f"{memory.total / 2**30:.1f} GB memory, {memory.available / 2**30:.1f} GB free"


def cards() -> list[dict[str, str]]:
    """The NVIDIA cards of this machine as their driver tells them, whatever torch can do with
    them: `name`, `driver`, `memory`. Empty where no driver answers."""
    try:
        answer = subprocess.run(
            [
                "nvidia-smi",
                "--query-gpu=name,driver_version,memory.total",
                "--format=csv,noheader",
            ],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_DRIVER_S,
            check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[cell.strip() for cell in line.split(",")] for line in answer.splitlines()]
    return [
        {"name": row[0], "driver": row[1], "memory": row[2]} for row in rows if len(row) == 3
    ]


def _devices() -> list[dict[str, str]]:
    import torch

    from framesift.detectors.cards import trouble

    def state(device: str) -> str:
        return trouble(device) or "computes"

    devices = [
        {
            "device": "cpu",
            "name": platform.processor() or platform.machine(),
            "state": "computes",
        }
    ]
    if torch.cuda.is_available():
        devices += [
            {
                "device": f"cuda:{i}",
                "name": torch.cuda.get_device_name(i),
                "state": state(f"cuda:{i}"),
            }
            for i in range(torch.cuda.device_count())
        ]
    else:
        devices.append({"device": "cuda", "name": "", "state": state("cuda")})
    if torch.backends.mps.is_available() or sys.platform == "darwin":
        devices.append({"device": "mps", "name": "Metal", "state": state("mps")})
    return devices


def _detectors() -> dict[str, str]:
    from framesift.detectors.files.available import available_detectors
    from framesift.detectors.files.checkpoint import load_detector

    states: dict[str, str] = {}
    for choice in available_detectors():
        if not choice.available:
            states[choice.name] = choice.reason
        elif choice.kind == "bundled":
            try:
                detector = load_detector(choice.name, device="cpu", backend="torch")
                states[choice.name] = (
                    f"loads ({', '.join(detector.classes)}; {detector.identity()[:12]})"
                )
            except FramesiftError as error:
                states[choice.name] = str(error)
        elif choice.kind == "weights":
            states[choice.name] = (
                "here" if choice.downloaded else f"to be fetched ({choice.size / 1e6:.0f} MB)"
            )
        else:
            states[choice.name] = "random weights"
    return states
