"""A selection as a notebook shows it: a table, a plot, thumbnails."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from framesift.product.optional import axes_or_new, data_frame
from framesift.selection.pick import chosen_by

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from framesift.selection.pick import Pick
    from framesift.selection.request import Request
    from framesift.selection.source import Source

MOST = 24
"""Thumbnails that are shown at once."""
_WIDTH = 200


class Selection(Protocol):
    """What is read of a framesift.selection.Selection."""

    @property
    def picks(self) -> tuple[Pick, ...]: ...
    @property
    def request(self) -> Request: ...
    @property
    def source(self) -> Source | None: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    def of(self, video: str) -> list[Pick]: ...
    def why_short(self) -> str: ...


def table(selection: Selection) -> Any:
    """A pandas.DataFrame, one row per pick."""
    return data_frame(
        {
            "rank": [pick.rank for pick in selection.picks],
            "video": [pick.video for pick in selection.picks],
            "frame": [pick.frame for pick in selection.picks],
            "seconds": [_seconds(selection, pick) for pick in selection.picks],
            "score": [pick.score for pick in selection.picks],
            "raw": [pick.raw for pick in selection.picks],
            "waived": [pick.waived for pick in selection.picks],
            "by": [chosen_by(pick.reason) for pick in selection.picks],
        }
    )


def plot(selection: Selection, axes: Axes | None) -> Axes:
    """What was ranked, over time, and the picks with their ranks."""
    axes = axes_or_new(axes)
    times = {} if selection.source is None else selection.source.times
    timed = all(times.get(key) is not None for key in selection.request.series)
    for key, values in selection.request.series.items():
        x: Any = times[key] if timed else np.arange(len(values))
        scored = ~np.isnan(values)
        (line,) = axes.plot(x[scored], values[scored], linewidth=1, label=_plain(key))
        picks = selection.of(key)
        at = [pick.frame for pick in picks]
        axes.plot(x[at], [pick.score for pick in picks], "v", color=line.get_color())
        for pick in picks:
            axes.annotate(
                str(pick.rank),
                (x[pick.frame], pick.score),
                (0, 6),
                textcoords="offset points",
                ha="center",
            )
    axes.set_xlabel("seconds" if timed else "frame")
    axes.set_ylabel(_ranked_by(selection))
    if len(selection.request.series) > 1:
        axes.legend(fontsize=8)
    return axes


def html(selection: Selection) -> str:
    """The picks as thumbnails, best first, under a line of what they are."""
    cards = "".join(_card(selection, pick) for pick in selection.picks[:MOST])
    left = len(selection.picks) - MOST
    more = f"<p>and {left} more</p>" if left > 0 else ""
    why = " ".join([*selection.notes, selection.why_short()]).strip()
    return (
        f"<div><p>{escape(repr(selection))}</p>"
        f'<div style="display:flex;flex-wrap:wrap;gap:8px">{cards}</div>{more}'
        f"{f'<p>{escape(why)}</p>' if why else ''}</div>"
    )


def _card(selection: Selection, pick: Pick) -> str:
    seconds = _seconds(selection, pick)
    time = "" if seconds is None else f" · {seconds:.2f} s"
    words = escape(f"{pick.rank}. {pick.video} · frame {pick.frame}{time}")
    picture = ""
    if selection.source is not None and pick.video in selection.source.drives:
        uri = _data_uri(selection.source.image(pick.video, pick.frame))
        picture = f'<img src="{uri}" alt="{words}" width="{_WIDTH}"><br>'
    return f'<div style="width:{_WIDTH}px;font-size:smaller">{picture}{words}</div>'


def _data_uri(image: NDArray[np.uint8]) -> str:
    import cv2

    height, width = image.shape[:2]
    if width > _WIDTH:
        size = (_WIDTH, max(1, round(height * _WIDTH / width)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()


def _seconds(selection: Selection, pick: Pick) -> float | None:
    source = selection.source
    times = None if source is None else source.times.get(pick.video)
    return None if times is None else float(times[pick.frame])


def _ranked_by(selection: Selection) -> str:
    if selection.source is None or selection.source.signal is None:
        return "value"
    smoothed = "smoothed " if selection.source.rules.smoothing else ""
    return smoothed + selection.source.signal.replace("_", " ")


def _plain(text: str) -> str:
    """Text that matplotlib shows as it is: no formula, not left out of a legend."""
    return text.replace("$", r"\$").lstrip("_")
