"""Tensors to a safetensors file, and what a disk that refuses them says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from framesift.errors import EnvironmentProblem, first_line
from framesift.files import cannot_write

if TYPE_CHECKING:
    from torch import Tensor

_SYSTEM = re.compile(r"\(os error (\d+)\)")


def write_tensors(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]
) -> None:
    """Writes contiguous tensors of the processor's memory, no two of which share it, to
    `path`, which may be half a file when this fails. Raises EnvironmentProblem where the
    machine refuses."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    try:
        save_file(dict(tensors), path, dict(metadata))
    except SafetensorError as error:
        # The library has one error for all that may happen; the system's number is in its text.
        number = _SYSTEM.search(str(error))
        if number is None:
            raise EnvironmentProblem(
                f"Cannot write {path} ({first_line(error)}); choose another place."
            ) from error
        raise cannot_write(path, OSError(int(number[1]), first_line(error))) from error
