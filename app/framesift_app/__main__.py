"""`framesift-app [PROJECT]`: starts the desktop application."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication


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
    from PySide6.QtWidgets import QApplication

    app = QApplication([sys.argv[0], *given])
    app.setApplicationName("Framesift")
    app.setOrganizationName("Framesift")
    _translate(app)
    from framesift_app.window import MainWindow

    project = next((text for text in given if not text.startswith("-")), None)
    window = MainWindow(project)
    _tell_bugs(window)
    window.show()
    return app.exec()


def _translate(app: QCoreApplication) -> None:
    """Puts in Qt's own texts, and ours from resources/translations, in the user's language."""
    from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

    from framesift.errors import EnvironmentProblem
    from framesift.resources import resource

    folders = [("qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))]
    with contextlib.suppress(EnvironmentProblem):
        folders.append(("framesift", str(resource("translations"))))
    for name, folder in folders:
        translator = QTranslator(app)
        if translator.load(QLocale(), name, "_", folder):
            app.installTranslator(translator)


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
