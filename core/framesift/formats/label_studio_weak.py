"""Points and tags in Label Studio's JSON: key points, and choices of a whole picture."""

from __future__ import annotations

from typing import Any

from framesift.formats.checks import BadValueError, mapping, number, sequence
from framesift.formats.model import LabelledImage, Size
from framesift.formats.picture import Picture
from framesift.formats.xmlstream import quoteattr

POINTS, EVERY, SHOWN, LACKING = "point", "every", "shown", "lacking"
"""What the controls of our labelling interface are called."""


def add_weak(result: dict[str, Any], kind: str, size: Size | None, picture: Picture) -> bool:
    """Adds a result that is a key point, or a choice of our controls for whole pictures;
    whether it was one."""
    value, control = mapping(result.get("value") or {}), result.get("from_name")
    if kind == "choices" and control in (SHOWN, LACKING):
        for name in sequence(value.get("choices") or []):
            picture.tag(name, shown=control == SHOWN)
        return True
    if kind == "choices" and control == EVERY:
        picture.every.append(True)
        return True
    if kind != "keypointlabels":
        return False
    if size is None:
        raise BadValueError(
            "the picture's original_width and original_height are missing",
            "points of pictures without original_width and original_height",
        )
    x, y = (number(value.get(axis)) * side / 100 for axis, side in zip("xy", size, strict=True))
    for name in sequence(value.get(kind) or []):
        picture.point(name, x, y)
    return True


def weak_out(item: LabelledImage) -> list[dict[str, Any]]:
    """The results of a picture's points and tags."""
    results: list[dict[str, Any]] = []
    for place, point in enumerate(item.points):
        assert item.size is not None
        width, height = item.size
        results.append(
            {
                "id": f"point{place}",
                "from_name": POINTS,
                "to_name": "image",
                "type": "keypointlabels",
                "original_width": width,
                "original_height": height,
                "image_rotation": 0,
                "value": {
                    "x": point.x * 100 / width,
                    "y": point.y * 100 / height,
                    "width": 0.5,
                    "keypointlabels": [point.category],
                },
            }
        )
    for control, names in (
        (EVERY, [EVERY] if item.every else []),
        (SHOWN, [name for name, shown in item.tags if shown]),
        (LACKING, [name for name, shown in item.tags if not shown]),
    ):
        if names:
            results.append(
                {
                    "id": control,
                    "from_name": control,
                    "to_name": "image",
                    "type": "choices",
                    "value": {"choices": names},
                }
            )
    return results


def weak_config(names: list[str]) -> str:
    """The controls of the labelling interface for points and tags."""
    labels = "".join(f"    <Label value={quoteattr(name)}/>\n" for name in names)
    choices = "".join(f"    <Choice value={quoteattr(name)}/>\n" for name in names)
    tags = "".join(
        f'  <Choices name="{control}" toName="image" choice="multiple">\n'
        f"{choices}  </Choices>\n"
        for control in (SHOWN, LACKING)
    )
    return (
        f'  <KeyPointLabels name="{POINTS}" toName="image">\n{labels}  </KeyPointLabels>\n'
        f'  <Choices name="{EVERY}" toName="image">\n    <Choice value="{EVERY}"/>\n'
        f"  </Choices>\n{tags}"
    )
