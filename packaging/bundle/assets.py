"""Icons in the formats of the systems, and the list of licences: what the recipe puts in
besides the code. Runs in the environment that is packaged: `python -m bundle.assets FOLDER`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def icons(folder: Path) -> None:
    """Draws resources/icons/framesift.svg as icon-SIZE.png, framesift.ico, framesift.icns."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    from framesift.product.resources import resource

    app = QGuiApplication.instance() or QGuiApplication([])
    renderer = QSvgRenderer(str(resource("icons", "framesift.svg")))
    for size in SIZES:
        picture = QImage(size, size, QImage.Format.Format_ARGB32)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        renderer.render(painter)
        painter.end()
        picture.save(str(folder / f"icon-{size}.png"))
    del app
    with Image.open(folder / f"icon-{SIZES[-1]}.png") as largest:
        largest.save(folder / "framesift.ico", sizes=[(n, n) for n in SIZES if n <= 256])
        largest.save(folder / "framesift.icns")


def main() -> int:
    """Makes everything in the folder that the command line names."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    icons(folder)
    from framesift.product import licences

    licences.write(folder / "third-party.json")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
