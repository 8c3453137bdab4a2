# ruff: noqa: N802 (names that Qt gave)

"""The rules of the selection as sliders and number fields: budget, Δt1, Δt2, σ, window."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from framesift.records.settings import settings_of
from framesift.selection import Rules
from framesift.video import Distance
from framesift_app.panels.flow import FlowRow
from framesift_app.panels.timeline.words import both_units
from framesift_app.session import Session
from framesift_app.strings import tooltip

STEPS = 500
"""Positions of a slider; they lie close together at small values, where it matters."""
RATE = 30.0
"""Frames per second that the tooltips reckon with where there is no footage yet."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From least to most; `digits` after the point."""

    least: float
    most: float
    digits: int = 0

    def at(self, position: int) -> float:
        """The value at a slider's position."""
        share = (position / STEPS) ** 2
        return round(self.least + share * (self.most - self.least), self.digits)

    def position(self, value: float) -> int:
        """The slider's position for a value."""
        share = (min(max(value, self.least), self.most) - self.least) / (self.most - self.least)
        return round(math.sqrt(share) * STEPS)


class Number(QDoubleSpinBox):
    """A number field without zeros behind the point."""

    def textFromValue(self, value: float) -> str:
        return self.locale().toString(value, "g", 7)


class Knob(QWidget):
    """A name, a slider and a number field for one value; `chosen` is emitted while it is
    dragged."""

    chosen = Signal(float)

    def __init__(self, name: str, long_name: str, scale: Scale, tip: str) -> None:
        super().__init__()
        self.scale = scale
        self.name = QLabel(name)
        self.name.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setMinimumWidth(32)
        self.slider.setMaximumWidth(140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(420)
        self.number = Number()
        self.number.setKeyboardTracking(False)
        metrics = self.number.fontMetrics()
        self.number.setMaximumWidth(metrics.horizontalAdvance("0.000 s") + 32)
        self.name.setBuddy(self.number)
        self.set_tip(tip)
        self.slider.setAccessibleName(long_name)
        self.number.setAccessibleName(long_name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.name)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        self.set_scale(scale, "")
        self.slider.valueChanged.connect(lambda at: self._moved(self.scale.at(at)))
        self.number.valueChanged.connect(self._moved)

    def set_tip(self, tip: str) -> None:
        """What it does, and what its value means."""
        for widget in (self.name, self.slider, self.number):
            widget.setToolTip(tip)

    def set_scale(self, scale: Scale, suffix: str) -> None:
        """Another unit."""
        self.scale = scale
        self.number.blockSignals(True)
        self.number.setDecimals(scale.digits)
        self.number.setRange(
            scale.least,
            max(scale.most, 1_000_000) if not scale.digits else max(scale.most, 1000.0),
        )
        self.number.setSingleStep({0: 1.0, 1: 0.1}.get(scale.digits, 0.05))
        self.number.setSuffix(suffix)
        self.number.blockSignals(False)

    def value(self) -> float:
        return self.number.value()

    def show_value(self, value: float) -> None:
        """Shows a value without telling anybody."""
        for widget in (self.slider, self.number):
            widget.blockSignals(True)
        if not self.slider.isSliderDown() and self.scale.at(self.slider.value()) != round(
            value, self.scale.digits
        ):
            self.slider.setValue(self.scale.position(value))
        if self.number.value() != round(value, self.scale.digits):
            self.number.setValue(value)
        for widget in (self.slider, self.number):
            widget.blockSignals(False)

    def _moved(self, value: float) -> None:
        self.show_value(value)
        self.chosen.emit(value)


class RulesBar(QWidget):
    """All knobs; asks the session for other rules while they move."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        tips = {
            setting.name: f"{self.tr(setting.title)}. {tooltip(setting)}"
            for setting in settings_of(Rules)
        }
        self._tips = tips
        self.budget = Knob(self.tr("Budget"), self.tr("Budget"), Scale(1, 1000), tips["budget"])
        self.delta1 = Knob(
            self.tr("Apart (this cycle)"),
            self.tr("Distance between picks, Δt1"),
            Scale(0, 300),
            tips["delta1"],
        )
        self.delta2 = Knob(
            self.tr("Apart (later cycles)"),
            self.tr("Distance from earlier picks, Δt2"),
            Scale(0, 150),
            tips["delta2"],
        )
        self.unit = QToolButton()
        self.unit.setAutoRaise(True)
        self.unit.setToolTip(self.tr("Count the distances in seconds or in frames"))
        self.unit.setAccessibleName(self.tr("Unit of the distances"))
        self.unit.clicked.connect(self._other_unit)
        self.sigma = Knob(
            self.tr("Smoothing"), self.tr("Smoothing, σ"), Scale(0.1, 30, 1), tips["sigma"]
        )
        self.half_window = Knob(
            self.tr("Window ±"),
            self.tr("Half window of the smoothing"),
            Scale(0, 60),
            tips["half_window"],
        )
        self._controls = (
            self.budget,
            self.delta1,
            self.delta2,
            self.unit,
            self.sigma,
            self.half_window,
        )
        self._row = FlowRow(self, 12)
        self._row.setContentsMargins(8, 4, 8, 4)
        for control in self._controls:
            self._row.addWidget(control)
        for knob, name in ((self.budget, "budget"), (self.half_window, "half_window")):
            knob.chosen.connect(self._whole(name))
        self.sigma.chosen.connect(lambda value: session.selection.set_rules(sigma=value))
        for knob, name in ((self.delta1, "delta1"), (self.delta2, "delta2")):
            knob.chosen.connect(self._distance(name))
        session.picks.changed.connect(self.refresh)
        session.projectChanged.connect(self.refresh)
        session.footage.changed.connect(self.refresh)
        self._unit = ""
        self.refresh()

    def add(self, *widgets: QWidget) -> None:
        """More controls behind the rules."""
        for widget in widgets:
            self._row.addWidget(widget)

    def allow(self, on: bool) -> None:
        """Whether the rules may be changed."""
        for control in self._controls:
            control.setEnabled(on)

    def _whole(self, name: str) -> Callable[[float], None]:
        return lambda value: self._session.selection.set_rules(**{name: round(value)})

    def _distance(self, name: str) -> Callable[[float], None]:
        return lambda value: self._session.selection.set_rules(
            **{name: Distance(round(value, 3), self._session.selection.rules.distances[0].unit)}
        )

    def _rate(self) -> float:
        return next(
            (drive.fps for drive in self._session.footage.drives if not math.isnan(drive.fps)),
            RATE,
        )

    def _other_unit(self) -> None:
        (delta1, delta2), rate = self._session.selection.rules.distances, self._rate()
        seconds = delta1.unit == "frames"

        def converted(distance: Distance) -> Distance:
            if seconds:
                frames = distance.frames(rate)
                # Rounded up, so that it is the same number of frames again.
                return Distance(math.ceil(frames / rate * 1000) / 1000, "seconds")
            return Distance(distance.frames(rate), "frames")

        self._session.selection.set_rules(delta1=converted(delta1), delta2=converted(delta2))

    def refresh(self) -> None:
        """Shows the session's rules."""
        rules = self._session.selection.rules
        self._show_unit(rules)
        self.budget.show_value(rules.budget)
        rate = self._rate()
        delta1, delta2 = rules.distances
        for knob, distance in ((self.delta1, delta1), (self.delta2, delta2)):
            knob.show_value(_in(distance, delta1.unit, rate))
        rates = [drive.fps for drive in self._session.footage.drives]
        for knob, name, distance in (
            (self.delta1, "delta1", delta1),
            (self.delta2, "delta2", delta2),
        ):
            knob.set_tip(f"{self._tips[name]}\n{both_units(distance, rates)}")
        self.sigma.show_value(rules.sigma)
        self.half_window.show_value(rules.half_window)

    def _show_unit(self, rules: Rules) -> None:
        unit = rules.distances[0].unit
        if unit == self._unit:
            return
        self._unit = unit
        if unit == "seconds":
            self.delta1.set_scale(Scale(0, 10, 3), self.tr(" s"))
            self.delta2.set_scale(Scale(0, 5, 3), self.tr(" s"))
        else:
            self.delta1.set_scale(Scale(0, 300), "")
            self.delta2.set_scale(Scale(0, 150), "")
        self.unit.setText(self.tr("in s") if unit == "seconds" else self.tr("in frames"))


def _in(distance: Distance, unit: str, rate: float) -> float:
    if distance.unit == unit:
        return distance.value
    return distance.frames(rate) if unit == "frames" else distance.value / rate
