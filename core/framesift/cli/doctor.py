"""Devices, versions, and what is unavailable here and why."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import sys
from typing import Any

from framesift import crashes
from framesift._version import __version__
from framesift.cli import console

_LIBRARIES = ("torch", "torchvision", "numpy", "av", "opencv-python-headless", "safetensors",
              "pillow", "matplotlib", "faster-coco-eval", "onnxruntime", "PySide6-Essentials",
              "pyqtgraph")
_MODULES = {"opencv-python-headless": "cv2", "pillow": "PIL",
            "faster-coco-eval": "faster_coco_eval", "PySide6-Essentials": "PySide6.QtCore"}
_OPTIONAL = {"onnxruntime": "ONNX detectors", "PySide6-Essentials": "the desktop application",
             "pyqtgraph": "the desktop application", "torchvision": "torchvision's detectors"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(args: argparse.Namespace) -> int:
    found = examine()
    if args.json:
        console.say(json.dumps(found, indent=1))
        return 0
    console.say(f"Framesift {__version__} · Python {found['python']} · {found['system']} · "
                f"{found['cores']} cores")
    console.say()
    console.table(["library", "version", "state"],
                  [(name, one["version"], one["state"])
                   for name, one in found["libraries"].items()])
    console.say()
    console.table(["device", "name", "state"],
                  [(one["device"], one["name"], one["state"]) for one in found["devices"]])
    console.say()
    console.table(["bundled detector", "state"], list(found["detectors"].items()))
    console.say()
    console.say(f"Reports of crashes: {found['crashes']}")
    return 0


def examine() -> dict[str, Any]:
    """Everything `doctor` says, JSON-able."""
    return {
        "framesift": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "libraries": {name: _library(name) for name in _LIBRARIES},
        "devices": _devices(),
        "detectors": _detectors(),
        "crashes": str(crashes.folder()),
    }


def _library(name: str) -> dict[str, str]:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        version = ""
    try:
        importlib.import_module(_MODULES.get(name, name))
    except Exception as error:  # any failure of a foreign import is what is to be told
        lost = f"; without it: no {_OPTIONAL[name]}" if name in _OPTIONAL else ""
        why = "not installed" if not version else f"cannot be imported ({_first(error)})"
        return {"version": version, "state": why + lost}
    return {"version": version, "state": "works"}


def _first(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]


def _devices() -> list[dict[str, str]]:
    import torch

    found = [{"device": "cpu", "name": platform.processor() or platform.machine(),
              "state": _try_kernel("cpu")}]
    if torch.cuda.is_available():
        found += [{"device": f"cuda:{i}", "name": torch.cuda.get_device_name(i),
                   "state": _try_kernel(f"cuda:{i}")} for i in range(torch.cuda.device_count())]
    else:
        built = torch.version.cuda
        found.append({"device": "cuda", "name": "", "state":
                      f"no card or driver found (torch is built for CUDA {built})" if built
                      else "this torch is built without CUDA"})
    metal = torch.backends.mps.is_available()
    if metal or sys.platform == "darwin":
        found.append({"device": "mps", "name": "Metal",
                      "state": _try_kernel("mps") if metal else "unavailable"})
    return found


def _try_kernel(device: str) -> str:
    import torch

    try:
        with torch.no_grad():
            x = torch.linspace(-1, 1, 3 * 32 * 32).reshape(1, 3, 32, 32)
            w = torch.linspace(-1, 1, 8 * 3 * 9).reshape(8, 3, 3, 3)
            here = torch.nn.functional.conv2d(x, w)
            there = torch.nn.functional.conv2d(x.to(device), w.to(device)).cpu()
        error = float((here - there).abs().max())
    except Exception as error_:  # a driver may raise anything; the answer is its sentence
        return f"does not compute: {_first(error_)}"
    return "computes" if error < 1e-2 else f"computes wrongly (error {error:.3g})"


def _detectors() -> dict[str, str]:
    from framesift.checkpoint import load_detector
    from framesift.errors import FramesiftError

    try:
        detector = load_detector("pedestrian", device="cpu")
    except FramesiftError as error:
        return {"pedestrian": str(error)}
    return {"pedestrian": f"loads ({', '.join(detector.classes)}; "
                          f"{detector.identity()[:12]})"}
