"""MATLAB files (MAT version 5 to 7), as far as label files go: numbers, text, cells, structs.

The files come from elsewhere. SciPy's reader trusts them (cells nested some thousand deep end
the process, a few kilobytes unpack to gigabytes), so this one checks every step instead: depth,
sizes and counts are bounded before anything is made of them.
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.formats.files import cannot_read

LARGEST_FILE = 128 << 20
LARGEST_CONTENT = 256 << 20
MOST_VALUES = 4_000_000
DEEPEST = 12

_HEADER = 128
_INT32, _MATRIX, _COMPRESSED = 5, 14, 15
_CELL, _STRUCT, _CHAR, _NUMBERS = 1, 2, 4, range(6, 16)
_COMPLEX = 0x0800
_PLAIN_HEAD = (6, 8, 6, 0, 5, 8, 1, 0)
_TYPES = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
_TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell array: its values in MATLAB's order, columns first."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct array: each element's values by field name."""

    elements: tuple[dict[str, Value], ...]


Value = Numbers | str | Cell | Struct | None
"""None stands for what label files do not hold (functions, objects, sparse or complex
matrices, text of several rows)."""


class _DamagedError(Exception):
    """What is wrong with the bytes, as the end of a sentence."""


def read_mat(path: Path) -> dict[str, Value]:
    """The variables of a MATLAB file; numbers of any type as float64 of their own shape.

    InputError for a file that is none, of version 7.3 (HDF5), damaged, nested deeper than
    DEEPEST, or larger, packed or not, than any file of labels.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(
                f"{path} is larger than any file of labels; give the file of the annotations."
            )
        data = path.read_bytes()
    except OSError as error:
        raise cannot_read(path, error) from error
    mark = data[126:128]
    if data.startswith((b"MATLAB 7.3", b"\x89HDF")):
        raise InputError(
            f"{path} is a MATLAB file of version 7.3; save it in MATLAB with save(…, '-v7')."
        )
    if len(data) < _HEADER or mark not in (b"IM", b"MI"):
        raise InputError(f"{path} is no MATLAB file; give the file of the annotations.")
    try:
        return _Parser("<" if mark == b"IM" else ">").variables(data)
    except _DamagedError as error:
        raise InputError(
            f"{path} is a damaged MATLAB file ({error}); fetch it again."
        ) from error


class _Parser:
    """Reads elements of one byte order, counting what it makes of them."""

    def __init__(self, order: str) -> None:
        self._order = order
        self._tag = struct.Struct(f"{order}II")
        self._plain = struct.Struct(f"{order}6I8xII")
        self._left = MOST_VALUES
        self._content = LARGEST_CONTENT

    def variables(self, data: bytes) -> dict[str, Value]:
        variables: dict[str, Value] = {}
        at = _HEADER
        while at + 8 <= len(data):
            kind, length = self._tag.unpack_from(data, at)
            body = data[at + 8 : at + 8 + length]
            if len(body) < length:
                raise _DamagedError("it is cut off")
            at += 8 + length
            if kind == _COMPRESSED:
                whole = self._unpacked(body)
                kind, start, end, _ = self._element(whole, 0, len(whole))
                body = whole[start:end]
            if kind == _MATRIX:
                name, value = self._matrix(body, 0, len(body), 0)
                variables[name] = value
        return variables

    def _unpacked(self, packed: bytes) -> bytes:
        unpacker = zlib.decompressobj()
        try:
            content = unpacker.decompress(packed, self._content)
        except zlib.error as error:
            raise _DamagedError("a packed variable does not unpack") from error
        self._content -= len(content)
        if unpacker.unconsumed_tail or self._content < 1:
            raise _DamagedError("it unpacks to more than any file of labels holds")
        return content

    def _element(self, data: bytes, at: int, end: int) -> tuple[int, int, int, int]:
        """(type, where its data begin and end, where the next element begins)."""
        if at + 8 > end:
            raise _DamagedError("an element is cut off")
        kind, length = self._tag.unpack_from(data, at)
        if kind >> 16:
            # Up to four bytes share the eight of the tag.
            kind, length = kind & 0xFFFF, kind >> 16
            if length > 4:
                raise _DamagedError("a short element is too long")
            return kind, at + 4, at + 4 + length, at + 8
        start = at + 8
        if start + length > end:
            raise _DamagedError("an element goes beyond its end")
        return kind, start, start + length, min(end, start + length + (-length) % 8)

    def _matrix(self, data: bytes, at: int, end: int, depth: int) -> tuple[str, Value]:
        if depth > DEEPEST:
            raise _DamagedError(f"its cells lie more than {DEEPEST} deep in one another")
        if end - at >= 56 and self._plain.unpack_from(data, at) == _PLAIN_HEAD:
            # Nearly all there is: an unnamed double of two dimensions.
            rows, columns = self._tag.unpack_from(data, at + 24)
            if max(rows, columns) <= len(data):
                return "", (
                    self._numbers(data, at + 40, end, (rows, columns))
                    if rows * columns
                    else np.zeros((rows, columns))
                )
        kind, start, stop, at = self._element(data, at, end)
        if stop - start != 8:
            raise _DamagedError("a variable has no flags")
        flags = struct.unpack_from(f"{self._order}I", data, start)[0]
        kind, start, stop, at = self._element(data, at, end)
        if kind != _INT32 or not 8 <= stop - start <= 32 or (stop - start) % 4:
            raise _DamagedError("a variable has no size")
        shape = struct.unpack_from(f"{self._order}{(stop - start) // 4}i", data, start)
        count = math.prod(shape)
        if min(shape) < 0 or count > len(data):
            raise _DamagedError("a variable has an impossible size")
        _, start, stop, at = self._element(data, at, end)
        name = data[start:stop].decode("latin-1")
        kind = flags & 0xFF
        if kind == _CELL:
            return name, Cell(tuple(self._children(data, at, end, count, depth)))
        if kind == _STRUCT:
            return name, self._struct(data, at, end, count, depth)
        if kind == _CHAR and shape[0] <= 1 and len(shape) == 2:
            return name, self._text(data, at, end) if count else ""
        if kind in _NUMBERS and not flags & _COMPLEX:
            return name, self._numbers(data, at, end, shape) if count else np.zeros(shape)
        return name, None

    def _children(self, data: bytes, at: int, end: int, count: int, depth: int) -> list[Value]:
        self._left -= count
        if self._left < 0:
            raise _DamagedError("it holds more values than any file of labels")
        values: list[Value] = []
        for _ in range(count):
            kind, start, stop, at = self._element(data, at, end)
            if kind != _MATRIX:
                raise _DamagedError("something else stands where a variable is due")
            empty = start == stop
            values.append(
                np.zeros((0, 0)) if empty else self._matrix(data, start, stop, depth + 1)[1]
            )
        return values

    def _struct(self, data: bytes, at: int, end: int, count: int, depth: int) -> Struct:
        _, start, stop, at = self._element(data, at, end)
        if stop - start != 4:
            raise _DamagedError("a struct has no length of its names")
        width = struct.unpack_from(f"{self._order}i", data, start)[0]
        _, start, stop, at = self._element(data, at, end)
        if not 1 <= width <= 256 or (stop - start) % width:
            raise _DamagedError("the names of a struct's fields are cut")
        names = [
            data[place : place + width].split(b"\0")[0].decode("latin-1")
            for place in range(start, stop, width)
        ]
        if not names and count > 1:
            raise _DamagedError("a struct has no fields")
        values = self._children(data, at, end, count * len(names), depth)
        return Struct(
            tuple(
                dict(zip(names, values[first : first + len(names)], strict=True))
                for first in range(0, len(values), max(1, len(names)))
            )
        )

    def _text(self, data: bytes, at: int, end: int) -> str | None:
        kind, start, stop, _ = self._element(data, at, end)
        code = _TEXTS.get(kind)
        if code is None:
            return None
        if code in ("utf-16", "utf-32"):
            code += "-le" if self._order == "<" else "-be"
        return data[start:stop].decode(code, "replace")

    def _numbers(self, data: bytes, at: int, end: int, shape: tuple[int, ...]) -> Numbers:
        kind, start, stop, _ = self._element(data, at, end)
        if kind not in _TYPES:
            raise _DamagedError("numbers are of an unknown type")
        dtype = np.dtype(self._order + _TYPES[kind])
        if stop - start != math.prod(shape) * dtype.itemsize:
            raise _DamagedError("there are not as many numbers as their size says")
        plain = np.frombuffer(data, dtype, math.prod(shape), start)
        return plain.astype(np.float64).reshape(shape, order="F")
