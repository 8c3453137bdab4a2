"""The session over a tiny project: the loop from footage to a second cycle, and what fails."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framesift import synth
from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import UNSEEN
from framesift.project import Project
from framesift.selection import pool, smoothed
from framesift.selection.choosing import choose, smoothed_series
from framesift.selection.rules import Rules
from framesift.selection.timeline import drive_times
from framesift.training import TrainSettings
from framesift.video import open_video, parse_distance
from framesift_app.session import demo
from framesift_app.session.fresh import Fresh, Values

BOX = Box(40, 20, 60, 80, "pedestrian")
QUICK = TrainSettings(epochs=2, batch=2, min_height=10, threads=1, num_workers=1)


def _frames(session: Any) -> list[int]:
    return [pick.drive_frame for pick in session.picks.all]


def _expected(session: Any) -> list[int]:
    """What the engine chooses by the session's rules."""
    with Project.open(session.folder, readonly=True) as project:
        inputs = project.ledger.inputs({session.selection.rules.strategy: {}})
        found = choose(inputs.pool(), session.selection.rules)
    return [pick.frame for pick in found.selection]


def test_rules_select_as_the_engine_does(scored: Any) -> None:
    assert _frames(scored) == _expected(scored)
    before = _frames(scored)
    scored.selection.set_rules(delta1=2)
    assert _frames(scored) == _expected(scored)
    assert _frames(scored) != before
    scored.selection.set_rules(sigma=1.0, half_window=2)
    assert _frames(scored) == _expected(scored)
    scored.selection.set_rules(look_alike="on", budget=3)
    assert _frames(scored) == _expected(scored)
    raws = [scored.scores.raw[p.video][p.frame] for p in scored.selection.current]
    assert [pick.raw for pick in scored.selection.current] == [float(raw) for raw in raws]


def test_the_radius_may_go_by_each_levels_box(scored: Any, qtbot: Any, until: Any) -> None:
    from PySide6.QtWidgets import QCheckBox, QComboBox

    from framesift_app.dialogs.scoring import ScoreDialog

    plain = {key: values.copy() for key, values in scored.scores.raw.items()}
    dialog = ScoreDialog(scored)
    qtbot.addWidget(dialog)
    box = dialog.findChild(QComboBox, "strategy")
    box.setCurrentIndex(box.findData("divergence"))
    by_box = dialog.findChild(QCheckBox, "radius_by_box")
    assert by_box.isEnabled()
    assert not by_box.isChecked()
    by_box.setChecked(True)
    dialog.accept()
    until(lambda: scored.jobs.active("score"))
    until(lambda: scored.jobs.active("score") is None and scored.selection.settled)
    assert scored.scores.options["radius_by_box"]
    assert scored.scores.recipes()["divergence"]["score"]["radius"] == list(
        scored.detector.view.radii
    )
    assert len(set(scored.detector.view.radii)) > 1
    (key,) = plain
    until(lambda: not np.array_equal(scored.scores.raw[key], plain[key]))
    again = ScoreDialog(scored)
    qtbot.addWidget(again)
    assert again.findChild(QCheckBox, "radius_by_box").isChecked()
    assert scored.errors == []


def test_distances_fit_the_footage_until_somebody_chooses_others(
    session: Any, narrow: Path, tmp_path: Path, until: Any
) -> None:
    from framesift.synth import drive, write_drive

    video = tmp_path / "drive.mp4"
    for _ in write_drive(drive(seed=3, frames=300, size=(96, 128)), video):
        pass

    def distances() -> tuple[str, str]:
        return str(session.selection.rules.delta1), str(session.selection.rules.delta2)

    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    session.selection.set_rules(budget=4)
    session.footage.add([video])
    until(lambda: session.footage.drives)
    assert distances() == ("1.2s", "0.328s")
    session.selection.set_rules(budget=2)
    assert distances() == ("2.5s", "0.813s")

    def again() -> None:
        session.close_project()
        until(lambda: session.folder is None)
        session.open_project(tmp_path / "week")
        until(lambda: session.footage.drives)

    again()
    assert (session.selection.rules.budget, *distances()) == (2, "2.5s", "0.813s")
    session.selection.set_rules(budget=3)
    assert distances() == ("1.6s", "0.478s")
    session.selection.set_rules(delta1="0.3s")
    session.selection.set_rules(budget=2)
    assert distances() == ("0.3s", "0.478s")
    again()
    session.selection.set_rules(budget=4)
    assert distances() == ("0.3s", "0.478s")
    assert session.errors == []


def test_the_detector_sees_the_tiles_that_the_project_keeps(
    session: Any, narrow: Path, tmp_path: Path, until: Any
) -> None:
    from framesift.detectors.files.checkpoint import load_detector
    from framesift.detectors.tiled import Tiled

    with Project.create(tmp_path / "week", detector=str(narrow)) as project:
        project.settings.set_tiles("2x1")
    session.open_project(tmp_path / "week")
    until(lambda: session.detector.view)
    assert (
        session.detector.view.identity == Tiled(load_detector(narrow, "cpu"), 2, 1).identity()
    )
    assert session.errors == []


def test_times_are_worked_out_once_for_the_same_footage(
    scored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slider that is dragged selects many times; the times of the frames stay."""
    measured = []

    def counted(drive: Any) -> Any:
        measured.append(drive.key)
        return drive_times(drive)

    monkeypatch.setattr(pool, "drive_times", counted)
    for budget in (3, 2, 5):
        scored.selection.set_rules(budget=budget)
    assert measured == []
    scored.footage.drives = (*scored.footage.drives,)
    for budget in (3, 2, 5):
        scored.selection.set_rules(budget=budget)
    assert len(measured) == 1


def test_rules_that_make_no_sense_change_nothing(scored: Any) -> None:
    rules = scored.selection.rules
    scored.selection.set_rules(sigma=-1.0)
    assert scored.selection.rules == rules
    assert "sigma" in scored.errors[-1][0]

    scored.selection.set_rules(delta1="far")
    assert scored.selection.rules == rules
    assert "'far' is not a distance" in scored.errors[-1][0]


def test_a_rule_that_is_dragged_while_the_scores_are_smoothed(
    scored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quick half must not go on with the smoothing that is being replaced: the answer of
    the slow half would come too late to be heard."""
    waiting: list[Any] = []
    chooser = scored.selection._chooser
    monkeypatch.setattr(
        chooser._worker, "submit", lambda run, done, *_, **__: waiting.append((run, done))
    )
    chooser._seconds = {True: 1.0, False: 0.0}
    scored.selection.set_rules(sigma=9.0)
    scored.selection.set_rules(budget=3)
    for run, done in waiting:
        done(run())
    (drive,) = scored.footage.drives
    expected = smoothed_series(scored.scores.raw[drive.key], scored.selection.rules)
    np.testing.assert_array_equal(scored.selection.smoothed[drive.key], expected)
    assert len(scored.selection.offered) == 3
    assert scored.selection.settled


def test_after_a_selection_that_failed_all_is_smoothed_anew(
    scored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was smoothed before it may be of another strategy."""

    def refused(*_: Any) -> Any:
        raise InputError("Not today.")

    with monkeypatch.context() as patch:
        patch.setattr("framesift_app.session.chooser.smoothed", refused)
        scored.selection.scores_loaded()
    assert scored.errors[-1][0] == "Not today."
    assert scored.selection.offered is None
    calls: list[Any] = []

    def counted(*arguments: Any) -> Any:
        calls.append(arguments)
        return smoothed(*arguments)

    monkeypatch.setattr("framesift_app.session.chooser.smoothed", counted)
    scored.selection.set_rules(budget=3)
    assert len(calls) == 1
    assert len(scored.selection.offered) == 3


def test_an_offer_of_a_drive_that_has_left(scored: Any) -> None:
    """Until the next selection is made, its frames are simply not among the picks."""
    assert scored.picks.all
    scored.footage.drives = ()
    scored.labels.stateChanged.emit()
    assert scored.picks.all == ()


def test_a_drive_that_grows_counts_once_footage_and_scores_agree(
    scored: Any, until: Any
) -> None:
    """Its scores may be read after a clip was added, and its footage before."""
    [drive], offered = scored.footage.drives, [pick.key for pick in scored.picks.all]
    for name, of in scored.scores.signals.items():
        scored.scores.signals[name] = {drive.key: np.append(of[drive.key], np.float32(0.5))}
    scored.scores.loaded.emit()
    scored.scores.changed.emit(drive.key)
    until(lambda: scored.selection.settled and not scored.picks.all)
    scored.scores.load()
    until(lambda: [pick.key for pick in scored.picks.all] == offered)
    assert scored.errors == []


def test_fresh_descriptors_stay_what_they_are(scored: Any) -> None:
    (drive,) = scored.footage.drives
    row: Any = np.array([0.25, -3.0], np.float16)
    fresh = Fresh(drive.clips[0].id, 2, "divergence", 0.5, {"embedding": row})
    grown, _ = Values({}, {}).with_fresh([fresh], [drive])
    rows = grown.descriptors["embedding"][drive.key]
    np.testing.assert_array_equal(rows[2], row)
    assert rows.dtype == np.float16


def test_the_loop(scored: Any, until: Any, footage: Path) -> None:
    session = scored
    offered = _frames(session)
    session.picks.take()
    until(lambda: session.cycles.all and not session.selection.choosing)
    assert _frames(session) == offered
    assert {pick.cycle for pick in session.picks.all} == {1}
    assert session.playhead.key == session.picks.all[0].key
    until(
        lambda: (
            session.selection.current is not None
            and [p.frame for p in session.selection.current] == offered
        )
    )

    for pick in session.picks.all[:3]:
        session.labels.change(pick.key, session.labels.of(pick.key).with_boxes(BOX), "1 box")
    session.labels.mark(session.picks.all[3].key, "nothing")
    until(lambda: session.journal.undo_text == "nothing there")
    assert [p.state for p in session.picks.all] == ["labelled"] * 3 + ["nothing"]
    session.journal.undo()
    until(lambda: session.journal.redo_text)
    assert session.picks.all[3].state == "todo"
    session.journal.undo()
    until(lambda: session.picks.all[2].state == "todo")
    assert session.playhead.key == session.picks.all[2].key
    session.journal.redo()
    session.journal.redo()
    until(lambda: session.picks.all[3].state == "nothing" and session.journal.redo_text is None)
    with Project.open(session.folder, readonly=True) as project:
        stored = project.labels.get(session.picks.all[0].key)
        assert stored.boxes == (BOX,)

    session.training.start(QUICK)
    until(
        lambda: (
            session.jobs.active("train") is None
            and session.cycles.all[-1].detector_out is not None
        )
    )
    assert session.errors == []
    assert len(session.training.view.losses) > 0
    assert "checkpoints" in session.detector.source
    assert session.selection.choosing
    until(lambda: session.detector.view.source == session.detector.source)
    session.scores.start(every=2)
    until(
        lambda: (
            session.jobs.active("score") is None
            and session.selection.settled
            and session.picks.all
            and session.picks.all[0].cycle is None
        )
    )
    assert session.footage.drives[0].key in session.selection.earlier
    session.picks.take()
    until(lambda: len(session.cycles.all) == 2)
    assert not set(_frames(session)) & set(offered)
    folder = session.folder
    until(lambda: not any(job.active for job in session.jobs.views))
    session.close_project()
    assert session.folder is None
    session.open_project(folder)
    until(
        lambda: (
            session.folder is not None
            and len(session.picks.all) == len(session.cycles.all[-1].to_label)
        )
    )
    assert len(session.cycles.all) == 2
    first = session.cycles.all[0].picks[0].key
    assert session.labels.of(first).boxes == (BOX,)
    assert session.journal.undo_text == "nothing there"
    until(lambda: session.detector.view is not None)
    key, used = session.footage.drives[0].key, session.selection.rules.strategy
    until(lambda: key in session.selection.earlier)
    before = session.selection.earlier[key]
    # What another strategy ranks by is on another scale.
    session.selection.set_rules(strategy="divergence" if used == "entropy" else "entropy")
    assert session.selection.earlier == {}
    until(lambda: session.selection.settled)
    assert not np.isfinite(session.selection.earlier.get(key, [np.nan])).any()
    session.selection.set_rules(strategy=used)
    until(lambda: np.isfinite(session.selection.earlier.get(key, [np.nan])).any())
    np.testing.assert_array_equal(session.selection.earlier[key], before)
    # Another way to rank by the same signal does not lose what is still being read.
    session.selection.set_rules(strategy="random")
    session.selection.set_rules(strategy=used)
    assert session.selection.earlier == {}
    spread = {"name": "spread", "signals": [used], "spread": "k-means++"}
    session.selection.set_rules(strategy=json.dumps(spread))
    until(lambda: np.isfinite(session.selection.earlier.get(key, [np.nan])).any())
    assert session.errors == []


def test_dropping_and_adding(scored: Any, until: Any) -> None:
    session = scored
    gone = session.picks.all[0].key
    session.picks.drop(gone)
    assert gone not in {pick.key for pick in session.picks.all}
    assert len(session.picks.all) == 4
    offered = {pick.key for pick in session.picks.all}
    session.picks.take()
    until(lambda: session.cycles.all)
    assert {pick.key for pick in session.picks.all} == offered
    dropped = session.picks.all[1].key
    session.picks.drop(dropped)
    until(lambda: dropped not in {pick.key for pick in session.picks.all})
    drive = session.footage.drives[0]
    free = next(
        drive.key_of(f)
        for f in range(len(drive))
        if drive.key_of(f) not in {pick.key for pick in session.cycles.all[0].picks}
    )
    after = _frames(session)
    session.picks.add(free)
    until(lambda: free in {pick.key for pick in session.picks.all})
    name = f"Add frame {free.frame} of {free.video} to the picks"
    until(lambda: session.journal.undo_text == name)
    session.journal.undo()
    until(lambda: _frames(session) == after and session.journal.redo_text == name)
    session.journal.undo()
    until(lambda: {pick.key for pick in session.picks.all} == offered)
    assert session.playhead.key == dropped
    session.journal.redo()
    until(lambda: _frames(session) == after)
    session.journal.redo()
    until(lambda: free in {pick.key for pick in session.picks.all})
    until(lambda: session.journal.redo_text is None)
    session.reports.write()
    until(lambda: session.reports.latest() is not None)
    page = session.reports.latest()
    assert page is not None
    assert page.name == "report.html"
    assert session.errors == []


def test_requests(scored: Any, until: Any, footage: Path) -> None:
    session, got = scored, {}
    session.pictures.frameReady.connect(lambda drive, frame, image: got.update({frame: image}))
    session.pictures.heatReady.connect(lambda key, heat: got.update(heat=heat))
    session.pictures.boxesReady.connect(lambda key, found: got.update(boxes=found))
    session.pictures.thumbnailReady.connect(lambda key, small: got.update(small=small))
    session.pictures.maximaReady.connect(lambda key, maxima: got.update(maxima=maxima))
    drive = session.footage.drives[0]
    key = drive.key_of(5)
    session.playhead.go_to(drive.key, 5)
    session.pictures.request_frame(drive.key, 5)
    session.pictures.request_heat(key)
    session.pictures.request_boxes(key)
    session.pictures.request_thumbnail(key)
    session.pictures.request_maxima(key)
    until(lambda: {5, "heat", "boxes", "small", "maxima"} <= got.keys())
    with open_video(footage) as video:
        np.testing.assert_array_equal(got[5], video[5])
    assert got["heat"].shape == (96, 128)
    assert got["heat"].dtype == np.float32
    assert got["small"].shape[1] == 192
    assert len(got["maxima"]) > 0
    assert session.footage.spell(drive.key, 5) == "5 · 00:00.17"


def test_the_newest_frame_wins(scored: Any, until: Any) -> None:
    session, seen = scored, []
    session.pictures.frameReady.connect(lambda drive, frame, image: seen.append(frame))
    for frame in range(40):
        session.pictures.request_frame(session.footage.drives[0].key, frame)
    until(lambda: 39 in seen)
    assert seen[-1] == 39
    assert len(seen) < 40


def test_a_label_that_cannot_be_is_taken_back(scored: Any, until: Any) -> None:
    session = scored
    key = session.picks.all[0].key
    session.labels.change(key, UNSEEN.with_boxes(Box(1, 1, 9, 9, "unicorn")), "1 box")
    until(lambda: session.errors)
    assert "unicorn" in session.errors[0][0]
    assert session.labels.of(key) == UNSEEN


def test_proposals_become_labels(scored: Any, until: Any) -> None:
    session = scored
    key = session.picks.all[0].key
    beside = replace(BOX, x1=BOX.x2 + 5, x2=BOX.x2 + 15)
    with_boxes: list[Any] = []
    session.proposals.changed.connect(with_boxes.append)
    session._project.ask(
        lambda project: project.proposals.put("d", {key: [(BOX, 0.9), (beside, 0.4)]})
    )
    session.proposals._predicted.add(key)
    session.proposals.fetch(key)
    until(lambda: len(session.proposals.of(key)) == 2)
    best = session.proposals.of(key)[0]
    session.proposals.accept(key, [best.id])
    confirmed = (replace(BOX, origin="confirmed"),)
    until(lambda: session.labels.of(key).boxes == confirmed and not session.journal.writing)
    session.proposals.reject(key)
    until(lambda: session.proposals.of(key) == () and not session.journal.writing)
    session.journal.undo()
    until(lambda: len(session.proposals.of(key)) == 1)


def test_evaluation_frames(scored: Any, until: Any) -> None:
    session = scored
    session.footage.sample_evaluation(5)
    until(lambda: len(session.footage.sampled) == 5)
    session.picks.measure(True)
    assert {pick.cycle for pick in session.picks.all} == {0}
    session.labels.change(session.footage.sampled[0], UNSEEN.with_boxes(BOX), "1 box")
    until(lambda: session.journal.undo_text == "1 box")
    session.picks.measure(False)
    assert not {p.key for p in session.picks.all} & set(session.footage.sampled)
    session.detector.evaluate(min_height=10)
    until(
        lambda: (
            session.jobs.active("evaluate") is None
            and any(event.kind == "evaluation" for event in session.cycles.events)
        )
    )
    assert session.errors == []


def test_labels_out_and_in(scored: Any, until: Any, tmp_path: Path) -> None:
    session = scored
    key = session.picks.all[0].key
    session.labels.change(key, UNSEEN.with_boxes(BOX), "1 box")
    until(lambda: session.journal.undo_text)
    session.exchange.export_labels(tmp_path / "out", "coco")
    until(lambda: session.jobs.active("export") is None and (tmp_path / "out").exists())
    session.journal.undo()
    until(lambda: session.labels.of(key) == UNSEEN and session.journal.redo_text)
    session.exchange.import_labels(tmp_path / "out")
    until(lambda: session.labels.of(key).boxes == (BOX,))
    assert session.errors == []


def test_bad_footage_is_a_sentence(
    session: Any, until: Any, tmp_path: Path, narrow: Path, footage: Path
) -> None:
    session.new_project(tmp_path / "p", ["pedestrian"], str(narrow))
    until(lambda: session.folder)
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    session.footage.add([text, footage])
    until(lambda: session.footage.drives and session.errors)
    assert "text.mp4" in session.errors[0][0]
    assert len(session.footage.drives) == 1


def test_a_project_opened_twice_is_a_sentence(session: Any, until: Any, tmp_path: Path) -> None:
    with Project.create(tmp_path / "p"):
        session.open_project(tmp_path / "p")
        until(lambda: session.errors)
    assert "another program" in session.errors[0][0]
    assert session.folder is None
    session.open_project(tmp_path / "p")
    until(lambda: session.folder)


def test_scoring_pauses_and_ends(scored: Any, until: Any) -> None:
    session = scored
    session.scores.options = {**session.scores.options, "region": 12}
    session.scores.start(every=1)
    number = session.jobs.active("score").id
    session.jobs.pause(number)
    until(lambda: session.jobs.active("score").state == "paused")
    got: list[Any] = []
    session.pictures.heatReady.connect(lambda key, heat: got.append(heat))
    session.pictures.request_heat(session.footage.drives[0].key_of(7))
    until(lambda: got)
    session.jobs.resume(number)
    until(lambda: session.jobs.active("score") is None)
    assert session.errors == []


def test_stored_rules_come_back(scored: Any, until: Any) -> None:
    scored.selection.set_rules(budget=3, delta1="0.2s")
    folder = scored.folder
    scored.close_project()
    scored.open_project(folder)
    until(lambda: scored.folder is not None and len(scored.picks.all) == 3)
    assert scored.selection.rules == Rules(
        budget=3, delta1=parse_distance("0.2s"), delta2=parse_distance("2"), look_alike="off"
    )


def test_the_demo_is_looked_at_while_it_is_drawn(
    session: Any, until: Any, tmp_path: Path, narrow: Path
) -> None:
    clips: list[int] = []
    session.footage.changed.connect(
        lambda: clips.append(sum(len(drive.clips) for drive in session.footage.drives))
    )
    session.open_demo(tmp_path / "demo", str(narrow), frames=60)
    until(lambda: session.playhead.place is not None)
    assert session.jobs.active("demo") is not None
    # Closed half done, it goes on where it was.
    session.close_project()
    until(lambda: session.folder is None)
    assert max(clips) == 1
    session.open_demo(tmp_path / "demo", str(narrow), frames=60)
    until(lambda: max(clips) == 2 and session.jobs.active("score") is None)
    (drive,) = session.footage.drives
    assert [clip.frames for clip in drive.clips] == [12, 48]
    assert session.errors == []


def test_a_demo_that_was_killed_between_writing_and_adding_goes_on(
    session: Any, until: Any, tmp_path: Path, narrow: Path
) -> None:
    folder = tmp_path / "demo"
    drawn = synth.drive(seed=demo.SEED, frames=9)
    first, rest = demo.clip_paths(folder)
    with demo.demo_project(folder, str(narrow)) as project:
        first.parent.mkdir()
        for path, start, stop in ((first, 0, 4), (rest, 4, 9)):
            for _ in synth.write_drive(drawn, path, start=start, stop=stop):
                pass
        with open_video(first) as video:
            project.videos.add_drive([video], key=demo.DRIVE)
    written = rest.stat().st_mtime_ns

    def reopened() -> None:
        session.open_demo(folder, str(narrow), frames=9)
        until(lambda: session.folder is not None and session.jobs.active("demo") is None)

    reopened()
    until(lambda: [c.frames for d in session.footage.drives for c in d.clips] == [4, 5])
    assert rest.stat().st_mtime_ns == written
    until(lambda: session.jobs.active("score") is None)
    # What somebody took out stays out.
    session.upkeep.remove_drive(demo.DRIVE)
    until(lambda: not session.footage.drives)
    session.close_project()
    until(lambda: session.folder is None)
    reopened()
    assert session.footage.drives == ()
    assert session.errors == []


def test_the_demo(session: Any, until: Any, tmp_path: Path, narrow: Path) -> None:
    session.open_demo(tmp_path / "demo", str(narrow), frames=9)
    until(
        lambda: (
            session.footage.drives
            and session.jobs.active("demo") is None
            and session.jobs.active("score") is None
            and len(session.picks.all) > 0
        )
    )
    (drive,) = session.footage.drives
    assert drive.key == "demo-drive"
    assert [clip.frames for clip in drive.clips] == [4, 5]
    # Nobody did anything yet.
    assert (session.journal.undo_text, session.journal.redo_text) == (None, None)
    until(lambda: np.isfinite(session.scores.raw["demo-drive"]).sum() >= 3)
    session.close_project()
    session.open_demo(tmp_path / "demo", str(narrow), frames=9)
    until(lambda: len(session.picks.all) > 0)
    assert session.jobs.active("demo") is None
    assert session.errors == []


def test_another_project_ends_the_jobs_first(scored: Any, until: Any, tmp_path: Path) -> None:
    session = scored
    Project.create(tmp_path / "other").close()
    session.scores.start(every=1, region=12)
    session.open_project(tmp_path / "other")
    until(lambda: session.project_name == "other")
    assert session.footage.drives == ()
    assert not any(job.active for job in session.jobs.views)
    assert session.errors == []
