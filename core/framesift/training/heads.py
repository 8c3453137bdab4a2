"""Training the heads of a detector, after its own training or on their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from framesift.detectors.base import Detector
from framesift.detectors.heads import Head
from framesift.errors import InputError
from framesift.records import Progress
from framesift.training.box_mixture import BoxMixture
from framesift.training.ease import Ease
from framesift.training.head_fitting import Learnt
from framesift.training.head_frames import Seen, look, parted, whole
from framesift.training.misses import Misses
from framesift.training.predicted_loss import PredictedLoss

if TYPE_CHECKING:
    from framesift.training.data import Source

LEAST = 8
"""Labelled frames without which no head is trained."""


class Trainer(Protocol):
    """What makes a head. noun: what it learns from."""

    noun: str

    def example(self, seen: Seen) -> Any:
        """What is kept of a frame."""
        ...

    def fit(
        self, frames: Sequence[Any], others: Sequence[Any], seed: int
    ) -> tuple[Head, int, Learnt | None]:
        """The head, stopped by the others; of how much it learnt; how it came out."""
        ...


TRAINERS: Mapping[str, Trainer] = {
    "predicted_misses": Misses(),
    "predicted_loss": PredictedLoss(),
    "mdn": BoxMixture(),
    "difficulty": Ease(),
}


@dataclass(frozen=True, slots=True)
class HeadTrained:
    """A head that is now part of the detector: its name, of how many frames and of how many
    misses, losses, boxes or objects (`noun`) in them, and how it came out (None where nothing
    is learnt but measured)."""

    name: str
    frames: int
    count: int
    noun: str
    learnt: Learnt | None

    def __str__(self) -> str:
        sentence = f"{self.name}: {self.count} {self.noun} in {self.frames} frames"
        if self.learnt is None:
            return sentence
        return (
            f"{sentence}; on held-out frames the loss is {self.learnt.loss:.4f}, a constant's "
            f"{self.learnt.constant:.4f}"
        )


def check_names(names: Sequence[str]) -> None:
    """Raises InputError for a name that no head has."""
    for name in names:
        if name not in TRAINERS:
            raise InputError(f"There is no head {name!r}; choose one of {', '.join(TRAINERS)}.")


def train_heads(
    detector: Detector,
    source: Source,
    held_out: Source | None = None,
    *,
    names: Sequence[str],
    previous: Detector | None = None,
    seed: int = 0,
) -> Iterator[Progress | HeadTrained]:
    """Trains heads of a detector and gives them to it; its network stays as it is.

    source: labelled frames that `previous` (default: the detector itself) has not learnt from;
    held_out: others, by which it is told when to stop (default: a quarter of the videos, or of
    the frames where there is one video). names: of TRAINERS. Yields Progress, and a HeadTrained
    for each. Raises InputError for an unknown name, too few frames, and for a detector without
    features; at the end where one of several heads has too little to learn from.
    """
    check_names(names)
    count = len(whole(source))
    if count < LEAST:
        raise InputError(
            f"A head needs {LEAST} labelled frames or more to learn from; there are {count}."
        )
    used = {b.category for n in range(len(source)) for b in source.boxes(n) if not b.ignore}
    if lacking := sorted(used - {*detector.classes}):
        raise InputError(
            f"The detector does not know the class {lacking[0]!r} of the labels; train it on "
            "them first."
        )
    examples: list[dict[str, Any]] = []
    videos: list[str] = []
    parts = [source] if held_out is None or not whole(held_out) else [source, held_out]
    for part in parts:
        for record in look(detector, previous or detector, part):
            if isinstance(record, Progress):
                yield record
                continue
            examples.append({name: TRAINERS[name].example(record) for name in names})
            videos.append(record.video)
    if len(parts) == 2:
        frames, others = examples[:count], examples[count:]
    else:
        frames, others = parted(examples, videos)
    problems: list[InputError] = []
    for name in names:
        trainer = TRAINERS[name]
        try:
            head, learnt_from, learnt = trainer.fit(
                [f[name] for f in frames], [f[name] for f in others], seed
            )
        except InputError as error:
            # The others are not lost by it.
            problems.append(error)
            continue
        detector.heads[name] = head
        yield HeadTrained(name, len(frames), learnt_from, trainer.noun, learnt)
    if problems:
        raise problems[0]
