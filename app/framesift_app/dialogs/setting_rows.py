"""Rows of a form, made from tables of settings: a field for each, with its range, unit and
default from the table, and a tooltip that says what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from framesift.errors import InputError
from framesift.records.settings import Setting
from framesift_app.strings import tooltip, tr

NARROW = 160
"""Pixels that a choice has at least."""
MOST = 2**31 - 1
"""Qt's spin boxes hold no larger whole number."""
Field = tuple[QWidget, Callable[[], Any], Callable[[Any], None]]
"""A widget, what reads it, and what shows a value in it."""


@dataclass(frozen=True, slots=True)
class OwnField:
    """The field of a setting that is more than its kind tells; `changed` is emitted when its
    value is another."""

    parts: Field
    changed: SignalInstance


class SettingRows(QObject):
    """The fields of settings, by name. `changed` is emitted when any of them is another."""

    changed = Signal()

    def __init__(
        self,
        form: QFormLayout,
        settings: Iterable[Setting],
        fields: Mapping[str, OwnField] | None = None,
    ) -> None:
        """`fields`: by name those of settings that are more than their kind tells."""
        super().__init__(form)
        self._form, self._fields = form, fields or {}
        self.rows: dict[str, Row] = {}
        for setting in settings:
            self.add(setting)

    def add(self, setting: Setting, form: QFormLayout | None = None) -> None:
        """A row for a setting, in the form or in another one; none where the table says why the
        window has none, or the row is there."""
        if "window" in setting.absent or setting.name in self.rows:
            return
        row = Row(setting, self.changed.emit, self._fields.get(setting.name))
        label = "" if setting.kind.item is bool else tr(setting.title)
        (form or self._form).addRow(label, row.widget)
        self.rows[setting.name] = row

    def values(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """What the fields say (of those named). Raises InputError, one sentence."""
        asked = set(self.rows if names is None else names)
        return {name: row.value() for name, row in self.rows.items() if name in asked}

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Shows these values; the other fields stay."""
        for name, value in values.items():
            if name in self.rows:
                self.rows[name].show_value(value)

    def show_only(self, names: Iterable[str]) -> None:
        """Hides the rows of all others."""
        shown = set(names)
        for name, row in self.rows.items():
            form = _form_of(row.widget)
            if form is not None:
                form.setRowVisible(row.widget, name in shown)


class Row:
    """One setting's field: `widget`, named like the setting."""

    def __init__(
        self,
        setting: Setting,
        changed: Callable[[], None],
        field: OwnField | None = None,
    ) -> None:
        self.setting = setting
        if field is not None:
            field.changed.connect(changed)
        made = _field(setting, changed) if field is None else field.parts
        self.widget, self._read, self._show = made
        self.widget.setObjectName(setting.name)
        self.widget.setToolTip(tooltip(setting))
        self.show_value(setting.default)

    def value(self) -> Any:
        """What the field says. Raises InputError for a text that says nothing usable."""
        try:
            return self._read()
        except ValueError as error:
            raise InputError(f"{tr(self.setting.title)}: {error}.") from None

    def show_value(self, value: Any) -> None:
        """Shows a value."""
        self._show(value)


class NumberBox(QDoubleSpinBox):
    """A number with as many digits as it has."""

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(12)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)

    def textFromValue(self, value: float) -> str:  # noqa: N802
        """The shortest text that means the value."""
        text, point = super().textFromValue(value), self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text


def _form_of(widget: QWidget) -> QFormLayout | None:
    parent = widget.parentWidget()
    layouts = [] if parent is None else parent.findChildren(QFormLayout)
    return next((form for form in layouts if form.indexOf(widget) >= 0), None)


def _field(setting: Setting, changed: Callable[[], None]) -> Field:
    """A widget, what reads it, and what shows a value in it."""
    kind = setting.kind
    if kind.item is bool:
        return _check_box(setting, changed)
    if kind.choices and not kind.optional:
        return _choice(setting, changed)
    if kind.shape == "one" and kind.item in (int, float) and not kind.optional:
        return _number(setting, changed)
    return _text(setting, changed)


def _check_box(setting: Setting, changed: Callable[[], None]) -> Field:
    box = QCheckBox(tr(setting.title))
    box.toggled.connect(lambda _: changed())
    return box, box.isChecked, lambda value: box.setChecked(bool(value))


def _choice(setting: Setting, changed: Callable[[], None]) -> Field:
    box = QComboBox()
    for word in setting.kind.choices:
        box.addItem(tr(setting.title_of(word)), word)
        box.setItemData(
            box.count() - 1, box.itemText(box.count() - 1), Qt.ItemDataRole.ToolTipRole
        )
    # One long title widens no dialog.
    box.setMinimumWidth(NARROW)
    box.currentIndexChanged.connect(lambda _: changed())
    return box, box.currentData, lambda value: box.setCurrentIndex(box.findData(value))


def _number(setting: Setting, changed: Callable[[], None]) -> Field:
    box: QSpinBox | NumberBox = QSpinBox() if setting.kind.item is int else NumberBox()
    least = setting.low if setting.low is not None else setting.above
    most = setting.high if setting.high is not None else setting.below
    low, high = -MOST if least is None else least, MOST if most is None else min(most, MOST)
    if isinstance(box, QSpinBox):
        box.setRange(round(low), round(high))
    else:
        box.setRange(low, high)
    box.setSuffix(f" {tr(setting.unit)}" if setting.unit else "")
    box.valueChanged.connect(lambda _: changed())

    def value() -> Any:
        return setting.read(box.value(), setting.title)

    return box, value, box.setValue


def _text(setting: Setting, changed: Callable[[], None]) -> Field:
    edit = QLineEdit()
    edit.setPlaceholderText(tr(setting.empty) if setting.empty else "")
    edit.textChanged.connect(lambda _: changed())

    def read() -> Any:
        text = edit.text().strip()
        return setting.from_text(text or "none" if setting.kind.optional else text)

    def show(value: Any) -> None:
        edit.setText("" if value is None else setting.shown(value))

    return edit, read, show
