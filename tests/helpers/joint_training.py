"""Two processes that learn from shares of the same steps, as torchrun's do, and the first of
them once more alone. Reads job.json of the folder that it is given, trains it into whole/ by
both and into alone/ by one, and writes result.json: by case the losses of both, and how far the
weights are apart, as shares of each tensor's largest."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch._dynamo  # by every optimizer: once, before there are two processes
import torchvision  # noqa: F401 (so, too)

from framesift.boxes import Box
from framesift.detectors import DETECTORS, Detector, PaperDetector
from framesift.labels import FrameKey, Point, Weak
from framesift.training import Step, TrainSettings
from framesift.training.data import Sample
from framesift.training.job import TrainJob
from framesift.training.job_run import trained
from framesift.training.ranks import ALONE, Ranks
from framesift.training.share import Division
from framesift.training.update import Updater

SIZES = [[40, 20], [36, 18], [32, 16], [28, 14], [24, 12]]
STEPS = 2


def paper(seed: int = 0) -> Detector:
    """Batch normalisation by the frames, spatial dropout, sampled and hardest negatives."""
    torch.manual_seed(seed)
    return PaperDetector(settings={"width": 0.125, "working_height": 48, "box_sizes": SIZES})


def ssdlite() -> Detector:
    torch.manual_seed(0)
    return DETECTORS["ssdlite320_mobilenet_v3_large"](("pedestrian",), {"working_height": 48})


def cases() -> Iterator[tuple[str, Detector, TrainSettings, Division]]:
    """Of each case its name, a detector, and what is learnt by two processes."""
    # Other optimizers make steps of one size of gradients that are nothing but rounding.
    plain = TrainSettings(min_height=8, threads=1, hard_fraction=0.5, optimizer="sgd")
    yield "whole batch", paper(), plain, Division(4, 0, 4, 2)
    yield "uneven parts", paper(), plain.with_(clip_norm=1.0), Division(5, 0, 3, 2)
    beside = plain.with_given({"weak.enabled": True, "consistency.enabled": True})
    yield "points and unlabelled", paper(), beside, Division(4, 2, 4, 2)
    # Its last levels have one cell a frame, by whose statistics rounding grows.
    yield "ssdlite", ssdlite(), plain.with_(batch_norm="frozen"), Division(4, 0, 4, 2)


def samples(step: int, division: Division) -> list[Sample]:
    """Different numbers of people in each frame; one of them is only pointed at."""
    rng = np.random.default_rng(step)
    made = []
    for number in range(division.labelled + division.unlabelled):
        image = rng.integers(0, 255, (48, 64, 3), np.uint8)
        lefts = rng.integers(0, 44, number + 1 if number < 3 else 0).tolist()
        boxes = tuple(Box(x, 6, x + 16, 38) for x in lefts)
        weak = Weak((Point(20, 20), Point(50, 20))) if number == 3 else None
        unlabelled = number >= division.labelled
        key = FrameKey("v", number)
        made.append(Sample(image, () if unlabelled else boxes, key, unlabelled, weak))
    return made


def learn(
    detector: Detector, settings: TrainSettings, division: Division, ranks: Ranks
) -> tuple[list[float], dict[str, torch.Tensor]]:
    updater = Updater(detector, settings, division.micro_batch, STEPS, ranks)
    updater.division = division
    losses = []
    for step in range(STEPS):
        frames = samples(step, division)
        own = frames if ranks.alone else division.own(frames, ranks.rank)
        for _ in updater.update(own, step, 1e-3):
            pass
        losses.append(updater.loss)
    return losses, {name: v.clone() for name, v in detector.module.state_dict().items()}


def compared(ranks: Ranks) -> dict[str, Any]:
    result = {}
    alone = [learn(*case, ALONE) for _, *case in cases()] if ranks.first else []
    for number, (name, *case) in enumerate(cases()):
        losses, weights = learn(*case, ranks)
        if ranks.first:
            far = [
                float((weights[key] - value).abs().max() / value.abs().max().clamp(min=1e-3))
                for key, value in alone[number][1].items()
                if value.is_floating_point()
            ]
            result[name] = {"shared": losses, "alone": alone[number][0], "far": max(far)}
    return result


def losses_of(job: TrainJob, ranks: Ranks) -> list[float]:
    return [record.loss for record in trained(job, ranks) if isinstance(record, Step)]


def main(folder: Path) -> None:
    ranks = Ranks.of_environment()
    job = TrainJob.load(folder / "job.json")
    job = replace(job, settings=job.settings.with_(save_every_s=1e6))
    with ranks.joined():
        result = compared(ranks)
        shared = losses_of(replace(job, out=folder / "whole"), ranks)
    if ranks.first:
        alone = losses_of(replace(job, out=folder / "alone"), ALONE)
        result["job"] = {"shared": shared, "alone": alone}
        (folder / "result.json").write_text(json.dumps(result))


def begin() -> int:
    """Two processes of one import, each told who it is as torchrun tells it; the other one's id
    in the first, 0 in the second."""
    torch.set_num_threads(1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}
    other = os.fork()
    os.environ["RANK"] = os.environ["LOCAL_RANK"] = "0" if other else "1"
    return other


if __name__ == "__main__":
    second = begin()
    main(Path(sys.argv[1]))
    if second:
        sys.exit(os.waitpid(second, 0)[1])
