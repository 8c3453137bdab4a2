"""Fine-tuning: `train()` in this process, `run_worker()` in a child of it.

Importing this package imports no torch; using a name that needs it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily
from framesift.training.augmentation import Augmentation
from framesift.training.consistency_settings import Consistency
from framesift.training.presets import PRESETS, default_settings, preset
from framesift.training.propagation_settings import Propagation
from framesift.training.records import Finished, Step, Validated
from framesift.training.replay_settings import Replay
from framesift.training.schedule import Labels
from framesift.training.self_training_settings import SelfTraining
from framesift.training.settings import TrainSettings
from framesift.training.weak_settings import WeakLearning

if TYPE_CHECKING:
    from framesift.training.job import TrainJob as TrainJob
    from framesift.training.loop import train as train
    from framesift.training.process import TrainWorker as TrainWorker
    from framesift.training.process import WorkerError as WorkerError
    from framesift.training.process import run_worker as run_worker
    from framesift.training.state import outcome as outcome

else:
    __getattr__ = lazily(
        __name__,
        {
            "train": "loop",
            "outcome": "state",
            "TrainJob": "job",
            "TrainWorker": "process",
            "WorkerError": "process",
            "run_worker": "process",
        },
    )

__all__ = [
    "PRESETS",
    "Augmentation",
    "Consistency",
    "Finished",
    "Labels",
    "Propagation",
    "Replay",
    "SelfTraining",
    "Step",
    "TrainJob",
    "TrainSettings",
    "TrainWorker",
    "Validated",
    "WeakLearning",
    "WorkerError",
    "default_settings",
    "outcome",
    "preset",
    "run_worker",
    "train",
]
