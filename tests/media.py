"""Makes the files that break video readers: small, with PyAV, from nothing."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import PIL.Image
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def pictures(count: int, width: int = 64, height: int = 48, seed: int = 0) -> list[Image]:
    """`count` different RGB pictures: coarse texture that drifts, and the number as a bar."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 256, (height // 8 + 3, (width + count) // 8 + 3, 3), np.uint8)
    ground = np.kron(cells, np.ones((8, 8, 1), np.uint8))
    made = []
    for number in range(count):
        image = np.ascontiguousarray(ground[number % 8 :, number:][:height, :width])
        image[:8, :] = 0
        image[:8, : 1 + number * (width - 1) // max(1, count - 1)] = 255
        made.append(image)
    return made


def encode(
    path: Path,
    images: Sequence[Image],
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    pts: Sequence[int] | None = None,
    rate: int = 25,
    time_base: Fraction | None = None,
    format: str | None = None,
    muxer: dict[str, str] | None = None,
    b_frames: int = 0,
    gop: int = 12,
    change: Callable[[list[av.Packet]], None] | None = None,
) -> Path:
    """Writes a video. `pts` in units of `time_base` (default 1/rate, one per frame);
    `change` may rework the encoded packets (in decoding order) before they are muxed."""
    base = time_base or Fraction(1, rate)
    with _writing(path, format, muxer) as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.width, stream.height = images[0].shape[1], images[0].shape[0]
        stream.pix_fmt = pix_fmt
        stream.time_base = stream.codec_context.time_base = base
        stream.codec_context.gop_size = gop
        stream.codec_context.max_b_frames = b_frames
        stream.codec_context.thread_count = 1
        if codec == "libx264":
            options = {
                "crf": "30",
                "preset": "ultrafast" if not b_frames else "veryfast",
                "sc_threshold": "0",
                **(options or {}),
            }
        if codec == "libx265":
            options = {"preset": "ultrafast", **(options or {})}
            options["x265-params"] = ":".join(
                [
                    "log-level=none",
                    "pools=1",
                    "frame-threads=1",
                    *filter(None, [options.get("x265-params")]),
                ]
            )
        stream.codec_context.options = options or {}
        packets = []
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = (pts[number] if pts else number), base
            packets += stream.encode(frame)
        packets += stream.encode(None)
        if change:
            change(packets)
        for packet in packets:
            packet.stream = stream
            container.mux_one(packet)
    return path


@contextlib.contextmanager
def _writing(path: Path, format: str | None, muxer: dict[str, str] | None) -> Iterator[Any]:
    # PyAV reads options out of names with protocols or patterns in them; file: forbids it.
    container = av.open(f"file:{path}", "w", format=format, container_options=muxer or {})
    try:
        yield container
    finally:
        container.close()


def sequence(
    path: Path,
    stored: Sequence[bytes],
    size: tuple[int, int],
    *,
    fps: float = 30.0,
    promised: int | None = None,
    counted: int = 4,
    gap: int = 8,
    header: int = 1024,
    form: int = 201,
    start: int = 0,
) -> Path:
    """Writes a Norpix sequence of encoded pictures, field by field. `counted`: what a size
    counts beside its picture; `gap`: bytes behind a picture, the time of recording (`start`
    seconds and 40 ms a frame) among them."""
    head = struct.pack("<I", 0xFEED) + "Norpix seq".encode("utf-16-le").ljust(24, b"\0")
    head += struct.pack("<iI", 3, 1024) + "a test".encode("utf-16-le").ljust(512, b"\0")
    count = len(stored) if promised is None else promised
    head += struct.pack(
        "<9I", *size, 24, 8, size[0] * size[1] * 3, form, count, 0, size[0] * size[1] * 3 + 6
    )
    head += struct.pack("<d", fps)
    body = b"".join(
        struct.pack("<I", len(one) + counted)
        + one
        + struct.pack("<IH", start + number * 40 // 1000, number * 40 % 1000).ljust(gap, b"\0")
        for number, one in enumerate(stored)
    )
    path.write_bytes(head.ljust(header, b"\0") + body)
    return path


def two_streams(path: Path) -> Path:
    """A front and a rear camera in one file."""
    with av.open(str(path), "w") as container:
        streams: list[Any] = []
        for width, height in ((64, 48), (32, 24)):
            stream: Any = container.add_stream("mpeg4", rate=10)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            streams.append(stream)
        for number in range(8):
            for stream in streams:
                image = np.full((stream.height, stream.width, 3), number * 9, np.uint8)
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 10)
                container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode(None))
    return path


def jpeg(image: Image) -> bytes:
    """A picture as JPEG."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(image).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def remux(
    source: Path,
    path: Path,
    *,
    change: Callable[[list[av.Packet]], None] | None = None,
    muxer: dict[str, str] | None = None,
    format: str | None = None,
) -> Path:
    """Copies the packets of the best video stream, possibly reworked, into a new file."""
    with av.open(str(source)) as reader, _writing(path, format, muxer) as writer:
        template: Any = reader.streams.best("video")
        stream = writer.add_stream_from_template(template)
        packets = [p for p in reader.demux(template) if p.size]
        if change:
            change(packets)
        for packet in packets:
            packet.stream = stream
            writer.mux_one(packet)
    return path


def show_by(path: Path, matrix: tuple[float, float, float, float]) -> Path:
    """Writes a matrix into an mp4's track header: the stored pixel (p, q) is to be shown at
    (a·p + c·q, b·p + d·q), moved back into the first quadrant by nobody."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4
    place = at + 4 + (32 if data[at] else 20) + 16
    a, b, c, d = (round(value * 65536) for value in matrix)
    data[place : place + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(bytes(data))
    return path


def rotate(path: Path, degrees: int) -> Path:
    """Writes a rotation (clockwise, as players show it) into an mp4's track header."""
    a, b = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    return show_by(path, (a, b, -b, a))


def cut(path: Path, share: float) -> Path:
    """Keeps the first `share` of a file's bytes."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def scratch(path: Path, places: Sequence[float], length: int = 40) -> Path:
    """Overwrites `length` bytes at each share of the file."""
    data = bytearray(path.read_bytes())
    for place in places:
        at = int(len(data) * place)
        data[at : at + length] = bytes((37 * i + 11) % 256 for i in range(length))
    path.write_bytes(bytes(data))
    return path
