"""How to train, as plain data: a table of settings, and the sets of defaults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from framesift.detectors.loss_settings import LossSettings
from framesift.errors import InputError
from framesift.records.settings import check, from_plain, like, made, setting, to_plain
from framesift.training.augmentation import Augmentation
from framesift.training.consistency_settings import Consistency
from framesift.training.propagation_settings import Propagation
from framesift.training.replay_settings import Replay
from framesift.training.self_training_settings import SelfTraining
from framesift.training.weak_settings import WeakLearning

_WIDE = 2**63 - 1


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Settings of a training run; JSON in and out. The defaults are the paper's where it has
    any; the table says what each does. What concerns eq. 7 and the filter of labels is
    LossSettings'."""

    epochs: int = setting(
        50,
        title="Epochs",
        help="passes over the labelled frames (T)",
        low=1,
        high=100_000,
        source="the paper",
        metavar="T",
    )
    batch: int = setting(
        8,
        title="Frames a step",
        help="frames of one step; fewer need less memory",
        low=1,
        high=4096,
        metavar="N",
    )
    micro_batch: int | None = setting(
        None,
        title="Frames at once",
        help="frames that go through the network at once, gradients adding up over the step; "
        "batch normalisation sees only these",
        low=1,
        high=4096,
        empty="all of the step",
        metavar="N",
    )
    optimizer: str = setting(
        "rmsprop",
        title="Optimizer",
        help="how gradients become steps",
        choices=("rmsprop", "sgd", "adamw"),
        source="the paper",
    )
    learning_rate: float = setting(
        1e-3,
        title="Learning rate",
        help="of the first step; it falls exponentially to the final one",
        low=1e-10,
        high=10.0,
        source="the paper",
        metavar="R",
    )
    final_learning_rate: float = setting(
        1e-4,
        title="Final learning rate",
        help="of the last step; a tenth of the learning rate where only that is given",
        low=1e-10,
        high=10.0,
        source="the paper",
        metavar="R",
    )
    warmup: int = setting(
        0,
        title="Warm-up",
        help="steps over which the learning rate rises from nothing",
        unit="steps",
        low=0,
        high=1_000_000,
        metavar="STEPS",
    )
    weight_decay: float = setting(
        2e-6,
        title="Weight decay",
        help="on convolutions, not on biases and normalisation",
        low=0.0,
        high=1.0,
        source="the paper",
        metavar="W",
    )
    rho: float = setting(
        0.9,
        title="ρ",
        help="decay of rmsprop's running mean",
        low=0.0,
        high=0.9999,
        source="the paper",
        metavar="ρ",
    )
    momentum: float = setting(
        0.9, title="Momentum", help="of sgd", low=0.0, high=0.9999, metavar="M"
    )
    clip_norm: float = setting(
        0.0,
        title="Largest gradient",
        help="largest norm of the gradient, 0 for any",
        low=0.0,
        high=1e6,
        metavar="NORM",
    )
    ema_decay: float = setting(
        0.0,
        title="Average of the weights",
        help="decay per step of the running average of the weights that is the result; 0 for "
        "the weights of the last step",
        low=0.0,
        high=0.999999,
        metavar="DECAY",
    )
    interpolation: float = setting(
        1.0,
        title="Way from the start",
        help="how far the result lies from the detector that training began with, on the line "
        "between the weights of both: 0.5 is half way, 1 is what was learnt as it is; less "
        "holds on to what the detector could do, where labels are few or alike",
        low=0.01,
        high=1.0,
        source="Wortsman et al., CVPR 2022",
        metavar="SHARE",
    )
    n2p: float = like(LossSettings, "n2p")
    hard_fraction: float = like(LossSettings, "hard_fraction")
    positive_iou: float = like(LossSettings, "positive_iou")
    negative_iou: float = like(LossSettings, "negative_iou")
    min_height: float = like(LossSettings, "min_height")
    aspect: tuple[float, float] = like(LossSettings, "aspect")
    aspect_classes: tuple[str, ...] = like(LossSettings, "aspect_classes")
    box_loss: str = like(LossSettings, "box_loss")
    filtered: str = like(LossSettings, "filtered")
    batch_norm: str = setting(
        "batch",
        title="Normalisation",
        help="batch normalisation by each step's statistics, or by those that the detector "
        "has; with a few hundred labels of footage that looks unlike what the detector learnt "
        "from (night, say), keep it as the detector has it",
        choices={
            "batch": "By each step's frames, as in the paper",
            "frozen": "As the detector has it",
        },
        source="the paper",
    )
    frozen: int = setting(
        0,
        title="Stages kept",
        help="how many of the detector's first stages keep their weights and statistics; the "
        "detector's page says what its stages are",
        low=0,
        high=100,
        metavar="N",
    )
    heads: str = setting(
        "kept",
        title="Heads",
        help="what becomes of the detector's heads, which fit its features of before; they "
        "learn from what the detector of before misses in the labelled frames",
        choices={
            "kept": "Trained anew where it has some",
            "all": "Every one is trained",
            "dropped": "Left out",
        },
    )
    precision: str = setting(
        "auto",
        title="Number format",
        help="of the network; auto is float32 on processors, half precision on cards made for "
        "it",
        choices=("auto", "float32", "bfloat16", "float16"),
    )
    seed: int = setting(
        0, title="Seed", help="of everything random", low=0, high=_WIDE, metavar="N"
    )
    deterministic: bool = setting(
        True,
        title="The same bits every time",
        help="on the same machine; always so on a CPU, on a GPU at some cost in speed",
        # Without it nobody can say what the numbers depend on.
        in_recipe=False,
    )
    threads: int | None = setting(
        None,
        title="Processor threads",
        help="of the network, on a CPU; the last bits depend on them",
        low=1,
        high=1024,
        empty="as many as there are cores",
        metavar="N",
    )
    num_workers: int = setting(
        2,
        title="Workers",
        help="threads that read and augment pictures ahead",
        low=0,
        high=64,
        in_recipe=False,
        metavar="N",
    )
    validate_every: int = setting(
        1,
        title="Validate every",
        help="epochs between two validations, 0 for none",
        unit="epochs",
        low=0,
        high=100_000,
        metavar="EPOCHS",
    )
    adopt: str = setting(
        "last",
        title="Keep",
        help="which checkpoint is the result",
        choices={
            "last": "The last one, as in the paper",
            "best": "The best of the validations",
        },
        source="the paper",
    )
    patience: int = setting(
        0,
        title="Patience",
        help="validations without a lower miss rate after which training ends early, 0 for "
        "never",
        low=0,
        high=100_000,
        metavar="N",
    )
    save_every_s: float = setting(
        60.0,
        title="Save every",
        help="seconds between two saves of the state from which a killed run resumes",
        unit="s",
        low=0.0,
        high=1e6,
        in_recipe=False,
        option="save-every",
        metavar="SECONDS",
    )
    augmentation: Augmentation = field(default_factory=Augmentation)
    replay: Replay = field(default_factory=Replay)
    propagation: Propagation = field(default_factory=Propagation)
    self_training: SelfTraining = field(default_factory=SelfTraining)
    consistency: Consistency = field(default_factory=Consistency)
    weak: WeakLearning = field(default_factory=WeakLearning)

    def __post_init__(self) -> None:
        check(self, "training")
        if self.aspect[0] > self.aspect[1]:
            raise InputError(
                f"The training setting aspect is {self.aspect}; the smaller number goes first."
            )
        others = self._others()
        if others and others >= self.batch:
            raise InputError(
                f"{others} of {self.batch} frames a step are replayed, carried to or "
                "unlabelled, which leaves no labelled one; lower one of the shares, or take "
                "more frames a step."
            )
        if self.self_training.enabled and not self.ema_decay:
            raise InputError(
                "Self-training is taught by the average of the weights, and ema_decay is 0, "
                "which keeps none; give one above 0 (0.98 is usual), or train without "
                "self-training."
            )

    def _others(self) -> int:
        """Frames of a step that are not labelled ones."""
        means = (self.replay, self.propagation, self.self_training, self.consistency)
        return sum(mean.of(self.batch) for mean in means)

    @property
    def labelled_batch(self) -> int:
        """How many frames of a step are labelled ones."""
        return max(1, self.batch - self._others())

    @property
    def learns_unlabelled(self) -> bool:
        """Whether frames that nobody has labelled are learnt from, too."""
        return self.self_training.enabled or self.consistency.enabled

    @property
    def needs_previous(self) -> bool:
        """Whether the loss asks the detector of the cycle before what was hard."""
        return self.box_loss == "huale"

    def steps(self, frames: int) -> int:
        """Updates that `epochs` passes over `frames` labelled frames take."""
        return math.ceil(self.epochs * frames / self.labelled_batch)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return to_plain(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> TrainSettings:
        """The inverse of `to_json`; what is missing keeps its default, what is unknown or of
        the wrong kind raises InputError."""
        return from_plain(TrainSettings, data, "training")

    def with_(self, **changes: Any) -> TrainSettings:
        return replace(self, **changes)

    def with_given(self, changes: Mapping[str, Any]) -> TrainSettings:
        """These settings as the defaults of what somebody says (dotted names for the
        augmentation). Whoever says a learning rate and no final one means a tenth of it."""
        given = dict(changes)
        if "learning_rate" in given:
            given.setdefault("final_learning_rate", given["learning_rate"] / 10)
        return made(TrainSettings, self.to_json(), given, noun="training")
