"""What the Session says to the person: errors in a sentence, and what has been done."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from framesift.errors import FramesiftError


class Messages(QObject):
    """One place for sentences, whoever they come from."""

    failed = Signal(str, str)
    """(sentence, details)."""
    noticed = Signal(str, str, str)
    """(cause, sentence, details), after `failed`; it holds until the cause is `mended`."""
    mended = Signal(str)
    """What was told of a cause no longer holds."""
    bug = Signal(str)
    """An error that is Framesift's own: its traceback."""
    told = Signal(str)
    reported = Signal(str, object, object)
    """What has been done, as a sentence; lines that belong to it; the folder or page that was
    written, or None."""

    def tell(self, sentence: str) -> None:
        """Says what has been done."""
        self.told.emit(sentence)

    def report(
        self, sentence: str, lines: Sequence[str] = (), path: Path | None = None
    ) -> None:
        """Says what has been done, what was left out of it, and where it lies."""
        self.reported.emit(sentence, tuple(lines), path)

    def mend(self, cause: str) -> None:
        """Takes back what was told of a cause: it went well by now, or begins anew."""
        self.mended.emit(cause)

    def failing(self, cause: str) -> Callable[[BaseException], None]:
        """Tells errors of one cause; see `fail`."""
        return lambda error: self.fail(error, cause)

    def fail(self, error: BaseException, cause: str = "") -> None:
        """Tells an error: its sentence where it is one of ours, else that there is a bug.
        `cause`: what `mend` calls it by; the latest error without one takes the place of the
        one before."""
        if isinstance(error, FramesiftError):
            sentence = str(error)
        elif isinstance(error, MemoryError):
            sentence = self.tr("The memory is full; close other programs and try again.")
        else:
            sentence = self.tr(
                "Something went wrong inside Framesift; what you had done is kept. The details "
                "help to mend it."
            )
        # Details come with bugs that a child process met.
        known = getattr(error, "details", "")
        details = known or "".join(traceback.format_exception(error))
        if known or not isinstance(error, (FramesiftError, MemoryError)):
            self.bug.emit(details)
        self.warn(sentence, details, cause)

    def warn(self, sentence: str, details: str, cause: str = "") -> None:
        """Tells what went wrong, in a sentence and with details; see `fail`."""
        self.failed.emit(sentence, details)
        self.noticed.emit(cause, sentence, details)
