"""What a training run tells while it goes, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Step:
    """One update of the weights: `step` of `steps` are done.

    `epoch` counts from 1; `loss` is the batch's mean (eq. 7 without weight decay);
    `frames_per_s` over the recent past, `remaining_s` until the last step, validation
    included as far as it is known (None until known).
    """

    step: int
    steps: int
    epoch: int
    loss: float
    learning_rate: float
    frames_per_s: float
    remaining_s: float | None


@dataclass(frozen=True, slots=True)
class Validated:
    """The detector after `epoch` epochs, measured on the validation frames.

    `miss_rate` at one false positive per image, in [0, 1] (None: it is undefined, the
    validation frames hold no label that counts), at IoU `iou`; `loss` the mean training loss
    since the last one; `best`: the lowest miss rate so far.
    """

    epoch: int
    step: int
    loss: float
    miss_rate: float | None
    iou: float
    best: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a run, or what a run left that was stopped or died (`stopped`).

    `checkpoint` is the file to adopt: `last`, or `best` where the settings say so and a
    validation took place. `miss_rate` belongs to it (None: not measured). `seconds` count
    training itself, over all resumptions.
    """

    checkpoint: Path
    last: Path
    best: Path | None
    step: int
    steps: int
    epochs: float
    miss_rate: float | None
    history: tuple[Validated, ...]
    seconds: float
    stopped: bool
