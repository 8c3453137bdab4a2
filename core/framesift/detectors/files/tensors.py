"""Tensors to a safetensors file, and what a disk that refuses them says."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from framesift.errors import EnvironmentProblem, first_line
from framesift.files import cannot_write

if TYPE_CHECKING:
    from torch import Tensor

_PLAIN = (
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
)
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


def check_archive(path: Path) -> None:
    """Raises ValueError for an archive that is larger unpacked than it lies there: torch packs
    nothing that it saves."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > path.stat().st_size:
                raise ValueError("it is packed")


def unusual(tensors: Mapping[str, Tensor]) -> str | None:
    """The name of the first tensor that is not plain numbers, each in its own place: sparse,
    quantized, nested, without memory, of a type that networks do not compute in, or larger
    than the memory that it stands for; None without one."""
    import torch

    for name, value in tensors.items():
        plain = (
            value.layout is torch.strided
            and value.device.type == "cpu"
            and not (value.is_quantized or value.is_nested)
            and str(value.dtype).removeprefix("torch.") in _PLAIN
        )
        if not plain or value.numel() > value.untyped_storage().nbytes():
            return str(name)
    return None
