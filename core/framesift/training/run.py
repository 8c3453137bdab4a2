"""One run of training: what it holds, where it stands, and what it writes."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from framesift import __version__
from framesift.detectors.files.checkpoint import save_checkpoint
from framesift.errors import InputError
from framesift.records import Notice, Progress
from framesift.training.data import Sample
from framesift.training.device import controlled
from framesift.training.loader import load
from framesift.training.mixture import Mixture
from framesift.training.optimiser import optimiser_tensors, restore_optimiser
from framesift.training.ranks import ALONE, Ranks
from framesift.training.records import Finished, Validated
from framesift.training.resuming import check_same, clear
from framesift.training.sampling import learning_rate
from framesift.training.settings import TrainSettings
from framesift.training.share import Division
from framesift.training.state import (
    BEST,
    LAST,
    STATE,
    RunState,
    read_tensors,
    under,
    writing_state,
)
from framesift.training.teaching import Teaching
from framesift.training.update import Updater
from framesift.training.validate import Pace

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


class Run:
    """A detector, its frames, and the state that is saved and restored."""

    def __init__(
        self,
        detector: Detector,
        mixture: Mixture,
        settings: TrainSettings,
        out: Path,
        *,
        resume: bool,
        lineage: Mapping[str, Any],
        teaching: Teaching | None = None,
        ranks: Ranks = ALONE,
    ) -> None:
        self.detector, self.mixture, self.settings = detector, mixture, settings
        self._teaching, self.ranks = teaching, ranks
        self.out, self._lineage = out, dict(lineage)
        self.notices: list[Notice] = []
        self.pace = Pace()
        frames = len(mixture.parts[0].source)
        micro = min(settings.micro_batch or settings.batch, settings.batch)
        self.state = RunState(
            settings,
            detector.identity(),
            _learnt_from(mixture, detector),
            settings.steps(frames),
            frames=frames,
            micro_batch=micro,
        )
        self.updater = Updater(detector, settings, micro, self.state.steps, ranks)
        self.state.machine = _machine(detector, settings, self.updater.precision, ranks)
        self._dirty = True
        self.saved_at = time.monotonic()
        if resume and (out / STATE).exists():
            self._restore()
        elif ranks.first:
            clear(out)
        self.updater.division = self.division = Division(
            *mixture.counts(), self.updater.micro_batch, ranks.world_size
        )
        self.division.check()
        ranks.check_same((self.state.start, self.state.data, self.state.step))

    def _restore(self) -> None:
        fresh = self.state
        state, tensors = read_tensors(self.out)
        check_same(state, fresh, self.out)
        try:
            self.detector.module.load_state_dict(under("model.", tensors))
            restore_optimiser(self.updater.optimiser, under("optimiser.", tensors))
            self.updater.ema.restore(under("average.", tensors))
            if self._teaching is not None:
                self._teaching.restore(under("taught.", tensors))
        except (RuntimeError, ValueError, IndexError, KeyError) as error:
            raise InputError(
                f"The saved training state in {self.out} does not fit this "
                "detector; start the training anew."
            ) from error
        if state.machine != fresh.machine and state.step < state.steps:
            self.notices.append(
                Notice(
                    "This run began on another device, with another number of threads or "
                    "processes, or another torch; it goes on, but not to exactly the same "
                    "weights."
                )
            )
        state.settings, state.machine = self.settings, fresh.machine
        self.state = state
        self.updater.micro_batch = state.micro_batch
        self.updater.scaler_state = state.scaler
        self._dirty = False

    def batches(self) -> Generator[list[Sample] | None, None, None]:
        """The augmented batches up to where the teacher labels anew, or to the end; None while
        one is being waited for."""
        later = [step for step in self._due() if step > self.state.step]
        rank = self.ranks.rank
        return load(
            lambda step: self.division.own(self.mixture.batch(step), rank),
            self.mixture.sample,
            range(self.state.step, min(later, default=self.state.steps)),
            self.settings.num_workers,
        )

    def _due(self) -> tuple[int, ...]:
        if self._teaching is None:
            return ()
        return self.settings.self_training.due(self.state.steps)

    def taught(self) -> Iterator[Progress | Notice]:
        """The teacher, which is the average of the weights, labels the unlabelled frames, if
        that is due before the step to come."""
        state = self.state
        if (
            self._teaching is None
            or state.step not in self._due()
            or state.taught == state.step
        ):
            return
        with self.updater.ema.applied(), controlled(self.settings, self.detector.device):
            yield from self._teaching.renewed(self.detector)
        state.taught = state.step
        self._dirty = True

    def rate(self) -> float:
        """The learning rate of the step to come."""
        s = self.settings
        return learning_rate(
            self.state.step, self.state.steps, s.learning_rate, s.final_learning_rate, s.warmup
        )

    def stepped(self) -> None:
        """Counts a step as done."""
        state = self.state
        state.step += 1
        state.loss_sum += self.updater.loss
        state.loss_count += 1
        spent = self.pace.lap()
        state.seconds += spent
        self.pace.step_took(spent)
        self._dirty = True

    def epoch_of(self, step: int) -> int:
        """The epoch, from 1, that the `step`-th step belongs to."""
        seen = step * self.settings.labelled_batch
        frames = min(seen, self.settings.epochs * self.state.frames)
        return math.ceil(frames / self.state.frames)

    def _whole_epochs(self, step: int) -> int:
        if step >= self.state.steps:
            return self.settings.epochs
        return step * self.settings.labelled_batch // self.state.frames

    def validation_due(self, every: int) -> bool:
        """Whether an epoch after which to validate has just ended and was not validated."""
        state = self.state
        if every < 1 or state.step == 0:
            return False
        done, before = self._whole_epochs(state.step), self._whole_epochs(state.step - 1)
        if state.step < state.steps and done // every == before // every:
            return False
        return not state.history or state.history[-1].step < state.step

    def validations_left(self, every: int) -> int:
        if every < 1:
            return 0
        return math.ceil(self.settings.epochs / every) - len(self.state.history)

    def validated(self, miss_rate: float | None, iou: float) -> Validated:
        """Notes a validation; the best so far is saved."""
        state = self.state
        best = state.best
        better = miss_rate is not None and (
            best is None or best.miss_rate is None or miss_rate < best.miss_rate
        )
        loss = state.loss_sum / state.loss_count if state.loss_count else math.nan
        record = Validated(
            self._whole_epochs(state.step), state.step, loss, miss_rate, iou, better
        )
        if better and self.ranks.first:
            self._checkpoint(BEST, miss_rate)
        state.history.append(record)
        state.loss_sum, state.loss_count = 0.0, 0
        self._dirty = True
        return record

    def save(self) -> None:
        """Writes the last checkpoint and the state; nothing when the weights are not whole or
        not finite, so that the last good ones stay. Only the first process of several does."""
        # Set first: a save that failed is not tried again on the way out.
        self._dirty = False
        if not self.ranks.first:
            return
        values = [
            v for v in self.detector.module.state_dict().values() if v.is_floating_point()
        ]
        if self.updater.torn or not all(bool(torch.isfinite(v).all()) for v in values):
            return
        state = self.state
        state.micro_batch = self.updater.micro_batch
        state.scaler = self.updater.scaler_state
        last = state.history[-1] if state.history else None
        tensors = {
            "model.": self.detector.module.state_dict(),
            "optimiser.": optimiser_tensors(self.updater.optimiser),
            "average.": self.updater.ema.tensors,
            "taught.": {} if self._teaching is None else self._teaching.tensors(),
        }
        # Only a disk that had room for the state gets the checkpoint that goes with it.
        with writing_state(self.out, state, tensors):
            self._checkpoint(LAST, last.miss_rate if last and last.step == state.step else None)
        self.saved_at = time.monotonic()

    def save_if_needed(self) -> None:
        """Saves what has not been saved yet."""
        if self._dirty:
            self.save()

    def adopt(self) -> None:
        """Gives the detector the weights of the checkpoint that the settings choose."""
        finished = self.finished()
        if finished.checkpoint == finished.best:
            from framesift.detectors.files.checkpoint import load_detector

            best = load_detector(str(finished.best), device="cpu", backend="torch")
            self.detector.module.load_state_dict(best.module.state_dict())
        elif result := self.updater.ema.result():
            kept = {name: result[name] for name in self.detector.weights()}
            self.detector.module.load_state_dict(kept)
        self.detector.module.eval()

    def finished(self) -> Finished:
        return self.state.finished(self.out)

    def _checkpoint(self, name: str, miss_rate: float | None) -> None:
        state = self.state
        lineage = {
            **self._lineage,
            "trained": {
                "from": state.start,
                "on": state.data,
                "frames": state.frames,
                "settings": self.settings.to_json(),
                "step": state.step,
                "steps": state.steps,
                "epochs": self._whole_epochs(state.step),
                "miss_rate": miss_rate,
                "framesift": __version__,
                **state.machine,
            },
        }
        with self.updater.ema.resulting():
            save_checkpoint(self.out / name, self.detector, lineage)


def _learnt_from(mixture: Mixture, detector: Detector) -> str:
    """The identity of what a run learns from; HUALE's weights of classes are part of it."""
    emphasis = detector.emphasis
    if emphasis is None or not any((*emphasis.classifier, *emphasis.boxes)):
        return mixture.identity()
    return f"{mixture.identity()} {emphasis.classifier} {emphasis.boxes}"


def _machine(
    detector: Detector, settings: TrainSettings, precision: str, ranks: Ranks
) -> dict[str, Any]:
    processes = {} if ranks.alone else {"processes": ranks.world_size}
    return {
        "device": detector.device.type,
        "precision": precision,
        "torch": torch.__version__,
        "threads": settings.threads or torch.get_num_threads(),
        **processes,
    }
