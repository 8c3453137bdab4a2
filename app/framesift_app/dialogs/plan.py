"""What a budget costs, and how many frames to label a cycle."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from framesift.bench.planner import Plan, PlanSettings
from framesift.errors import InputError
from framesift.records.settings import settings_of
from framesift_app.dialogs.form import FormDialog, muted
from framesift_app.dialogs.setting_rows import SettingRows
from framesift_app.session import Session
from framesift_app.strings import duration, number, tr


class PlanDialog(FormDialog):
    """Measures this machine and shows the options."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Plan the budget"),
            tr(
                "A budget of labels is spent in cycles: smaller cycles pick "
                "better, and cost more "
                "of the machine's time."
            ),
            tr("Measure and plan"),
            parent,
        )
        self.setMinimumSize(560, 460)
        self._session = session
        frames = sum(len(drive) for drive in session.footage.drives)
        self.rows = SettingRows(self.form, settings_of(PlanSettings))
        usual = PlanSettings().total(frames)
        self.rows.show_values({"budget": min(usual, max(1, frames))})
        self._table = QTableWidget(0, 5)
        self._table.setHorizontalHeaderLabels(
            [tr("A cycle"), tr("Cycles"), tr("Scoring"), tr("Training"), tr("Labelling")]
        )
        self._table.verticalHeader().hide()
        self._table.setShowGrid(False)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._table.hide()
        self._reason = muted(
            tr(
                "Scores and trains on a few of your frames for some seconds, "
                "then shows what each size of cycle would take."
            )
        )
        self.body.addWidget(self._table, 1)
        self.body.addWidget(self._reason)
        session.jobs.finished.connect(self._finished)

    def accept(self) -> None:
        try:
            chosen = PlanSettings(**self.rows.values())
        except InputError as error:
            self.complain(str(error))
            return
        self.complain("")
        self.go.setEnabled(False)
        self._reason.setText(tr("Measuring this machine…"))
        session = self._session
        frames = sum(len(drive) for drive in session.footage.drives)
        session.detector.plan(chosen.total(frames), chosen.epochs, session.scores.every)

    def _finished(self, kind: str, result: Any) -> None:
        if kind != "plan":
            return
        self.go.setEnabled(True)
        if not isinstance(result, Plan):
            self._reason.setText("")
            return
        self._reason.setText(result.reason)
        self._table.show()
        self._table.setRowCount(len(result.options))
        for row, option in enumerate(result.options):
            mark = "→ " if option is result.recommended else ""
            for column, text in enumerate(
                (
                    mark + number(option.per_cycle),
                    number(option.cycles),
                    duration(option.scoring_s),
                    duration(option.training_s),
                    duration(option.labelling_s),
                )
            ):
                self._table.setItem(row, column, QTableWidgetItem(text))
