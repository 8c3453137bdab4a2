"""One update of the weights, from one batch, in as many parts as memory allows."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from framesift.detectors.joint import Joint
from framesift.errors import EnvironmentProblem, InputError
from framesift.records import Notice
from framesift.training.consistency import disagreement
from framesift.training.data import Sample
from framesift.training.device import (
    choose_training_precision,
    controlled,
    out_of_memory,
    release,
    seeded,
    training_precision,
)
from framesift.training.ema import Ema
from framesift.training.freezing import freeze
from framesift.training.gradients import add_gradients, share_weights
from framesift.training.optimiser import make_optimiser, set_rate
from framesift.training.ranks import ALONE, Ranks
from framesift.training.sampling import step_seed
from framesift.training.settings import TrainSettings
from framesift.training.share import Division
from framesift.training.weak_loss import asks, weak_loss

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

_MOST_SKIPPED = 25
_Learn = Callable[[Sequence[Sample], torch.Generator], Tensor]


class Updater:
    """The detector being trained, its optimiser and the size of the parts of a batch.

    Between two updates the module, its buffers and the optimiser are exactly the outcome of
    whole updates, however the last one ended; only if it broke off in the middle of the
    optimiser's own work is `torn` True and the weights worthless.
    """

    def __init__(
        self,
        detector: Detector,
        settings: TrainSettings,
        micro_batch: int,
        steps: int = 0,
        ranks: Ranks = ALONE,
    ) -> None:
        self.detector, self.settings, self._steps = detector, settings, steps
        self.micro_batch = micro_batch
        self.division: Division | None = None
        self.module = detector.module
        detector.frozen_batch_norm = settings.batch_norm == "frozen"
        freeze(detector, settings.frozen)
        self._ranks = ranks
        if not ranks.alone:
            share_weights(self.module, ranks)
        self.optimiser = make_optimiser(self.module, settings)
        self.ema = Ema(self.module, settings.ema_decay, settings.interpolation)
        self.torn = False
        self.loss = math.nan
        self.precision = choose_training_precision(settings.precision, detector.device)
        self._scaler = torch.amp.GradScaler(
            detector.device.type, enabled=self.precision == "float16"
        )
        self._skipped = 0

    @property
    def scaler_state(self) -> dict[str, Any]:
        return dict(self._scaler.state_dict())

    @scaler_state.setter
    def scaler_state(self, state: dict[str, Any]) -> None:
        if state and self._scaler.is_enabled():
            self._scaler.load_state_dict(state)

    def update(
        self, samples: Sequence[Sample], step: int, rate: float
    ) -> Iterator[Notice | None]:
        """Learns from one batch. Yields None after each part but the last, and a Notice when
        memory is short and the parts become smaller; `loss` is then the batch's loss.

        Raises InputError where loss or gradient are no longer numbers (the weights stay as
        they were), EnvironmentProblem where not even one frame fits into memory.
        """
        buffers = [buffer.clone() for buffer in self.module.buffers()]
        whole = False
        try:
            while not (yield from self._accumulated(samples, step)):
                self._undo(buffers)
                release(self.detector.device)
                self.micro_batch = (self.micro_batch + 1) // 2
                yield Notice(
                    f"The device's memory is short: going on with {self.micro_batch} frames "
                    "at a time and their gradients added up. Batch normalisation sees the "
                    "smaller parts from here on, so the result differs a little."
                )
            set_rate(self.optimiser, rate)
            with controlled(self.settings, self.detector.device):
                self._apply(step)
            whole = True
        finally:
            if not whole:
                self._undo(buffers)

    def _undo(self, buffers: Sequence[Tensor]) -> None:
        self.optimiser.zero_grad(set_to_none=True)
        for buffer, before in zip(self.module.buffers(), buffers, strict=True):
            buffer.copy_(before)

    def _accumulated(self, samples: Sequence[Sample], step: int) -> Generator[None, None, bool]:
        """Gradients of the whole batch; returns False when memory ran out."""
        self.optimiser.zero_grad(set_to_none=True)
        loss = 0.0
        for part, (learn, some, weight, counts) in enumerate(self._parts(samples, step)):
            if part:
                yield None
            try:
                with self._joint(counts):
                    loss += self._part(learn, some, weight, step, part)
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error):
                    raise
                self._cannot_shrink(error)
                return False
        self.loss = loss
        if not self._ranks.alone:
            add_gradients(self.module, self._ranks)
            self.loss = self._ranks.total(loss)
        return True

    def _cannot_shrink(self, error: BaseException) -> None:
        """Raises EnvironmentProblem where memory is short and parts cannot become smaller."""
        if not self._ranks.alone:
            # The others are in the middle of the same part.
            raise EnvironmentProblem(
                f"The memory of process {self._ranks.rank} is short with {self.micro_batch} "
                "frames going through the network at once; give a smaller --micro-batch, or "
                "start more processes."
            ) from error
        if self.micro_batch == 1:
            raise EnvironmentProblem(
                "One frame alone does not fit into the device's memory; close other "
                "programs, train on smaller crops or on the CPU."
            ) from error

    def _parts(
        self, samples: Sequence[Sample], step: int
    ) -> Iterator[tuple[_Learn, Sequence[Sample], float, tuple[int, ...]]]:
        """What goes through the network at once, what is learnt of it, its weight in the
        batch's loss, and how many of its frames each process has: the labelled frames first."""
        weight = self.settings.consistency.weight_at(step, self._steps)
        labelled = [sample for sample in samples if not sample.unlabelled]
        unlabelled = [sample for sample in samples if sample.unlabelled]
        division = (
            Division(len(labelled), len(unlabelled), self.micro_batch)
            if self._ranks.alone or self.division is None
            else self.division
        )
        for learn, group, whole, count in (
            (self._labelled, labelled, 1.0, division.labelled),
            (self._unlabelled, unlabelled, weight, division.unlabelled),
        ):
            first = 0
            for counts in division.of(count):
                some = group[first : first + counts[self._ranks.rank]]
                first += len(some)
                yield learn, some, whole * (sum(counts) / count), counts

    def _part(
        self, learn: _Learn, samples: Sequence[Sample], weight: float, step: int, part: int
    ) -> float:
        """Adds one part's gradient; its share of the batch's loss."""
        device = self.detector.device
        seed = step_seed(self.settings.seed, step, part)
        with (
            controlled(self.settings, device),
            seeded(seed, device) as generator,
            training_precision(self.detector, self.precision),
        ):
            share = learn(samples, generator) * weight
            self._scaler.scale(share).backward()  # type: ignore[no-untyped-call]
        return float(share.detach())

    def _labelled(self, samples: Sequence[Sample], generator: torch.Generator) -> Tensor:
        loss = self.detector.loss(
            np.stack([sample.image for sample in samples]),
            [sample.boxes for sample in samples],
            generator=generator,
            settings=self.settings,
            at_working_scale=True,
        )
        asking = [sample for sample in samples if asks(sample)]
        count, total = self._everywhere(asking, samples)
        if count and self.settings.weak.weight:
            share = self.settings.weak.weight * count / total
            loss = loss + share * weak_loss(self.detector, asking)
        return loss

    def _everywhere(
        self, asking: Sequence[Sample], samples: Sequence[Sample]
    ) -> tuple[float, float]:
        """How many frames of a part ask, and how many there are, in all processes."""
        joint = self.detector.joint
        if joint is None:
            return len(asking), len(samples)
        return float(joint.added(torch.tensor(float(len(asking))))), sum(joint.counts)

    @contextlib.contextmanager
    def _joint(self, counts: tuple[int, ...]) -> Iterator[None]:
        """While it is open, the detector learns of a part that all processes see."""
        if self._ranks.alone:
            yield
            return
        joint = Joint(self._ranks.rank, counts, self.detector.device)
        self.detector.joint = joint
        try:
            with joint.layers(self.module):
                yield
        finally:
            self.detector.joint = None

    def _unlabelled(self, samples: Sequence[Sample], generator: torch.Generator) -> Tensor:
        return disagreement(self.detector, np.stack([sample.image for sample in samples]))

    def _apply(self, step: int) -> None:
        if not math.isfinite(self.loss):
            raise not_finite(step, "loss")
        self._scaler.unscale_(self.optimiser)
        norm = torch.nn.utils.clip_grad_norm_(
            self.module.parameters(), self.settings.clip_norm or math.inf
        )
        fine = bool(torch.isfinite(norm))
        # With a loss scale an overflow now and then is how the scale is found.
        self._skipped = 0 if fine else self._skipped + 1
        if not fine and (not self._scaler.is_enabled() or self._skipped > _MOST_SKIPPED):
            raise not_finite(step, "gradient")
        self.torn = True
        self._scaler.step(self.optimiser)
        self._scaler.update()
        self.ema.add(step)
        self.torn = False


def not_finite(step: int, what: str) -> InputError:
    return InputError(
        f"The {what} was no longer a number at step {step + 1}; training stopped and the last "
        "good checkpoint is kept. Start anew with a lower learning rate, a warm-up, or the "
        "gradient's norm clipped."
    )
