"""The initial detector of an experiment, made once for all its runs."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.records import Notice, Progress, RateMeter
from framesift.simulate.pool import PoolSource, StagedDataset, open_staged
from framesift.simulate.settings import Experiment
from framesift.simulate.specs import PAPER
from framesift.simulate.stage import Stage, row_of
from framesift.training import Finished, Step, train
from framesift.training.data import MemorySource, Sample, Source

if TYPE_CHECKING:
    from framesift.boxes import Box
    from framesift.detectors.base import Detector


def prepare(stage: Stage) -> Iterator[Progress | Notice]:
    """Makes the initial detector and its row, unless they are there."""
    store = stage.store
    if not store.initial.exists():
        yield from _make(stage)
    if (store.folder / "cycle-00.json").exists():
        return
    from framesift.detectors.files.checkpoint import load_detector

    detector = load_detector(
        store.initial, device=stage.device, precision="float32", backend="torch"
    )
    evaluation = yield from stage.measured(detector, stage.evaluation)
    positive_iou = yield from stage.positive_iou(detector)
    store.write_row(
        row_of(
            evaluation,
            stage.evaluation.rates,
            variant="",
            seed=0,
            cycle=0,
            frames=0,
            people=0,
            boxes=0,
            positive_iou=positive_iou,
        ),
        None,
    )


def _make(stage: Stage) -> Iterator[Progress | Notice]:
    from framesift.detectors.files.checkpoint import load_detector, save_checkpoint
    from framesift.training.heads import check_names

    spec = stage.experiment.initial
    check_names(spec.heads)
    if spec.source == "checkpoint":
        detector = load_detector(
            spec.detector, device=stage.device, precision="float32", backend="torch"
        )
        if detector.classes != stage.experiment.classes:
            detector = detector.with_classes(stage.experiment.classes)
        yield from _headed(stage, detector)
        save_checkpoint(stage.store.initial, detector)
        return
    source: Source
    if spec.source == "drawn":
        source = yield from _drawn(stage.experiment, 0, spec.frames)
        yield from _learn(stage, source)
        return
    assert spec.footage is not None
    for record in open_staged(spec.footage, stage.experiment.classes, stage.store.footage):
        if isinstance(record, StagedDataset):
            pool_source = PoolSource(record, record.places, stage.experiment.classes)
            try:
                yield from _learn(stage, pool_source)
            finally:
                pool_source.close()
                record.footage.close()
        else:
            yield record


def _drawn(experiment: Experiment, first: int, count: int) -> Generator[Progress, None, Source]:
    """Drawn frames from the first on."""
    from framesift.synth import training_frames

    spec = experiment.initial
    meter = RateMeter(count, stage="drawing the source")
    samples = []
    endless = training_frames(spec.look, seed=spec.seed, size=spec.size)
    for number, (image, boxes) in enumerate(itertools.islice(endless, first + count)):
        if number < first:
            continue
        samples.append(Sample(image, boxes, FrameKey(f"drawn-{spec.look}", number)))
        yield meter.advance()
    return MemorySource(samples, experiment.classes)


def _learn(stage: Stage, source: Source) -> Iterator[Progress | Notice]:
    from framesift.detectors.files.checkpoint import save_checkpoint

    experiment, spec = stage.experiment, stage.experiment.initial
    detector = _untrained(stage, source)
    detector.to(stage.device, "float32")
    out = stage.store.folder / "initial"
    settings = replace(
        spec.training, seed=spec.seed, threads=experiment.threads, validate_every=0
    )
    yield from learning(
        train(detector, source, settings, out, resume=True), "training the initial detector"
    )
    detector.name = "initial"
    yield from _headed(stage, detector)
    save_checkpoint(stage.store.initial, detector)


def _untrained(stage: Stage, source: Source) -> Detector:
    """The initial detector with random weights."""
    import torch

    from framesift.detectors import DETECTORS

    spec = stage.experiment.initial
    settings = {**spec.settings, "working_height": spec.working_height}
    if spec.architecture == PAPER:
        settings |= {"width": spec.width, "box_sizes": _box_sizes(stage, source)}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(spec.seed)
        return DETECTORS[spec.architecture](stage.experiment.classes, settings)


def _box_sizes(stage: Stage, source: Source) -> object:
    spec = stage.experiment.initial
    labels = [(box, source.size(i)[0]) for i in range(len(source)) for box in source.boxes(i)]
    if spec.box_sizes == "pool":
        labels = [
            (box, stage.pool.drives[key].locate(n)[0].video.height)
            for key, n in stage.pool.places
            for box in stage.pool.boxes((key, n))
        ]
    return _fitted(labels, spec.working_height, spec.training.min_height)


def _headed(stage: Stage, detector: Detector) -> Iterator[Progress | Notice]:
    """Trains the heads that the initial detector is to have, on frames that it has not seen."""
    from framesift.training.heads import LEAST, HeadTrained, train_heads

    spec = stage.experiment.initial
    if not spec.heads:
        return
    more = yield from _drawn(stage.experiment, spec.frames, max(LEAST, spec.frames // 4))
    for record in train_heads(detector, more, names=spec.heads, seed=spec.seed):
        if isinstance(record, HeadTrained):
            yield Notice(f"Trained the head {record}.")
        else:
            yield record


def _fitted(labels: list[tuple[Box, int]], working: int | None, least: float) -> object:
    """Box sizes for labels given with the height of their picture."""
    from framesift.detectors import fit_box_sizes

    boxes = [box.scaled(1.0 if working is None else working / height) for box, height in labels]
    try:
        return fit_box_sizes(boxes, min_height=least)
    except ValueError as error:
        raise InputError(
            f"The initial detector's box sizes cannot be fitted: {error}; give "
            "footage with more labels."
        ) from error


def learning(records: Iterator[object], stage: str) -> Iterator[Progress | Notice]:
    """A training's records as an experiment passes them on."""
    for record in records:
        if isinstance(record, Step):
            yield Progress(
                record.step,
                record.steps,
                "steps",
                record.frames_per_s,
                record.remaining_s,
                stage,
            )
        elif isinstance(record, Finished):
            return
        elif isinstance(record, Progress | Notice):
            yield record
