"""What can be done with a class or a box: menus at the pointer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QColorDialog, QInputDialog

from framesift_app.panels.colours import class_colour
from framesift_app.panels.context import Entry, with_menu
from framesift_app.panels.key_list import ID, KeyList
from framesift_app.session import Session
from framesift_app.strings import tr, trf
from framesift_app.workbench import Workbench


class LabelMenus:
    """The menus of the lists of classes and of boxes."""

    def __init__(
        self, session: Session, bench: Workbench, classes: KeyList, boxes: KeyList
    ) -> None:
        self._session, self._bench = session, bench
        self._classes, self._boxes = classes, boxes
        with_menu(classes, self.of_class)
        with_menu(boxes, self.of_box)

    def of_class(self, at: QPoint) -> Sequence[Entry]:
        """The entries for the class at a point of the list, or for none."""
        upkeep, item = self._session.upkeep, self._classes.itemAt(at)
        if self._session.folder is None:
            return ()
        entries: list[Entry] = [(tr("Add a class…"), self._add)]
        if item is None:
            return entries
        labels = self._session.labels
        name = labels.classes[self._classes.row(item)]
        entries.append((trf("Rename {0}…", name), partial(self._rename, name)))
        entries.append((trf("Color of {0}…", name), partial(self._recolor, name)))
        if name in labels.colors:
            back = partial(upkeep.recolor_class, name, None)
            entries.append((tr("The program's color again"), back))
        for other in labels.classes:
            if other != name:
                merge = partial(upkeep.merge_class, name, other)
                entries.append((trf("Merge {0} into {1}", name, other), merge))
        return entries

    def of_box(self, at: QPoint) -> Sequence[Entry]:
        """The entries for the box at a point of the list."""
        item, boxes = self._boxes.itemAt(at), self._bench.boxes
        if item is None or not self._bench.editable:
            return ()
        boxes.select(item.data(ID))
        classes: list[Entry] = [
            (trf("Class {0}", name), partial(boxes.set_class, name))
            for name in self._session.labels.classes
        ]
        box, tracks = boxes.editor.box(), self._bench.tracks
        of_track: list[Entry] = [(tr("Track this object"), tracks.toggle)]
        if box is not None and box.track is not None:
            of_track = [
                (trf("Confirm all boxes of track {0}", box.track), tracks.confirm_all),
                (trf("Remove track {0}", box.track), tracks.remove),
            ]
        return [
            *classes,
            None,
            *of_track,
            None,
            (tr("Occluded"), partial(boxes.toggle, "occluded")),
            (tr("Cut off"), partial(boxes.toggle, "truncated")),
            (tr("Ignore region"), partial(boxes.toggle, "ignore")),
            None,
            (tr("Delete"), boxes.delete),
        ]

    def _add(self) -> None:
        name, ok = QInputDialog.getText(self._classes, tr("Add a class"), tr("Name"))
        if ok and name.strip():
            self._session.upkeep.add_class(name.strip())

    def _rename(self, name: str) -> None:
        to, ok = QInputDialog.getText(
            self._classes, tr("Rename a class"), trf("{0} becomes", name), text=name
        )
        if ok and to.strip() and to.strip() != name:
            self._session.upkeep.rename_class(name, to.strip())

    def _recolor(self, name: str) -> None:
        labels = self._session.labels
        now = class_colour(name, labels.classes, labels.colors)
        chosen = QColorDialog.getColor(now, self._classes, trf("Color of {0}", name))
        if chosen.isValid():
            self._session.upkeep.recolor_class(name, chosen.name())
