"""What the timeline says: of a frame under the pointer, and why the budget was not met."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

from framesift.selection import Selection, Strategy
from framesift.selection.blocking import Blocking, counts, place
from framesift.selection.pick import CHANCE
from framesift.series import without_boxes
from framesift.video import Distance
from framesift_app.panels.states import STATES
from framesift_app.session import PickView, Session
from framesift_app.strings import number, tr, trf


def describe(session: Session, blocked: Blocking | None, drive: str, frame: int) -> str:
    """Frame, time, score, rank and what blocks it; rich text of a few lines."""
    lines = [f"<b>{html.escape(session.footage.spell(drive, frame))}</b>", html.escape(drive)]
    if any(measured.key == drive for measured in session.footage.evaluation):
        key = session.footage.key_at(drive, frame)
        state = session.labels.of(key).state if key is not None else "unseen"
        return "<br>".join(
            (
                *lines,
                tr("measuring set, never picked"),
                tr(STATES["todo" if state == "unseen" else state]),
            )
        )
    raw, smooth = (
        _value(session.scores.raw, drive, frame),
        _value(session.selection.smoothed, drive, frame),
    )
    if raw is None or smooth is None:
        lines.append(tr("not scored"))
    elif without_boxes(raw):
        lines.append(trf("no boxes: the median of all, smoothed {0:.4f}", smooth))
    else:
        lines.append(trf("score {0:.4f}, smoothed {1:.4f}", raw, smooth))
    selection = session.selection.current
    pick = next(
        (p for p in session.picks.all if (p.drive, p.drive_frame) == (drive, frame)), None
    )
    if pick is not None:
        lines.append(_of_pick(pick))
    elif selection is not None and smooth is not None:
        rank, total = place(selection, smooth)
        if rank <= total and session.scores.strategy.signals:
            lines.append(trf("rank {0} of {1} by score", number(rank), number(total)))
        lines.append(why_not(session, selection, blocked, drive, frame))
    return "<br>".join(line for line in lines if line)


def _of_pick(pick: PickView) -> str:
    state = tr(STATES[pick.state])
    if pick.rank is None:
        return trf("added by hand · {0}", state)
    if pick.by == CHANCE:
        return trf("pick {0}, by chance · {1}", pick.rank, state)
    return trf("pick {0} · {1}", pick.rank, state)


def why_not(
    session: Session, selection: Selection, blocked: Blocking | None, drive: str, frame: int
) -> str:
    """Why a frame is no pick."""
    reason = None if blocked is None else blocked.at(frame)
    if reason is None:
        if (
            blocked is not None
            and frame < len(selection.request.series[drive])
            and math.isnan(selection.request.series[drive][frame])
        ):
            return tr("not to be picked: labelled, declined, or of the measuring set")
        return _left_over(session.scores.strategy)
    rule, by = reason
    if rule == "taken":
        return tr("taken in an earlier cycle")
    if rule == "delta2":
        return trf("within Δt2 of frame {0}, taken in an earlier cycle", number(by))
    if rule == "delta1":
        return trf("within Δt1 of pick {0}", by)
    if rule == "look-alike":
        return trf("looks like pick {0}", by)
    return trf("looks like frame {0}, taken in an earlier cycle", number(by))


def _left_over(strategy: Strategy) -> str:
    """Why a frame that no rule blocks is no pick."""
    if strategy.signals:
        return tr("free, but others score higher")
    return tr("free, but others were chosen")


def _value(series: Mapping[str, NDArray[Any]], drive: str, frame: int) -> float | None:
    values = series.get(drive)
    if values is None or not 0 <= frame < len(values) or math.isnan(values[frame]):
        return None
    return float(values[frame])


def inline(image: NDArray[np.uint8]) -> str:
    """A picture, uint8 H×W×3, inside a rich text."""
    height, width = image.shape[:2]
    pixels = np.ascontiguousarray(image)
    picture = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    held = QBuffer()
    held.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(held, "JPG", 80)  # type: ignore[call-overload]
    text = bytes(held.data().toBase64().data()).decode()
    return f'<img src="data:image/jpeg;base64,{text}" width="{width}" height="{height}">'


def both_units(distance: Distance, rates: Iterable[float]) -> str:
    """What a distance is now, in frames and in seconds at each of the drives' rates."""
    known = sorted({round(rate, 3) for rate in rates if not math.isnan(rate)})
    if distance.unit == "seconds":
        frames = [
            trf("{0} frames at {1:g}/s", number(distance.frames(rate)), rate) for rate in known
        ]
        return trf("Now {0}", ", ".join((trf("{0:g} s", distance.value), *frames)))
    seconds = [trf("{0:.3g} s at {1:g}/s", distance.value / rate, rate) for rate in known]
    count = trf("{0} frames", number(round(distance.value)))
    return trf("Now {0}", ", ".join((count, *seconds)))


def shortage(selection: Selection | None, budget: int) -> str:
    """How many of the budget fit, in a few words: as many as would be taken, those that only
    came in where nothing else was left counted apart."""
    if selection is None:
        return ""
    fit, waived = len(selection), len(selection) - selection.selectable
    words = trf("{0} of {1} fit", number(fit), number(budget))
    return words + ", " + trf("{0} of them look alike", number(waived)) if waived else words


def table(selection: Selection, strategy: Strategy) -> list[tuple[str, str, int]]:
    """Rows of (rule or "", words, number of frames): where all the scored frames went."""
    frames = counts(selection)
    rows = [
        ("picked", tr("picked")),
        ("delta1", tr("within Δt1 of a pick")),
        ("look-alike", tr("look like a pick")),
        ("taken", tr("taken in an earlier cycle")),
        ("delta2", tr("within Δt2 of a frame taken earlier")),
        ("look-alike-taken", tr("look like a frame taken earlier")),
        ("score", _left_over(strategy)),
    ]
    return [
        (rule, words, frames[rule])
        for rule, words in rows
        if frames[rule] or rule in ("picked", "delta1")
    ]
