"""Label Studio's tasks and labelling interface as we write them."""

from __future__ import annotations

from typing import Any

from framesift.boxes import Box
from framesift.formats.label_studio_weak import weak_config, weak_out
from framesift.formats.model import ANY_CLASS, IGNORE_NAME, LabelledImage
from framesift.formats.xmlstream import quoteattr

_MARKS_OF_REGIONS = ("ignore", "occluded", "truncated")


def class_name(box: Box) -> str:
    return IGNORE_NAME if box.category == ANY_CLASS else box.category


def task_element(place: int, item: LabelledImage) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    for number_, box in enumerate(item.boxes):
        assert item.size is not None
        width, height = item.size
        common = {
            "id": f"box{number_}",
            "to_name": "image",
            "original_width": width,
            "original_height": height,
            "image_rotation": 0,
        }
        corners = {
            "x": box.x1 * 100 / width,
            "y": box.y1 * 100 / height,
            "width": box.width * 100 / width,
            "height": box.height * 100 / height,
            "rotation": 0,
        }
        results.append(
            {
                **common,
                "from_name": "label",
                "type": "rectanglelabels",
                "value": {**corners, "rectanglelabels": [class_name(box)]},
            }
        )
        marks = [name for name in _MARKS_OF_REGIONS if getattr(box, name)]
        if marks:
            results.append(
                {
                    **common,
                    "from_name": "marks",
                    "type": "choices",
                    "value": {**corners, "choices": marks},
                }
            )
    results += weak_out(item)
    data = {
        "image": item.image,
        "video": item.video,
        "frame": item.frame,
        "width": item.width,
        "height": item.height,
    }
    return {
        "id": place,
        "data": {k: v for k, v in data.items() if v is not None},
        "annotations": [{"result": results, "was_cancelled": False}],
    }


def interface(names: list[str]) -> str:
    """The labelling interface that shows these tasks."""
    rows = "".join(f"    <Label value={quoteattr(name)}/>\n" for name in names)
    choices = "".join(f'    <Choice value="{name}"/>\n' for name in _MARKS_OF_REGIONS)
    return (
        '<View>\n  <Image name="image" value="$image"/>\n'
        f'  <RectangleLabels name="label" toName="image">\n{rows}  </RectangleLabels>\n'
        '  <Choices name="marks" toName="image" perRegion="true" choice="multiple">\n'
        f"{choices}  </Choices>\n{weak_config(names)}</View>\n"
    )
