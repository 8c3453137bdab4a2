"""What every label format must do, whichever it is: give back what it was given as far as it
can hold it, through any other format too, and leave nothing half written."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framesift.boxes import Box
from framesift.errors import EnvironmentProblem, InputError
from framesift.formats import (
    ANY_CLASS,
    FORMATS,
    LabelFile,
    LabelledImage,
    VideoRef,
    adapt_classes,
    bind,
    fit,
    read,
    reading,
    sniff,
    write,
    writing,
)
from framesift.formats.base import Format
from framesift.formats.differences import same_box
from framesift.records import Progress

_spec = importlib.util.spec_from_file_location(
    "formats_samples", Path(__file__).parents[1] / "formats_samples.py"
)
assert _spec is not None
assert _spec.loader is not None
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)
one = samples.one
NAMES = sorted(FORMATS)
CLASSES = ("pedestrian", "Fußgänger auf Rad", "自転車", 'quo"ted & <b>', "o'car, #1: x")
VIDEOS = ("clip.mp4", "Ночная поездка.mp4", "b%20 = [1].avi")
STILLS = ("a.jpg", "Test/a.jpg", "Test/b c.png", "día/ü#1.jpeg", "2007_000001.jpg")


def corner(low: float, high: float) -> st.SearchStrategy[float]:
    return st.one_of(
        st.integers(int(low), int(high)).map(float),
        st.floats(low, high, allow_nan=False).map(lambda v: round(v, 5)),
    )


@st.composite
def boxes(draw: st.DrawFn, classes: tuple[str, ...]) -> Box:
    x, y = draw(corner(-30, 330)), draw(corner(-30, 250))
    width, height = draw(corner(1, 90)), draw(corner(1, 90))
    ignore = draw(st.booleans())
    category = draw(st.sampled_from([*classes, ANY_CLASS] if ignore else classes))
    return Box(
        x, y, x + width, y + height, category, ignore, draw(st.booleans()), draw(st.booleans())
    )


@st.composite
def label_files(draw: st.DrawFn, frames: bool) -> LabelFile:
    classes = tuple(draw(st.lists(st.sampled_from(CLASSES), min_size=1, unique=True)))
    marks = st.lists(boxes(classes), max_size=3).map(tuple)
    if not frames:
        names = draw(st.lists(st.sampled_from(STILLS), max_size=4, unique=True))
        return LabelFile(
            classes,
            tuple(
                LabelledImage(image=n, width=320 + i, height=240, boxes=draw(marks))
                for i, n in enumerate(names)
            ),
        )
    places = draw(
        st.lists(
            st.tuples(st.sampled_from(VIDEOS), st.integers(0, 40)), max_size=4, unique=True
        )
    )
    return LabelFile(
        classes,
        tuple(
            LabelledImage(
                v, n, None, 320, 240, draw(marks), draw(st.none() | st.integers(-5, 2**40))
            )
            for v, n in places
        ),
    )


def assert_same(found: LabelFile, wanted: LabelFile, format_: Format) -> None:
    """Field by field, without the comparison that `write` itself uses."""
    capability = format_.capability
    if capability.class_list:
        assert found.classes == wanted.classes
    assert set(wanted.classes) <= set(found.classes) or not capability.class_list
    there = {item.key: item for item in found.items}
    assert len(there) == len(found.items)
    assert set(there) == {item.key for item in wanted.items}
    for item in wanted.items:
        other = there[item.key]
        assert other.timestamp == item.timestamp
        assert other.state == item.state
        if capability.size:
            assert other.size == item.size
        assert len(other.boxes) == len(item.boxes)
        for a, b in zip(item.boxes, other.boxes, strict=True):
            assert (b.x1, b.y1, b.x2, b.y2) == pytest.approx(
                (a.x1, a.y1, a.x2, a.y2), rel=0, abs=2e-6
            )
            assert (a.category, a.ignore, a.occluded, a.truncated) == (
                b.category,
                b.ignore,
                b.occluded,
                b.truncated,
            )


def sizes_of(labels: LabelFile) -> dict[str, tuple[int, int]]:
    return {i.image: i.size for i in labels.items if i.image and i.size}


def kinds(format_: Format) -> list[bool]:
    return [True, False] if format_.capability.stills else [True]


@pytest.mark.parametrize(("name", "frames"), [(n, f) for n in NAMES for f in kinds(FORMATS[n])])
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.differing_executors,
    ],
)
@given(data=st.data())
def test_round_trip(
    name: str, frames: bool, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    labels = data.draw(label_files(frames))
    format_ = FORMATS[name]
    out = tmp_path_factory.mktemp("export") / "out"
    wanted = fit(labels, format_.capability, format_.title).labels
    if not wanted.items:
        with pytest.raises(InputError, match="nothing"):
            write(labels, out, format=name)
        return
    written = write(labels, out, format=name)
    found = read(out, format=name, size=sizes_of(wanted))
    assert_same(found, wanted, format_)
    assert (written.pictures, written.boxes) == (len(wanted.items), wanted.box_count)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_recognised(name: str, tmp_path: Path) -> None:
    write(one(), tmp_path / "out", format=name)
    assert sniff(tmp_path / "out") == name


VIDEO = VideoRef("v1", "clip.mp4", 50, (320, 240))


def as_frames(labels: LabelFile) -> LabelFile:
    """What a user gets who brings a file of pictures named after frames back to the video."""
    bound = bind(labels, [VIDEO])
    assert not bound.unbound
    return replace(
        labels,
        items=tuple(
            replace(item, video="clip.mp4", frame=key.frame, image=None)
            for key, item in bound.frames.items()
        ),
    )


@pytest.mark.parametrize("second", NAMES)
@pytest.mark.parametrize("first", NAMES)
def test_through_another_format_and_back(first: str, second: str, tmp_path: Path) -> None:
    """A → B → A equals what A and B can both hold."""
    a, b = FORMATS[first], FORMATS[second]
    wanted = one()
    got = one()
    for step, format_ in enumerate((a, b, a)):
        sized = replace(got, items=tuple(replace(i, width=320, height=240) for i in got.items))
        write(sized, tmp_path / str(step), format=format_.name)
        got = as_frames(read(tmp_path / str(step), format=format_.name, size=(320, 240)))
        fitted = fit(wanted, format_.capability, format_.title).labels
        wanted = as_frames(fitted)
    there = {item.frame: item.boxes for item in got.items}
    assert set(there) == {item.frame for item in wanted.items}
    for item in wanted.items:
        assert len(there[item.frame]) == len(item.boxes)
        assert all(map(same_box, there[item.frame], item.boxes))
    assert same_box(there[3][0], one().items[0].boxes[0])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_there_differs_from_absent(name: str, tmp_path: Path) -> None:
    format_ = FORMATS[name]
    written = write(one(), tmp_path / "out", format=name)
    found = read(tmp_path / "out", format=name, size=(320, 240))
    empty = [item for item in found.items if item.state == "nothing"]
    assert len(empty) == (1 if format_.capability.nothing else 0)
    assert sum(written.lost.values()) == sum(
        fit(one(), format_.capability, format_.title).lost.values()
    )
    if not format_.capability.nothing:
        assert any("unseen" in reason for reason in written.lost)


@pytest.mark.parametrize("name", NAMES)
def test_no_labels_at_all(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="label a picture first"):
        write(LabelFile(("car",), ()), tmp_path / "out", format=name)
    assert listing(tmp_path) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_format_says_what_is_lost(name: str, tmp_path: Path) -> None:
    capability = FORMATS[name].capability
    lost = write(one(), tmp_path / "out", format=name).lost
    assert (lost["ignore regions"] == 1) == (capability.ignore is None)
    assert (lost["classes of ignore regions"] == 1) == (capability.ignore == "plain")
    assert (lost["marks “occluded”"] == 1) == (not capability.occluded)
    assert (lost["marks “truncated”"] == 1) == (not capability.truncated)


def listing(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


def contents(folder: Path) -> dict[str, bytes | None]:
    return {
        name: (folder / name).read_bytes() if (folder / name).is_file() else None
        for name in listing(folder)
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_failure_midway_leaves_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = FORMATS[name].write

    def breaks(*arguments: object) -> Iterator[Progress]:
        yield from real(*arguments)  # type: ignore[arg-type]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(FORMATS[name]), "write", lambda self, *a: breaks(*a))
    with pytest.raises(EnvironmentProblem, match="disk is full"):
        write(one(), tmp_path / "out", format=name)
    assert listing(tmp_path) == []


@pytest.mark.parametrize("name", NAMES)
def test_closing_the_generator_leaves_nothing(name: str, tmp_path: Path) -> None:
    job = writing(one(), tmp_path / "out", format=name, pictures=lambda item, path: b"x")
    assert isinstance(next(job), Progress)
    assert listing(tmp_path)
    job.close()  # type: ignore[attr-defined]
    assert listing(tmp_path) == []


@pytest.mark.parametrize("name", NAMES)
def test_what_does_not_read_back_is_not_kept(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(one(), tmp_path / "out", format="coco")
    before = contents(tmp_path)
    real = FORMATS[name].write

    def other(self: Format, labels: LabelFile, *rest: object) -> Iterator[Progress]:
        moved = tuple(
            replace(i, boxes=tuple(b.scaled(0.5) for b in i.boxes)) for i in labels.items
        )
        return real(replace(labels, items=moved), *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(type(FORMATS[name]), "write", other)
    with pytest.raises(EnvironmentProblem, match="did not read back"):
        write(one(), tmp_path / "out", format=name, overwrite=True)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", NAMES)
def test_replacing_needs_to_be_allowed(name: str, tmp_path: Path) -> None:
    write(one(), tmp_path / "out", format=name)
    before = listing(tmp_path)
    with pytest.raises(InputError, match="not empty"):
        write(one(), tmp_path / "out", format=name)
    (tmp_path / "out" / "labels").mkdir(exist_ok=True)
    write(one(), tmp_path / "out", format=name, overwrite=True)
    assert listing(tmp_path) == before
    (tmp_path / "out" / "thesis.odt").touch()
    with pytest.raises(InputError, match=r"holds thesis\.odt"):
        write(one(), tmp_path / "out", format=name, overwrite=True)
    assert (tmp_path / "out" / "thesis.odt").is_file()
    assert len(listing(tmp_path)) == len(before) + 1


@pytest.mark.parametrize("name", NAMES)
def test_pictures_lie_where_the_format_wants_them(name: str, tmp_path: Path) -> None:
    asked: list[tuple[str | None, int | None, str]] = []

    def picture(item: LabelledImage, path: str) -> bytes:
        asked.append((item.video, item.frame, path))
        return b"picture"

    written = write(one(), tmp_path / "out", format=name, pictures=picture)
    # Pictures that the format cannot hold without a box lie beside its labels.
    assert len(asked) == written.pictures + written.bare
    assert {(v, f) for v, f, _ in asked} <= {("clip.mp4", 3), ("clip.mp4", 7), ("clip.mp4", 9)}
    for _, _, path in asked:
        assert (tmp_path / "out" / path).read_bytes() == b"picture"


@pytest.mark.parametrize("name", NAMES)
def test_reading_is_a_generator_that_ends_with_the_labels(name: str, tmp_path: Path) -> None:
    write(one(), tmp_path / "out", format=name)
    records = list(reading(tmp_path / "out", size=(320, 240)))
    assert isinstance(records[-1], LabelFile)
    assert records[-1].format == name
    assert all(isinstance(record, Progress) for record in records[:-1])


def test_classes_then_write(tmp_path: Path) -> None:
    """The road of an import: adapted labels go out again through every format."""
    labels = adapt_classes(one(), ["vehicle"], class_map={"car": "vehicle"})
    for name in NAMES:
        assert write(labels, tmp_path / name, format=name).boxes == 2
