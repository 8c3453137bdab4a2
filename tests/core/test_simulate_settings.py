"""Experiments as data: read, checked, identified."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from framesift.errors import InputError
from framesift.selection import Rules
from framesift.simulate import (
    DatasetSpec,
    Experiment,
    InitialSpec,
    Store,
    Variant,
    load_experiment,
    preset,
    presets,
)
from framesift.simulate.learning_presets import CANDIDATE

TOML = """
budget = 10
cycles = 2
seeds = 1
rules = { delta1 = "0.2s" }

[pool]
kind = "coco"
paths = ["pool.json"]
every = 3

[evaluation]
kind = "synthetic"
paths = ["look=target,seed=3,frames=60"]

[initial]
source = "drawn"
frames = 10
size = [96, 128]

[initial.training]
epochs = 2

[training]
epochs = 5
optimizer = "adamw"

[measuring]
min_height = 20.0
ious = [0.3]

[[variants]]
name = "ours"

[[variants]]
name = "guided-random"
strategy = "guided-random"
training = { n2p = 5.0 }
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text)
    return path


def test_an_experiment_is_read(tmp_path: Path) -> None:
    found = load_experiment(written(tmp_path, TOML))
    assert found.name == "mine"
    assert found.pool.paths == (str(tmp_path / "pool.json"),)
    assert found.evaluation.paths == ("look=target,seed=3,frames=60",)
    assert found.initial.size == (96, 128)
    assert found.measuring.ious == (0.3,)
    assert found.measuring.resamples == 0
    ours, random = found.variants
    assert found.rules_of(ours, 4) == Rules(
        budget=10, strategy="divergence", delta1="0.2s", seed=4
    )
    assert found.rules_of(random, 4).strategy == "guided-random"
    assert found.training_of(random, 7).n2p == 5.0
    assert found.training_of(random, 7).seed == found.training_of(ours, 7).seed == 7
    assert Experiment.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("budget = 10", "budgets = 10", "'budgets'"),
        ("budget = 10", "budget = 0", "budget"),
        ("budget = 10", "budget = ", "TOML"),
        ('strategy = "guided-random"', 'strategy = "oracle"', "'oracle'"),
        ('name = "ours"', 'name = "../ours"', "'../ours'"),
        ('name = "ours"', 'name = "guided-random"', "same name"),
        ("epochs = 5", "epochs = 0", "epochs"),
        ('source = "drawn"', 'source = "magic"', "'magic'"),
        ('rules = { delta1 = "0.2s" }', "rules = { delta3 = 4 }", "'delta3'"),
        ("every = 3", "every = 0", "every"),
        ('paths = ["pool.json"]', "paths = []", "path"),
    ],
)
def test_what_makes_no_sense_is_said(tmp_path: Path, old: str, new: str, word: str) -> None:
    with pytest.raises(InputError, match=word):
        load_experiment(written(tmp_path, TOML.replace(old, new, 1)))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot read"):
        load_experiment(tmp_path / "none.toml")


def test_without_rules_the_defaults_of_every_selection_are_measured(tmp_path: Path) -> None:
    found = load_experiment(written(tmp_path, TOML.replace("rules = ", "# ")))
    assert found.rules_of(found.variants[0], 0) == Rules(budget=10, strategy="divergence")


ABOUT_LEARNING = (
    "means",
    "carrying",
    "carrying-crowd",
    "labels",
    "hypothesis",
    "hypothesis-crowd",
)
"""Presets that compare how is learnt, or what errors look like, with the same picks."""


@pytest.mark.parametrize("name", sorted(presets.PRESETS))
def test_presets_say_what_they_are(name: str) -> None:
    found = preset(name)
    assert found.name == name
    assert Experiment.from_json(found.to_json()) == found
    assert found.baseline in {one.name for one in found.variants}
    strategies = {one.strategy for one in found.variants}
    if name in ABOUT_LEARNING:
        assert strategies == {"guided-random"}
        return
    if name.startswith("comparison"):
        assert strategies == {"guided-random", "divergence", CANDIDATE}
        return
    if name == "recipes":
        assert strategies == {"guided-random", "divergence"}
        return
    if name == "huale":
        assert strategies == {"huale", "box-entropy"}
        losses = {v.name: found.training_of(v, 0).box_loss for v in found.variants}
        assert losses == {
            "huale": "huale",
            "smooth-l1": "own",
            "eiou": "eiou",
            "entropy": "own",
        }
        return
    assert {"divergence", "guided-random", "entropy"} <= strategies
    # The screening of strategies has no time for many passes.
    assert ("mc-dropout" in strategies) == (name not in ("proxy", "screening"))


@pytest.mark.parametrize("name", ["screening", "comparison", "comparison-crowd"])
def test_comparisons_are_fair_to_chance(name: str) -> None:
    found = preset(name)
    rules = {variant.name: found.rules_of(variant, 0) for variant in found.variants}
    papers = rules.pop("paper")
    assert papers.delta1 != rules["guided-random"].delta1
    assert len({replace(each, strategy="") for each in rules.values()}) == 1
    assert found.preset == "steady"


@pytest.mark.parametrize("name", ["carrying", "carrying-crowd"])
def test_carried_labels_are_all_that_is_compared(name: str) -> None:
    found = preset(name)
    first, second = (found.training_of(variant, 0) for variant in found.variants)
    assert (first.propagation.frames, second.propagation.frames) == (0, 10)
    assert replace(second, propagation=first.propagation) == first
    assert len({found.rules_of(variant, 0) for variant in found.variants}) == 1


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"architecture": "yolo"}, "no architecture 'yolo'"),
        ({"settings": {"proposals": 9}}, "name another architecture"),
        (
            {"architecture": "fcos_resnet50_fpn", "source": "checkpoint"},
            "a checkpoint has its own architecture",
        ),
    ],
)
def test_an_initial_detector_of_another_kind_is_checked(
    wrong: dict[str, Any], word: str
) -> None:
    with pytest.raises(InputError, match=word):
        InitialSpec(**{"source": "drawn", **wrong})


def test_another_initial_architecture_is_another_run() -> None:
    found = preset("huale")
    initial = replace(found.initial, settings={"proposals": 33})
    assert found.digest(found.variants[0]) != replace(found, initial=initial).digest(
        found.variants[0]
    )


def test_the_papers_protocol(tmp_path: Path) -> None:
    found = presets.paper(tmp_path / "caltech", tmp_path / "citypersons")
    rules = found.rules_of(found.variants[0], 0)
    assert (found.budget, found.cycles, found.seeds) == (500, 14, 5)
    assert (str(rules.delta1), str(rules.delta2)) == ("15", "2")
    assert (rules.half_window, rules.sigma, rules.smoothing) == (5, 3.0, True)
    assert found.training.epochs == 50
    assert found.training.filtered == "discard"
    assert found.score["flip"] is True


def test_what_a_run_depends_on(tmp_path: Path) -> None:
    one = load_experiment(written(tmp_path, TOML))
    ours = one.variants[0]
    same = replace(one, seeds=5, name="other", cycles=9, label_s=1.0, variants=(ours,))
    assert same.digest(ours) == one.digest(ours)
    assert replace(one, budget=11).digest(ours) != one.digest(ours)
    assert one.digest(replace(ours, rules={"sigma": 2.0})) != one.digest(ours)


def test_results_of_other_settings_are_kept_apart(tmp_path: Path) -> None:
    one = load_experiment(written(tmp_path, TOML))
    folder = tmp_path / "results"
    store = Store(folder, one)
    store.run(one.variants[0], 0).mkdir(parents=True)
    Store(folder, replace(one, seeds=3, variants=(*one.variants, Variant("third"))))
    with pytest.raises(InputError, match="other settings"):
        Store(folder, replace(one, budget=11))


def test_recipes_differ_in_their_training_alone() -> None:
    from framesift.training import Labels

    found = preset("recipes")
    assert (found.seeds, found.cycles) == (5, 3)
    by_name = {variant.name: variant for variant in found.variants}
    for picked in ("guided-random", "divergence", "everything"):
        own, steady = by_name[f"own-{picked}"], by_name[f"steady-{picked}"]
        assert replace(own, name="same", preset=None) == replace(
            steady, name="same", preset=None
        )
        assert found.rules_of(own, 0) == found.rules_of(steady, 0)
        labels = Labels(40, 90)
        assert found.training_of(own, 0, labels).replay.share == 0
        assert found.training_of(steady, 0, labels).replay.share > 0


def test_experiments_about_learning_compare_nothing_else() -> None:
    from framesift.training import Labels

    means, labels = preset("means"), preset("labels")
    for experiment in (means, labels):
        assert {variant.strategy for variant in experiment.variants} == {"guided-random"}
        assert experiment.seeds == 3
    named = {variant.name: variant for variant in means.variants}
    settings = {
        name: means.training_of(variant, 0, Labels(40, 90)) for name, variant in named.items()
    }
    assert not settings["steady"].learns_unlabelled
    assert settings["self-training"].self_training.enabled
    assert settings["consistency"].consistency.enabled
    assert settings["propagation"].propagation.frames == 10
    # Half of a step's frames are labelled ones, beside one of each other kind.
    assert settings["all-three"].labelled_batch == 4
    assert (labels.label_s, labels.box_s, labels.point_s, labels.aim) == (0, 25.5, 1.87, 100)
    assert labels.budget * labels.cycles > labels.aim


def test_heads_learn_from_drawn_frames() -> None:
    assert InitialSpec("drawn", heads=("mdn",)).heads == ("mdn",)
    footage = DatasetSpec("coco", ("drive.coco.json",))
    with pytest.raises(InputError, match="leave `heads` out"):
        InitialSpec("footage", footage=footage, heads=("mdn",))


def test_what_older_results_do_not_know_makes_no_difference() -> None:
    experiment = preset("proxy")
    before = experiment.digest(experiment.variants[0])
    other = replace(experiment, correlate_on="evaluation", correlate_by=("all",))
    assert other.digest(experiment.variants[0]) == before
    headed = replace(experiment, initial=replace(experiment.initial, heads=("mdn",)))
    assert headed.digest(experiment.variants[0]) != before
