"""Training the weights that ship: the paper's detector on procedurally drawn driving scenes.

`train_initial` is one generator. It saves its state every few minutes and goes on from it when
called again with the same arguments, so a run of hours survives a kill.
"""

from __future__ import annotations

import copy
import json
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from framesift import files
from framesift.detectors import (
    PaperDetector,
    choose_device,
    choose_precision,
    fit_box_sizes,
)
from framesift.detectors.files.checkpoint import save_checkpoint
from framesift.detectors.files.tensors import write_tensors
from framesift.errors import InputError
from framesift.records import Notice, Progress
from framesift.records.aliases import renamed
from framesift.training.initial_frames import Pool
from framesift.training.initial_learners import Learners
from framesift.training.initial_settings import InitialSettings
from framesift.training.records import Step
from framesift.training.sampling import step_seed


def train_initial(
    out: Path | str,
    *,
    settings: InitialSettings | None = None,
    device: str = "auto",
    workers: int = 1,
    save_every_s: float = 240.0,
    resume: bool = True,
    budget_s: float | None = None,
    **changes: Any,
) -> Iterator[Step | Progress | Notice]:
    """Trains from nothing and writes a checkpoint to `out` (.safetensors), every
    `save_every_s` seconds and at the end; beside it, while it runs, `out`.state.

    `changes`: fields of InitialSettings (look, width, steps, seed, …). `workers`: processes
    that draw frames (0: in this one). `resume`: go on from an `out`.state of the same
    settings. `budget_s`: ends after so many seconds of training at the latest, and
    anneals by whichever is further, steps or seconds; the outcome then depends on the machine's
    speed. Yields Progress while frames are drawn and a Step per update. The outcome depends
    on the settings, the device and torch's number of threads only. Raises InputError.
    """
    out = Path(out)
    given, sentences = renamed(changes, "initial training")
    for sentence in sentences:
        warnings.warn(sentence, FutureWarning, stacklevel=2)
    chosen = replace(settings or InitialSettings(), **given)
    state_file = out.with_name(out.name + ".state")
    saved = _read_state(state_file, chosen) if resume else None
    first = int(saved[0]["step"]) if saved else 0
    run: _Run | None = None
    pool = Pool(chosen.look, chosen.seed, chosen.pool, workers, first, chosen.batch)
    try:
        for held in pool.prepare(first):
            yield Progress(held, chosen.pool.frames, stage="drawing")
        sizes = (
            saved[0]["box_sizes"]
            if saved
            else (
                chosen.box_sizes
                or fit_box_sizes(pool.boxes(), min_height=chosen.loss.min_height)
            )
        )
        run = _Run(chosen, sizes, device, budget_s)
        yield Notice(f"Box sizes (height, width): {run.detector.settings['box_sizes']}.")
        if saved:
            run.restore(*saved)
            yield Notice(f"Going on at step {first + 1}.")
        done = first
        for record in _steps(run, pool, first, out, state_file, save_every_s):
            done = record.step if isinstance(record, Step) else done
            yield record
        run.save(out, done)
        state_file.unlink(missing_ok=True)
    finally:
        pool.close()
        if run is not None:
            run.learners.close()


class _Run:
    def __init__(
        self, settings: InitialSettings, sizes: Any, device: str, budget_s: float | None = None
    ) -> None:
        self.settings, self.budget_s = settings, budget_s
        torch.manual_seed(settings.seed)
        where = choose_device(device)
        kind = {"width": settings.width, "box_sizes": sizes, "dropout": settings.dropout}
        self.detector = PaperDetector(settings=kind)
        self.detector.to(where, choose_precision("auto", where))
        self.learners = Learners(self.detector, settings.parts)
        self.module: nn.Module = self.detector.module
        self.ema = copy.deepcopy(self.module)
        kernels = [p for p in self.module.parameters() if p.ndim > 1]
        others = [p for p in self.module.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": kernels, "weight_decay": settings.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=settings.rate,
        )
        self.seconds = 0.0

    def update(self, step: int, pool: Pool) -> tuple[float, float]:
        """One step; (loss, learning rate)."""
        rate = self.settings.rate_at(step, self.share(step))
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        torch.manual_seed(step_seed(self.settings.seed, step, 0))
        frames, boxes = pool.views(step)
        loss = self.learners.gradients(
            frames, boxes, self.settings.loss, step_seed(self.settings.seed, step, 1)
        )
        nn.utils.clip_grad_norm_(self.module.parameters(), self.settings.clip)
        self.optimiser.step()
        self._update_ema(step)
        return loss, rate

    def share(self, step: int) -> float:
        """How much of the annealing is done, in [0, 1]."""
        first = self.settings.warmup
        by_steps = (step - first) / max(1, self.settings.steps - 1 - first)
        by_time = self.seconds / self.budget_s if self.budget_s else 0.0
        return min(1.0, max(by_steps, by_time))

    @torch.no_grad()
    def _update_ema(self, step: int) -> None:
        # A short memory at first, or the random start would weigh on early checkpoints.
        weight = max(1 - self.settings.ema_decay, 1 / (step + 2))
        new = self.module.state_dict()
        for key, value in self.ema.state_dict().items():
            if value.is_floating_point():
                value.lerp_(new[key], weight)
            else:
                value.copy_(new[key])

    def save(self, out: Path, step: int) -> None:
        """Writes the averaged weights as a checkpoint."""
        made = PaperDetector(self.detector.classes, self.detector.settings)
        made.module.load_state_dict(self.ema.state_dict())
        made.name = out.stem
        save_checkpoint(
            out,
            made,
            {
                "made_by": "framesift train-initial",
                "steps_done": step,
                "seconds": round(self.seconds),
                **_plain(self.settings),
            },
        )

    def save_state(self, path: Path, step: int) -> None:
        tensors = {f"module.{k}": v for k, v in self.module.state_dict().items()}
        tensors.update({f"average.{k}": v for k, v in self.ema.state_dict().items()})
        for number, slots in self.optimiser.state_dict()["state"].items():
            tensors.update({f"optimiser.{number}.{k}": v for k, v in slots.items()})
        about = {
            "step": step,
            "seconds": self.seconds,
            "settings": _plain(self.settings),
            "box_sizes": self.detector.settings["box_sizes"],
        }
        with files.replacing(path) as part:
            write_tensors(
                part,
                {k: v.detach().cpu().contiguous() for k, v in tensors.items()},
                {"state": json.dumps(about)},
            )

    def restore(self, about: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        self.seconds = float(about["seconds"])
        for name, module in (("module", self.module), ("average", self.ema)):
            module.load_state_dict(
                {
                    k.removeprefix(f"{name}."): v
                    for k, v in tensors.items()
                    if k.startswith(f"{name}.")
                }
            )
        slots: dict[int, dict[str, torch.Tensor]] = {}
        for key, value in tensors.items():
            if key.startswith("optimiser."):
                _, number, slot = key.split(".")
                slots.setdefault(int(number), {})[slot] = value
        self.learners.share_buffers()
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": slots, "param_groups": groups})


def _steps(
    run: _Run, pool: Pool, first: int, out: Path, state_file: Path, save_every_s: float
) -> Iterator[Step | Progress]:
    settings = run.settings
    began = saved = time.monotonic()
    before = run.seconds
    for step in range(first, settings.steps):
        if run.budget_s and run.seconds >= run.budget_s:
            return
        for held in pool.prepare(step):
            yield Progress(held, settings.pool.frames, stage="drawing")
        loss, rate = run.update(step, pool)
        run.seconds = before + time.monotonic() - began
        pace = (step + 1 - first) / (time.monotonic() - began)
        yield Step(
            step + 1,
            settings.steps,
            1,
            loss,
            rate,
            pace * settings.batch,
            (settings.steps - step - 1) / pace,
        )
        if time.monotonic() - saved > save_every_s:
            run.save_state(state_file, step + 1)
            run.save(out, step + 1)
            saved = time.monotonic()


def _plain(settings: InitialSettings) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(settings)))
    return plain


def _read_state(
    path: Path, settings: InitialSettings
) -> tuple[dict[str, Any], dict[str, torch.Tensor]] | None:
    """The state of a broken-off run of the same settings, or None."""
    if not path.exists():
        return None
    from safetensors import safe_open

    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})["state"])
        stored, _ = renamed(about["settings"], "initial training")
        same = stored == _plain(settings)
        tensors = load_file(path)
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"The state of the earlier run in {path.name} is damaged; delete it to begin anew."
        ) from error
    if not same:
        raise InputError(
            f"The file {path.name} is of a run with other settings; delete it to "
            "begin anew, or give the same settings to go on."
        )
    return about, tensors
