"""The child: reads each file that it is named, and says how that went."""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

from framesift.errors import FramesiftError


def project(path: Path) -> None:
    from framesift.project import Project

    with Project.open(path.parent, readonly=True) as opened:
        opened.status()
        assert opened.classes is not None
        assert opened.detector
        opened.labels.all()
        opened.labels.pictures.all()
        opened.checkpoints.all()
        opened.evaluation.sampled()
        for drive in opened.videos.drives(None):
            drive.key_of(0)
        for video in opened.videos.all():
            mask = opened.masks.of(video)
            if mask is not None:
                mask.raster()
        for one in opened.series.all():
            opened.series.values(one)
            opened.series.maxima(one, range(8))
        for number in range(1, len(opened.ledger) + 1):
            opened.ledger.cycle(number)


def checkpoint(path: Path) -> None:
    from framesift.detectors.files.checkpoint import architecture_of, load_checkpoint

    architecture_of(path)
    load_checkpoint(path)


def experiment(path: Path) -> None:
    from framesift.simulate.experiment_file import load_experiment

    load_experiment(path)


def job(path: Path) -> None:
    from framesift.training import TrainJob

    TrainJob.load(path)


def training_set(path: Path) -> None:
    from framesift.training.data import TrainingSet

    TrainingSet.load(path)


def state(path: Path) -> None:
    from framesift.training.state import outcome, read_tensors

    outcome(path.parent)
    read_tensors(path.parent)


def video(path: Path) -> None:
    from framesift.video import open_video

    with open_video(path) as opened:
        for number in {0, len(opened) // 2, len(opened) - 1}:
            opened.frame(number)
        for _ in zip(opened, range(20), strict=False):
            pass


def labels(path: Path) -> None:
    from framesift.formats import read

    whole = path.parent.parent if path.parent.name == "gt" else path
    read(whole, size=(64, 48), lengths={"clip.mp4": 12})


def onnx(path: Path) -> None:
    import numpy as np

    from framesift.detectors.files.checkpoint import load_detector

    load_detector(path, "cpu").predict(np.zeros((1, 64, 64, 3), np.uint8))


READ: Mapping[str, Callable[[Path], None]] = {
    "project": project,
    "checkpoint": checkpoint,
    "pickled": checkpoint,
    "experiment": experiment,
    "job": job,
    "training-set": training_set,
    "state": state,
    "video": video,
    "transport-stream": video,
    "coco": labels,
    "cvat": labels,
    "label-studio": labels,
    "labels-csv": labels,
    "mot": labels,
    "onnx": onnx,
}


_TENSORS = ("torch", "framesift.detectors.family", "framesift.detectors.files.checkpoint")
WARM = {
    "onnx": ("onnx", "onnxruntime", *_TENSORS),
    "checkpoint": _TENSORS,
    "pickled": _TENSORS,
    "state": (*_TENSORS, "framesift.training.state"),
}


def main(kind: str) -> None:
    out = os.dup(1)
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    # What is measured is the reading of a file, not the first import of libraries.
    for name in WARM.get(kind, ()):
        importlib.import_module(name)
    os.write(out, b"ready\n")
    for line in sys.stdin:
        try:
            READ[kind](Path(line.strip()))
            outcome, text = "taken", ""
        except FramesiftError as error:
            outcome, text = "refused", str(error)
        except BaseException:
            outcome, text = "bug", traceback.format_exc()
        os.write(out, json.dumps({"outcome": outcome, "text": text}).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
