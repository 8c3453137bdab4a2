"""Sizes of many pictures, most of which have the very header of another one."""

from __future__ import annotations

from pathlib import Path

from framesift.video.pictures import size_and_header


class PictureSizes:
    """Sizes of pictures, one after the other.

    A camera and a program that writes frames write the same header to each, but for what
    depends on the picture. One whose header is that of an earlier one, byte for byte, has its
    size, and need not be parsed.
    """

    def __init__(self) -> None:
        self._header, self._size = b"", (0, 0)

    def of(self, path: Path) -> tuple[int, int] | None:
        """As `upright_size`, with what it raises."""
        if self._header and _begins_with(path, self._header):
            return self._size
        size, header = size_and_header(path)
        if size is not None:
            self._header, self._size = header, size
        return size


def _begins_with(path: Path, header: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(header)) == header
    except OSError:
        # Who reads the picture says what is wrong with it.
        return False
