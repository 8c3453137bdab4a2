"""Which frame an entry means, and which classes remain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats import (
    ANY_CLASS,
    LabelFile,
    LabelledImage,
    VideoRef,
    adapt_classes,
    bind,
    frame_name,
)
from framesift.labels import FrameKey

CLIP = VideoRef("v1", "clip.mp4", 20, (64, 48))
OTHER = VideoRef("v2", "trip/other.mp4", 20, (64, 48))
BOX = (Box(0, 0, 4, 4),)


def labels(*items: LabelledImage) -> LabelFile:
    return LabelFile(("pedestrian",), items)


def picture(image: str, **fields: object) -> LabelledImage:
    return replace(LabelledImage(image=image, boxes=BOX), **fields)  # type: ignore[arg-type]


def frame(number: int, video: str | None = None, **fields: object) -> LabelledImage:
    return replace(LabelledImage(video, number, boxes=BOX), **fields)  # type: ignore[arg-type]


def numbers(
    *items: LabelledImage, videos: tuple[VideoRef, ...] = (CLIP,), **options: object
) -> list[tuple[str, int]]:
    bound = bind(labels(*items), videos, **options)  # type: ignore[arg-type]
    assert not bound.unbound
    return [(key.video, key.frame) for key in bound.frames]


def why(
    *items: LabelledImage, videos: tuple[VideoRef, ...] = (CLIP,), **options: object
) -> str:
    bound = bind(labels(*items), videos, **options)  # type: ignore[arg-type]
    assert not bound.frames
    assert len(bound.unbound) == 1
    return next(iter(bound.unbound))


def test_frame_numbers_of_the_only_video() -> None:
    bound = bind(labels(frame(3), frame(0, boxes=())), [CLIP])
    assert bound.frames[FrameKey("v1", 3)].boxes == BOX
    assert bound.frames[FrameKey("v1", 0)].state == "nothing"
    assert bound.rules == {"frame number": 2}


@pytest.mark.parametrize("name", ["clip.mp4", "clip", "v1", "dir/clip.mp4", "clip.avi"])
def test_a_video_may_be_called_in_several_ways(name: str) -> None:
    assert numbers(frame(3, name), videos=(CLIP, OTHER)) == [("v1", 3)]
    assert numbers(frame(3), videos=(CLIP, OTHER), video=name) == [("v1", 3)]


def test_a_name_that_two_videos_carry_is_no_name() -> None:
    twins = (VideoRef("a", "one/clip.mp4", 9), VideoRef("b", "two/clip.mp4", 9))
    assert "is not here" in why(frame(1, "clip"), videos=twins)
    assert numbers(frame(1, "two/clip.mp4"), videos=twins) == [("b", 1)]


def test_the_argument_counts_where_the_file_is_silent() -> None:
    items = (frame(1), frame(2, "other"))
    assert numbers(*items, videos=(CLIP, OTHER), video="clip") == [("v1", 1), ("v2", 2)]
    assert numbers(frame(1, "elsewhere"), videos=(CLIP, OTHER), video="clip") == [("v1", 1)]
    assert "does not say which video" in why(frame(1), videos=(CLIP, OTHER))
    assert "“lost”, which is not here" in why(frame(1, "lost"), videos=(CLIP, OTHER))
    with pytest.raises(InputError, match=r"no video “nope”; choose one of clip\.mp4"):
        bind(labels(frame(1)), [CLIP], video="nope")
    with pytest.raises(InputError, match="no video to bind"):
        bind(labels(frame(1)), [])


def test_names_of_frames_find_their_way_back() -> None:
    name = frame_name("other", 7, ".png")
    assert name == "other_000007.png"
    assert numbers(picture(f"train/{name}"), videos=(CLIP, OTHER)) == [("v2", 7)]
    assert numbers(picture("other/frame_000007"), videos=(CLIP, OTHER)) == [("v2", 7)]
    assert numbers(picture("000007.png")) == [("v1", 7)]


def test_numbers_in_names() -> None:
    assert numbers(picture("img7.jpg"), picture("img19.jpg")) == [("v1", 7), ("v1", 19)]
    assert numbers(*(picture(f"img{i}.jpg") for i in (1, 20))) == [("v1", 0), ("v1", 19)]
    assert "no number in its name" in why(*(picture(f"img{i}.jpg") for i in (0, 20)))
    assert "no number in its name" in why(picture("a7.jpg"), picture("b7.jpg"))
    assert "2 pictures for 20 frames" in why(picture("a.jpg"), picture("b7.jpg"))


def test_order_counts_only_for_whole_videos() -> None:
    items = [picture(f"train/0016E5_{390 + 30 * i:05d}.png") for i in range(20)]
    bound = bind(labels(*items), [CLIP])
    assert [key.frame for key in bound.frames] == list(range(20))
    assert bound.rules == {"order": 20}
    assert bind(labels(*items[:19]), [CLIP]).unbound.total() == 19
    assert numbers(*items[:3], by_order=True) == [("v1", 0), ("v1", 1), ("v1", 2)]


def test_pictures_of_a_folder_by_name() -> None:
    stills = VideoRef("s", "photos", 3, None, ("a/1.jpg", "b/1.jpg", "c.png"))
    assert numbers(picture("b/1.jpg"), picture("c.jpg"), videos=(stills,)) == [
        ("s", 1),
        ("s", 2),
    ]
    assert numbers(picture("0a1b2c3d-c.png"), videos=(stills,)) == [("s", 2)]
    assert "Nothing says" in why(picture("x.jpg"), videos=(stills,))


def test_what_cannot_be_bound_is_said() -> None:
    assert why(frame(20)) == "clip.mp4 has 20 frames, and frame numbers go beyond."
    assert "on pictures of 32×24, and clip.mp4 has 64×48" in why(frame(1, width=32, height=24))
    bound = bind(labels(frame(1), frame(1, "clip")), [CLIP])
    assert (len(bound.frames), bound.unbound.total()) == (1, 1)
    assert "several entries" in next(iter(bound.unbound))


CAR_AND_MAN = LabelFile(
    ("car", "man", "tram"),
    (
        LabelledImage("v", 0, boxes=(Box(0, 0, 4, 4, "car"), Box(1, 1, 4, 4, "man"))),
        LabelledImage("v", 1, boxes=(Box(0, 0, 4, 4, "car"),)),
        LabelledImage("v", 2, boxes=(Box(0, 0, 4, 4, ANY_CLASS, ignore=True),)),
    ),
)


def test_classes_that_the_project_lacks_are_counted() -> None:
    adapted = adapt_classes(CAR_AND_MAN, ["man"])
    assert adapted.classes == ("man",)
    assert [i.frame for i in adapted.items] == [0, 2]
    assert [i.state for i in adapted.items] == ["labelled", "labelled"]
    assert adapted.left_out == {
        "boxes of class “car”": 2,
        "pictures of which every box was left out": 1,
    }
    assert CAR_AND_MAN.left_out == {}


def test_classes_are_renamed_and_added() -> None:
    adapted = adapt_classes(
        CAR_AND_MAN, ["vehicle"], class_map={"car": "vehicle"}, add_classes=True
    )
    assert adapted.classes == ("vehicle", "man", "tram")
    assert [b.category for b in adapted.items[0].boxes] == ["vehicle", "man"]
    assert not adapted.left_out


def test_ignore_regions_of_every_class_become_one_of_each() -> None:
    adapted = adapt_classes(CAR_AND_MAN, ["man", "car"])
    assert [(b.category, b.ignore) for b in adapted.items[2].boxes] == [
        ("man", True),
        ("car", True),
    ]


def test_wrong_maps_are_refused() -> None:
    with pytest.raises(InputError, match="file has no class “bus”; its classes are car, man"):
        adapt_classes(CAR_AND_MAN, ["man"], class_map={"bus": "man"})
    with pytest.raises(InputError, match="project has no class “vehicle”; choose one of man"):
        adapt_classes(CAR_AND_MAN, ["man"], class_map={"car": "vehicle"})


def test_classes_become_ignore_regions() -> None:
    """Of the class that is named, or of every class; never a class of the project's own."""
    adapted = adapt_classes(CAR_AND_MAN, ["man"], ignore={"car": None}, add_classes=True)
    assert adapted.classes == ("man", "tram")
    assert [(b.category, b.ignore) for b in adapted.items[1].boxes] == [
        ("man", True),
        ("tram", True),
    ]
    one = adapt_classes(CAR_AND_MAN, ["man", "bus"], ignore={"car": "man"})
    assert [(b.category, b.ignore) for b in one.items[0].boxes] == [
        ("man", True),
        ("man", False),
    ]
    assert [i.state for i in one.items] == ["labelled"] * 3
    assert not one.left_out
    own = adapt_classes(CAR_AND_MAN, ["man"], ignore={"man": None})
    assert [(b.category, b.ignore) for b in own.items[0].boxes] == [("man", True)]


def test_wrong_ignored_classes_are_refused() -> None:
    with pytest.raises(InputError, match="file has no class “rider”"):
        adapt_classes(CAR_AND_MAN, ["man"], ignore={"rider": None})
    with pytest.raises(InputError, match="project has no class “bus”"):
        adapt_classes(CAR_AND_MAN, ["man"], ignore={"car": "bus"})
    with pytest.raises(InputError, match="cannot be renamed and ignored"):
        adapt_classes(CAR_AND_MAN, ["man"], ignore={"car": None}, class_map={"car": "man"})
