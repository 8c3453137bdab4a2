"""torchvision, which the engine can do without: its import, tried once, and its absence in
one sentence."""

from __future__ import annotations

import functools
from types import ModuleType

from framesift.errors import EnvironmentProblem, first_line


def torchvision_detection() -> ModuleType:
    """`torchvision.models.detection`, its compiled operations at hand.

    Raises EnvironmentProblem where torchvision is not installed or does not fit torch.
    """
    problem = why_no_torchvision()
    if problem is not None:
        raise EnvironmentProblem(problem)
    import torchvision.models.detection

    package: ModuleType = torchvision.models.detection
    return package


@functools.cache
def why_no_torchvision() -> str | None:
    """Why torchvision's detectors cannot be used here, one sentence; None where they can."""
    try:
        import torch
        from torchvision.models import detection
        from torchvision.ops import nms

        # Some mismatched installations fail only when a compiled operation is called.
        assert detection
        nms(torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([1.0]), 0.5)
    except ModuleNotFoundError as error:
        if error.name == "torchvision":
            return (
                "torchvision is not installed, so its detectors are unavailable; install "
                "the torchvision that belongs to this torch."
            )
        return _broken(error)
    except Exception as error:  # a compiled library may fail in any way
        return _broken(error)
    return None


def _broken(error: Exception) -> str:
    first = first_line(error).rstrip(".")
    return (
        f"torchvision cannot be used beside this torch ({first}), so its detectors are "
        "unavailable; install the torchvision that belongs to this torch."
    )
