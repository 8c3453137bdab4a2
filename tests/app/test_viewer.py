"""The viewer: frames, playing, overlays, masks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from framesift_app.panels.colours import RAMP, heat_picture
from framesift_app.panels.viewer import ViewerPanel
from framesift_app.workbench import Workbench


@pytest.fixture
def opened(session: Any, footage: Path, narrow: Path, tmp_path: Path, until: Any) -> Any:
    """A session with a project of one drive, not scored; two classes."""
    session.new_project(tmp_path / "week", ["pedestrian", "rider"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(lambda: session.footage.drives)
    yield session
    assert session.errors == []


@pytest.fixture
def viewer(qtbot: Any, opened: Any, until: Any) -> ViewerPanel:
    made = ViewerPanel(opened)
    qtbot.addWidget(made)
    made.resize(640, 520)
    made.show()
    opened.playhead.go_to(opened.footage.drives[0].key, 10)
    until(lambda: made.canvas.picture.key == opened.playhead.key)
    return made


def test_stepping(qtbot: Any, opened: Any, viewer: ViewerPanel, until: Any) -> None:
    canvas = viewer.canvas
    canvas.setFocus()
    for key, modifier, frame in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 11),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, 1),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 47),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
    ):
        qtbot.keyClick(canvas, key, modifier)
        assert opened.playhead.place[1] == frame
    viewer.player.forward.click()
    assert viewer.player.place.text() == f"frame {opened.footage.spell(*opened.playhead.place)}"
    until(lambda: canvas.picture.key == opened.playhead.key)
    assert canvas.accessibleDescription().startswith("frame 1 ·")
    viewer.player.number.setValue(33)
    assert opened.playhead.place[1] == 33


def test_each_frame_is_the_right_one(opened: Any, viewer: ViewerPanel, until: Any) -> None:
    from framesift.video import open_video

    with open_video(opened.footage.drives[0].clips[0].path) as video:
        for frame in (0, 31, 30, 47):
            opened.playhead.go_to(opened.footage.drives[0].key, frame)
            until(lambda: viewer.canvas.picture.key == opened.playhead.key)
            assert np.array_equal(viewer.canvas.picture.image, video[frame])


def test_playing(opened: Any, viewer: ViewerPanel, until: Any) -> None:
    bench = Workbench.of(opened)
    opened.playhead.go_to(opened.footage.drives[0].key, 20)
    bench.playback.toggle()
    assert bench.playback.playing
    assert not bench.editable
    until(lambda: opened.playhead.place[1] == 47 and not bench.playback.playing)
    bench.playback.toggle()
    until(lambda: 0 < opened.playhead.place[1] < 47)
    bench.playback.toggle()
    assert not bench.playback.playing


def test_playing_around_a_frame_comes_back(
    opened: Any, viewer: ViewerPanel, until: Any
) -> None:
    bench = Workbench.of(opened)
    key = opened.playhead.key
    bench.play_around()
    assert bench.shown_key == key
    until(lambda: opened.playhead.key != key)
    bench.play_around()
    assert not bench.playback.playing
    assert opened.playhead.key == key


def test_zoom_pan_fit(qtbot: Any, viewer: ViewerPanel) -> None:
    canvas = viewer.canvas
    fitted = canvas.placement.scale
    under = canvas.placement.to_picture(QPointF(200, 150))
    canvas.zoom(2, QPointF(200, 150))
    assert canvas.placement.scale == pytest.approx(2 * fitted)
    assert canvas.placement.to_picture(QPointF(200, 150)) == pytest.approx(under)
    origin = canvas.placement.origin
    qtbot.mousePress(canvas, Qt.MouseButton.MiddleButton, pos=QPointF(100, 100).toPoint())
    qtbot.mouseMove(canvas, QPointF(130, 90).toPoint())
    qtbot.mouseRelease(canvas, Qt.MouseButton.MiddleButton, pos=QPointF(130, 90).toPoint())
    assert canvas.placement.origin - origin == QPointF(30, -10)
    qtbot.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.placement.scale == fitted
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.placement.scale > fitted


def test_heat_boxes_and_maxima(scored: Any, qtbot: Any, until: Any) -> None:
    viewer = ViewerPanel(scored)
    qtbot.addWidget(viewer)
    viewer.resize(640, 520)
    viewer.show()
    bench, canvas = Workbench.of(scored), viewer.canvas
    pick = scored.picks.all[0]
    scored.playhead.go_to(pick.drive, pick.drive_frame)
    until(lambda: canvas.picture.key == pick.key)
    plain = canvas.grab().toImage()
    viewer.overlays.heat.click()
    until(lambda: canvas.picture.heat is not None)
    assert canvas.picture.heat_title == "Entropy of the maps"
    assert canvas.grab().toImage() != plain
    viewer.overlays.opacity.setValue(30)
    assert bench.view.heat_opacity == 0.3
    viewer.overlays.boxes.click()
    viewer.overlays.maxima.click()
    until(lambda: canvas.picture.prediction is not None and canvas.picture.maxima)
    assert all(0 <= x <= 128 and 0 <= y <= 96 for x, y, _ in canvas.picture.maxima)
    viewer.overlays.confidence.setValue(5)
    assert bench.view.confidence == 0.05
    canvas.grab()
    # Another frame: what was known of this one is gone at once.
    scored.playhead.step(1)
    assert canvas.picture.heat is None
    assert canvas.picture.prediction is None
    until(lambda: canvas.picture.heat is not None)


@pytest.mark.parametrize(
    ("strategy", "title"),
    [
        ("entropy", "Entropy of the maps"),
        ("flicker", "Entropy of the maps"),
        ("uniform", "Divergence of the maps (the paper's)"),
    ],
)
def test_a_heat_map_says_what_it_shows(scored: Any, strategy: str, title: str) -> None:
    scored.selection.set_rules(strategy=strategy)
    assert scored.scores.heat_title() == title


def test_heat_pictures_are_clear_where_nothing_is() -> None:
    heat = np.zeros((4, 6), np.float32)
    heat[2, 3] = 0.5
    heat[3, 3] = np.nan
    picture = heat_picture(heat, 0.5)
    assert picture.shape == (4, 6, 4)
    assert picture[0, 0, 3] == picture[3, 3, 3] == 0
    assert picture[2, 3, 3] == 255
    assert picture[2, 3, :3].tolist() == RAMP[255, ::-1].tolist()
    # Even steps of lightness: it only ever gets brighter.
    light = RAMP.astype(float) @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(light) > -0.5).all()


def test_a_mask_is_drawn_and_kept(
    qtbot: Any, opened: Any, viewer: ViewerPanel, until: Any
) -> None:
    bench, canvas = Workbench.of(opened), viewer.canvas
    viewer.overlays.draw_mask.click()
    assert bench.mask.drawn
    assert viewer.mask_bar.isVisible()
    at = [canvas.placement.to_screen(*corner).toPoint() for corner in ((0, 80), (128, 96))]
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at[0])
    qtbot.mouseMove(canvas, at[1])
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at[1])
    viewer.mask_bar.polygon.click()
    for corner in ((2, 2), (30, 2), (30, 12)):
        qtbot.mouseClick(
            canvas, Qt.MouseButton.LeftButton, pos=canvas.placement.to_screen(*corner).toPoint()
        )
    canvas.grab()
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert len(bench.mask.editor.shapes) == 2
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert len(bench.mask.editor.shapes) == 1
    viewer.mask_bar.keep.click()
    assert not bench.mask.drawn
    until(lambda: opened.footage.masks)
    assert opened.footage.masks[0].raster()[90].all()
    assert bench.mask.stored() == opened.footage.masks[0]
    viewer.overlays.draw_mask.click()
    assert len(bench.mask.editor.shapes) == 1
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert not bench.mask.drawn


def test_without_a_project_it_says_what_to_do(qtbot: Any, session: Any) -> None:
    viewer = ViewerPanel(session)
    qtbot.addWidget(viewer)
    viewer.show()
    assert "Open a project" in viewer.canvas.picture.message
    assert not viewer.player.play.isEnabled()
    viewer.grab()


def test_the_heat_map_of_one_class(
    session: Any, footage: Path, tmp_path: Path, qtbot: Any, until: Any
) -> None:
    import torch

    from framesift.detectors import PaperDetector
    from framesift.detectors.files.checkpoint import save_checkpoint

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        detector = PaperDetector(
            ("pedestrian", "rider"), {"width": 0.125, "working_height": 120}
        )
        torch.nn.init.normal_(detector.module.logits.weight, std=0.5)
    save_checkpoint(tmp_path / "two.safetensors", detector)
    session.new_project(
        tmp_path / "two", ["pedestrian", "rider"], str(tmp_path / "two.safetensors")
    )
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(lambda: session.footage.drives and session.detector.view is not None)
    viewer = ViewerPanel(session)
    qtbot.addWidget(viewer)
    viewer.show()
    session.playhead.go_to(session.footage.drives[0].key, 10)
    until(lambda: viewer.canvas.picture.key == session.playhead.key)
    heats: list[np.ndarray] = []
    session.pictures.heatReady.connect(lambda _, heat: heats.append(heat))
    chooser = viewer.overlays.classes
    assert [chooser.itemText(n) for n in range(chooser.count())] == [
        "All classes",
        "pedestrian",
        "rider",
    ]
    assert not chooser.isEnabled()
    Workbench.of(session).view.toggle_heat()
    until(lambda: len(heats) == 1)
    for number in (1, 2):
        chooser.setCurrentIndex(number)
        chooser.activated.emit(number)
        until(lambda number=number: len(heats) == number + 1)
    together, pedestrian, rider = heats
    np.testing.assert_allclose(pedestrian + rider, together, atol=1e-4)
    assert np.abs(pedestrian - rider).max() > 1e-3
    assert session.errors == []
