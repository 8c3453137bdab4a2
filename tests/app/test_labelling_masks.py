"""The mask's drawing model."""

from __future__ import annotations

from framesift_app.workbench.mask_editing import MaskEditor


def test_rectangle() -> None:
    mask = MaskEditor(100, 50)
    mask.press((10, 10))
    mask.move((200, 60))
    assert mask.outline() == ((10, 10), (100, 10), (100, 50), (10, 50))
    assert mask.release((200, 60))
    assert mask.shapes == [((10, 10), (100, 10), (100, 50), (10, 50))]
    assert mask.outline() == ()
    mask.press((5, 5))
    assert not mask.release((6, 6))


def test_polygon() -> None:
    mask = MaskEditor(100, 50, (((0, 0), (1, 0), (1, 1)),))
    mask.tool = "polygon"
    for corner in ((0, 50), (50, 30), (50, 30), (120, 50)):
        mask.press(corner)
    assert not mask.release((1, 1))
    assert mask.close()
    assert mask.shapes[-1] == ((0, 50), (50, 30), (100, 50))
    mask.press((1, 1))
    mask.remove_last()
    mask.remove_last()
    assert len(mask.shapes) == 1
    mask.press((1, 1))
    assert not mask.close()
    assert mask.corners == []
