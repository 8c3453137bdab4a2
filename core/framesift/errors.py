"""What can go wrong, told apart by who can mend it.

`InputError`: the user gave something unusable. `EnvironmentProblem`: the machine refuses
(disk full, folder read-only, no such device, another writer). Both carry one sentence that
says what is wrong and what to do. Anything else that is raised is a bug of ours.
"""

from __future__ import annotations


class FramesiftError(Exception):
    """Base of every error whose message is written for the user: one clear sentence."""


class InputError(FramesiftError):
    """A file, argument or value from outside cannot be used as it is (exit status 2)."""


class EnvironmentProblem(FramesiftError):
    """The machine, not the input, stands in the way (exit status 3)."""


def first_line(error: BaseException) -> str:
    """What a foreign error says, for a sentence of ours.

    Args:
        error: any exception.

    Returns:
        The first line of its text, at most 160 characters; its type where it says nothing.

    Example:
        >>> first_line(ValueError("no such thing\\nand more"))
        'no such thing'
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]


__all__ = [
    "EnvironmentProblem",
    "FramesiftError",
    "InputError",
    "first_line",
]


def __dir__() -> list[str]:
    return sorted(__all__)
