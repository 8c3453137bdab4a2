"""FrameIndex: the only translator between frame number, timestamp and seconds."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.series import is_even, usual_distance
from framesift.video.distance import Distance, parse_distance


class FrameIndex:
    """Frame number ↔ timestamp ↔ seconds of one video.

    Frame numbers are 0-based and dense. A timestamp is an integer in units of `time_base`
    seconds, as the container has it; seconds count from the first frame. Stills have an index
    without time: their timestamps and seconds are None and their rate is NaN.
    """

    def __init__(
        self,
        timestamps: ArrayLike | None,
        time_base: Fraction | None,
        *,
        count: int | None = None,
        rate: Fraction | float | None = None,
    ) -> None:
        """`timestamps`: N integers, strictly ascending, or None for `count` items without
        time. `rate`: the rate to report where there are too few frames to average."""
        self._time_base = time_base
        self._timestamps: NDArray[np.int64] | None = None
        self._times: NDArray[np.float64] | None = None
        if timestamps is None:
            self._count = count or 0
            self._fps = math.nan
            return
        if time_base is None or time_base <= 0:
            raise ValueError("timestamps need a positive time base")
        self._timestamps = np.array(timestamps, np.int64)
        self._timestamps.setflags(write=False)
        if len(self._timestamps) > 1 and int(np.diff(self._timestamps).min()) <= 0:
            raise ValueError("timestamps must ascend strictly")
        self._count = len(self._timestamps)
        self._times = self._seconds()
        self._fps = self._average(rate)

    @classmethod
    def regular(cls, count: int, fps: Fraction | float) -> FrameIndex:
        """Frames at a constant rate, the first at timestamp 0.

        Args:
            count: how many, 0 or more.
            fps: frames per second, > 0.

        Returns:
            A FrameIndex.

        Raises:
            ValueError: the rate is not positive.
        """
        rate = Fraction(fps).limit_denominator(1_000_000)
        if rate <= 0:
            raise ValueError("a frame rate must be positive")
        return cls(np.arange(count, dtype=np.int64), 1 / rate, rate=rate)

    @classmethod
    def untimed(cls, count: int) -> FrameIndex:
        """Items without any time between them.

        Args:
            count: how many, 0 or more.

        Returns:
            A FrameIndex.
        """
        return cls(None, None, count=count)

    def _seconds(self) -> NDArray[np.float64] | None:
        """Seconds from the first frame, where the rate varies."""
        stamps, base = self._timestamps, self._time_base
        assert stamps is not None
        assert base is not None
        ticks = (stamps - stamps[:1]).astype(np.float64)
        seconds = ticks * base.numerator / base.denominator
        if is_even(seconds):
            return None
        seconds.setflags(write=False)
        return seconds

    def _average(self, rate: Fraction | float | None) -> float:
        stamps, base = self._timestamps, self._time_base
        assert stamps is not None
        assert base is not None
        if self._times is not None:
            return 1 / usual_distance(self._times)
        if len(stamps) > 1:
            return float((len(stamps) - 1) / ((int(stamps[-1]) - int(stamps[0])) * base))
        return float(rate) if rate else math.nan

    def __len__(self) -> int:
        return self._count

    @property
    def time_base(self) -> Fraction | None:
        """Seconds per timestamp unit; None without time."""
        return self._time_base

    @property
    def timestamps(self) -> NDArray[np.int64] | None:
        """int64 N, strictly ascending, read-only; None without time."""
        return self._timestamps

    @property
    def fps(self) -> float:
        """Frames per second; NaN without time. Where the rate varies, that of most frames:
        one over the usual distance, which no gap changes."""
        return self._fps

    @property
    def times(self) -> NDArray[np.float64] | None:
        """float64 N, read-only: seconds from the first frame, where the rate varies; None
        where it is constant, or without time."""
        return self._times

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the end of the last (one usual frame long); NaN
        without time."""
        if self._times is not None:
            return float(self._times[-1]) + 1 / self._fps
        return self._count / self._fps if self._count else 0.0

    @property
    def about(self) -> str:
        """Rate and length as a repr says them, e.g. ", 30 frames/s, 2.00 s"; empty without
        time."""
        if math.isnan(self._fps):
            return ""
        about = "about " if self._times is not None else ""
        return f", {about}{self._fps:.4g} frames/s, {self.duration:.2f} s"

    def __repr__(self) -> str:
        return f"<FrameIndex: {self._count} frames{self.about}>"

    def _number(self, number: int) -> int:
        if not 0 <= number < self._count:
            raise IndexError(f"frame {number} of {self._count}")
        return int(number)

    def timestamp(self, number: int) -> int | None:
        """The timestamp of a frame.

        Args:
            number: 0 ≤ number < len.

        Returns:
            In ticks of the stream; None without time.

        Raises:
            IndexError: there is no such frame.
        """
        number = self._number(number)
        return None if self._timestamps is None else int(self._timestamps[number])

    def seconds(self, number: int) -> float | None:
        """The time of a frame.

        Args:
            number: 0 ≤ number < len.

        Returns:
            Seconds from the first frame; None without time.

        Raises:
            IndexError: there is no such frame.
        """
        number = self._number(number)
        if self._timestamps is None or self._time_base is None:
            return None
        return float(
            (int(self._timestamps[number]) - int(self._timestamps[0])) * self._time_base
        )

    def at_seconds(self, seconds: float) -> int:
        """The frame that is shown at a time.

        Args:
            seconds: after the first frame; clamped to the first and last one.

        Returns:
            Its frame number.

        Raises:
            ValueError: there is no time, or no frame.
        """
        if self._timestamps is None or self._time_base is None or not self._count:
            raise ValueError("this index has no time")
        # A thousandth of a unit absorbs the rounding of seconds(): the two are inverse.
        ticks = math.floor(
            seconds * self._time_base.denominator / self._time_base.numerator + 1e-3
        )
        ticks = min(max(ticks, 0), int(self._timestamps[-1]) - int(self._timestamps[0]))
        at = np.searchsorted(self._timestamps, int(self._timestamps[0]) + ticks, "right")
        return int(at) - 1

    def of_timestamp(self, timestamp: int) -> int:
        """The frame with exactly a timestamp.

        Args:
            timestamp: in ticks of the stream.

        Returns:
            Its frame number.

        Raises:
            KeyError: there is none.
        """
        if self._timestamps is not None:
            at = int(np.searchsorted(self._timestamps, timestamp))
            if at < self._count and int(self._timestamps[at]) == timestamp:
                return at
        raise KeyError(timestamp)

    def frames_of(self, distance: str | float | Distance) -> int:
        """A distance in whole frames, at the mean rate.

        Args:
            distance: "15", "0.5s", a number of frames or a Distance.

        Returns:
            Frames, rounded down.

        Raises:
            InputError: it is no distance, or is in seconds and there is no time.
        """
        return parse_distance(distance).frames(self.fps)
