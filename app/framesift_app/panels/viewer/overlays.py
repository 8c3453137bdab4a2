"""What lies over the picture, as the workbench says: heat map, masks, boxes, proposals."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from framesift.boxes import Box, Prediction
from framesift_app.panels.colours import class_colour
from framesift_app.panels.viewer import paint
from framesift_app.panels.viewer.captions import Captions
from framesift_app.panels.viewer.picture import Picture
from framesift_app.panels.viewer.placement import Placement
from framesift_app.strings import tr
from framesift_app.workbench import Workbench

GUIDES = QColor(255, 255, 255, 110)


class Overlays:
    """Paints over a picture where it lies."""

    def __init__(self, workbench: Workbench, picture: Picture, placement: Placement) -> None:
        self._bench, self._picture, self._placement = workbench, picture, placement

    def paint(self, painter: QPainter, field: QRectF) -> None:
        """Paints all that is to be seen over the picture. `field`: the whole canvas."""
        bench = self._bench
        if not bench.mask.drawn:
            self._paint_heat(painter, field)
        self._paint_mask(painter)
        shown = self._picture.key == bench.key or bench.playback.playing
        if bench.mask.drawn or not shown:
            return
        captions = Captions()
        if bench.view.boxes and self._picture.prediction is not None:
            self._paint_prediction(painter, self._picture.prediction, captions)
        self._paint_proposals(painter, captions)
        self._paint_doubt(painter, captions)
        self._paint_derived(painter, captions)
        if bench.playback.playing:
            self._paint_played(painter, captions)
        else:
            self._paint_labels(painter, captions)
            self._paint_weak(painter)
        if bench.view.maxima:
            paint.paint_maxima(
                painter, self._picture.maxima, self._placement.to_screen, captions
            )
        captions.paint(painter)

    def paint_guides(self, painter: QPainter, field: QRectF, at: QPointF) -> None:
        """Lines through a point, to draw along."""
        painter.setPen(QPen(GUIDES, 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(field.left(), at.y()), QPointF(field.right(), at.y()))
        painter.drawLine(QPointF(at.x(), field.top()), QPointF(at.x(), field.bottom()))

    def _paint_heat(self, painter: QPainter, field: QRectF) -> None:
        heat = self._picture.heat
        if not self._bench.view.heat or heat is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(self._bench.view.heat_opacity)
        painter.drawImage(self._placement.area(), heat)
        painter.setOpacity(1)
        paint.paint_ramp(painter, field, self._picture.heat_top, self._picture.heat_title)

    def _paint_mask(self, painter: QPainter) -> None:
        mask, to_screen = self._bench.mask.editor, self._placement.to_screen
        if mask is not None:
            paint.paint_shapes(painter, mask.shapes, mask.outline(), to_screen, filled=True)
        elif self._bench.view.heat and (stored := self._bench.mask.stored()) is not None:
            paint.paint_shapes(painter, stored.shapes, (), to_screen, filled=False)

    def _paint_prediction(
        self, painter: QPainter, prediction: Prediction, captions: Captions
    ) -> None:
        to_screen = self._placement.to_screen
        boxes, scores = prediction.boxes.tolist(), prediction.scores.tolist()
        for (x1, y1, x2, y2), score in zip(boxes, scores, strict=True):
            if score >= self._bench.view.confidence:
                area = QRectF(to_screen(x1, y1), to_screen(x2, y2))
                paint.paint_prediction(painter, area, score, captions)

    def _paint_proposals(self, painter: QPainter, captions: Captions) -> None:
        chosen = self._bench.proposals.current()
        for proposal in self._bench.proposals.all():
            paint.paint_proposal(
                painter,
                self._placement.rectangle(proposal.box),
                proposal.score,
                self._colour(proposal.box),
                captions=captions,
                chosen=chosen is not None and proposal.id == chosen.id,
            )

    def _paint_doubt(self, painter: QPainter, captions: Captions) -> None:
        """The detector's box of what the label check is at."""
        doubt = self._bench.doubts.current
        if doubt is not None and (box := doubt.disagreement.detected) is not None:
            paint.paint_doubt(
                painter,
                self._placement.rectangle(box),
                doubt.disagreement.score,
                self._colour(box),
                captions,
            )

    def _paint_derived(self, painter: QPainter, captions: Captions) -> None:
        """Boxes of tracks that nobody has confirmed."""
        words = {"interpolated": tr("interpolated"), "tracked": tr("followed")}
        for box in self._bench.tracks.derived():
            paint.paint_derived(
                painter,
                self._placement.rectangle(box),
                box,
                self._colour(box),
                captions=captions,
                chosen=box.track == self._bench.tracks.hand,
                words=words[box.origin],
            )

    def _paint_played(self, painter: QPainter, captions: Captions) -> None:
        """The labels while the drive plays: the pick's, while it is played around."""
        bench, pinned = self._bench, self._bench.playback.pinned
        key = pinned or self._picture.key
        labels = bench.boxes.editor.labels if key is None else bench.session.labels.of(key)
        for box in labels.boxes:
            ghost = pinned is not None and pinned != self._picture.key
            self._paint_box(painter, box, captions, ghost=ghost)

    def _paint_labels(self, painter: QPainter, captions: Captions) -> None:
        """The boxes as the gesture in hand would leave them; the selected one on top."""
        editor = self._bench.boxes.editor
        changed = editor.preview()
        selected: Box | None = None
        for number, box in zip(editor.labels.ids, editor.labels.boxes, strict=True):
            if changed is not None and changed[0] == number:
                box = changed[1]
            if number == editor.selected:
                selected = box
            else:
                self._paint_box(painter, box, captions)
        if changed is not None and changed[0] is None:
            selected = changed[1]
        if selected is not None:
            self._paint_box(painter, selected, captions, selected=True)
            if self._bench.editable:
                paint.paint_handles(
                    painter, selected, self._placement.to_screen, self._colour(selected)
                )

    def _paint_weak(self, painter: QPainter) -> None:
        """Points, the clicks of a box to be, and (while answers are given) denied boxes."""
        bench, to_screen = self._bench, self._placement.to_screen
        weak, editor = bench.boxes.editor.labels.weak, bench.boxes.editor
        for point in weak.points:
            colour = self._of_class(point.category)
            paint.paint_point(painter, to_screen(point.x, point.y), colour)
        for x, y in bench.weak.clicks:
            colour = self._of_class(editor.category)
            paint.paint_click(painter, to_screen(x, y), colour)
        if bench.boxes.tool == "verify":
            for box in weak.denied:
                area = self._placement.rectangle(box)
                paint.paint_denied(painter, area, self._colour(box))

    def _paint_box(
        self,
        painter: QPainter,
        box: Box,
        captions: Captions,
        *,
        selected: bool = False,
        ghost: bool = False,
    ) -> None:
        paint.paint_box(
            painter,
            self._placement.rectangle(box),
            box,
            self._colour(box),
            captions=captions,
            selected=selected,
            ghost=ghost,
            words=(tr("occluded"), tr("cut")),
        )

    def _colour(self, box: Box) -> QColor:
        return self._of_class(box.category)

    def _of_class(self, category: str) -> QColor:
        labels = self._bench.session.labels
        return class_colour(category, labels.classes, labels.colors)
