"""What the Session says to the person: errors in a sentence, and what has been done."""

from __future__ import annotations

import traceback

from PySide6.QtCore import QObject, Signal

from framesift.errors import FramesiftError


class Messages(QObject):
    """One place for sentences, whoever they come from."""

    failed = Signal(str, str)
    """(sentence, details)."""
    bug = Signal(str)
    """An error that is Framesift's own: its traceback."""
    told = Signal(str)

    def tell(self, sentence: str) -> None:
        """Says what has been done."""
        self.told.emit(sentence)

    def fail(self, error: BaseException) -> None:
        """Tells an error: its sentence where it is one of ours, else that there is a bug."""
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
        self.failed.emit(sentence, details)
