"""What a container says about a video stream: its rate, the shape of its pixels, the other
streams beside it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from framesift.video.promises import promise_of

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

RAW = frozenset(
    {
        *("h264", "hevc", "vvc", "m4v", "mpegvideo", "h261", "h263", "vc1", "vc1test", "dirac"),
        *("cavsvideo", "mjpeg", "obu"),
    }
)
"""Formats that are nothing but a codec's stream, without timestamps of their own."""
_USUAL = Fraction(25)
_FLATTEST = 10
"""Pixels that are that many times as wide as high, or as high as wide, are a mistake."""


def stated_facts(container: InputContainer, stream: VideoStream) -> dict[str, Any]:
    """The fields of a StreamTable that an open container tells."""
    texts = {**container.metadata, **stream.metadata}
    rate = stated_rate(container, stream)
    return {
        "stream": stream.index,
        "time_base": stream.time_base or Fraction(1, 1000),
        "rate": rate or _USUAL,
        "promised": promise_of(container, stream).packets,
        "recorded": texts.get("creation_time", texts.get("date", "")),
        "container": container.format.name,
        "codec": stream.codec_context.name,
        "pixel_aspect": pixel_aspect(stream),
        "warnings": (*_pixel_shape(stream), *_no_rate(container, rate)),
    }


def stated_rate(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Frames per second as the file says; None where it does not. Of a raw stream FFmpeg's
    average is a guess, and what the codec's own header states counts."""
    raw = container.format.name in RAW
    rates: list[Fraction | None] = [stream.average_rate, stream.guessed_rate]
    if raw:
        rates = [stream.codec_context.framerate]
    return next((rate for rate in rates if rate and 0 < rate < 10_000), None)


def _no_rate(container: InputContainer, rate: Fraction | None) -> tuple[str, ...]:
    if rate is not None or container.format.name not in RAW:
        return ()
    return (
        f"The file states no frame rate; {_USUAL} frames per second are taken for it, unless "
        "another rate is given.",
    )


def pixel_aspect(stream: VideoStream) -> Fraction:
    """Width of a stored pixel over its height; 1 where the file says nothing usable."""
    shape = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
    return shape if shape and 1 / _FLATTEST <= shape <= _FLATTEST else Fraction(1)


def _pixel_shape(stream: VideoStream) -> tuple[str, ...]:
    shape, context = pixel_aspect(stream), stream.codec_context
    if shape == 1 or not context.width:
        return ()
    shown = round(context.width * shape)
    return (
        f"Its pixels are not square ({shape.numerator}:{shape.denominator}): players show it "
        f"with {shown}×{context.height}, here it has {context.width}×{context.height}. Where "
        "another tool counts shown pixels, labels come in and go out with --square-pixels.",
    )


def stream_name(stream: VideoStream) -> str:
    """A stream's number in its file, codec and size."""
    context = stream.codec_context
    if not context:
        return f"{stream.index} (unknown)"
    return f"{stream.index} ({context.name} {context.width}×{context.height})"


def stream_names(streams: list[VideoStream], chosen: VideoStream) -> tuple[str, ...]:
    """A sentence that names the video streams, where there are several."""
    if len(streams) < 2:
        return ()
    names = ", ".join(map(stream_name, streams))
    return (f"It holds {len(streams)} video streams: {names}; this is stream {chosen.index}.",)
