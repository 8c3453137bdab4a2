"""Forms that are made from tables: every setting, its range, its default, what it does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from far_apart import FarApart
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
)

from framesift.bench.planner import PlanSettings
from framesift.cli.tables import Table, every_table
from framesift.detectors.run_settings import RunSettings
from framesift.errors import InputError
from framesift.project.exchange_settings import ExportSettings, ImportSettings
from framesift.project.start import ProjectStart, SampleSettings
from framesift.records.settings import Setting, check, flat, made, setting, settings_of
from framesift.scores import SCORES, FrameScorer, ScoreSettings, every_score, score_params
from framesift.scores.pixel_entropy import Entropy
from framesift.scores.settings import PRESETS as SCORE_PRESETS
from framesift.scores.strategies import every_strategy, strategy_named, strategy_of_signal
from framesift.scores.which import Which
from framesift.selection import STRATEGIES, Rules
from framesift.selection.rules import PRESETS as RULE_PRESETS
from framesift.training import TrainSettings
from framesift.video import parse_distance
from framesift.video.settings import VideoSettings
from framesift_app import settings
from framesift_app.dialogs.add_footage import AddFootageDialog
from framesift_app.dialogs.exchange import ExportDialog, ImportDialog
from framesift_app.dialogs.new_project import NewProjectDialog
from framesift_app.dialogs.plan import PlanDialog
from framesift_app.dialogs.preferences import SettingsDialog
from framesift_app.dialogs.sample import SampleDialog
from framesift_app.dialogs.scoring import ScoreDialog
from framesift_app.dialogs.setting_rows import SettingRows
from framesift_app.dialogs.train import TrainDialog
from framesift_app.strings import tooltip
from framesift_app.workers.inference import DetectorView


@pytest.fixture
def score_form(session: Any, qtbot: Any) -> ScoreDialog:
    dialog = ScoreDialog(session)
    qtbot.addWidget(dialog)
    return dialog


def expect(rows: SettingRows, table: tuple[Setting, ...]) -> None:
    """A row for each setting of a table that the window offers, as the table says."""
    for one in table:
        assert (one.name in rows.rows) == ("window" not in one.absent), one.name
        if "window" in one.absent:
            continue
        field = rows.rows[one.name].widget
        assert field.objectName() == one.name
        assert field.toolTip() == tooltip(one)
        if isinstance(field, QSpinBox | QDoubleSpinBox):
            assert one.low is None or field.minimum() == one.low
            assert one.high is None or field.maximum() == min(one.high, 2**31 - 1)
        if isinstance(field, QComboBox):
            words = [field.itemData(n) for n in range(field.count())]
            assert words == list(one.kind.choices)


def test_the_score_form_has_every_score_and_setting(score_form: ScoreDialog) -> None:
    box = score_form.findChild(QComboBox, "strategy")
    assert [box.itemData(n) for n in range(box.count())] == list(every_strategy())
    expect(score_form.rows, settings_of(ScoreSettings))
    for params in score_params().values():
        expect(score_form.rows, settings_of(params))


@pytest.mark.parametrize("method", every_score())
def test_a_form_left_as_it_is_scores_as_the_engine_does(
    score_form: ScoreDialog, method: str
) -> None:
    box = score_form.findChild(QComboBox, "strategy")
    box.setCurrentIndex(box.findData(strategy_of_signal(method)))
    options = {**score_form.options(), "method": method}
    assert FrameScorer(**options).settings() == FrameScorer(method).settings()
    own = {
        one.name for one in settings_of(score_params()[method]) if "window" not in one.absent
    }
    shown = {
        name for name, row in score_form.rows.rows.items() if not row.widget.isHidden()
    } - {one.name for one in settings_of(ScoreSettings)}
    assert shown == own


def test_what_cannot_be_read_is_said(score_form: ScoreDialog) -> None:
    box = score_form.findChild(QComboBox, "strategy")
    box.setCurrentIndex(box.findData("divergence"))
    score_form.findChild(QLineEdit, "radius").setText("-4")
    assert "a whole number or a list of whole numbers from 0 up" in score_form.problem.text()
    with pytest.raises(InputError, match="Radius"):
        score_form.options()
    score_form.findChild(QLineEdit, "radius").setText("4, 5")
    assert score_form.options()["radius"] == (4, 5)
    assert not score_form.problem.text()


def test_the_training_form_has_every_setting(session: Any, qtbot: Any) -> None:
    dialog = TrainDialog(session)
    qtbot.addWidget(dialog)
    expect(dialog.rows, settings_of(TrainSettings))
    assert dialog.rows.values() == flat(TrainSettings())


def test_the_plan_and_the_preferences_come_from_tables(session: Any, qtbot: Any) -> None:
    plan = PlanDialog(session)
    preferences = SettingsDialog(lambda: None)
    for dialog in (plan, preferences):
        qtbot.addWidget(dialog)
    expect(plan.rows, settings_of(PlanSettings))
    assert plan.rows.values()["epochs"] == TrainSettings().epochs
    expect(preferences.rows, settings_of(settings.Preferences))
    theme = preferences.rows.rows["theme"].widget
    assert isinstance(theme, QComboBox)
    theme.setCurrentIndex(theme.findData("dark"))
    assert settings.preferences().theme == "dark"
    settings.put("theme", "sepia")
    assert settings.preferences().theme == "system"
    settings.put("theme", None)


def test_small_forms_come_from_tables(
    session: Any, score_form: ScoreDialog, qtbot: Any
) -> None:
    expect(score_form._which, settings_of(Which))
    sample, start = SampleDialog(session), NewProjectDialog(session)
    added, out, into = AddFootageDialog(session), ExportDialog(session), ImportDialog(session)
    for dialog in (sample, start, added, out, into):
        qtbot.addWidget(dialog)
    expect(start._reading, settings_of(VideoSettings))
    expect(added.rows, settings_of(VideoSettings))
    expect(out.rows, settings_of(ExportSettings))
    expect(into.rows, settings_of(ImportSettings))
    assert out.rows.values() == {**flat(ExportSettings()), "part": "training"}
    assert into.rows.values() == flat(ImportSettings())
    assert sample.rows.values() == {"count": 1}  # There is no footage yet.
    field = sample.rows.rows["count"].widget
    assert field.toolTip() == tooltip(settings_of(SampleSettings)[0])
    expect(start._start, settings_of(ProjectStart)[:1])
    assert start._start.values() == {"classes": ProjectStart().classes}
    assert start._count.value() == SampleSettings().count
    (run,) = (one for one in settings_of(RunSettings) if one.name == "device")
    (here,) = (one for one in settings_of(settings.Preferences) if one.name == "device")
    assert (here.kind, here.titles, here.default) == (run.kind, run.titles, run.default)


@pytest.mark.parametrize("table", every_table(), ids=lambda table: table.title)
def test_every_table_has_a_form_or_says_why_not(table: Table) -> None:
    forms = {
        "score",
        "scoring",
        "detector",
        "training",
        "plan",
        "selection",
        "project",
        "sample",
        "video",
        "export",
        "import",
    }
    for one in table.rows:
        assert table.noun in forms or table.why_not(one, "window"), one.name


@dataclass(frozen=True, slots=True)
class GainParams:
    """A member's settings: one."""

    gain: float = setting(1.5, title="Gain", help="factor of the numbers", above=0, below=9)

    def __post_init__(self) -> None:
        check(self, "score")


class Gain(Entropy):
    name, title, params = "gain", "Louder entropy", GainParams


def test_a_new_score_is_in_the_form(
    session: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SCORES, "gain", Gain())
    dialog = ScoreDialog(session)
    qtbot.addWidget(dialog)
    box = dialog.findChild(QComboBox, "strategy")
    box.setCurrentIndex(box.findText("Louder entropy"))
    field = dialog.findChild(QDoubleSpinBox, "gain")
    assert not field.isHidden()
    field.setValue(2.5)
    assert dialog.options()["gain"] == 2.5
    assert dialog.strategy.signals == ("gain",)


def test_a_new_strategy_is_in_the_form(
    session: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STRATEGIES, FarApart.name, FarApart())
    dialog = ScoreDialog(session)
    qtbot.addWidget(dialog)
    box = dialog.findChild(QComboBox, "strategy")
    box.setCurrentIndex(box.findText("Unlike the rest"))
    assert (dialog.strategy.name, dialog.options()) == ("far-apart", {})


def test_numbers_show_no_more_digits_than_they_have(qtbot: Any) -> None:
    from PySide6.QtWidgets import QWidget

    page = QWidget()
    qtbot.addWidget(page)
    rows = SettingRows(QFormLayout(page), settings_of(TrainSettings))
    shown = {
        name: row.widget.text()
        for name, row in rows.rows.items()
        if isinstance(row.widget, QDoubleSpinBox)
    }
    assert shown["learning_rate"] == "0.001"
    assert shown["weight_decay"] == "0.000002"
    assert shown["min_height"] == "50 px"
    for row in rows.rows.values():
        if isinstance(row.widget, QDoubleSpinBox):
            row.widget.interpretText()
    assert rows.values() == flat(TrainSettings())


def test_the_papers_method_is_one_click_away(session: Any, score_form: ScoreDialog) -> None:
    score_form.findChild(QPushButton, "as_in_the_paper").click()
    assert score_form.strategy.name == "divergence"
    assert "15 and 2 frames" in score_form.findChild(QLabel, "about").text()
    paper = SCORE_PRESETS["paper"]
    options = score_form.options()
    assert {name: options[name] for name in options if name in paper} == {
        name: value for name, value in paper.items() if name in options
    }
    assert {"flip", "radius", "region", "reduction"} <= options.keys()
    score_form.accept()
    expected = made(Rules, RULE_PRESETS["paper"], noun="selection")
    chosen = session.selection.rules
    assert chosen == replace(expected, budget=chosen.budget)


def test_the_papers_distances_leave_with_its_strategy(
    session: Any, score_form: ScoreDialog
) -> None:
    before = session.selection.rules
    box = score_form.findChild(QComboBox, "strategy")
    score_form.findChild(QPushButton, "as_in_the_paper").click()
    box.setCurrentIndex(box.findData("entropy"))
    assert "The default" in score_form.findChild(QLabel, "about").text()
    score_form.accept()
    assert session.selection.rules == before


def test_score_options_of_earlier_versions_are_understood() -> None:
    from framesift_app.session.scores import options_now

    stored = {"method": "divergence", "radius": [4, 9, 18], "mirror": True, "region": 30}
    assert options_now(stored) == {
        "radius_by_box": True,
        "flip": True,
        "region": 30,
    }


MINE = """
title = "Boxes, far apart"
signals = ["divergence", "box-entropy"]
spread = "core-set"
[weights]
divergence = 2
"""


def test_a_strategy_of_ones_own_comes_from_a_file(
    session: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    dialog = ScoreDialog(session)
    qtbot.addWidget(dialog)
    dialog.findChild(QPushButton, "strategy_file").click()
    box = dialog.findChild(QComboBox, "strategy")
    assert box.currentText() == "Boxes, far apart"
    assert dialog.strategy.signals == ("divergence", "box_entropy")
    dialog.accept()
    key = session.selection.rules.strategy
    assert strategy_named(key).title == "Boxes, far apart"
    again = ScoreDialog(session)
    qtbot.addWidget(again)
    assert again.findChild(QComboBox, "strategy").currentData() == key


def test_a_file_that_is_no_strategy_is_one_sentence(
    score_form: ScoreDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('signals = ["second-sight"]')
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    before = score_form.strategy
    score_form.findChild(QPushButton, "strategy_file").click()
    assert "'second_sight', which is no signal" in score_form.problem.text()
    assert score_form.strategy is before


def test_leaving_the_papers_method_leaves_all_of_it(session: Any, qtbot: Any) -> None:
    """In the form that chose it, and in one that is opened later."""
    session.selection.set_rules(fill=True, random_share=0.5)
    budget = session.selection.rules.budget
    first = ScoreDialog(session)
    qtbot.addWidget(first)
    box = first.findChild(QComboBox, "strategy")
    plain = first.options()
    first.findChild(QPushButton, "as_in_the_paper").click()
    box.setCurrentIndex(box.findData("entropy"))
    assert first.options() == plain
    first.findChild(QPushButton, "as_in_the_paper").click()
    first.accept()
    assert not session.selection.rules.fill
    assert session.selection.rules.random_share is None
    session.scores.options = {**session.scores.options, **SCORE_PRESETS["paper"]}
    again = ScoreDialog(session)
    qtbot.addWidget(again)
    assert "As published" in again.findChild(QLabel, "about").text()
    box = again.findChild(QComboBox, "strategy")
    box.setCurrentIndex(box.findData("entropy"))
    assert again.options() == plain
    again.accept()
    rules = session.selection.rules
    assert (rules.strategy, rules.look_alike, rules.budget) == ("entropy", "on", budget)
    assert rules.delta1 != parse_distance("15")


def test_the_papers_method_needs_maps(session: Any, qtbot: Any) -> None:
    session.detector.view = DetectorView(
        "boxes.onnx", "b" * 64, ("pedestrian",), False, "cpu", has_maps=False
    )
    dialog = ScoreDialog(session)
    qtbot.addWidget(dialog)
    assert not dialog.findChild(QPushButton, "as_in_the_paper").isEnabled()
