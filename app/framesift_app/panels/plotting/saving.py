"""Saving what a plot shows: as a picture, as a drawing, as its values."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, QRectF
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QWidget

from framesift.errors import FramesiftError
from framesift.files import replacing, write_bytes
from framesift_app.panels.context import Entry
from framesift_app.session.messages import Messages
from framesift_app.strings import _, tr, trf

Writer = Callable[[Path], None]
WORDS = {
    "png": _("Save the picture (PNG)…"),
    "svg": _("Save the drawing (SVG)…"),
    "csv": _("Save the values (CSV)…"),
}
SCALE = 2
"""How many times the screen's resolution pictures have."""


class Saving:
    """Asks for a file and has it written, whole or not at all. A problem of the disk becomes a
    sentence."""

    def __init__(self, parent: QWidget, messages: Messages, name: str) -> None:
        """`name`: what a file is called before anybody says otherwise."""
        self._parent, self._messages, self._name = parent, messages, name
        self._writers: dict[str, Writer] = {}

    def add(self, kind: str, write: Writer) -> None:
        """Has files of a kind, by their suffix, written by a function, and says so; one that
        tells by itself what it has done is added by `asking` alone."""
        self._writers[kind] = write

    def entries(self) -> list[Entry]:
        """One for each kind of file."""
        return [
            (tr(WORDS[kind]), self.asking(kind, partial(self.save, kind=kind)))
            for kind in self._writers
        ]

    def asking(self, kind: str, then: Writer) -> Callable[[], None]:
        """What asks where a file of a kind is to be saved, and goes on with its path."""

        def ask() -> None:
            path, _filter = QFileDialog.getSaveFileName(
                self._parent, tr("Save"), f"{self._name}.{kind}", f"{kind.upper()} (*.{kind})"
            )
            if path:
                given = Path(path)
                then(given if given.suffix else given.with_suffix(f".{kind}"))

        return ask

    def save(self, path: Path, kind: str) -> None:
        """Writes one kind of file there, and says so."""
        try:
            self._writers[kind](path)
        except FramesiftError as error:
            self._messages.fail(error)
        else:
            self._messages.report(trf("Saved: {0}", path), path=path.parent)


def write_picture(item: Any, path: Path) -> None:
    """Writes a plot, or a scene, as PNG."""
    from pyqtgraph.exporters import ImageExporter

    exporter = ImageExporter(item)
    width = exporter.parameters().param("width")
    width.setValue(SCALE * width.value())
    held = QBuffer()
    held.open(QIODevice.OpenModeFlag.WriteOnly)
    exporter.export(toBytes=True).save(held, "PNG")  # type: ignore[call-overload]
    write_bytes(path, bytes(held.data().data()))


def write_drawing(item: Any, path: Path) -> None:
    """Writes a plot as SVG. By Qt itself: pyqtgraph 0.14 cannot read the closed paths that Qt
    writes (its issue 3495)."""
    scene, source = item.scene(), item.mapRectToScene(item.boundingRect())
    held, generator = QBuffer(), QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(held)
    generator.setResolution(round(QGuiApplication.primaryScreen().logicalDotsPerInch()))
    generator.setViewBox(QRectF(0, 0, source.width(), source.height()))
    generator.setSize(source.size().toSize())
    painter = QPainter(generator)
    painter.fillRect(generator.viewBoxF(), scene.views()[0].backgroundBrush())
    scene.prepareForPaint()
    scene.render(painter, generator.viewBoxF(), source)
    painter.end()
    write_bytes(path, bytes(held.data().data()))


def write_values(item: Any, path: Path) -> None:
    """Writes the curves of a plot as CSV: for each curve a column of x and one of y."""
    from pyqtgraph.exporters import CSVExporter

    with replacing(path) as part:
        CSVExporter(item).export(str(part))
