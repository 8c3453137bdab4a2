"""`framesift-app [PROJECT]`: starts the desktop application."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

    from framesift.product.crashes import CrashReport
    from framesift_app.window import MainWindow


_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def main(argv: Sequence[str] | None = None) -> int:
    """Starts the window; the exit status."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given and given[0] in ("--version", "-V"):
        import framesift

        sys.stdout.write(f"framesift {framesift.__version__}\n")
        return 0
    if given and given[0] in ("--help", "-h"):
        sys.stdout.write(
            "usage: framesift-app [--version] [PROJECT]\n\n"
            "Opens the window, with a project if its folder is given.\n"
        )
        return 0
    if sys.platform.startswith("linux") and not any(map(os.environ.get, _SCREENS)):
        # Qt would end the process with a crash.
        sys.stderr.write(
            "framesift: There is no screen here (neither DISPLAY nor "
            "WAYLAND_DISPLAY is set); see `framesift --help` for what works "
            "without one.\n"
        )
        return 3
    if sys.platform == "win32":
        # On Windows torch's libraries must be loaded before Qt's.
        import torch  # noqa: F401
    from framesift.product import crashes

    with crashes.reporting() as report:
        return _run(given, report)


def _run(given: Sequence[str], report: CrashReport | None) -> int:
    from PySide6.QtWidgets import QApplication

    app = QApplication([sys.argv[0], *given])
    app.setApplicationName("Framesift")
    app.setOrganizationName("Framesift")
    _translate(app)
    from framesift_app.window import MainWindow

    project = next((text for text in given if not text.startswith("-")), None)
    window = MainWindow(project)
    _tell_bugs(window, report)
    _tell_crashes(window, project is not None)
    window.show()
    return app.exec()


def _translate(app: QCoreApplication) -> None:
    """Puts in Qt's own texts, and ours from resources/translations, in the user's language."""
    from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

    from framesift.errors import EnvironmentProblem
    from framesift.product.resources import resource

    folders = [("qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))]
    with contextlib.suppress(EnvironmentProblem):
        folders.append(("framesift", str(resource("translations"))))
    for name, folder in folders:
        translator = QTranslator(app)
        if translator.load(QLocale(), name, "_", folder):
            app.installTranslator(translator)


def _tell_bugs(window: MainWindow, report: CrashReport | None) -> None:
    """A bug becomes a sentence in the window and a file on the disk, never a dead window."""
    from framesift.errors import EnvironmentProblem

    def keep(details: str) -> None:
        if report is not None:
            with contextlib.suppress(EnvironmentProblem):
                report.bug(details)

    def hook(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        sys.stderr.write("".join(traceback.format_exception(kind, error, trace)))
        window.session.messages.fail(error)

    window.session.messages.bug.connect(keep)
    sys.excepthook = hook


def _tell_crashes(window: MainWindow, opening: bool) -> None:
    """Says where the report of a run that crashed lies; once a project is open if one is
    being opened, since that clears the line."""
    from framesift.product import crashes
    from framesift_app.strings import trf

    paths = crashes.collect()
    if not paths:
        return
    path = paths[-1]
    details = path.read_text(encoding="utf-8", errors="replace")

    def tell() -> None:
        window.session.messages.warn(
            trf(
                "Framesift crashed when it last ran; what you had done is kept. Its report is "
                "{0}. It stays on this computer unless you send it to somebody.",
                path,
            ),
            details,
        )

    if opening:
        window.projects.after_open(tell)
    else:
        tell()


if __name__ == "__main__":
    raise SystemExit(main())
