"""Which frame of which video does an entry of a label file mean?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from framesift.errors import InputError
from framesift.formats.model import LabelFile, LabelledImage, VideoFacts
from framesift.formats.names import spellings
from framesift.formats.naming import Names, Numbers, VideoRef, named_after
from framesift.labels import FrameKey

Rule = Literal["frame number", "picture name", "number in the name", "order"]


@dataclass(frozen=True, slots=True)
class Binding:
    """`frames`: the entry of each frame that was found; `unbound`: why entries were not, one
    sentence each with its count, and the first such entry of each (`examples`); `rules`: by
    what the found ones were found, counted; `explanations`: the same as sentences with an
    example each; `notes`: what does not agree between the file and the videos."""

    frames: Mapping[FrameKey, LabelledImage]
    unbound: Counter[str] = field(default_factory=Counter)
    rules: Counter[Rule] = field(default_factory=Counter)
    examples: Mapping[str, str] = field(default_factory=dict)
    explanations: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Result:
    frames: dict[FrameKey, LabelledImage] = field(default_factory=dict)
    unbound: Counter[str] = field(default_factory=Counter)
    rules: Counter[Rule] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    explanations: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    def miss(self, reason: str, item: LabelledImage) -> None:
        self.unbound[reason] += 1
        self.examples.setdefault(reason, str(item))

    def hit(self, ref: VideoRef, rule: Rule, how: str, item: LabelledImage, frame: int) -> None:
        self.frames[FrameKey(ref.id, frame)] = item
        self.rules[rule] += 1
        count, example = self.explanations.get((ref.name, how), (0, f"{item} is frame {frame}"))
        self.explanations[ref.name, how] = count + 1, example


def bind(
    labels: LabelFile,
    videos: Iterable[VideoRef],
    *,
    video: str | None = None,
    by_order: bool = False,
    count_from: int | None = None,
) -> Binding:
    """Finds the frame that each entry of a label file means.

    The video is the one that the entry names, or whose name its picture's name or folder
    carries, else `video`, else the only one there is. The frame is the entry's frame number,
    else the picture of that name, else the number that ends the picture's name, else, where the
    file has as many pictures as the video frames, the place in the file.

    Args:
        labels: what was read of the file.
        videos: those that labels may be of.
        video: the name of the one that is meant where entries do not say.
        by_order: the frame is always the place in the file.
        count_from: what numbers in names count from; None: 0, or 1 where they run up to exactly
            the number of frames.

    Returns:
        A Binding: the labels by video and frame, what could not be bound, and by which rules.

    Raises:
        InputError: `video` is none of the videos, or there are none at all.

    Example:
        >>> from framesift.formats import read
        >>> clip = VideoRef("clip", "clip.mp4", 12)
        >>> len(bind(read("clip.coco.json"), [clip], by_order=True).frames)
        12
    """
    known = list(videos)
    if not known:
        raise InputError("There is no video to bind labels to; add one first.")
    names = Names(known)
    fallback = _fallback(known, names, video)
    result = _Result()
    groups: dict[str, _Group] = {}
    lone = len({item.video for item in labels.items if item.video is not None}) <= 1
    strangers = _strangers(labels, names, explicit=video is not None)
    for item in labels.items:
        ref = _video_of(item, names, fallback, labels, lone and video is not None, lone)
        stranger = None if item.video is not None else named_after(item.image, names)
        if isinstance(ref, str):
            result.miss(ref, item)
        elif isinstance(stranger, str) and stranger in strangers:
            result.miss(
                f"Pictures are named after “{stranger}”, which is not here; add that video or "
                "name the one that is meant.",
                item,
            )
        else:
            group = groups.setdefault(ref.id, _Group(ref))
            group.items.append(item)
            group.carried.append(isinstance(stranger, VideoRef))
    for group in groups.values():
        _bind_group(group, labels.videos, by_order, count_from, result)
    explanations = tuple(
        f"{count} {'picture' if count == 1 else 'pictures'} of {name} by {how}: {example}."
        for (name, how), (count, example) in result.explanations.items()
    )
    return Binding(
        result.frames,
        result.unbound,
        result.rules,
        result.examples,
        explanations,
        tuple(result.notes),
    )


@dataclass(slots=True)
class _Group:
    """The entries of one video, and of each whether its picture's name carries the video's."""

    ref: VideoRef
    items: list[LabelledImage] = field(default_factory=list)
    carried: list[bool] = field(default_factory=list)


def _fallback(known: Sequence[VideoRef], names: Names, video: str | None) -> VideoRef | None:
    if video is None:
        return known[0] if len(known) == 1 else None
    ref = names.find(video)
    if ref is None:
        raise InputError(
            f"There is no video “{video}”; choose one of {', '.join(v.name for v in known)}."
        )
    return ref


def _strangers(labels: LabelFile, names: Names, explicit: bool) -> set[str]:
    """The names of videos that pictures carry and that are not here, where that must not pass:
    beside pictures that do carry the name of a video, or where there are several."""
    carried = {
        named if isinstance(named, str) else None
        for item in labels.items
        if item.video is None and (named := named_after(item.image, names)) is not None
    }
    others = {name for name in carried if name is not None}
    return others if None in carried or (len(others) > 1 and not explicit) else set()


def _video_of(
    item: LabelledImage,
    names: Names,
    fallback: VideoRef | None,
    labels: LabelFile,
    explicit: bool,
    lone: bool,
) -> VideoRef | str:
    if item.video is not None:
        facts = labels.videos.get(item.video, VideoFacts())
        ref = names.find(item.video) or (names.find(facts.title) if facts.title else None)
        if ref is None and (explicit or (facts.assumed and lone)):
            ref = fallback
        if ref is not None:
            return ref
        if names.ambiguous(item.video):
            return (
                f"The file names the video “{item.video}”, which is not here under that name "
                "alone; say which of those called so is meant."
            )
        return (
            f"The file names the video “{item.video}”, which is not here; add it "
            "or say which video is meant."
        )
    carried = names.carried(item.image)
    return carried or fallback or "The file does not say which video is meant; name the video."


def _bind_group(
    group: _Group,
    facts: Mapping[str, VideoFacts],
    by_order: bool,
    count_from: int | None,
    result: _Result,
) -> None:
    ref, items = group.ref, group.items
    pictures = _pictures_of(ref)
    numbers = Numbers(
        ref,
        [
            None
            if item.frame is not None or any(n in pictures for n in spellings(item.image or ""))
            else item.image or ""
            for item in items
        ],
        group.carried,
        count_from,
    )
    complete = len(items) == ref.frames and all(item.frame is None for item in items)
    numbers.settle(complete)
    for place, item in enumerate(items):
        step = _step(ref, facts.get(item.video or ""), result)
        match = _frame_of(item, place, pictures, numbers, complete, by_order, step)
        if match is None:
            result.miss(
                f"Nothing says which frame of {ref.name} a picture is (no frame number, no "
                f"number in its name, and {len(items)} pictures for {ref.frames} frames); "
                "export with frame numbers, or bind by order.",
                item,
            )
            continue
        frame, rule, how = match
        reason = _misfit(ref, item, frame, result)
        if reason is None:
            result.hit(ref, rule, how, item, frame)
        else:
            result.miss(reason, item)


def _misfit(ref: VideoRef, item: LabelledImage, frame: int, result: _Result) -> str | None:
    """Why an entry cannot belong to the frame that was found; None where it can."""
    if not 0 <= frame < ref.frames:
        return f"{ref.name} has {ref.frames} frames, and frame numbers go beyond."
    if ref.size and item.size and item.size != ref.size:
        made, due = ("×".join(map(str, size)) for size in (item.size, ref.size))
        return (
            f"The labels were made on pictures of {made}, and {ref.name} has {due}; "
            "export them at its size."
        )
    if FrameKey(ref.id, frame) in result.frames:
        return f"A frame of {ref.name} has several entries; the first one counts."
    return None


def _frame_of(
    item: LabelledImage,
    place: int,
    pictures: Mapping[str, int],
    numbers: Numbers,
    complete: bool,
    by_order: bool,
    step: float,
) -> tuple[int, Rule, str] | None:
    """(frame, rule, the rule in words)."""
    if by_order:
        return place, "order", "their order in the file"
    if item.frame is not None:
        if step != 1:
            how = f"frame numbers, {step:g} frames of the video for each of the file"
            return round(item.frame * step), "frame number", how
        return item.frame, "frame number", "the frame numbers in the file"
    for name in spellings(item.image or ""):
        if name in pictures:
            return pictures[name], "picture name", "the pictures' names"
    number = numbers.at(place)
    if number is not None:
        how = f"the number in the picture's name, counted from {numbers.first}"
        if numbers.doubtful:
            how += " (--count-from 1 counts from 1)"
        return number, "number in the name", how
    return (place, "order", "their order in the file") if complete else None


def _step(ref: VideoRef, facts: VideoFacts | None, result: _Result) -> float:
    """How many frames of the video one of the file's is: more than 1 where the file says that
    it counts the same seconds at a lower rate."""
    if facts is None or facts.frames is None or facts.frames == ref.frames:
        return 1
    if facts.rate and ref.fps and facts.rate < ref.fps:
        ours, theirs = ref.frames / ref.fps, facts.frames / facts.rate
        if abs(ours - theirs) <= max(1 / facts.rate, 0.02 * ours):
            return ref.fps / facts.rate
    at = f" at {facts.rate:g} a second" if facts.rate else ""
    rate = f" at {ref.fps:g} a second" if ref.fps and at else ""
    result.notes[
        f"The file counts {facts.frames} frames{at}, and {ref.name} has {ref.frames}{rate}; "
        "check that it is the same cut."
    ] = None
    return 1


def _pictures_of(ref: VideoRef) -> dict[str, int]:
    """Frame number by picture name; names that mean two pictures are not in it."""
    result: dict[str, int] = {}
    twice: set[str] = set()
    for number, image in enumerate(ref.images or ()):
        for name in spellings(image.replace("\\", "/")):
            if name in result:
                twice.add(name)
            result.setdefault(name, number)
    return {name: number for name, number in result.items() if name not in twice}
