"""The session over a tiny project: the loop from footage to a second cycle, and what fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from framesift.boxes import Box
from framesift.labels import UNSEEN
from framesift.project import Project
from framesift.selection.choosing import choose
from framesift.selection.rules import Rules
from framesift.training import TrainSettings
from framesift.video import open_video, parse_distance

BOX = Box(40, 20, 60, 80, "pedestrian")
QUICK = TrainSettings(epochs=2, batch=2, min_height=10, threads=1, loaders=1)


def _frames(session: Any) -> list[int]:
    return [pick.drive_frame for pick in session.picks]


def _expected(session: Any) -> list[int]:
    """What the engine chooses by the session's rules."""
    with Project.open(session.folder, readonly=True) as project:
        inputs = project.ledger.inputs()
        found = choose(
            inputs.drives,
            inputs.values,
            session.rules,
            taken=inputs.taken,
            thumbnails=inputs.thumbnails,
            excluded=inputs.excluded,
        )
    return [pick.frame for pick in found.selection]


def test_rules_select_as_the_engine_does(scored: Any) -> None:
    assert _frames(scored) == _expected(scored)
    before = _frames(scored)
    scored.set_rules(delta1=2)
    assert _frames(scored) == _expected(scored)
    assert _frames(scored) != before
    scored.set_rules(sigma=1.0, half_window=2)
    assert _frames(scored) == _expected(scored)
    scored.set_rules(look_alike="on", budget=3)
    assert _frames(scored) == _expected(scored)
    raws = [scored.raw[p.video][p.frame] for p in scored.selection]
    assert [pick.raw for pick in scored.selection] == [float(raw) for raw in raws]


def test_the_radius_may_go_by_each_levels_box(scored: Any, qtbot: Any, until: Any) -> None:
    from PySide6.QtWidgets import QCheckBox

    from framesift_app.dialogs.scoring import ScoreDialog

    plain = {key: values.copy() for key, values in scored.raw.items()}
    dialog = ScoreDialog(scored)
    qtbot.addWidget(dialog)
    by_box = dialog.findChild(QCheckBox, "radius_by_box")
    assert by_box.isEnabled()
    assert not by_box.isChecked()
    by_box.setChecked(True)
    dialog.accept()
    until(lambda: scored.job("score"))
    until(lambda: scored.job("score") is None and scored.settled)
    assert scored.score_options["radius_by_box"]
    assert scored._wanted()["score"]["radius"] == list(scored.detector.radii)
    assert len(set(scored.detector.radii)) > 1
    (key,) = plain
    until(lambda: not np.array_equal(scored.raw[key], plain[key]))
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
        return str(session.rules.delta1), str(session.rules.delta2)

    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    session.set_rules(budget=4)
    session.add_footage([video])
    until(lambda: session.drives)
    assert distances() == ("1.2s", "0.328s")
    session.set_rules(budget=2)
    assert distances() == ("2.5s", "0.813s")

    def again() -> None:
        session.close_project()
        until(lambda: session.folder is None)
        session.open_project(tmp_path / "week")
        until(lambda: session.drives)

    again()
    assert (session.rules.budget, *distances()) == (2, "2.5s", "0.813s")
    session.set_rules(budget=3)
    assert distances() == ("1.6s", "0.478s")
    session.set_rules(delta1="0.3s")
    session.set_rules(budget=2)
    assert distances() == ("0.3s", "0.478s")
    again()
    session.set_rules(budget=4)
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
    until(lambda: session.detector)
    assert session.detector.identity == Tiled(load_detector(narrow, "cpu"), 2, 1).identity()
    assert session.errors == []


def test_rules_that_make_no_sense_change_nothing(scored: Any) -> None:
    rules = scored.rules
    scored.set_rules(sigma=-1.0)
    assert scored.rules == rules
    assert "σ" in scored.errors[-1][0]


def test_the_loop(scored: Any, until: Any, footage: Path) -> None:
    session = scored
    offered = _frames(session)
    session.take_picks()
    until(lambda: session.cycles and not session.choosing)
    assert _frames(session) == offered
    assert {pick.cycle for pick in session.picks} == {1}
    assert session.current_key == session.picks[0].key
    until(
        lambda: (
            session.selection is not None and [p.frame for p in session.selection] == offered
        )
    )

    for pick in session.picks[:3]:
        session.change_labels(pick.key, session.labels(pick.key).with_boxes(BOX), "1 box")
    session.mark(session.picks[3].key, "nothing")
    until(lambda: session.undo_text == "nothing there")
    assert [p.state for p in session.picks] == ["labelled"] * 3 + ["nothing"]
    session.undo()
    until(lambda: session.redo_text)
    assert session.picks[3].state == "todo"
    session.undo()
    until(lambda: session.picks[2].state == "todo")
    assert session.current_key == session.picks[2].key
    session.redo()
    session.redo()
    until(lambda: session.picks[3].state == "nothing" and session.redo_text is None)
    with Project.open(session.folder, readonly=True) as project:
        stored = project.labels.get(session.picks[0].key)
        assert stored.boxes == (BOX,)

    session.train(QUICK)
    until(lambda: session.job("train") is None and session.cycles[-1].detector_out is not None)
    assert session.errors == []
    assert len(session.training.losses) > 0
    assert "checkpoints" in session.detector_source
    assert session.choosing
    until(lambda: session.detector.source == session.detector_source)
    session.score(every=2)
    until(
        lambda: (
            session.job("score") is None
            and session.settled
            and session.picks
            and session.picks[0].cycle is None
        )
    )
    assert session.drives[0].key in session.earlier
    session.take_picks()
    until(lambda: len(session.cycles) == 2)
    assert not set(_frames(session)) & set(offered)
    folder = session.folder
    until(lambda: not any(job.active for job in session.jobs))
    session.close_project()
    assert session.folder is None
    session.open_project(folder)
    until(
        lambda: (
            session.folder is not None
            and len(session.picks) == len(session.cycles[-1].to_label)
        )
    )
    assert len(session.cycles) == 2
    first = session.cycles[0].picks[0].key
    assert session.labels(first).boxes == (BOX,)
    assert session.undo_text == "nothing there"
    until(lambda: session.detector is not None)
    assert session.errors == []


def test_dropping_and_adding(scored: Any, until: Any) -> None:
    session = scored
    gone = session.picks[0].key
    session.drop_pick(gone)
    assert gone not in {pick.key for pick in session.picks}
    assert len(session.picks) == 4
    offered = {pick.key for pick in session.picks}
    session.take_picks()
    until(lambda: session.cycles)
    assert {pick.key for pick in session.picks} == offered
    dropped = session.picks[1].key
    session.drop_pick(dropped)
    until(lambda: dropped not in {pick.key for pick in session.picks})
    drive = session.drives[0]
    free = next(
        drive.key_of(f)
        for f in range(len(drive))
        if drive.key_of(f) not in {pick.key for pick in session.cycles[0].picks}
    )
    session.add_pick(free)
    until(lambda: free in {pick.key for pick in session.picks})
    session.write_report()
    until(lambda: session.latest_report() is not None)
    page = session.latest_report()
    assert page is not None
    assert page.name == "report.html"
    assert session.errors == []


def test_requests(scored: Any, until: Any, footage: Path) -> None:
    session, got = scored, {}
    session.frameReady.connect(lambda drive, frame, image: got.update({frame: image}))
    session.heatReady.connect(lambda key, heat: got.update(heat=heat))
    session.boxesReady.connect(lambda key, found: got.update(boxes=found))
    session.thumbnailReady.connect(lambda key, small: got.update(small=small))
    session.maximaReady.connect(lambda key, maxima: got.update(maxima=maxima))
    drive = session.drives[0]
    key = drive.key_of(5)
    session.go_to(drive.key, 5)
    session.request_frame(drive.key, 5)
    session.request_heat(key)
    session.request_boxes(key)
    session.request_thumbnail(key)
    session.request_maxima(key)
    until(lambda: {5, "heat", "boxes", "small", "maxima"} <= got.keys())
    with open_video(footage) as video:
        np.testing.assert_array_equal(got[5], video[5])
    assert got["heat"].shape == (96, 128)
    assert got["heat"].dtype == np.float32
    assert got["small"].shape[1] == 192
    assert len(got["maxima"]) > 0
    assert session.spell(drive.key, 5) == "5 · 00:00.17"


def test_the_newest_frame_wins(scored: Any, until: Any) -> None:
    session, seen = scored, []
    session.frameReady.connect(lambda drive, frame, image: seen.append(frame))
    for frame in range(40):
        session.request_frame(session.drives[0].key, frame)
    until(lambda: 39 in seen)
    assert seen[-1] == 39
    assert len(seen) < 40


def test_a_label_that_cannot_be_is_taken_back(scored: Any, until: Any) -> None:
    session = scored
    key = session.picks[0].key
    session.change_labels(key, UNSEEN.with_boxes(Box(1, 1, 9, 9, "unicorn")), "1 box")
    until(lambda: session.errors)
    assert "unicorn" in session.errors[0][0]
    assert session.labels(key) == UNSEEN


def test_proposals_become_labels(scored: Any, until: Any) -> None:
    session = scored
    key = session.picks[0].key
    with_boxes: list[Any] = []
    session.proposalsChanged.connect(with_boxes.append)
    session._ask(lambda project: project.proposals.put("d", {key: [(BOX, 0.9), (BOX, 0.4)]}))
    session._proposed.add(key)
    session._fetch_proposals(key)
    until(lambda: len(session.proposals(key)) == 2)
    best = session.proposals(key)[0]
    session.accept(key, [best.id])
    until(lambda: session.labels(key).boxes == (BOX,) and not session._unsaved)
    session.reject(key)
    until(lambda: session.proposals(key) == () and not session._unsaved)
    session.undo()
    until(lambda: len(session.proposals(key)) == 1)


def test_evaluation_frames(scored: Any, until: Any) -> None:
    session = scored
    session.sample_evaluation(5)
    until(lambda: len(session.sampled) == 5)
    session.measure(True)
    assert {pick.cycle for pick in session.picks} == {0}
    session.change_labels(session.sampled[0], UNSEEN.with_boxes(BOX), "1 box")
    until(lambda: session.undo_text == "1 box")
    session.measure(False)
    assert not {p.key for p in session.picks} & set(session.sampled)
    session.evaluate(min_height=10)
    until(
        lambda: (
            session.job("evaluate") is None
            and any(event.kind == "evaluation" for event in session.events)
        )
    )
    assert session.errors == []


def test_labels_out_and_in(scored: Any, until: Any, tmp_path: Path) -> None:
    session = scored
    key = session.picks[0].key
    session.change_labels(key, UNSEEN.with_boxes(BOX), "1 box")
    until(lambda: session.undo_text)
    session.export_labels(tmp_path / "out", "coco")
    until(lambda: session.job("export") is None and (tmp_path / "out").exists())
    session.undo()
    until(lambda: session.labels(key) == UNSEEN and session.redo_text)
    session.import_labels(tmp_path / "out")
    until(lambda: session.labels(key).boxes == (BOX,))
    assert session.errors == []


def test_bad_footage_is_a_sentence(
    session: Any, until: Any, tmp_path: Path, narrow: Path, footage: Path
) -> None:
    session.new_project(tmp_path / "p", ["pedestrian"], str(narrow))
    until(lambda: session.folder)
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    session.add_footage([text, footage])
    until(lambda: session.drives and session.errors)
    assert "text.mp4" in session.errors[0][0]
    assert len(session.drives) == 1


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
    session.score_options = {**session.score_options, "radius": 4}
    session.score(every=1)
    number = session.job("score").id
    session.pause_job(number)
    until(lambda: session.job("score").state == "paused")
    got: list[Any] = []
    session.heatReady.connect(lambda key, heat: got.append(heat))
    session.request_heat(session.drives[0].key_of(7))
    until(lambda: got)
    session.resume_job(number)
    until(lambda: session.job("score") is None)
    assert session.errors == []


def test_stored_rules_come_back(scored: Any, until: Any) -> None:
    scored.set_rules(budget=3, delta1="0.2s")
    folder = scored.folder
    scored.close_project()
    scored.open_project(folder)
    until(lambda: scored.folder is not None and len(scored.picks) == 3)
    assert scored.rules == Rules(
        budget=3, delta1=parse_distance("0.2s"), delta2=parse_distance("2"), look_alike="off"
    )


def test_the_demo(session: Any, until: Any, tmp_path: Path, narrow: Path) -> None:
    session.open_demo(tmp_path / "demo", str(narrow), frames=9)
    until(
        lambda: (
            session.drives
            and session.job("demo") is None
            and session.job("score") is None
            and len(session.picks) > 0
        )
    )
    assert (tmp_path / "demo" / "footage" / "demo-drive.mp4").exists()
    session.close_project()
    session.open_demo(tmp_path / "demo", str(narrow), frames=9)
    until(lambda: len(session.picks) > 0)
    assert session.job("demo") is None
    assert session.errors == []


def test_another_project_ends_the_jobs_first(scored: Any, until: Any, tmp_path: Path) -> None:
    session = scored
    Project.create(tmp_path / "other").close()
    session.score(every=1, radius=3)
    session.open_project(tmp_path / "other")
    until(lambda: session.project_name == "other")
    assert session.drives == ()
    assert not any(job.active for job in session.jobs)
    assert session.errors == []
