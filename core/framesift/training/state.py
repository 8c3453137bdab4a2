"""What a run keeps on disk to go on exactly where it was: one safetensors file, no pickle."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.detectors.files.tensors import write_tensors
from framesift.errors import InputError, first_line
from framesift.files import json_of, replacing
from framesift.training.records import Finished, Validated
from framesift.training.settings import TrainSettings

if TYPE_CHECKING:
    from torch import Tensor

FORMAT = "framesift-training-state"
VERSION = 1
STATE, LAST, BEST = "state.safetensors", "last.safetensors", "best.safetensors"


@dataclass(slots=True)
class RunState:
    """Where a run stands. All that is random follows from the settings' seed and `step`, so
    that no generator's state needs keeping. `start` is the identity of the detector that the
    run began with, `data` that of what it learns from. `taught`: the step before which the
    teacher last labelled, −1 for never."""

    settings: TrainSettings
    start: str
    data: str
    steps: int
    frames: int
    step: int = 0
    micro_batch: int = 1
    history: list[Validated] = field(default_factory=list)
    loss_sum: float = 0.0
    loss_count: int = 0
    seconds: float = 0.0
    scaler: dict[str, Any] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)
    taught: int = -1

    @property
    def best(self) -> Validated | None:
        """The validation that made the best checkpoint."""
        return next((v for v in reversed(self.history) if v.best), None)

    @property
    def ended(self) -> bool:
        """Whether there is no step to come."""
        return self.step >= self.steps or self.ended_early

    @property
    def ended_early(self) -> bool:
        """Whether steps are left that are not worth taking: the last validations, as many as
        the settings' patience, brought no lower miss rate."""
        best, patience = self.best, self.settings.patience
        if best is None or patience < 1 or self.step >= self.steps:
            return False
        return sum(entry.step > best.step for entry in self.history) >= patience

    def finished(self, out: Path) -> Finished:
        """The record of what lies in `out`."""
        best = self.best
        adopt_best = best is not None and self.settings.adopt == "best"
        last = self.history[-1] if self.history else None
        measured = best if adopt_best else last if last and last.step == self.step else None
        path = out / BEST if best else None
        return Finished(
            checkpoint=path if adopt_best and path else out / LAST,
            last=out / LAST,
            best=path,
            step=self.step,
            steps=self.steps,
            epochs=min(
                self.step * self.settings.labelled_batch / self.frames,
                float(self.settings.epochs),
            ),
            miss_rate=measured.miss_rate if measured else None,
            history=tuple(self.history),
            seconds=self.seconds,
            stopped=not self.ended,
        )

    def to_json(self) -> dict[str, Any]:
        data = {name: getattr(self, name) for name in self.__slots__}
        data["settings"] = self.settings.to_json()
        data["history"] = [asdict(entry) for entry in self.history]
        return {"format": FORMAT, "version": VERSION, **data}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> RunState:
        # States of earlier versions know of no teacher.
        values = {name: data[name] for name in RunState.__slots__ if name != "taught"}
        values["taught"] = data.get("taught", -1)
        values["settings"] = TrainSettings.from_json(values["settings"])
        values["history"] = [Validated(**entry) for entry in values["history"]]
        state = RunState(**values)
        state.check()
        return state

    def check(self) -> None:
        """Raises ValueError for values that no run can have."""
        counts = (self.steps, self.frames, self.step, self.micro_batch, self.loss_count)
        sound = (
            all(type(n) is int and 0 <= n < 1 << 53 for n in counts)
            and self.step <= self.steps
            and type(self.taught) is int
            and self.frames > 0
            and all(isinstance(n, int | float) for n in (self.seconds, self.loss_sum))
            and all(isinstance(text, str) for text in (self.start, self.data))
            and all(isinstance(named, dict) for named in (self.scaler, self.machine))
            and all(type(entry.step) is int for entry in self.history)
        )
        if not sound:
            raise ValueError("a value is of the wrong kind")


@contextlib.contextmanager
def writing_state(
    out: Path, state: RunState, groups: Mapping[str, Mapping[str, Tensor]]
) -> Iterator[None]:
    """Saves everything in one step, tensors under their group's prefix; EnvironmentProblem
    where the machine refuses. All is written when the block begins, and takes its place when
    that has succeeded."""
    # A copy each: safetensors refuses tensors that share memory.
    tensors = {
        prefix + name: value.detach().to("cpu", copy=True).contiguous()
        for prefix, group in groups.items()
        for name, value in group.items()
    }
    with replacing(out / STATE) as part:
        write_tensors(part, tensors, {"framesift": json.dumps(state.to_json())})
        yield


def read_state(out: Path) -> RunState | None:
    """The state that lies in `out` without its tensors; None when there is none."""
    return _read(out, tensors=False)[0] if (out / STATE).exists() else None


def outcome(out: Path | str) -> Finished | None:
    """What a run left in its folder, whether it ended, was stopped or died. Needs no torch.

    Args:
        out: the folder.

    Returns:
        Finished; None when it left no checkpoint.

    Raises:
        InputError: the state is damaged.

    Example:
        >>> outcome("nothing-here") is None
        True
    """
    state = read_state(Path(out))
    return None if state is None else state.finished(Path(out))


def read_tensors(out: Path) -> tuple[RunState, dict[str, Tensor]]:
    """The state and all tensors."""
    return _read(out, tensors=True)


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The group of tensors with this prefix, without it."""
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }


def _read(out: Path, *, tensors: bool) -> tuple[RunState, dict[str, Tensor]]:
    from safetensors import SafetensorError, safe_open

    path = out / STATE
    try:
        with safe_open(path, framework="pt" if tensors else "numpy") as file:
            data = json_of((file.metadata() or {}).get("framesift", "{}"))
            content = {name: file.get_tensor(name) for name in file.keys()} if tensors else {}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(
            f"The saved training state {path} is damaged ({error}); start the training anew."
        ) from error
    if (
        not isinstance(data, dict)
        or data.get("format") != FORMAT
        or data.get("version") != VERSION
    ):
        raise InputError(
            f"The saved training state {path} is of another version; start the training anew."
        )
    try:
        return RunState.from_json(data), content
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(
            f"The saved training state {path} is damaged ({first_line(error)}); start the "
            "training anew."
        ) from error
