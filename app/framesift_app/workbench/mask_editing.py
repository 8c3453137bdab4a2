"""Drawing a camera's mask: rectangles and polygons; knows nothing of Qt."""

from __future__ import annotations

from typing import Literal

Point = tuple[float, float]
Shape = tuple[Point, ...]
MaskTool = Literal["rectangle", "polygon"]
LEAST = 3.0


class MaskEditor:
    """The shapes of one mask, in native pixels, while they are drawn."""

    def __init__(self, width: float, height: float, shapes: tuple[Shape, ...] = ()) -> None:
        self.width, self.height = float(width), float(height)
        self.shapes = list(shapes)
        self.tool: MaskTool = "rectangle"
        self.corners: list[Point] = []
        self.pointer: Point | None = None

    def _inside(self, at: Point) -> Point:
        return min(max(at[0], 0.0), self.width), min(max(at[1], 0.0), self.height)

    def press(self, at: Point) -> None:
        """A rectangle's first corner, or a polygon's next one."""
        at = self._inside(at)
        self.pointer = at
        if self.tool == "rectangle":
            self.corners = [at]
        else:
            self.corners.append(at)

    def move(self, at: Point) -> None:
        self.pointer = self._inside(at)

    def release(self, at: Point) -> bool:
        """Ends a rectangle; whether there is a new shape."""
        if self.tool != "rectangle" or not self.corners:
            return False
        (x1, y1), (x2, y2) = self.corners[0], self._inside(at)
        self.cancel()
        if abs(x2 - x1) < LEAST or abs(y2 - y1) < LEAST:
            return False
        self.shapes.append(((x1, y1), (x2, y1), (x2, y2), (x1, y2)))
        return True

    def close(self) -> bool:
        """Closes a polygon; whether there is a new shape."""
        corners = [
            corner
            for i, corner in enumerate(self.corners)
            if i == 0 or corner != self.corners[i - 1]
        ]
        self.cancel()
        if self.tool != "polygon" or len(corners) < 3:
            return False
        self.shapes.append(tuple(corners))
        return True

    def cancel(self) -> None:
        """Drops what is half drawn."""
        self.corners = []

    def remove_last(self) -> None:
        """Takes back the last corner, else the last shape."""
        if self.corners:
            self.corners.pop()
        elif self.shapes:
            self.shapes.pop()

    def outline(self) -> Shape:
        """What is half drawn, up to the pointer."""
        if not self.corners or self.pointer is None:
            return ()
        if self.tool == "rectangle":
            (x1, y1), (x2, y2) = self.corners[0], self.pointer
            return (x1, y1), (x2, y1), (x2, y2), (x1, y2)
        return (*self.corners, self.pointer)
