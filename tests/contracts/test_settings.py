"""What every setting keeps to: it is in the recipe exactly where it changes the numbers, and
whoever can choose anything can choose it, or its table says why not."""

from __future__ import annotations

import argparse
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from arithmetic_detector import ArithmeticDetector

from framesift.boxes import Prediction
from framesift.cli.parser import build_parser
from framesift.cli.tables import Table, every_table
from framesift.records.aliases import RENAMED
from framesift.records.settings import (
    DOORS,
    REQUIRED,
    Setting,
    check,
    flat,
    from_plain,
    setting,
    settings_of,
)
from framesift.scores import SCORES, FrameScorer, ScoreSettings, every_score
from framesift.scores.strategies import strategy_of_signal
from framesift.scores.time_signal import around
from framesift.simulate import Experiment, Variant
from framesift.video import parse_distance

ROOT = Path(__file__).resolve().parents[2]
DETECTOR: Any = ArithmeticDetector()
FRAMES = np.random.default_rng(0).integers(0, 256, (3, 60, 90, 3), np.uint8)
COMMANDS = {
    "score": ("score", "select", "cycle"),
    "selection": ("select", "cycle"),
    "training": ("train",),
    "evaluation": ("evaluate",),
    "check": ("check",),
    "plan": ("plan",),
    "scoring": ("score", "select", "cycle"),
    "detector": ("score", "select", "cycle", "plan", "evaluate", "check-detector"),
    "project": ("init",),
    "sample": ("sample",),
    "video": ("inspect", "add", "select", "score"),
    "export": ("labels export",),
    "import": ("labels import",),
    "initial training": ("train-initial",),
    "drawn drive": ("synth",),
    "simulation": ("simulate",),
}
"""The commands that offer the settings of a table, by its noun."""
OF_VARIANTS = {"strategy": "strategy", "budget": "budget", "seed": "seeds"}
"""Rules that an experiment says by keys of variants instead."""
OWN_KEYS = ("experiment", "footage", "initial", "variant")
"""The tables of an experiment's own keys."""
DATASETS = {"kind": "coco", "paths": ["a.json"]}
STRATEGY = "divergence"
ROWS = [(table, one) for table in every_table() for one in table.rows]
NAMES = [f"{table.noun}-{table.member}-{one.name}" for table, one in ROWS]
OTHERS: dict[str, Any] = {
    "classes": ("rider",),
    "class_weights": {"rider": 20.0},
    "radius": 2,
    "region": 7,
    "box_threshold": 0.6,
    "noise": (30.0,),
    "ensemble": ("other",),
    "replay.source": "coco:labels.json",
    "ious": (0.5, 0.7),
    "aspect": (0.1, 0.9),
    "aspect_classes": ("rider",),
    "headline_iou": 0.5,
    "augmentation.scale": (0.5, 0.9),
    "augmentation.crop": (64, 96),
    "delta1": parse_distance("2s"),
    "delta2": parse_distance("1s"),
}
"""Values that matter in so small a picture, where any other one would not do."""


def another(one: Setting) -> Any:
    """A value that is not the default."""
    if one.name in OTHERS:
        return OTHERS[one.name]
    if one.kind.item is bool:
        return not one.default
    if one.kind.choices:
        return next(word for word in one.kind.choices if word != one.default)
    if one.default is None:
        return one.read(100 if one.low is None else max(one.low, 1), "some")
    near = [one.default + 1, one.default - 1, one.default / 2, (one.default + 1) / 2]
    for value in near:
        try:
            return one.read(type(one.default)(value), "some")
        except Exception:
            continue
    raise AssertionError(f"no other value is known for {one.name}; add it to OTHERS")


class Snapshot(ArithmeticDetector):
    """A detector whose light is another's."""

    def __init__(self, name: str) -> None:
        self.darker = len(name)

    def infer(self, frames: np.ndarray, **options: Any) -> Any:
        return super().infer(frames // self.darker, **options)


@pytest.fixture(autouse=True)
def snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ensemble's other detectors go by their names."""

    def detectors_of(detector: Any, names: Any, signal: str) -> Any:
        return detector, *(Snapshot(name) for name in names or ("it",))

    for module in ("ensemble", "ensemble_boxes"):
        monkeypatch.setattr(f"framesift.scores.{module}.detectors_of", detectors_of)
    others = "framesift.scores.other_detectors"
    monkeypatch.setattr(f"{others}._version", lambda name: (name, 0, 0))
    monkeypatch.setattr(f"{others}._digest", lambda name, *_: name)


class Flickering(ArithmeticDetector):
    """In some frames boxes are less sure, and one is missing."""

    def infer(self, frames: np.ndarray, **options: Any) -> Any:
        inference = super().infer(frames, **options)
        inference.predictions = [
            Prediction(found.boxes[:-1], found.scores[:-1] / 4, found.categories[:-1])
            if frame[1, 0, 0] % 2
            else found
            for found, frame in zip(inference.predictions, frames, strict=True)
        ]
        return inference


class TenHertz(SimpleNamespace):
    """A video of six frames at 10 Hz."""

    kind, name = "file", "ten"
    index = SimpleNamespace(
        seconds=lambda n: n / 10, at_seconds=lambda s: min(5, int(s * 10 + 1e-3))
    )

    def __len__(self) -> int:
        return 6


def scored_in_time(scorer: FrameScorer) -> list[float]:
    frames: np.ndarray = np.concatenate([FRAMES, FRAMES[::-1] // 2])
    frames[:, 1, 0, 0] = [0, 1, 0, 1, 1, 0]
    detector: Any = Flickering()
    seen = scorer.seen(detector, frames)
    places = [around(TenHertz(), n, scorer.apart or 0.0) for n in range(6)]  # type: ignore[arg-type]
    return [
        scorer.score_between([seen[n] for n in numbers], place).score
        for numbers, place in places
    ]


def scored(method: str, **options: Any) -> tuple[list[float], dict[str, Any]]:
    """The frame scores that options give, and the recipe of them."""
    scorer = FrameScorer(method, **{"passes": 3, "region": 8, **options})
    if scorer.apart is not None:
        return scored_in_time(scorer), scorer.settings(DETECTOR)
    return [one.score for one in scorer.score(DETECTOR, FRAMES)], scorer.settings(DETECTOR)


def of_scores() -> Iterator[tuple[str, str, Setting]]:
    for method, member in every_score().items():
        for one in (*settings_of(member.params), *settings_of(ScoreSettings)):
            for reduction in ("max-pool-mean", "mean"):
                yield method, reduction, one


@pytest.mark.parametrize(
    ("method", "reduction", "one"),
    list(of_scores()),
    ids=lambda value: getattr(value, "name", value),
)
def test_a_score_setting_is_in_the_recipe_where_it_changes_the_numbers(
    method: str, reduction: str, one: Setting
) -> None:
    numbers, recipe = scored(method, reduction=reduction)
    value = another(one)
    others, changed = scored(method, **{"reduction": reduction, one.name: value})
    assert (numbers != others) == (recipe != changed)
    if one in settings_of(every_score()[method].params):
        assert numbers != others, "a setting that does nothing"


@pytest.mark.parametrize(("table", "one"), ROWS, ids=NAMES)
def test_every_setting_says_what_it_is(table: Table, one: Setting) -> None:
    assert not (one.title[0].isascii() and one.title[0].islower())
    assert one.help
    assert not one.help.endswith(".")
    assert set(one.absent) <= set(DOORS)
    assert all(len(why.split()) > 2 for why in one.absent.values())
    # A default stands in one place: in the field.
    assert "default" not in one.help
    if one.default is not None and one.default is not REQUIRED:
        assert one.read(one.default, table.noun) == one.default


@pytest.mark.parametrize(("table", "one"), ROWS, ids=NAMES)
def test_every_setting_is_an_option_or_says_why_not(table: Table, one: Setting) -> None:
    if table.noun not in COMMANDS:
        assert table.why_not(one, "cli")
    for name in COMMANDS.get(table.noun, ()):
        options = options_of(name)
        assert (f"--{one.flag}" in options) == (not table.why_not(one, "cli")), name
        assert len(options) == len(set(options))


@pytest.mark.parametrize(("table", "one"), ROWS, ids=NAMES)
def test_every_setting_is_in_experiments_or_says_why_not(table: Table, one: Setting) -> None:
    keys = {
        "score": "score",
        "selection": "rules",
        "training": "training",
        "evaluation": "measuring",
    }
    if table.noun not in keys:
        assert table.noun in OWN_KEYS or table.why_not(one, "simulate")
        return
    if table.noun == "selection" and one.name in OF_VARIANTS:
        assert OF_VARIANTS[one.name] in {row.name for row in settings_of(Variant)}
        return
    value = one.to_plain(another(one))
    # What is refused alone: a measure that is not taken, a teacher that there is not.
    context: dict[str, Any] = {
        "headline_iou": {"ious": [0.3, value]},
        "self_training.enabled": {"ema_decay": 0.9},
    }.get(one.name, {})
    for part in reversed(one.name.split(".")):
        value = {part: value}
    made = Experiment.from_json(
        {
            "name": "mine",
            "pool": DATASETS,
            "evaluation": DATASETS,
            keys[table.noun]: {**context, **value},
            "variants": [
                {
                    "name": "ours",
                    "strategy": strategy_of_signal(table.member) if table.member else STRATEGY,
                }
            ],
        }
    )
    (variant,) = made.variants
    if table.noun == "score":
        (scorer,) = made.scorers_of(variant).values()
        reached = {**flat(scorer.shared), **flat(scorer.params)}
    elif table.noun == "selection":
        reached = flat(made.rules_of(variant, 0))
    else:
        reached = flat(made.measuring if table.noun == "evaluation" else made.training)
    assert reached[one.name] == another(one)


def options_of(command: str) -> list[str]:
    """All option strings of a command."""
    return [flag for action in actions_of(command) for flag in action.option_strings]


@functools.cache
def actions_of(command: str) -> list[argparse.Action]:
    actions = build_parser()._actions
    for word in command.split():
        (below,) = (one for one in actions if isinstance(one, argparse._SubParsersAction))
        actions = below.choices[word]._actions
    return list(actions)


def test_no_help_says_a_default_by_hand() -> None:
    """In options that come from tables the default is the table's."""
    from framesift.cli.settings import describe

    for table, one in ROWS:
        for command in COMMANDS.get(table.noun, ()):
            for action in actions_of(command):
                if f"--{one.flag}" in action.option_strings:
                    assert str(action.help).endswith(describe(one)), (command, one.flag)


@pytest.mark.parametrize("noun", RENAMED)
def test_old_names_lead_to_settings(noun: str) -> None:
    names = {one.name for table, one in ROWS if table.noun == noun}
    for old, new in RENAMED[noun].items():
        assert new in names
        assert old not in names


@pytest.mark.parametrize("table", every_table(), ids=lambda table: table.settings.__name__)
def test_unknown_keys_name_the_nearest(table: Table) -> None:
    from framesift.errors import InputError

    known = table.rows[0].name
    with pytest.raises(InputError, match=re.escape(f"the nearest is {known.split('.')[0]!r}")):
        from_plain(table.settings, {known.split(".")[0] + "x": 1}, table.noun)


@dataclass(frozen=True, slots=True)
class GainParams:
    """A member's settings: one."""

    gain: float = setting(1.5, title="Gain", help="factor of the numbers", above=0)

    def __post_init__(self) -> None:
        check(self, "score")


class Gain(type(SCORES["entropy"])):  # type: ignore[misc]
    """A score as its one file would have it: entropy, louder."""

    name, title, description = "gain", "Louder entropy", "where predictions are near one half"
    params = GainParams

    def stacks(self, detector: Any, frames: Any, params: GainParams) -> Any:
        return [detector.infer(frames).maps]

    def pixels(self, stacks: Any, params: GainParams, *, mask: Any, weights: Any) -> Any:
        from framesift.scores import entropy

        return params.gain * entropy(stacks[0], mask=mask, weights=weights)


@pytest.fixture
def gain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line of the family's dict."""
    monkeypatch.setitem(SCORES, "gain", Gain())


@pytest.mark.usefixtures("gain")
def test_a_new_score_is_its_file_and_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = settings_of(GainParams)[0]
    numbers, recipe = scored("gain")
    louder, changed = scored("gain", gain=3.0)
    assert louder == pytest.approx([2 * value for value in numbers])
    assert (recipe["gain"], changed["gain"]) == (1.5, 3.0)
    for command in COMMANDS["score"]:
        with pytest.raises(SystemExit):
            build_parser().parse_args([command, "--help"])
        said = " ".join(capsys.readouterr().out.split())
        assert "of gain: factor of the numbers (above 0; default: 1.5)" in said
        assert re.search(
            r"NAME entropy, .*\bgain, .*or a TOML file of your own: how frames are chosen",
            said,
        )
    assert Table("score", "Score: gain", GainParams, "gain") in every_table()
    assert one.name in {row.name for table in every_table() for row in table.rows}
    monkeypatch.syspath_prepend(str(ROOT / "packaging" / "docs"))
    import settings_page

    row = "| `gain` | Gain | factor of the numbers | a number above 0 | 1.5 | `--gain` |"
    assert row in settings_page.page()
