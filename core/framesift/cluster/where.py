"""Where units are worked at, as one says it: "local:2", "ray", "ray://HOST:PORT", "slurm:8"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from framesift.errors import InputError

MOST = 4096


@dataclass(frozen=True, slots=True)
class Where:
    """A place for workers: `count` of them (None: as many as the place says), for Ray its
    `address` ("": this machine)."""

    kind: Literal["local", "ray", "slurm"]
    count: int | None = None
    address: str = ""

    @staticmethod
    def of(text: str) -> Where:
        """Raises InputError for a place that there is not."""
        match = re.fullmatch(r"(local|slurm|ray)(?::(\d{1,4}))?", text.strip())
        if match is not None:
            count = None if match[2] is None else int(match[2])
            if count != 0:
                kind: Literal["local", "ray", "slurm"] = match[1]  # type: ignore[assignment]
                return Where(kind, count)
        if re.fullmatch(r"ray://[\w.-]+:\d{1,5}", text.strip()):
            return Where("ray", None, text.strip())
        raise InputError(
            f"{text!r} is no place to work at; write local:2 (processes here), ray or "
            "ray://HOST:PORT, or slurm:8 (an array of 8 jobs)."
        )
