"""Made by packaging/stub.py from the code; `make stub` writes it again."""

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from framesift import boxes as boxes
from framesift import cluster as cluster
from framesift import datasets as datasets
from framesift import detectors as detectors
from framesift import errors as errors
from framesift import evaluation as evaluation
from framesift import formats as formats
from framesift import labels as labels
from framesift import loop as loop
from framesift import project as project
from framesift import report as report
from framesift import scores as scores
from framesift import selection as selection
from framesift import series as series
from framesift import synth as synth
from framesift import tracking as tracking
from framesift import training as training
from framesift import video as video
from framesift._version import __version__ as __version__
from framesift.datasets import open_dataset as open_dataset
from framesift.detectors import Detector
from framesift.detectors.files.checkpoint import load_detector as load_detector
from framesift.evaluation import Evaluation
from framesift.loop.given import FramesLike, VideoLike
from framesift.loop.steps import FrameFunction
from framesift.project import Project as Project
from framesift.records.draining import drain as drain
from framesift.records.draining import last as last
from framesift.scores.pipeline import score as score
from framesift.selection import Selection as Selection
from framesift.series import ScoreSeries as ScoreSeries
from framesift.simulate.results import Simulation as _Simulation
from framesift.simulate.settings import Experiment as _Experiment
from framesift.training import Finished
from framesift.video import open_stills as open_stills
from framesift.video import open_video as open_video

def evaluate(
    detector: str | PathLike[str] | Detector | Project,
    frames: FramesLike | None = None,
    *,
    preset: str | None = None,
    progress: bool = False,
    ious: Sequence[float] = ...,
    min_height: float = 50.0,
    max_height: float | None = None,
    aspect: Sequence[float] | None = ...,
    aspect_classes: Sequence[str] = ...,
    ignore_occluded: bool = False,
    discard: bool = False,
    height_slack: float = 1.25,
    working_height: float | None = None,
    threshold: float = 0.01,
    max_detections: int = 100,
    flip: bool = False,
    batch: int = 8,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    blocks: Literal["frames", "segments", "drives"] = "frames",
    segment: int = 300,
    coco: bool = True,
    headline_iou: float | None = None,
    device: Literal["auto", "cuda", "mps", "cpu"] = "auto",
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto",
    backend: Literal["auto", "torch", "openvino", "openvino-gpu"] | None = None,
    tiles: Any = None,
    threads: int | None = None,
) -> Evaluation: ...
def score_video(
    video: VideoLike,
    detector: str | PathLike[str] | Detector = "pedestrian",
    method: str | FrameFunction | None = None,
    *,
    mask: NDArray[np.bool_] | None = None,
    preset: str | None = None,
    progress: bool = False,
    reduction: Literal["max-pool-mean", "mean", "max", "sum"] = "max-pool-mean",
    region: int = 30,
    classes: Any = None,
    class_weights: Mapping[str, float] = ...,
    radius: int | Sequence[int] = 9,
    radius_by_box: bool = False,
    flip: bool = False,
    passes: int = 30,
    rate: float = 0.5,
    dropout_seed: int = 0,
    ensemble: Any = ...,
    aggregate: Literal["sum", "mean", "max", "weighted"] = "sum",
    box_threshold: float = 0.05,
    beta: float = 1.3,
    look_seed: int = 0,
    noise: Any = ...,
    inside: float = 0.9,
    apart: float = 0.1,
    flicker_score: float = 0.3,
    every: int = 1,
    start: Any = ...,
    stop: Any = None,
    progressive: bool = False,
    batch: int | None = None,
    unchanged: float = 0.0,
    hardware: Literal["cuda", "d3d11va", "vaapi", "videotoolbox", "vulkan"] | None = None,
    device: Literal["auto", "cuda", "mps", "cpu"] = "auto",
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto",
    backend: Literal["auto", "torch", "openvino", "openvino-gpu"] | None = None,
    tiles: Any = None,
    threads: int | None = None,
) -> ScoreSeries: ...
def select_frames(
    videos: VideoLike | ScoreSeries | Iterable[VideoLike | ScoreSeries],
    detector: str | PathLike[str] | Detector = "pedestrian",
    *,
    mask: NDArray[np.bool_] | None = None,
    taken: Mapping[str, Sequence[int]] | None = None,
    damaged: bool = False,
    join: bool = True,
    preset: str | None = None,
    progress: bool = False,
    budget: int = 20,
    strategy: str = "entropy",
    delta1: Any = None,
    delta2: Any = None,
    smoothing: bool = True,
    half_window: int = 5,
    sigma: float = 3.0,
    look_alike: Literal["on", "strict", "off"] = "on",
    look_alike_threshold: float = 0.2,
    fill: bool = False,
    random_share: float | None = None,
    seed: int = 0,
    reduction: Literal["max-pool-mean", "mean", "max", "sum"] = "max-pool-mean",
    region: int = 30,
    classes: Any = None,
    class_weights: Mapping[str, float] = ...,
    radius: int | Sequence[int] = 9,
    radius_by_box: bool = False,
    flip: bool = False,
    passes: int = 30,
    rate: float = 0.5,
    dropout_seed: int = 0,
    ensemble: Any = ...,
    aggregate: Literal["sum", "mean", "max", "weighted"] = "sum",
    box_threshold: float = 0.05,
    beta: float = 1.3,
    look_seed: int = 0,
    noise: Any = ...,
    inside: float = 0.9,
    apart: float = 0.1,
    flicker_score: float = 0.3,
    every: int = 1,
    start: Any = ...,
    stop: Any = None,
    progressive: bool = False,
    batch: int | None = None,
    unchanged: float = 0.0,
    hardware: Literal["cuda", "d3d11va", "vaapi", "videotoolbox", "vulkan"] | None = None,
    device: Literal["auto", "cuda", "mps", "cpu"] = "auto",
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto",
    backend: Literal["auto", "torch", "openvino", "openvino-gpu"] | None = None,
    tiles: Any = None,
    threads: int | None = None,
) -> Selection: ...
def train(
    detector: str | PathLike[str] | Detector | Project,
    frames: FramesLike | None = None,
    out: str | PathLike[str] = "training",
    *,
    validation: FramesLike | None = None,
    resume: bool = False,
    preset: str | None = None,
    device: str = "auto",
    progress: bool = False,
    epochs: int = 50,
    batch: int = 8,
    micro_batch: int | None = None,
    optimizer: Literal["rmsprop", "sgd", "adamw"] = "rmsprop",
    learning_rate: float = 0.001,
    final_learning_rate: float = 0.0001,
    warmup: int = 0,
    weight_decay: float = 2e-06,
    rho: float = 0.9,
    momentum: float = 0.9,
    clip_norm: float = 0.0,
    ema_decay: float = 0.0,
    interpolation: float = 1.0,
    n2p: float = 15.0,
    hard_fraction: float = 0.0,
    positive_iou: float = 0.5,
    negative_iou: float = 0.35,
    min_height: float = 50.0,
    aspect: Sequence[float] = ...,
    aspect_classes: Sequence[str] = ...,
    box_loss: Literal["own", "eiou", "huale"] = "own",
    filtered: Literal["ignore", "discard"] = "ignore",
    batch_norm: Literal["batch", "frozen"] = "batch",
    frozen: int = 0,
    heads: Literal["kept", "all", "dropped"] = "kept",
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto",
    seed: int = 0,
    deterministic: bool = True,
    threads: int | None = None,
    num_workers: int = 2,
    validate_every: int = 1,
    adopt: Literal["last", "best"] = "last",
    patience: int = 0,
    save_every_s: float = 60.0,
    augmentation_flip: float = 0.5,
    augmentation_scale: Sequence[float] = ...,
    augmentation_crop: Sequence[int] | None = None,
    augmentation_aim: float = 0.5,
    augmentation_colour: float = 0.5,
    augmentation_visible: float = 0.6,
    replay_share: float = 0.0,
    replay_source: str = "drawn",
    replay_frames: int = 300,
    replay_tone: Literal["own", "labelled"] = "own",
    propagation_frames: int = 0,
    propagation_share: float = 0.25,
    propagation_half_life: float = 5.0,
    propagation_max_error: float = 2.0,
    propagation_min_similarity: float = 0.4,
    self_training_enabled: bool = False,
    self_training_frames: int = 100,
    self_training_share: float = 0.25,
    self_training_keep: Literal["both", "tracks", "score"] = "both",
    self_training_precision: float = 0.9,
    self_training_low_score: float = 0.1,
    self_training_track: int = 3,
    self_training_reach: int = 2,
    self_training_renewals: int = 3,
    consistency_enabled: bool = False,
    consistency_frames: int = 200,
    consistency_share: float = 0.25,
    consistency_weight: float = 1.0,
    consistency_ramp: float = 0.3,
    weak_enabled: bool = False,
    weak_weight: float = 1.0,
    weak_least_score: float = 0.05,
) -> Finished: ...

class _Simulate(ModuleType):
    """The module framesift.simulate, which can be called."""

    Experiment: type[_Experiment]
    Simulation: type[_Simulation]
    def load_experiment(self, path: str | Path) -> _Experiment: ...
    def preset(self, name: str) -> _Experiment: ...
    def __call__(
        self,
        experiment: _Experiment | str | Path,
        folder: str | Path,
        *,
        devices: Sequence[str] = (),
        progress: bool = False,
    ) -> _Simulation: ...

simulate: _Simulate

__all__ = [
    "Project",
    "ScoreSeries",
    "Selection",
    "__version__",
    "drain",
    "evaluate",
    "last",
    "load_detector",
    "open_dataset",
    "open_stills",
    "open_video",
    "score",
    "score_video",
    "select_frames",
    "simulate",
    "train",
]
