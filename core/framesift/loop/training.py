"""Fine-tuning on a project's labels: in a child process, adopted when it is done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath

from framesift.errors import InputError
from framesift.loop.detectors import initial_name
from framesift.project import CheckpointRecord, Project, fill_pictures, training_set
from framesift.project.checkpoints import FOLDER
from framesift.project.missing import missing_videos
from framesift.records import Notice, Progress, closing
from framesift.training import (
    Finished,
    Step,
    TrainJob,
    TrainSettings,
    TrainWorker,
    Validated,
    default_settings,
)
from framesift.training.data import TrainingSet

TrainingRecord = Step | Validated | Progress | Notice


@dataclass(frozen=True, slots=True)
class Trained:
    """The end of a project's training: the checkpoint it adopted, and how the run ended."""

    checkpoint: CheckpointRecord
    finished: Finished


def train_project(
    project: Project,
    settings: TrainSettings | None = None,
    *,
    start: str = "initial",
    resume: bool = False,
    device: str = "auto",
    fit_boxes: bool = False,
    worker: list[TrainWorker] | None = None,
) -> Iterator[TrainingRecord | Trained]:
    """Fine-tunes on all labels so far and adopts the result.

    `settings`: None for those of the detector's architecture. `start`: "initial" (the paper:
    every cycle starts again from w_l), "current", or a checkpoint. The run lives in training/
    of the project until it is adopted; `resume` goes on with it. A `worker` list takes in the
    TrainWorker, so that another thread may ask it to stop. Closing the generator stops the
    child and keeps what it has for `resume`.

    Raises InputError for nothing to train on or nothing to resume.
    """
    cycle = len(project.ledger)
    out = project.place("training", f"cycle-{cycle:03d}")
    if resume:
        job = _resumed(project, out)
        yield Notice(f"Going on with the training of cycle {cycle}.")
    else:
        # Labels that were imported are tied to the pictures that decode now.
        yield from fill_pictures(project)
        yield from (
            Notice(f"Labels of a video that is not there are left out: {sentence}")
            for sentence in missing_videos(project.videos, project.videos.all("pool")).values()
        )
        dataset = training_set(project)
        dataset.save(out / "training-set.json")
        job = TrainJob(
            _start(project, start),
            out / "training-set.json",
            out,
            settings or settings_for(project, start),
            device=device,
            fit_boxes=fit_boxes,
            lineage={
                "cycle": cycle,
                "frames": len(dataset.part("train")),
                "labels": project.labels.snapshot(),
            },
        )
    yield from _run(project, job, cycle, worker)


def settings_for(project: Project, start: str = "initial") -> TrainSettings:
    """How a project's detector is trained unless something else is asked for: by the
    architecture of what training starts from (`start` as in `train_project`)."""
    from framesift.detectors.files.checkpoint import architecture_of

    return default_settings(architecture_of(_start(project, start)))


def _start(project: Project, start: str) -> str:
    if start == "initial":
        return initial_name(project)
    if start == "current":
        return project.detector
    return str(project.checkpoints.find(start).path)


def _resumed(project: Project, out: Path) -> TrainJob:
    """The run that lies in `out`, whose files are where the project is now: it may be a copy,
    have been moved, or come from somebody else."""
    path = out / "job.json"
    if not path.exists():
        raise InputError("There is no training to go on with; start one without --resume.")
    job, stored = TrainJob.load(path), out / "training-set.json"
    dataset = TrainingSet.load(stored)
    videos = tuple(
        replace(ref, path=str(project.videos.locate(ref.id))) for ref in dataset.videos
    )
    if videos != dataset.videos:
        replace(dataset, videos=videos).save(stored)
    return replace(
        job,
        detector=_own_checkpoint(project, job.detector),
        training_set=stored,
        out=out,
        resume=True,
    )


def _own_checkpoint(project: Project, source: str) -> str:
    """The project's own checkpoint of that name, where `source` is one of a project's."""
    path = PureWindowsPath(source)
    held = {record.path.name: str(record.path) for record in project.checkpoints.all()}
    anchored = path.is_absolute() or path.root
    return held.get(path.name, source) if anchored and path.parent.name == FOLDER else source


def _run(
    project: Project, job: TrainJob, cycle: int, worker: list[TrainWorker] | None
) -> Iterator[TrainingRecord | Trained]:
    child = TrainWorker(job)
    if worker is not None:
        worker.append(child)
    finished: Finished | None = None
    with closing(child.records()) as records:
        for record in records:
            if isinstance(record, Finished):
                finished = record
            else:
                yield record
    if finished is not None and finished.step > 0:
        yield adopt(project, job, finished, cycle)


def adopt(project: Project, job: TrainJob, finished: Finished, cycle: int) -> Trained:
    """Takes what a run left into the project and writes it to the ledger."""
    from framesift.detectors.files.checkpoint import load_checkpoint, save_checkpoint

    detector = load_checkpoint(finished.checkpoint)
    copy = Path(job.out) / "adopt.safetensors"
    save_checkpoint(copy, detector, detector.lineage)
    checkpoint = project.checkpoints.adopt(
        copy,
        identity=detector.identity(),
        classes=detector.classes,
        parent=job.detector,
        cycle=cycle,
        lineage=dict(job.lineage),
    )
    project.ledger.record(
        "training",
        {
            "checkpoint": checkpoint.path.name,
            "identity": checkpoint.identity,
            "from": job.detector,
            "settings": json.loads(json.dumps(job.settings.to_json())),
            "frames": job.lineage.get("frames"),
            "steps": finished.step,
            "of": finished.steps,
            "epochs": finished.epochs,
            "seconds": finished.seconds,
            "stopped": finished.stopped,
            "miss_rate": finished.miss_rate,
            "history": [[v.epoch, v.loss, v.miss_rate] for v in finished.history],
        },
        cycle=cycle,
    )
    return Trained(checkpoint, finished)
