"""What the dialogs share."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from framesift_app.strings import tr

TITLE = 40
"""Pixels of a screen that a window's title bar takes."""


class FormDialog(QDialog):
    """A title, a few words, a form, OK and Cancel. It stays until it is answered, and lets
    the window work meanwhile."""

    def __init__(self, title: str, words: str, do: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        self.form = QFormLayout()
        self.form.setSpacing(8)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.body = QVBoxLayout()
        self.body.setSpacing(12)
        self.words = muted(words)
        self.words.setVisible(bool(words))
        self.problem = QLabel()
        self.problem.setProperty("role", "warning")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = QPushButton(do)
        self.go.setObjectName("go")
        self.go.setProperty("role", "primary")
        self.go.setDefault(True)
        self.buttons.addButton(self.go, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(self.words)
        layout.addLayout(self.form)
        layout.addLayout(self.body)
        layout.addStretch(1)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)

    def setVisible(self, visible: bool) -> None:  # noqa: N802 (Qt)
        super().setVisible(visible)
        if not visible:
            return
        # Qt has just chosen the first button there is for Return: Cancel, where this one waits.
        self.go.setDefault(True)
        if isinstance(self.focusWidget(), QPushButton | None):
            self._enter()
        self.type_over()

    def type_over(self) -> None:
        """What is typed takes the place of the number that has the focus."""
        field = self.focusWidget()
        if isinstance(field, QAbstractSpinBox):
            field.selectAll()

    def event(self, event: QEvent) -> bool:
        """Words that became longer push no button out of sight."""
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            grow(self, all_of_it=False)
        return handled

    def _enter(self) -> None:
        """Whoever types writes into the first field."""
        for row in range(self.form.rowCount()):
            item = self.form.itemAt(row, QFormLayout.ItemRole.FieldRole)
            field = item.widget() if item is not None else None
            if field is not None and field.focusPolicy() & Qt.FocusPolicy.TabFocus:
                field.setFocus(Qt.FocusReason.TabFocusReason)
                return

    def complain(self, text: str) -> None:
        """Says what is still wrong; empty: nothing."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))


def grow(dialog: QWidget, *, all_of_it: bool = True) -> None:
    """Makes a dialog as high as what is in it asks for (or, without `all_of_it`, needs), as far
    as the screen lets it."""
    layout = dialog.layout()
    if layout is None or not dialog.isVisible():
        return
    layout.activate()
    width = max(dialog.width(), layout.totalMinimumSize().width())
    height = (layout.totalHeightForWidth if all_of_it else layout.totalMinimumHeightForWidth)(
        width
    )
    most = dialog.screen().availableGeometry().height() - TITLE
    dialog.resize(width, max(dialog.height(), min(height, most)))


def muted(text: str) -> QLabel:
    """A few words of explanation."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("role", "muted")
    return label


def side_button(name: str, words: str, tip: str) -> QPushButton:
    """A button beside a field: Return is not for it."""
    button = QPushButton(words)
    button.setObjectName(name)
    button.setAutoDefault(False)
    button.setToolTip(tip)
    return button


class PathField(QWidget):
    """A path and a button to choose it. `kind`: "folder", "new folder" or "file"."""

    def __init__(self, kind: str, text: str = "") -> None:
        super().__init__()
        self._kind = kind
        self.edit = QLineEdit(text)
        button = QPushButton(tr("Choose…"))
        button.clicked.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.edit, 1)
        row.addWidget(button)
        self.setFocusProxy(self.edit)

    @property
    def path(self) -> Path | None:
        text = self.edit.text().strip()
        return Path(text).expanduser() if text else None

    def _choose(self) -> None:
        start = self.edit.text()
        if self._kind == "file":
            chosen = QFileDialog.getOpenFileName(self, tr("Choose a file"), start)[0]
        else:
            chosen = QFileDialog.getExistingDirectory(self, tr("Choose a folder"), start)
        if chosen:
            self.edit.setText(chosen)
