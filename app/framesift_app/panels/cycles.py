"""The ledger of cycles, the miss rate from cycle to cycle, and what the labels fixed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from framesift.project import Event
from framesift_app.panels.chart import Chart
from framesift_app.panels.context import Entry, with_menu
from framesift_app.panels.plotting.drawing import Axes, Line
from framesift_app.panels.scrolled import over_foot
from framesift_app.session import Session
from framesift_app.strings import percent, tr, trf

POINTS = 600


class CyclesPanel(QWidget):
    """One line per cycle; below, the curves. `act(id)` triggers an action of the table."""

    def __init__(
        self, session: Session, act: Callable[[str], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._table = QTableWidget(0, 3)
        self._table.setObjectName("cycles")
        self._table.setHorizontalHeaderLabels([tr("Cycle"), tr("Labelled"), tr("Miss rate")])
        tip = tr("Miss rate at one false positive per image, on the measuring set")
        header_item = self._table.horizontalHeaderItem(2)
        if header_item is not None:
            header_item.setToolTip(tip)
        self._table.verticalHeader().hide()
        self._table.verticalHeader().setDefaultSectionSize(24)
        self._table.setShowGrid(False)
        # Tab goes on to the buttons; the arrows move inside.
        self._table.setTabKeyNavigation(False)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self._table.setMinimumHeight(84)
        header.setHighlightSections(False)
        self._table.setAccessibleName(tr("Cycles"))
        with_menu(self._table, lambda _at: cycle_entries(act))
        self._miss = Chart(
            tr("Miss rate per cycle"),
            tr("Measure the detector after each cycle to see what your labels buy."),
            session.messages,
            Axes(percent=True),
        )
        self._curve = Chart(
            tr("Miss rate by FPPI"),
            tr("Measure the detector to see what each threshold costs."),
            session.messages,
            Axes(percent=True, logarithmic=True),
        )
        self._curve.setToolTip(
            tr("Miss rate by false positives per image (FPPI): what each threshold gives")
        )
        self._fixed = Chart(
            tr("What your labels changed"),
            tr("After fine-tuning and scoring again, the new curve stands over the old one."),
            session.messages,
        )
        self._train = self._button(tr("Fine-tune…"), "train", act)
        self._measure = self._button(tr("Measure"), "measure", act)
        buttons = QGridLayout()
        buttons.setContentsMargins(8, 0, 8, 0)
        buttons.setSpacing(8)
        buttons.addWidget(self._train, 0, 0)
        buttons.addWidget(self._measure, 0, 1)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        for widget in (self._table, self._miss, self._curve, self._fixed):
            parts.addWidget(widget)
        parts.setSizes([130, 150, 150, 150])
        over_foot(self, buttons).addWidget(parts)
        session.cycles.changed.connect(self._rebuild)
        session.projectChanged.connect(self._rebuild)
        session.labels.changed.connect(lambda _key: self._rebuild())
        session.picks.changed.connect(self._buttons)
        session.picks.changed.connect(self._curves)
        session.jobs.changed.connect(self._buttons)
        session.playhead.moved.connect(self._moved)
        session.measurements.changed.connect(self._measured)
        self._shown_drive: str | None = None
        self._rebuild()
        self._measured()

    def _button(self, text: str, action: str, act: Callable[[str], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"{action}_button")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: act(action))
        return button

    def _rebuild(self) -> None:
        rates = miss_rates(self._session.cycles.events)
        rows: list[tuple[str, str, str, str]] = []
        if self._session.cycles.all or 0 in rates:
            rows.append(
                (
                    tr("start"),
                    "",
                    percent(rates.get(0)),
                    tr("The detector that the project began with"),
                )
            )
        for cycle in self._session.cycles.all:
            picks = cycle.to_label
            done = sum(self._session.labels.cover([pick.key]) for pick in picks)
            state = (
                trf("{0} frames still to label", len(picks) - done)
                if done < len(picks)
                else tr("All labelled; fine-tune the detector")
            )
            if cycle.detector_out is not None:
                state = trf("Fine-tuned: {0}", cycle.detector_out.path.name)
            rows.append(
                (
                    str(cycle.number),
                    trf("{0} of {1}", done, len(picks)),
                    percent(rates.get(cycle.number)),
                    state,
                )
            )
        self._table.setRowCount(len(rows))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts[:3]):
                item = QTableWidgetItem(text)
                item.setToolTip(texts[3])
                if column in (1, 2):
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self._table.setItem(row, column, item)
        self._table.setVisible(bool(rows))
        self._miss.show_lines(
            [Line(tr("miss rate"), sorted(rates.items()), "accent", marks=True)]
        )
        self._curves()
        self._buttons()

    def _moved(self) -> None:
        drive = self._session.playhead.place[0] if self._session.playhead.place else None
        if drive != self._shown_drive:
            self._curves()

    def _measured(self) -> None:
        curves = self._session.measurements.curves
        several = len(self._session.labels.classes) > 1
        colours = ("earlier", "accent") if len(curves) > 1 else ("accent",)
        self._curve.show_lines(
            [
                Line(
                    _cycle(curve.cycle) + (f" · {curve.category}" if several else ""),
                    curve.points,
                    colour,
                    dashed=colour == "earlier",
                )
                for curve, colour in zip(curves, colours, strict=False)
            ]
        )

    def _curves(self) -> None:
        session = self._session
        drive = session.playhead.place[0] if session.playhead.place else None
        self._shown_drive = drive
        lines: list[Line] = []
        if (
            drive is not None
            and drive in session.selection.earlier
            and drive in session.selection.smoothed
            and bool(np.isfinite(session.selection.smoothed[drive]).any())
        ):
            lines = [
                Line(
                    tr("before"),
                    thinned(session.selection.earlier[drive]),
                    "earlier",
                    dashed=True,
                ),
                Line(tr("now"), thinned(session.selection.smoothed[drive]), "smooth"),
            ]
        self._fixed.show_lines(lines)

    def _buttons(self) -> None:
        session = self._session
        self._train.setEnabled(
            bool(session.footage.drives) and session.jobs.active("train") is None
        )
        self._measure.setEnabled(
            bool(session.footage.drives) and session.jobs.active("evaluate") is None
        )


def cycle_entries(act: Callable[[str], None]) -> Sequence[Entry]:
    """What can be done with the cycles."""
    return [
        (tr("Measure the detector"), partial(act, "measure")),
        (tr("Fine-tune…"), partial(act, "train")),
        (tr("Choose the next picks"), partial(act, "choose")),
        None,
        (tr("Write a report of the picks"), partial(act, "write_report")),
        (tr("Open the latest report"), partial(act, "report")),
    ]


def _cycle(number: int) -> str:
    return trf("cycle {0}", number) if number else tr("start")


def miss_rates(events: Iterable[Event]) -> dict[int, float]:
    """The latest measured miss rate of each cycle's detector, 0: the initial one."""
    rates: dict[int, float] = {}
    for event in events:
        if event.kind == "evaluation":
            rate = (event.data.get("summary") or {}).get("miss_rate")
            if rate is not None:
                rates[event.cycle] = float(rate)
    return rates


def thinned(values: NDArray[np.float64]) -> list[tuple[float, float]]:
    """At most some hundred points of a series: the largest value of each stretch."""
    frames = np.flatnonzero(np.isfinite(values))
    if len(frames) <= POINTS:
        return [(float(f), float(values[f])) for f in frames]
    return [
        (float(part[0]), float(values[part].max())) for part in np.array_split(frames, POINTS)
    ]
