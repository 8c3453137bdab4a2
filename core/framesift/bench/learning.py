"""Whether a detector learns, and whether its score then says where it is wrong.

A detector of any architecture starts from random weights, is fine-tuned on drawn drives and
measured on drives it never saw: how far the loss falls, and Spearman's rank correlation, over
the frames, of the frame score with false positives plus false negatives (each at the threshold
of one false positive per image), with a bootstrap interval over whole drives.

    python -m framesift.bench.learning fcos_resnet50_fpn --height 256 --steps 300
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.records import Notice, Progress

if TYPE_CHECKING:
    from framesift.synth import SynthDrive
    from framesift.training.data import Sample

STRIDE = 45
"""Frames between two that are used of a drive: a second and a half."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of it. losses: mean loss of each tenth of the steps. correlation: Spearman's,
    with its interval at 95 %; errors: false positives and false negatives in all frames."""

    architecture: str
    steps: int
    losses: tuple[float, ...]
    miss_rate: float
    correlation: float
    interval: tuple[float, float]
    frames: int
    drives: int
    errors: int

    def sentence(self) -> str:
        low, high = self.interval
        falls = " → ".join(f"{loss:.3f}" for loss in self.losses)
        return (
            f"{self.architecture}: {self.steps} steps, loss {falls}; on {self.frames} "
            f"frames of {self.drives} unseen drives miss rate {100 * self.miss_rate:.1f} % "
            f"at FPPI 1, {self.errors} errors; ρ(score, errors) = {self.correlation:.3f} "
            f"[{low:.3f}, {high:.3f}]"
        )


def learn(
    architecture: str,
    *,
    height: int = 256,
    steps: int = 300,
    drives: int = 40,
    unseen: int = 30,
    frames: int = 10,
    seed: int = 0,
    batch: int = 4,
    rate: float = 2e-4,
    out: Path | None = None,
    settings: dict[str, Any] | None = None,
) -> Iterator[Progress | Notice | Learned]:
    """Trains and measures; yields Progress and, at the end, what was Learned. `height`: of the
    pictures, which are square, and working height; `frames`: used of each drive; `out`: keeps
    the trained checkpoint there."""
    from framesift.detectors.files.checkpoint import load_detector
    from framesift.training import Augmentation, Step, preset, train
    from framesift.training.data import MemorySource

    detector = load_detector(
        architecture,
        "cpu",
        backend="torch",
        settings={"working_height": height, **(settings or {})},
    )
    least = 50 * height / 480
    samples = yield from _samples(range(seed, seed + drives), frames, height, "training", least)
    how = preset("torchvision").with_(
        batch=batch,
        learning_rate=rate,
        epochs=max(1, round(steps * batch / len(samples))),
        min_height=least,
        validate_every=0,
        seed=seed,
        augmentation=Augmentation(colour=0.3),
    )
    losses: list[float] = []
    with tempfile.TemporaryDirectory(prefix="framesift-learning-") as folder:
        for record in train(
            detector, MemorySource(samples, detector.classes), how, out or Path(folder)
        ):
            if isinstance(record, Step):
                losses.append(record.loss)
                yield Progress(
                    record.step,
                    record.steps,
                    "steps",
                    record.frames_per_s,
                    record.remaining_s,
                    f"training, loss {record.loss:.3f}",
                )
            elif isinstance(record, Notice):
                yield record
    tenths = tuple(float(np.mean(part)) for part in np.array_split(losses, 10))
    first = seed + 10_000
    held = yield from _samples(range(first, first + unseen), frames, height, "evaluation")
    yield from _measured(detector, held, least, tenths, len(losses))


def _samples(
    seeds: Sequence[int], frames: int, height: int, stage: str, least: float | None = None
) -> Generator[Progress, None, list[Sample]]:
    """`frames` of each drive, evenly in time; with `least`, of those in which somebody is so
    tall, as far as there are any."""
    from framesift.labels import FrameKey
    from framesift.synth import drive
    from framesift.training.data import Sample

    samples: list[Sample] = []
    for number, seed in enumerate(seeds):
        video = drive(seed, frames=frames * STRIDE, size=(height, height), scenario="busy")
        for frame in _chosen(video, frames, least):
            samples.append(
                Sample(
                    video.frame(frame).image, video.labels(frame), FrameKey(str(seed), frame)
                )
            )
        yield Progress(number + 1, len(seeds), "drives", stage=f"drawing, {stage}")
    return samples


def _chosen(video: SynthDrive, frames: int, least: float | None) -> list[int]:
    every = range(0, len(video), STRIDE)
    if least is None:
        return list(every)
    # Labels cost far less than pictures.
    peopled = [
        frame
        for frame in range(0, len(video), STRIDE // 9)
        if any(not box.ignore and box.height >= least for box in video.labels(frame))
    ]
    places = np.linspace(0, len(peopled) - 1, min(frames, len(peopled))).round()
    return [peopled[int(place)] for place in places] or list(every)[:1]


def _measured(
    detector: Any, held: Sequence[Sample], least: float, losses: tuple[float, ...], steps: int
) -> Iterator[Progress | Notice | Learned]:
    from framesift.evaluation import Evaluation, EvaluationSettings, evaluate
    from framesift.scores import FrameScorer

    scale = detector.working_height / 480
    scorer = FrameScorer(radius=round(9 * scale), region=round(30 * scale), top=0)
    scores = []
    for number, sample in enumerate(held):
        scores.append(scorer.score(detector, sample.image[None])[0].score)
        yield Progress(number + 1, len(held), "frames", stage="scoring")
    items: list[tuple[Any, NDArray[np.uint8], tuple[Box, ...]]] = [
        (sample.key, sample.image, sample.boxes) for sample in held
    ]
    how = EvaluationSettings(
        resamples=0, coco=False, min_height=least, headline_iou=0.5, batch=2
    )
    result = None
    for record in evaluate(detector, iter(items), how, total=len(items)):
        if isinstance(record, Evaluation):
            result = record
        else:
            yield record
    assert result is not None
    errors = result.frame_errors()
    drives = [sample.key.video for sample in held]
    rho, low, high = rank_correlation(np.array(scores), errors, drives)
    yield Learned(
        detector.architecture,
        steps,
        losses,
        result.miss_rate(),
        rho,
        (low, high),
        len(held),
        len(set(drives)),
        int(errors.sum()),
    )


def rank_correlation(
    a: NDArray[Any],
    b: NDArray[Any],
    blocks: Sequence[str],
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float, float]:
    """Spearman's rank correlation of two series (ties: mean ranks), and the ends of its 95 %
    bootstrap interval, whole blocks being resampled. NaN where one of them is constant."""
    groups = [np.flatnonzero(np.array(blocks) == name) for name in dict.fromkeys(blocks)]
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        chosen = np.concatenate(
            [groups[i] for i in rng.integers(len(groups), size=len(groups))]
        )
        drawn.append(_spearman(a[chosen], b[chosen]))
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return _spearman(a, b), float(low), float(high)


def _spearman(a: NDArray[Any], b: NDArray[Any]) -> float:
    x, y = _ranks(a), _ranks(b)
    if not (np.ptp(x) and np.ptp(y)):
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def _ranks(values: NDArray[Any]) -> NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[place], np.float64)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m framesift.bench.learning", description=__doc__.splitlines()[0]
    )
    parser.add_argument("architecture")
    for name, default in (
        ("height", 256),
        ("steps", 300),
        ("drives", 40),
        ("unseen", 30),
        ("frames", 10),
        ("seed", 0),
        ("threads", 1),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--proposals", type=int)
    parser.add_argument("--out", type=Path)
    args = vars(parser.parse_args(argv))
    import torch

    torch.set_num_threads(args.pop("threads"))
    proposals = args.pop("proposals")
    for record in learn(settings={"proposals": proposals} if proposals else None, **args):
        if isinstance(record, Learned):
            sys.stdout.write(record.sentence() + "\n")
        elif isinstance(record, Notice) or record.done % 10 == 0:
            sys.stderr.write(f"{record}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
