"""Settings: theme, device, keys. And the cheat sheet of keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from framesift.records.settings import flat, settings_of
from framesift_app import actions, settings, theme
from framesift_app.dialogs.form import muted
from framesift_app.dialogs.setting_rows import SettingRows
from framesift_app.strings import tr, trf


class SettingsDialog(QDialog):
    """Changes hold at once. `on_keys` hears when keys are others."""

    def __init__(self, on_keys: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 560)
        self._on_keys = on_keys
        tabs = QTabWidget()
        tabs.addTab(self._general(), tr("General"))
        tabs.addTab(self._keys(), tr("Keys"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(tabs, 1)
        layout.addWidget(buttons)

    def _general(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(16, 16, 16, 16)
        form.setSpacing(12)
        self.rows = SettingRows(form, settings_of(settings.Preferences))
        self.rows.show_values(flat(settings.preferences()))
        self.rows.changed.connect(self._chosen_otherwise)
        form.addRow("", muted(tr("The device counts from the next time a project is opened.")))
        return page

    def _chosen_otherwise(self) -> None:
        for name, value in self.rows.values().items():
            settings.put(name, value)
        theme.current().apply()

    def _keys(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(8, 8, 8, 8)
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels([tr("What"), tr("Keys")])
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.setRootIsDecorated(False)
        self.tree.currentItemChanged.connect(self._chosen)
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.editingFinished.connect(self._edited)
        back = QPushButton(tr("Back to what it was"))
        back.clicked.connect(self._reset)
        self.notice = QLabel()
        self.notice.setWordWrap(True)
        self.notice.setProperty("role", "warning")
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.edit)
        layout.addWidget(self.notice)
        layout.addWidget(back, 0, Qt.AlignmentFlag.AlignLeft)
        for entry in actions.TABLE:
            item = QTreeWidgetItem([plain(entry), spell(entry)])
            item.setData(0, Qt.ItemDataRole.UserRole, entry.id)
            self.tree.addTopLevelItem(item)
        return page

    def _entry(self) -> actions.Entry | None:
        item = self.tree.currentItem()
        return None if item is None else actions.ENTRIES[item.data(0, Qt.ItemDataRole.UserRole)]

    def _chosen(self) -> None:
        entry = self._entry()
        keys = actions.keys_of(entry) if entry is not None else ()
        self.notice.setText("")
        self.edit.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())

    def _edited(self) -> None:
        entry = self._entry()
        key = self.edit.keySequence().toString()
        if entry is None:
            return
        other = actions.conflict(entry, key) if key else None
        if other is not None:
            self.notice.setText(trf("{0} is the key of “{1}” already.", key, plain(other)))
            return
        self._store(entry, (key,) if key else ())

    def _reset(self) -> None:
        entry = self._entry()
        if entry is not None:
            self._store(entry, None)
            self._chosen()

    def _store(self, entry: actions.Entry, keys: tuple[str, ...] | None) -> None:
        actions.set_keys(entry, keys)
        item = self.tree.currentItem()
        if item is not None:
            item.setText(1, spell(entry))
        self.notice.setText("")
        self._on_keys()


class KeysDialog(QDialog):
    """The cheat sheet, made from the table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1000, 560)
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(24, 16, 24, 16)
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(16)
        for place, groups in enumerate(
            (("&View", "&File"), ("&Edit",), ("&Cycle", "&Detector", "&Help"))
        ):
            column = QVBoxLayout()
            column.setSpacing(16)
            for menu in groups:
                column.addWidget(self._group(menu))
            column.addStretch(1)
            grid.addLayout(column, 0, place)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def _group(self, menu: str) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(4)
        head = QLabel(tr(menu).replace("&", ""))
        head.setProperty("role", "heading")
        grid.addWidget(head, 0, 0, 1, 2)
        row = 1
        entries = [e for e in actions.TABLE if e.menu == menu and actions.keys_of(e)]
        for entry in entries:
            grid.addWidget(QLabel(plain(entry)), row, 0)
            keys = QLabel(spell(entry))
            keys.setProperty("role", "muted")
            grid.addWidget(keys, row, 1, Qt.AlignmentFlag.AlignRight)
            row += 1
        if menu == "&Edit":
            grid.addWidget(QLabel(tr("Class of the box")), row, 0)
            digits = QLabel("1 … 9")
            digits.setProperty("role", "muted")
            grid.addWidget(digits, row, 1, Qt.AlignmentFlag.AlignRight)
        return box


def plain(entry: actions.Entry) -> str:
    """An entry's text without what menus need."""
    return tr(entry.text).replace("&", "").rstrip("…")


def spell(entry: actions.Entry) -> str:
    """An entry's keys, as this system writes them."""
    keys = [key for key in actions.keys_of(entry) if key.rpartition("+")[2] != "Enter"]
    return ", ".join(
        dict.fromkeys(
            QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys
        )
    )
