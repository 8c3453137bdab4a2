"""A session with made-up drives and scores, without a project on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from framesift_app.session import Session

from framesift.labels import FrameKey
from framesift.project import StoredDrive, VideoRecord


def record(name: str, frames: int, *, width: int = 640, height: int = 480, fps: float = 30.0,
           kind: str = "file") -> VideoRecord:
    return VideoRecord(id=name, name=f"{name}.mp4", path=Path(f"{name}.mp4"), fingerprint=name,
                       kind=kind, stream=None, frames=frames, fps=fps, width=width,
                       height=height, role="pool", drive=name, place=0, added=0.0)


def drives(**frames: int) -> tuple[StoredDrive, ...]:
    return tuple(StoredDrive(name, (record(name, n),)) for name, n in frames.items())


def scores(frames: int, seed: int = 0) -> np.ndarray:
    """A plausible series: slow waves, short bursts, noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(frames)
    base = 0.05 + 0.02 * np.sin(t / 900) + 0.015 * np.sin(t / 137 + seed)
    for _ in range(max(3, frames // 900)):
        at, wide, high = rng.integers(frames), rng.integers(8, 90), rng.random() * 0.12
        reach = slice(max(0, at - 4 * wide), at + 4 * wide)
        base[reach] += high * np.exp(-(((t[reach] - at) / wide) ** 2))
    return np.abs(base + rng.normal(0, 0.009, frames)).astype(np.float32)


def fill(session: Session, footage: Sequence[StoredDrive], raw: dict[str, np.ndarray],
         taken: dict[str, tuple[int, ...]] | None = None, **rules: object) -> None:
    """Gives a session footage and scores, as an opened project would, and selects."""
    session.project_name = "week47"
    session.classes = ("pedestrian", "rider")
    session.drives = tuple(footage)
    session.raw = dict(raw)
    session.taken = dict(taken or {})
    session.projectChanged.emit()
    session.footageChanged.emit()
    session.set_rules(**{"budget": 20, **rules})
    for drive in footage:
        session.scoresChanged.emit(drive.key)


def key(drive: str, frame: int) -> FrameKey:
    return FrameKey(drive, frame)
