"""Whether a run may go on where another one stopped."""

from __future__ import annotations

from pathlib import Path

from framesift.errors import InputError
from framesift.files import cannot_write
from framesift.training.state import (
    BEST,
    LAST,
    STATE,
    RunState,
)

_MAY_CHANGE = ("save_every_s", "num_workers", "adopt")


def clear(out: Path) -> None:
    """Removes what an earlier run left; the state first, which vouches for the others."""
    for name in (STATE, LAST, BEST):
        try:
            (out / name).unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(out / name, error) from error


def check_same(saved: RunState, fresh: RunState, out: Path) -> None:
    old, new = saved.settings.to_json(), fresh.settings.to_json()
    other = [name for name in old if old[name] != new[name] and name not in _MAY_CHANGE]
    what = (
        "with another detector"
        if saved.start != fresh.start
        else "on other frames or labels"
        if saved.data != fresh.data
        else f"with another {other[0].replace('_', ' ')}"
        if other
        else ""
    )
    if what:
        raise InputError(
            f"The training in {out} was begun {what}; go on with the same, or start anew."
        )
