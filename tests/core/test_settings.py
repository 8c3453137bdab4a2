"""Settings as one table: read, checked, laid over one another, offered as options."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framesift.cli.settings import add_options, given_options, old_names
from framesift.errors import InputError
from framesift.records import aliases
from framesift.records.settings import (
    check,
    from_plain,
    made,
    setting,
    settings_of,
    to_plain,
    union,
)


@dataclass(frozen=True, slots=True)
class Look:
    zoom: tuple[float, float] = setting((0.5, 2.0), title="Zoom", help="range of it", low=0.1)
    tilt: float = setting(0.0, title="Tilt", help="of it")

    def __post_init__(self) -> None:
        check(self, "look")


@dataclass(frozen=True, slots=True)
class Knobs:
    radius: int | tuple[int, ...] = setting(
        9, title="Radius", help="of the window", unit="px", low=0, source="the paper"
    )
    rate: float = setting(0.5, title="Rate", help="of 100 %", above=0, below=1)
    flip: bool = setting(False, title="Flip", help="look at the mirror image, too")
    kind: Literal["plain", "fancy"] = setting("plain", title="Kind", help="of it")
    least: float | None = setting(None, title="Least", help="height", empty="any", high=50)
    names: tuple[str, ...] = setting(("a",), title="Names", help="of classes")
    weights: Mapping[str, float] = setting(dict, title="Weights", help="by class", low=0)
    quick: int = setting(2, title="Threads", help="at once", low=0, high=8, in_recipe=False)
    look: Look = field(default_factory=lambda: Look(tilt=0.25))

    def __post_init__(self) -> None:
        check(self, "knob")


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_options(parser, Knobs, "knob")
    return parser.parse_args(words)


def test_a_table_is_what_the_fields_say() -> None:
    table = {one.name: one for one in settings_of(Knobs)}
    assert list(table)[-2:] == ["look.zoom", "look.tilt"]
    assert table["look.tilt"].default == 0.25
    assert table["radius"].range == "a whole number or a list of whole numbers from 0 up"
    assert table["rate"].range == "a number above 0 and below 1"
    assert table["kind"].range == "one of plain, fancy"
    assert table["least"].range == "a number up to 50 or none (any)"
    assert table["quick"].range == "a whole number from 0 to 8"
    assert table["radius"].about_default == "9 px, the paper"
    assert table["least"].about_default == "any"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    radius=st.one_of(st.integers(0, 99), st.lists(st.integers(0, 99), max_size=4)),
    rate=st.floats(0.01, 0.99),
    least=st.none() | st.floats(-9, 50),
    names=st.lists(st.sampled_from("abcd"), max_size=3),
    weights=st.dictionaries(st.sampled_from("abé="), st.floats(0, 9)),
    zoom=st.tuples(st.floats(0.1, 9), st.floats(0.1, 9)),
)
def test_plain_values_come_back(zoom: tuple[float, float], **values: Any) -> None:
    one = from_plain(Knobs, {**values, "look": {"zoom": list(zoom)}}, "knob")
    again = from_plain(Knobs, json.loads(json.dumps(to_plain(one))), "knob")
    assert again == one
    assert one.look.zoom == zoom


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"radus": 3}, "no knob setting 'radus'; the nearest is 'radius'"),
        ({"xyz": 3}, "no knob setting 'xyz'"),
        ({"radius": -1}, "radius is -1; it must be a whole number or a list"),
        ({"radius": [1, -1]}, r"radius is \[1, -1\]"),
        ({"radius": 1.5}, "radius is 1.5"),
        ({"radius": True}, "radius is True"),
        ({"rate": 1}, "above 0 and below 1"),
        ({"rate": float("nan")}, "rate is nan"),
        ({"flip": 1}, "flip is 1; it must be true or false"),
        ({"kind": "odd"}, "one of plain, fancy"),
        ({"names": "a"}, "a list of names"),
        ({"weights": {"a": -1}}, "weights"),
        ({"weights": {"": 1}}, "weights"),
        ({"look": {"zoom": [1]}}, "two numbers"),
        ({"look": {"zom": 1}}, "'zoom'"),
        ({"look": 3}, "look settings are not a table"),
        (7, "knob settings are not a table"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(values: Any, words: str) -> None:
    with pytest.raises(InputError, match=words) as said:
        from_plain(Knobs, values, "knob")
    assert "\n" not in str(said.value)


def test_the_keyword_arguments_are_read_alike() -> None:
    assert Knobs(radius=[3, 4]).radius == (3, 4)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="radius"):
        Knobs(radius="9")  # type: ignore[arg-type]


def test_a_preset_is_defaults_and_what_is_said_wins() -> None:
    preset = {"radius": 5, "flip": True, "look": {"zoom": [1, 1]}}
    args = parsed("--radius", "3", "--look-zoom", "2x4")
    one = made(Knobs, preset, given_options(args, Knobs), noun="knob")
    assert (one.radius, one.flip, one.look.zoom) == (3, True, (2.0, 4.0))
    assert not made(Knobs, preset, given_options(parsed("--no-flip"), Knobs), noun="knob").flip
    assert made(Knobs, preset, noun="knob").radius == 5
    assert made(Knobs, noun="knob") == Knobs()
    # What a group leaves out is as the outer group has it.
    assert from_plain(Knobs, {"look": {"zoom": [1, 1]}}, "knob").look == Look((1, 1), 0.25)


def test_options_say_only_what_was_given() -> None:
    assert given_options(parsed(), Knobs) == {}
    args = parsed("--radius", "3,4", "--least", "none", "--weights", "a=2,b=0.5", "--names", "")
    assert given_options(args, Knobs) == {
        "radius": (3, 4),
        "least": None,
        "weights": {"a": 2.0, "b": 0.5},
        "names": (),
    }


@pytest.mark.parametrize(
    "words", [("--radius", "-1"), ("--radius", "x"), ("--rate", "2"), ("--kind", "odd")]
)
def test_options_out_of_range_are_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(argparse.ArgumentError, match=words[0]):
        parsed(*words)


def test_help_says_range_default_unit_and_source() -> None:
    parser = argparse.ArgumentParser()
    add_options(parser, Knobs, "knob")
    text = " ".join(parser.format_help().split())
    assert "of the window (from 0 up; default: 9 px, the paper)" in text
    assert "of 100 % (above 0 and below 1; default: 0.5)" in text
    assert "--flip, --no-flip look at the mirror image, too (default: off)" in text


def test_recipes_hold_what_numbers_depend_on() -> None:
    recipe = to_plain(Knobs(), recipe=True)
    assert "quick" not in recipe
    assert recipe["look"] == {"zoom": [0.5, 2.0], "tilt": 0.25}


def test_names_of_before_are_understood_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framesift.cli.settings.RENAMED", {"knob": {"mirror": "flip"}})
    monkeypatch.setattr(aliases, "RENAMED", {"knob": {"mirror": "flip"}})
    args = parsed("--mirror")
    assert given_options(args, Knobs) == {"flip": True}
    assert old_names(args) == (
        "--mirror is called --flip now; the old name is understood in this release only.",
    )
    assert from_plain(Knobs, {"mirror": True}, "knob").flip
    found, sentences = aliases.renamed({"mirror": True, "radius": 3}, "knob")
    assert found == {"flip": True, "radius": 3}
    assert len(sentences) == 1
    with pytest.raises(InputError, match="twice"):
        from_plain(Knobs, {"mirror": True, "flip": False}, "knob")


def test_members_share_a_setting_or_have_their_own() -> None:
    @dataclass(frozen=True, slots=True)
    class Other:
        kind: Literal["plain", "odd"] = setting("plain", title="Kind", help="of it")

    shared = union({"look": Look, "again": Look})
    assert list(shared.values()) == [("look", "again")] * 2
    with pytest.raises(ValueError, match="kind"):
        union({"knobs": Knobs, "other": Other})
