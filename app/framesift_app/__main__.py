"""`framesift-app [PROJECT]`: starts the desktop application."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from types import TracebackType


def main(argv: Sequence[str] | None = None) -> int:
    """Starts the window; the exit status."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given and given[0] in ("--version", "-V"):
        import framesift

        sys.stdout.write(f"framesift {framesift.__version__}\n")
        return 0
    if given and given[0] in ("--help", "-h"):
        sys.stdout.write("usage: framesift-app [--version] [PROJECT]\n\n"
                         "Opens the window, with a project if its folder is given.\n")
        return 0
    if sys.platform == "win32":
        # On Windows torch's libraries must be loaded before Qt's.
        import torch  # noqa: F401
    from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
    from PySide6.QtWidgets import QApplication

    app = QApplication([sys.argv[0], *given])
    app.setApplicationName("Framesift")
    app.setOrganizationName("Framesift")
    translators = []
    for folder in (QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath),):
        translator = QTranslator(app)
        if translator.load(QLocale(), "qtbase", "_", folder):
            app.installTranslator(translator)
            translators.append(translator)
    from framesift_app.window import MainWindow

    project = next((text for text in given if not text.startswith("-")), None)
    window = MainWindow(project)
    _tell_bugs(window)
    window.show()
    return app.exec()


def _tell_bugs(window: object) -> None:
    """A bug becomes a sentence in the window, never a dead window."""
    session = window.session  # type: ignore[attr-defined]

    def hook(kind: type[BaseException], error: BaseException,
             trace: TracebackType | None) -> None:
        sys.stderr.write("".join(traceback.format_exception(kind, error, trace)))
        session.fail(error)

    sys.excepthook = hook


if __name__ == "__main__":
    raise SystemExit(main())
