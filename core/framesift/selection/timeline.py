"""What has to be known of drives to select from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Clip(Protocol):
    """What has to be known of a video to select from its scores."""

    @property
    def kind(self) -> str: ...
    @property
    def fps(self) -> float: ...
    def __len__(self) -> int: ...


class Timeline(Protocol):
    """A drive, opened or only remembered."""

    @property
    def key(self) -> str: ...
    @property
    def clips(self) -> Sequence[Clip]: ...


def is_stills(drive: Timeline) -> bool:
    return drive.clips[0].kind == "stills"
