"""Opening video files with FFmpeg, and saying in one sentence why one cannot be opened."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import av.error
import av.stream
from av.codec.hwaccel import HWAccel

from framesift.errors import EnvironmentProblem, InputError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

# Only formats that hold footage (or sound, for a better sentence). FFmpeg would otherwise
# take playlists that point elsewhere, pictures, and any text file (as ANSI art).
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h261,h263,h264,hevc,"
    "vvc,av1,obu,ivf,flv,live_flv,kux,asf,asf_o,ogg,mxf,gxf,dv,wtv,mjpeg,mjpeg_2000,gif,apng,"
    "nut,yuv4mpegpipe,rm,dhav,vc1,vc1test,dirac,dnxhd,cavsvideo,nsv,nuv,lmlm4,"
    "mp3,wav,flac,aac,ac3,eac3,w64,aiff,caf,amr"
)
MOST_PIXELS = 8192 * 4352
"""Of one picture of a video: level 6.2 of H.264 and H.265 has no more. A decoder holds up to
seventeen of them."""
MOST_ANIMATED = 1_000_000_000
"""Pixels of all pictures of an animation, each of which needs all before it."""
_AT_OPENING = 4
_ANIMATIONS = frozenset({"gif", "apng"})
_COVER_PICTURE = 0x0400
_BUFFER = 1 << 17


class Source:
    """A file as FFmpeg reads it: under no name, so that none can be taken for a protocol or a
    pattern or fail to be UTF-8, and with a memory of what went wrong. FFmpeg itself takes a
    storage that fails for the end of the file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self._size = os.fstat(self._file.fileno()).st_size
        # FFmpeg tells some formats by the ending alone.
        self.name = "video" + path.suffix.encode("ascii", "replace").decode()
        self.error: OSError | None = None

    def read(self, count: int) -> bytes:
        try:
            data = self._file.read(count)
            if not data and self._file.tell() < self._size:
                raise OSError(errno.EIO, "it became shorter while it was read")
            return data
        except OSError as error:
            self.error = error
            return b""

    def seek(self, place: int, whence: int = 0) -> int:
        return self._file.seek(place, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


class Opened:
    """A container that is open for reading, with the file below it."""

    def __init__(self, path: Path, source: Source, container: InputContainer) -> None:
        self._path, self._source, self.container = path, source, container

    def check(self) -> None:
        """EnvironmentProblem where the storage has failed since the file was opened: what was
        read may be less than what there is."""
        if self._source.error is not None:
            raise read_failed(self._path, self._source.error) from self._source.error

    def packets(self, stream: VideoStream) -> Iterator[Packet[Any]]:
        """The packets of a stream, empty ones among them, up to the end of the footage,
        wherever it lies (cut off, damaged); EnvironmentProblem where the storage fails."""
        try:
            for packet in self.container.demux(stream):
                self.check()
                if packet.size or packet.pts is not None or packet.dts is not None:
                    yield packet
        except (av.error.FFmpegError, ValueError):
            pass
        self.check()

    def close(self) -> None:
        self.container.close()
        self._source.close()


NO_DEVICE = "there is no {} here that can be used ({})."
OTHER_KIND = "this FFmpeg has no {} for this kind of video."


class HardwareError(EnvironmentProblem):
    """A device cannot be had, or not for this kind of video; `reason` says it in a clause."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be decoded: {reason} Leave it to the processor.")
        self.reason = reason


def open_container(path: Path, hardware: str | None = None) -> Opened:
    """Opens a file for reading; `hardware`: the kind of device that decodes it, None for none.
    InputError where it is missing, not a file, not footage or not ours to read;
    EnvironmentProblem where the storage fails; HardwareError where the device does."""
    check_file(path)
    try:
        source = Source(path)
    except OSError as error:
        raise read_failed(path, error) from error
    try:
        container = av.open(
            source,
            "r",
            metadata_errors="replace",
            buffer_size=_BUFFER,
            options={
                "format_whitelist": _FORMATS,
                "protocol_whitelist": "file",
                # Above the limit, so that the size is still known and can be said.
                "max_pixels": str(_AT_OPENING * MOST_PIXELS),
            },
            hwaccel=None
            if hardware is None
            else HWAccel(hardware, allow_software_fallback=False),
        )
    except (av.error.FFmpegError, ValueError, OSError) as error:
        failed = source.error
        source.close()
        if failed is not None:
            raise read_failed(path, failed) from failed
        if hardware is not None:
            raise HardwareError(path, NO_DEVICE.format(hardware, error)) from error
        raise InputError(f"{path} is not a video that can be read: {_reason(path)}") from error
    except RuntimeError as error:
        source.close()
        if hardware is None:
            raise
        raise HardwareError(path, OTHER_KIND.format(hardware)) from error
    return Opened(path, source, container)


def _reason(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        return f"{error.strerror or error}."
    if not head:
        return "the file is empty; copy it again."
    if b"ftyp" in head[:12]:
        return (
            "its table of contents is missing, as when a recording was cut off; repair it "
            "with a tool for that, or copy it again."
        )
    if b"\0" not in head and _is_text(head):
        return "it holds text; give a video file or a folder of pictures."
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"BM", b"RIFF", b"II*\0", b"MM\0*")):
        return "it is a picture or of an unknown kind; give a video or the folder it lies in."
    return "no known format, or its beginning is damaged; give a video file."


def _is_text(head: bytes) -> bool:
    try:
        head[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def check_file(path: Path) -> None:
    """InputError unless `path` is a regular file that may be read."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise InputError(
                f"{path} is not a file; give a video file or a folder of pictures."
            )
        path.open("rb").close()
    except FileNotFoundError as error:
        hint = "points to a file that is gone" if path.is_symlink() else "does not exist"
        raise InputError(f"{path} {hint}; check the path.") from error
    except PermissionError as error:
        raise InputError(f"{path} may not be read by you; change its permissions.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{str(path)!r} cannot be opened ({reason}); check the path."
        ) from error


def choose_stream(container: InputContainer, path: Path, index: int | None) -> VideoStream:
    """The video stream of container index `index`, or FFmpeg's best one. InputError where
    there is none; cover pictures do not count."""
    streams = video_streams(container)
    if not streams:
        if container.streams.video:
            raise InputError(f"{path} has no video, only a cover picture; give a video file.")
        kinds = {s.type for s in container.streams}
        only = " only sound;" if kinds == {"audio"} else ""
        raise InputError(
            f"{path} has no video,{only} give a video file.".replace(
                "video, give", "video; give"
            )
        )
    if index is None:
        best = container.streams.best("video")
        known = {s.index: s for s in streams}
        return known.get(best.index, streams[0]) if best is not None else streams[0]
    for stream in streams:
        if stream.index == index:
            return stream
    numbers = ", ".join(str(s.index) for s in streams)
    raise InputError(f"{path} has no video stream {index}; its video streams: {numbers}.")


def check_pictures(
    path: Path, container: InputContainer, stream: VideoStream, count: int
) -> None:
    """InputError for `count` pictures that would take more memory or time than there is sense
    in, before the first is decoded."""
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > MOST_PIXELS:
        raise InputError(
            f"{path} has pictures of {width}×{height} pixels; {MOST_PIXELS // 10**6} million "
            "(8192×4352) are the most that a video may have. Scale it down."
        )
    if container.format.name in _ANIMATIONS and width * height * count > MOST_ANIMATED:
        raise InputError(
            f"{path} is an animation of {count} pictures of {width}×{height} pixels, each of "
            "which is made of all before it; convert it, to H.264 for instance, or scale it "
            "down."
        )


def video_streams(container: InputContainer) -> list[VideoStream]:
    """The video streams that are no cover pictures."""
    return [s for s in container.streams.video if not _is_cover(s)]


def _is_cover(stream: Any) -> bool:
    disposition = stream.disposition
    return bool(int(getattr(disposition, "value", disposition)) & _COVER_PICTURE)


def only(container: InputContainer, stream: VideoStream) -> None:
    """Lets the container skip what belongs to other streams (where this PyAV can)."""
    nothing = getattr(av.stream, "Discard", None)
    if nothing is not None:
        for other in container.streams:
            if other.index != stream.index:
                other.discard = nothing.all


def read_failed(path: Path, error: OSError) -> EnvironmentProblem:
    """The sentence for a file whose storage fails while it is being read."""
    return EnvironmentProblem(
        f"Reading {path} failed ({error.strerror or error}); check the "
        "disk or the network drive it lies on."
    )
