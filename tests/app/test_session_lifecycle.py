"""Opening, closing and opening again: nothing of a closed project outlives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from framesift.errors import EnvironmentProblem, InputError
from framesift.project import Project
from framesift_app.panels.footage import FootagePanel
from framesift_app.panels.jobs_strip import JobsStrip
from framesift_app.session import Session
from framesift_app.session.part import OpenProject
from framesift_app.window import MainWindow


@pytest.fixture
def fresh(qtbot: Any) -> Iterator[Session]:
    """A session that never had a project."""
    made = Session()
    yield made
    made.close()
    made.deleteLater()


def _state(session: Session) -> dict[str, Any]:
    """What the parts show, by part and name."""
    return {
        f"{type(part).__name__}.{name}": value
        for part in session._parts
        for name, value in vars(part).items()
        if not name.startswith("_") and not callable(value)
    }


def _frames(session: Session) -> list[int]:
    return [pick.drive_frame for pick in session.picks.all]


def test_a_closed_project_leaves_nothing(scored: Any, fresh: Session, until: Any) -> None:
    empty = _state(fresh)
    assert len(empty) > 25
    scored.picks.take()
    until(lambda: scored.cycles.all)
    scored.labels.mark(scored.picks.all[0].key, "nothing")
    until(lambda: scored.journal.undo_text)
    scored.picks.measure(True)
    full = _state(scored)
    assert all(full[name] != empty[name] for name in ("Cycles.all", "Journal.undo_text"))
    scored.close_project()
    assert scored.folder is None
    assert scored.project_name is None
    assert _state(scored) == empty
    assert scored.selection.current is None
    assert scored.errors == []


def test_a_new_project_while_another_with_picks_is_open(
    scored: Any, until: Any, narrow: Path, tmp_path: Path
) -> None:
    first, picks = scored.folder, _frames(scored)
    scored.new_project(tmp_path / "second", ["pedestrian"], str(narrow))
    until(lambda: scored.project_name == "second" and scored.detector.view)
    assert scored.footage.drives == ()
    assert scored.picks.all == ()
    assert scored.selection.current is None
    assert scored.scores.raw == {}
    assert scored.playhead.key is None

    scored.open_project(first)
    until(lambda: scored.project_name == "week" and _frames(scored) == picks)
    until(lambda: scored.detector.view and scored.selection.settled)
    scored.picks.take()
    until(lambda: scored.cycles.all)

    scored.new_project(tmp_path / "third", ["rider"], str(narrow))
    until(lambda: scored.project_name == "third" and scored.detector.view)
    assert scored.cycles.all == ()
    assert scored.labels.classes == ("rider",)
    scored.close_project()
    scored.open_project(first)
    until(lambda: scored.folder is not None and _frames(scored) == picks)
    assert {pick.cycle for pick in scored.picks.all} == {1}
    assert scored.errors == []


def test_two_openings_at_once_end_in_the_later(
    session: Any, until: Any, narrow: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        Project.create(tmp_path / name, detector=str(narrow)).close()
    opened: list[str | None] = []
    session.projectChanged.connect(lambda: opened.append(session.project_name))
    session.open_project(tmp_path / "one")
    session.open_project(tmp_path / "two")
    until(lambda: session.project_name == "two" and session.detector.view)
    assert opened[-1] == "two"
    assert session.errors == []


def test_what_was_asked_before_closing_is_not_heard_after(scored: Any, until: Any) -> None:
    folder, heard = scored.folder, []
    key = scored.footage.drives[0].key_of(7)
    scored.pictures.thumbnailReady.connect(lambda *answer: heard.append(answer))
    scored.pictures.heatReady.connect(lambda *answer: heard.append(answer))
    scored.scores.changed.connect(heard.append)
    scored.pictures.request_thumbnail(key)
    scored.pictures.request_heat(key)
    scored.scores.load()
    scored.close_project()
    heard.clear()
    done: list[int] = []
    for worker in (scored._crew.thumbnails, scored._crew.inference, scored._crew.project):
        worker.submit(lambda: 0, done.append)
    until(lambda: len(done) == 3)
    assert heard == []
    scored.open_project(folder)
    until(lambda: len(scored.picks.all) == 4)
    assert scored.errors == []


def test_closing_while_it_is_scored(scored: Any, until: Any) -> None:
    folder = scored.folder
    scored.scores.start(every=1, region=12)
    until(lambda: scored.jobs.active("score").state == "running")
    scored.close_project()
    until(lambda: scored.folder is None)
    scored.open_project(folder)
    until(lambda: scored.folder is not None and scored.selection.settled)
    assert scored.jobs.active("score") is None
    assert scored.errors == []


def test_what_cannot_be_read_leaves_no_project(
    session: Any, until: Any, narrow: Path, tmp_path: Path
) -> None:
    Project.create(tmp_path / "torn", detector=str(narrow)).close()

    def torn(_: Any) -> Any:
        raise InputError("The ledger is torn.")

    session.cycles.read = torn
    session.open_project(tmp_path / "torn")
    until(lambda: session.errors)
    assert session.errors[0][0] == "The ledger is torn."
    until(lambda: not _locked(tmp_path / "torn"))
    assert session.folder is None
    assert session.footage.drives == ()


def _locked(folder: Path) -> bool:
    try:
        Project.open(folder).close()
    except EnvironmentProblem:
        return True
    return False


def test_an_ended_opening_asks_nothing(
    session: Any, until: Callable[[Any], None], narrow: Path, tmp_path: Path
) -> None:
    session.new_project(tmp_path / "week", detector=str(narrow))
    until(lambda: session.folder is not None)
    heard: list[Any] = []
    other = OpenProject(session._crew.project, tmp_path / "elsewhere", heard.append)
    other.ask(lambda project: heard.append(project))
    until(lambda: heard)
    assert isinstance(heard[0], InputError)
    ended = OpenProject(session._crew.project, session.folder, heard.append)
    answer = ended.while_open(heard.append)
    ended.end()
    ended.ask(lambda project: heard.append(project))
    answer("late")
    done: list[int] = []
    session._crew.project.submit(lambda: 0, done.append)
    until(lambda: done)
    assert len(heard) == 1


def test_what_a_job_says_at_its_end_is_heard_before_the_next_project(
    session: Any, until: Any
) -> None:
    """Ending all jobs waits for what the last of them still has to say."""
    order: list[str] = []

    def endless() -> Iterator[int]:
        while True:
            yield 0

    session.jobs.start(
        "endless", "Endless", endless, session._crew.files, on_end=lambda _: order.append("job")
    )
    until(lambda: session.jobs.active("endless").state == "running")
    session.jobs.end_all(lambda: order.append("then"))
    until(lambda: len(order) == 2)
    assert order == ["job", "then"]


def test_the_window_goes_from_one_project_to_another(
    qtbot: Any, scored: Any, until: Any, narrow: Path, tmp_path: Path
) -> None:
    """Its panels show the project of now, whatever was open when they were made."""
    first, picks = scored.folder, len(scored.picks.all)
    scored.close_project()
    scored.close()
    window = MainWindow(first)
    session, errors = window.session, []
    session.messages.failed.connect(lambda *error: errors.append(error))
    window.show()
    until(lambda: session.picks.all and session.detector.view)
    gallery, timeline = window.docks.panels.gallery, window.docks.panels.timeline
    strip = window.findChild(JobsStrip)
    assert gallery.model.rowCount() == picks
    for steps in range(2):
        name = f"empty{steps}"
        session.new_project(tmp_path / name, ["pedestrian"], str(narrow))
        until(lambda name=name: session.project_name == name and session.detector.view)
        assert not window.grab().isNull()
        assert gallery.model.rowCount() == 0
        assert timeline.view.rows.shown() == []
        until(lambda: strip.findChild(QLabel, "device").text().startswith("narrow"))
        assert "loading" not in strip.findChild(QLabel, "device").text()
        if steps:
            session.close_project()
        session.open_project(first)
        until(lambda: len(session.picks.all) == picks and session.detector.view)
        assert not window.grab().isNull()
        assert gallery.model.rowCount() == picks
    window.close()
    window.deleteLater()
    assert errors == []


def test_what_was_on_offer_is_offered_again(scored: Any, until: Any) -> None:
    """Closed while the second cycle's footage was scored: both picks and curve are back."""
    from framesift_app.session.training import TrainingView

    folder = scored.folder
    scored.picks.take()
    until(lambda: scored.cycles.all)
    scored.selection.choose_next()
    until(lambda: any(p.cycle is None for p in scored.picks.all))
    offered = [p.key for p in scored.picks.all if p.cycle is None]
    run = TrainingView(9, ((1, 0.5), (2, 0.25)), ((1, None), (2, 0.375)), False, "done")
    scored.training.view = run
    scored.training._end("done")
    scored.close_project()
    until(lambda: scored.folder is None)
    assert scored.training.view == TrainingView()
    scored.open_project(folder)
    until(lambda: scored.folder is not None and scored.selection.settled)
    until(lambda: [p.key for p in scored.picks.all if p.cycle is None] == offered)
    assert scored.training.view == run
    assert scored.errors == []


def test_what_is_scored_is_not_what_comes_next(qtbot: Any, scored: Any, until: Any) -> None:
    """Opened again, its scores come after its footage."""
    panel, folder = FootagePanel(scored, print), scored.folder
    qtbot.addWidget(panel)
    scored.close_project()
    until(lambda: scored.folder is None)
    scored.open_project(folder)
    until(lambda: scored.folder is not None and scored.scores.raw)
    [score] = [b for b in panel.findChildren(QPushButton) if b.text() == "Score…"]
    assert score.isEnabled()
    assert score.property("role") != "primary"


def test_closed_while_it_scored_the_rest_is_offered_in_the_end(
    session: Any, footage: Any, narrow: Any, tmp_path: Any, until: Any
) -> None:
    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    folder = session.folder
    session.footage.add([footage])
    until(lambda: session.footage.drives and session.detector.view)
    session.selection.set_rules(budget=3, delta1=6, delta2=2, look_alike="off")
    session.scores.start(every=1)
    until(lambda: session.scores.raw)
    session.close_project()
    until(lambda: session.folder is None)
    session.open_project(folder)
    until(lambda: session.folder is not None and session.detector.view)
    session.scores.start()
    until(lambda: session.jobs.active("score") is None and session.selection.settled)
    until(lambda: len(session.picks.all) == 3)
    session.picks.take()
    until(lambda: session.cycles.all)
    assert session.errors == []
