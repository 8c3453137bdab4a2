"""An H.264 stream whose pictures are coded as pairs of fields (PAFF), which no encoder at
hand writes: raw samples (I_PCM) in Main profile, 32×32 pixels."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SIDE = 32


class _Bits:
    def __init__(self) -> None:
        self._bits = ""

    def u(self, count: int, value: int) -> _Bits:
        self._bits += f"{value:0{count}b}"
        return self

    def ue(self, *values: int) -> _Bits:
        for value in values:
            code = f"{value + 1:b}"
            self._bits += "0" * (len(code) - 1) + code
        return self

    def align(self) -> _Bits:
        self._bits += "0" * (-len(self._bits) % 8)
        return self

    def raw(self, data: bytes) -> _Bits:
        self._bits += "".join(f"{byte:08b}" for byte in data)
        return self

    def nal(self, header: int) -> bytes:
        bits = self._bits + "1"
        bits += "0" * (-len(bits) % 8)
        body = int(bits, 2).to_bytes(len(bits) // 8, "big")
        out, zeros = bytearray(), 0
        for byte in body:
            if zeros >= 2 and byte <= 3:
                out.append(3)
                zeros = 0
            out.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return b"\0\0\0\1" + bytes([header]) + bytes(out)


def _parameters() -> bytes:
    sps = (
        _Bits()
        .u(8, 77)
        .u(8, 0)
        .u(8, 30)
        .ue(0, 0, 2, 1)
        .u(1, 0)
        .ue(SIDE // 16 - 1, SIDE // 32 - 1)
        .u(1, 0)
        .u(1, 0)
        .u(1, 1)
        .u(1, 0)
        .u(1, 0)
    )
    pps = (
        _Bits()
        .ue(0, 0)
        .u(1, 0)
        .u(1, 0)
        .ue(0, 0, 0)
        .u(1, 0)
        .u(2, 0)
        .ue(0, 0, 0)
        .u(1, 1)
        .u(1, 0)
        .u(1, 0)
    )
    return sps.nal(0x67) + pps.nal(0x68)


def _field(luma: NDArray[np.uint8], number: int, bottom: int, idr: bool) -> bytes:
    bits = _Bits().ue(0, 7, 0).u(4, number % 8).u(1, 1).u(1, bottom)
    if idr:
        bits.ue(0).u(1, 0).u(1, 0)
    else:
        bits.u(1, 0)
    bits.ue(0, 1)
    rows = luma[bottom::2]
    for left in range(0, SIDE, 16):
        bits.ue(25).align().raw(rows[:, left : left + 16].tobytes() + bytes([128]) * 128)
    return bits.nal(0x65 if idr else 0x61)


def field_pairs(count: int) -> list[tuple[bytes, bytes]]:
    """The coded fields of `count` grey pictures, an IDR every 8."""
    pairs = []
    for number in range(count):
        luma = np.full((SIDE, SIDE), 16 + 5 * number, np.uint8)
        luma[::2, : SIDE // 2] = 200
        first = _field(luma, number, 0, number % 8 == 0)
        if number % 8 == 0:
            first = _parameters() + first
        pairs.append((first, _field(luma, number, 1, False)))
    return pairs


def write_fields(path: Path, pairs: Sequence[tuple[bytes, bytes]], *, apart: bool) -> Path:
    """Muxes the pairs at 25 pictures per second: each in one packet, or (`apart`) each field
    in a packet of its own with a time of its own."""
    raw = path.with_suffix(".h264")
    raw.write_bytes(b"".join(one + other for one, other in pairs))
    with av.open(str(raw)) as source, av.open(f"file:{path}", "w") as target:
        template = source.streams.video[0]
        stream = target.add_stream_from_template(template)
        for number, pair in enumerate(pairs):
            for place, data in enumerate(pair if apart else (pair[0] + pair[1],)):
                packet = av.Packet(data)
                packet.pts = packet.dts = number * 40 + place * 20
                packet.time_base = Fraction(1, 1000)
                packet.is_keyframe = number % 8 == 0 and place == 0
                packet.stream = stream
                target.mux_one(packet)
    raw.unlink()
    return path
