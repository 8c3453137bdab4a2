"""Score: how densely, by what, and how long it will take."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from framesift.errors import InputError
from framesift.records.settings import Setting, made, settings_of, union
from framesift.scores import ScoreSettings, every_score, score_params
from framesift.scores.settings import PRESETS as SCORE_PRESETS
from framesift.scores.strategies import every_strategy, strategy_named
from framesift.scores.which import Which
from framesift.selection import Rules, Strategy
from framesift.selection.rules import EARLIER_STRATEGY
from framesift.selection.rules import PRESETS as SELECTION_PRESETS
from framesift_app.dialogs.cost import CostLabel
from framesift_app.dialogs.fold import more
from framesift_app.dialogs.form import FormDialog, muted, side_button
from framesift_app.dialogs.others_field import OthersField
from framesift_app.dialogs.setting_rows import OwnField, SettingRows
from framesift_app.dialogs.strategy_field import StrategyField
from framesift_app.session import Session
from framesift_app.strings import number, tr, trf
from framesift_app.workers.inference import DetectorView

PAPER = "paper"
KEPT = ("budget", "seed", "strategy")
"""Rules that a preset leaves as they are."""
ENSEMBLE = "ensemble"
"""The setting of what is compared."""


class ScoreDialog(FormDialog):
    """Asks the session to score. The rows are those of what the chosen
    strategy ranks by."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Score the footage"),
            tr(
                "The detector looks at every frame, and each gets a score: how unsure it is of "
                "what it sees there. It runs in the background, coarse to fine, and may be "
                "held or ended; what is scored stays scored."
            ),
            tr("Score"),
            parent,
        )
        self._session = session
        self._which = SettingRows(self.form, settings_of(Which))
        scores = session.scores
        self._which.show_values({"every": scores.every, "unchanged": scores.unchanged})
        self._strategy = StrategyField()
        for strategy in every_strategy().values():
            if not lacking(strategy, session.detector.view):
                self._strategy.offer(strategy)
        self._strategy.show_strategy(strategy_named(session.selection.rules.strategy))
        self._cost = CostLabel(session, self, lambda costs: costs.score_ms)
        self.form.addRow(tr("Strategy"), self._strategy)
        self._about = muted("")
        self._about.setObjectName("about")
        self._about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._paper = side_button(
            "as_in_the_paper",
            tr("As in the paper"),
            tr(
                "The method as it was published: the divergence, its numbers, and 15 and 2 "
                "frames between picks. The command line has it as --preset paper."
            ),
        )
        self._paper.clicked.connect(self._as_in_the_paper)
        self._paper.setEnabled(self._strategy.offers(EARLIER_STRATEGY))
        described = QHBoxLayout()
        described.setSpacing(8)
        described.addWidget(self._about, 1)
        described.addWidget(self._paper, 0, Qt.AlignmentFlag.AlignTop)
        self.form.addRow("", described)
        self._others = others = OthersField(session)
        of_others = OwnField((others, others.value, others.show_value), others.changed)
        self.rows = SettingRows(self.form, union(score_params()), {ENSEMBLE: of_others})
        self.form.addRow(tr("It will take"), self._cost)
        seldom = more(self.body)
        for setting in settings_of(ScoreSettings):
            self.rows.add(setting, seldom)
        self._published = _published(session.selection.rules)
        self.rows.show_values(self._values())
        by_box = self.rows.rows["radius_by_box"].widget
        by_box.setEnabled(
            session.detector.view is not None and session.detector.view.radii is not None
        )
        self._which.changed.connect(self._tell)
        self._strategy.changed.connect(self._chosen)
        self._strategy.refused.connect(self.complain)
        self.rows.changed.connect(self._tell)
        self._cost.measured.connect(self._tell)
        self._chosen()

    @property
    def strategy(self) -> Strategy:
        """The chosen one."""
        return self._strategy.strategy

    @property
    def every(self) -> int:
        """Every how many frames are scored."""
        return int(self._which.values()["every"])

    def _settings(self) -> tuple[Setting, ...]:
        """The settings of what the chosen strategy ranks by."""
        signals = self.strategy.signals
        particular = [
            setting for name in signals for setting in settings_of(score_params()[name])
        ]
        return tuple(
            dict.fromkeys([*particular, *(settings_of(ScoreSettings) if signals else ())])
        )

    def _chosen(self) -> None:
        # The paper's numbers and distances go with the paper's strategy alone.
        if self._published and self.strategy.name != EARLIER_STRATEGY:
            self._published = False
            self.rows.show_values(self._values())
        self._about.setText(self._words())
        self.rows.show_only(setting.name for setting in self._settings())
        self._tell()

    def _values(self) -> dict[str, Any]:
        """What the rows begin with: the project's options, and the defaults of what the paper
        says where another strategy takes its place."""
        defaults = {
            row.name: row.default
            for row in (*union(score_params()), *settings_of(ScoreSettings))
        }
        values = defaults | self._session.scores.options
        if not self._published and _published(self._session.selection.rules):
            values |= {
                name: defaults[name] for name in SCORE_PRESETS[PAPER] if name in defaults
            }
        return values

    def _as_in_the_paper(self) -> None:
        self._strategy.show_strategy(strategy_named(EARLIER_STRATEGY))
        self.rows.show_values(SCORE_PRESETS[PAPER])
        self._published = True
        self._about.setText(self._words())
        self._tell()

    def _words(self) -> str:
        """In plain words how the chosen strategy chooses."""
        strategy, default = self.strategy, Rules().strategy
        if self._published:
            rules = SELECTION_PRESETS[PAPER]
            return trf(
                "As published: {0} and {1} frames between picks, look-alikes among them.",
                rules["delta1"],
                rules["delta2"],
            )
        words = tr(strategy.description)
        words = f"{words[:1].upper()}{words[1:]}."
        if strategy.name == default:
            words += " " + tr(
                "The default: of the ways that were compared it risks least. On real footage "
                "its picks taught more than picks by chance, on drawn footage as much or less; "
                "as in the paper there was more to win and more to lose."
            )
        goes_on = strategy.name == self._session.selection.rules.strategy == EARLIER_STRATEGY
        if goes_on and self._session.scores.raw:
            words += " " + trf(
                "The project is scored by it and goes on with it; new ones choose by: {0}.",
                tr(strategy_named(default).title),
            )
        return words

    def options(self) -> dict[str, Any]:
        """The FrameScorer options that the form says, all but the method. Raises
        InputError."""
        if lacks := lacking(self.strategy, self._session.detector.view):
            raise InputError(
                trf(
                    "{0} needs what the detector does not have: {1}. Choose another strategy, "
                    "or another detector.",
                    self.strategy.title,
                    ", ".join(lacks),
                )
            )
        values = self.rows.values(setting.name for setting in self._settings())
        if not self.rows.rows["radius_by_box"].widget.isEnabled():
            values.pop("radius_by_box", None)
        return values

    def _left(self, options: dict[str, Any]) -> int:
        """The frames that have no score yet."""
        session, every = self._session, self.every
        before = {
            setting.name: setting.default for setting in self._settings()
        } | session.scores.options
        same = session.selection.rules.strategy == self.strategy.key and all(
            _plain(before.get(name)) == _plain(value) for name, value in options.items()
        )
        left = sum(-(-len(drive) // every) for drive in session.footage.drives)
        if same:
            left -= sum(
                int(np.count_nonzero(~np.isnan(values[::every])))
                for values in session.scores.raw.values()
            )
        return max(0, left)

    def _tell(self) -> None:
        try:
            options = self.options()
        except InputError as error:
            self.complain(str(error))
            return
        self.complain("")
        left = self._left(options)
        words = trf("{0} frames without a score", number(left))
        times = 2 if options.get("flip") else 1
        if ENSEMBLE in options:
            times *= self._others.passes()
        signals = self.strategy.signals
        if not signals:
            self._cost.setText(tr("No frame is scored; frames are compared with each other."))
        elif "dropout" in self.strategy.needs:
            self._cost.setText(
                words + "\n" + tr("several times as long as with the paper's score")
            )
        else:
            self._cost.say(words, left * times * len(signals))

    def accept(self) -> None:
        try:
            options = self.options()
        except InputError as error:
            self.complain(str(error))
            return
        rules = dict[str, Any]()
        if self._published or _published(self._session.selection.rules):
            # As --preset paper does: what it leaves open is as it comes.
            rules = {
                row.name: row.default for row in settings_of(Rules) if row.name not in KEPT
            }
        if self._published:
            rules |= SELECTION_PRESETS[PAPER]
        self._session.selection.set_rules(**rules | {"strategy": self.strategy.key})
        unchanged = float(self._which.values()["unchanged"])
        self._session.scores.start(self.every, unchanged, **options)
        super().accept()


def _published(rules: Rules) -> bool:
    """Whether rules are the paper's, all of them."""
    paper = made(Rules, rules.settings(), SELECTION_PRESETS[PAPER], noun="selection")
    return rules == paper


def _plain(value: object) -> object:
    """As a project keeps it."""
    return list(value) if isinstance(value, tuple) else value


def heads_of(strategy: Strategy) -> set[str]:
    """The heads without which a strategy's signals cannot be."""
    family = every_score()
    signals = [family[name] for name in strategy.signals if name in family]
    return {getattr(signal, "head", "") for signal in signals if "head" in signal.needs}


def lacking(strategy: Strategy, detector: DetectorView | None) -> tuple[str, ...]:
    """What a strategy needs that the detector does not have; nothing until it is known."""
    if detector is None:
        return ()
    has = {
        "maps": detector.has_maps,
        "dropout": detector.trainable,
        "boxes": True,
        "proposals": detector.proposes,
        "features": detector.has_features,
        "head": heads_of(strategy) <= {*detector.heads},
        "video": True,
        # Whether the project holds any, the form says.
        "checkpoints": True,
    }
    return tuple(need for need in strategy.needs if not has.get(need, False))
