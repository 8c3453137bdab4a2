"""A training job in this process: what its file names is opened and learnt from."""

from __future__ import annotations

import os
from collections.abc import Iterator

from framesift.training.job import Record, TrainJob
from framesift.training.ranks import Ranks
from framesift.training.records import Step


def trained(job: TrainJob, ranks: Ranks) -> Iterator[Record]:
    """The records of `train`. Raises InputError and EnvironmentProblem as it does."""
    # What cuBLAS needs to repeat itself; it looks at it when it starts.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    from framesift.detectors.files.checkpoint import load_detector
    from framesift.training.data import TrainingSet, VideoSource
    from framesift.training.fitting import (
        with_classes_of,
        with_fitted_boxes,
        with_random_weights,
    )
    from framesift.training.loop import train

    if job.settings.threads is not None:
        torch.set_num_threads(job.settings.threads)
    dataset = TrainingSet.load(job.training_set)
    folder, memory = job.training_set.parent, job.cache_mb << 20
    # By size, so that neither part starves the other.
    share = len(dataset.part("train")) / max(1, len(dataset.entries))
    with (
        VideoSource(dataset, "train", folder=folder, cache_bytes=int(memory * share)) as source,
        VideoSource(
            dataset, "validation", folder=folder, cache_bytes=int(memory * (1 - share))
        ) as validation,
    ):
        detector = load_detector(job.detector, ranks.device(job.device), backend="torch")
        if job.fresh:
            detector = with_random_weights(detector, job.settings.seed)
        detector = with_classes_of(detector, source, job.settings.seed)
        if job.fit_boxes:
            detector = with_fitted_boxes(detector, source)
        previous = None
        if job.previous and job.settings.needs_previous:
            previous = load_detector(job.previous, ranks.device(job.device), backend="torch")
        yield from train(
            detector,
            source,
            job.settings,
            job.out,
            validation=validation if job.validate and len(validation) else None,
            resume=job.resume,
            lineage=job.lineage,
            previous=previous,
            ranks=ranks,
        )


def ends_with(record: Record, wish: bool, ranks: Ranks) -> bool:
    """Whether to stop after a record, since this process wishes it, or another one: several
    stop after the same step, or one would wait for the others' gradients."""
    if ranks.alone:
        return wish
    return isinstance(record, Step) and ranks.any(wish)
