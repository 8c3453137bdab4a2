"""Fine-tuning on a project's labels: in a child process, adopted when it is done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath

from framesift.errors import InputError
from framesift.loop.adoption import Verdict, judged
from framesift.loop.detectors import initial_name
from framesift.project import CheckpointRecord, Project, fill_pictures, training_set
from framesift.project.checkpoints import FOLDER
from framesift.project.missing import missing_videos
from framesift.project.training import labels_to_learn
from framesift.records import Notice, Progress, closing
from framesift.training import (
    Finished,
    Replay,
    Step,
    TrainJob,
    TrainSettings,
    TrainWorker,
    Validated,
    default_settings,
    preset,
)
from framesift.training.data import TrainingSet
from framesift.training.presets import STEADY
from framesift.training.told import told

RANDOM = "random"
"""A start: weights that have learnt nothing."""
MAKER = "framesift train-initial"
"""What the lineage of a detector names that learnt from drawn frames."""

TrainingRecord = Step | Validated | Progress | Notice


@dataclass(frozen=True, slots=True)
class Trained:
    """The end of a project's training: its checkpoint, how the run ended, and whether the new
    detector is in use: unless it is measurably worse, it is."""

    checkpoint: CheckpointRecord
    finished: Finished
    verdict: Verdict


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
    """Fine-tunes on all labels so far and goes on with the result, unless that is measurably
    worse than the detector in use (see `adoption`): then both are kept, and the one in use
    stays, until somebody chooses the other.

    The run lives in training/ of the project until it is adopted. Closing the generator stops
    the child and keeps what it has for `resume`.

    Args:
        project: a project open for writing.
        settings: None: those of the detector's architecture and the number of labels.
        start: "initial" (the paper: every cycle starts again from w_l), "current", "random"
            (weights that have learnt nothing), or a checkpoint.
        resume: goes on with the run that was stopped.
        device: "auto", "cpu", "cuda", "mps".
        fit_boxes: whether the detector's box sizes are fitted to the labels first.
        worker: a list that takes in the TrainWorker, so that another thread may ask it to stop.

    Yields:
        The records of the training, and last Trained.

    Raises:
        InputError: there is nothing to train on, or nothing to resume.

    Example:
        >>> train_project(project).close()
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
        settings = settings or settings_for(project, start)
        dataset = training_set(
            project, unlabelled=settings.learns_unlabelled, weak=settings.weak.enabled
        )
        dataset.save(out / "training-set.json")
        job = TrainJob(
            _start(project, start),
            out / "training-set.json",
            out,
            settings,
            device=device,
            fit_boxes=fit_boxes,
            fresh=start == RANDOM,
            lineage={
                "cycle": cycle,
                "frames": len(dataset.part("train")),
                "labels": project.labels.snapshot(),
            },
            previous=_previous(project, settings),
        )
    yield Notice(told(job.settings, len(TrainingSet.load(job.training_set).part("train"))))
    yield from _run(project, job, cycle, worker)


def settings_for(
    project: Project, start: str = "initial", name: str | None = None
) -> TrainSettings:
    """How a project's detector is trained unless something else is asked for: by the
    architecture of what training starts from, and by the labels there are.

    Args:
        project: an open project.
        start: as in `train_project`.
        name: a preset; None: that of the architecture.

    Returns:
        TrainSettings.

    Raises:
        InputError: there is no such preset.

    Example:
        >>> settings_for(project, name="classic").epochs
        50
    """
    from framesift.detectors.files.checkpoint import architecture_of

    if name is not None and name != STEADY:
        return preset(name)
    labels = replace(labels_to_learn(project), known=_knows(project, start))
    if name is not None:
        return preset(name, labels)
    settings = default_settings(architecture_of(_start(project, start)), labels)
    if settings.replay.share and not learnt_from_drawn(project):
        return settings.with_(replay=Replay())
    return settings


def learnt_from_drawn(project: Project) -> bool:
    """Whether the initial detector learnt from drawn frames, so that more of them are of its
    own kind."""
    from framesift.detectors.files.checkpoint import lineage_of

    return lineage_of(initial_name(project)).get("made_by") == MAKER


def _knows(project: Project, start: str) -> bool:
    """Whether what training begins with has learnt the project's classes already."""
    from framesift.detectors.files.checkpoint import classes_of

    return start != RANDOM and set(project.classes) <= set(classes_of(_start(project, start)))


def _start(project: Project, start: str) -> str:
    if start in ("initial", RANDOM):
        return initial_name(project)
    if start == "current":
        return project.detector
    return str(project.checkpoints.find(start).path)


def _previous(project: Project, settings: TrainSettings) -> str:
    """The detector of the cycle before, where the loss asks for it and a cycle has trained one;
    "" in a first cycle."""
    trained = project.detector != initial_name(project)
    return project.detector if settings.needs_previous and trained else ""


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
        previous=_own_checkpoint(project, job.previous),
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
        yield from adopt(project, job, finished, cycle)


def adopt(
    project: Project, job: TrainJob, finished: Finished, cycle: int
) -> Iterator[Progress | Notice | Trained]:
    """Takes what a run left into the project and writes it to the ledger; it is in use from
    then on unless it is measurably worse than what was in use before."""
    from framesift.detectors.files.checkpoint import load_checkpoint, save_checkpoint

    before = project.detector
    verdict = yield from judged(project, job, str(finished.checkpoint))
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
        stay_with=before if verdict.worse else None,
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
            "verdict": verdict.to_json(),
        },
        cycle=cycle,
    )
    yield Trained(checkpoint, finished, verdict)
