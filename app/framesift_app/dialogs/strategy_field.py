"""The row of the strategy: those that there are, and files that describe one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QWidget

from framesift.errors import FramesiftError
from framesift.scores.strategies import strategy_named
from framesift.selection import Strategy
from framesift_app.dialogs.form import side_button
from framesift_app.strings import tr


class StrategyField(QWidget):
    """A list of strategies and a button that adds one from a TOML file. `changed`: another one
    is chosen; `refused`: why a file was not taken."""

    changed = Signal()
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.list = QComboBox()
        self.list.setObjectName("strategy")
        self.list.setToolTip(
            tr(
                "What frames are scored and chosen by. The maps' scores look at every place of "
                "the picture. The boxes' scores only look at what the detector found; they are "
                "for detectors without maps."
            )
        )
        self.file = side_button(
            "strategy_file",
            tr("From a file…"),
            tr(
                "A strategy of your own: a TOML file with signals and how they are combined "
                "and spread. The page on selection says what it holds."
            ),
        )
        self.file.clicked.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.list, 1)
        row.addWidget(self.file)
        self.setFocusProxy(self.list)
        self.list.currentIndexChanged.connect(lambda _: self.changed.emit())

    @property
    def strategy(self) -> Strategy:
        """The chosen one."""
        return strategy_named(self.list.currentData())

    def offer(self, strategy: Strategy) -> None:
        """Adds a strategy to the list, unless it is there."""
        if not self.offers(strategy.key):
            self.list.addItem(tr(strategy.title), strategy.key)

    def offers(self, key: str) -> bool:
        """Whether the list has a strategy."""
        return self.list.findData(key) >= 0

    def show_strategy(self, strategy: Strategy) -> None:
        """Chooses a strategy; one of somebody's own joins the list. One of the family that the
        list lacks leaves the first."""
        if strategy.key != strategy.name:
            self.offer(strategy)
        self.list.setCurrentIndex(max(0, self.list.findData(strategy.key)))

    def _choose(self) -> None:
        path = QFileDialog.getOpenFileName(
            self, tr("Choose a strategy"), "", tr("Strategies (*.toml)")
        )[0]
        if path:
            self.read(path)

    def read(self, path: str) -> None:
        """Takes the strategy of a file, or says why not."""
        try:
            strategy = strategy_named(path)
        except FramesiftError as error:
            self.refused.emit(str(error))
            return
        self.show_strategy(strategy)
