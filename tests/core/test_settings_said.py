"""What somebody says holds, and what nobody says is the same at every door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from framesift.cli import projects, train
from framesift.cli.evaluate import _changes
from framesift.cli.parser import build_parser
from framesift.cli.selecting import strategy_of
from framesift.errors import InputError
from framesift.evaluation import EvaluationSettings
from framesift.scores import FrameScorer, every_score
from framesift.scores.strategies import strategy_of_signal
from framesift.simulate import DatasetSpec, Experiment, Variant, load_experiment
from framesift.training import PRESETS, TrainSettings

DATASETS = DatasetSpec("coco", ("pool.json",))


def scorer(*words: str) -> FrameScorer:
    """What the command line scores by."""
    args = build_parser().parse_args(["score", "--project", "week", *words])
    strategy = strategy_of(args)
    (only,) = projects.scorers(projects.score_settings(args, strategy), strategy).values()
    return only


def experiment(**score: Any) -> Experiment:
    return Experiment("mine", DATASETS, DATASETS, score=score)


def test_what_is_said_wins_over_a_preset() -> None:
    assert scorer("--preset", "paper").settings()["mirror"] is True
    said = scorer(
        "--preset", "paper", "--radius", "3", "--no-flip", "--region", "12"
    ).settings()
    assert (said["radius"], said["mirror"], said["region"]) == (3, False, 12)
    # In any order.
    assert scorer("--radius", "3", "--preset", "paper").settings()["radius"] == 3


@pytest.mark.parametrize("method", every_score())
def test_what_nobody_says_is_the_same_at_every_door(method: str) -> None:
    strategy = strategy_of_signal(method)
    python = FrameScorer(method).settings()
    assert scorer("--strategy", strategy).settings() == python
    (ours,) = experiment().scorers_of(Variant("ours", strategy)).values()
    assert ours.settings() == python


def test_dropout_makes_thirty_passes_everywhere() -> None:
    for one in (
        scorer("--strategy", "mc-dropout"),
        scorer("--strategy", "mc-dropout", "--preset", "paper"),
        experiment().scorers_of(Variant("ours", "mc-dropout"))["mc_dropout"],
    ):
        assert one.settings()["passes"] == 30


CONTRADICTION = (
    "is a setting of divergence, but the strategy entropy looks at entropy; leave it out, or "
    "choose divergence.\n"
)


@pytest.mark.parametrize("strategy", ["--strategy", "--method"])
@pytest.mark.parametrize("project", [False, True])
def test_a_setting_of_another_score_is_refused(
    strategy: str,
    project: bool,
    small_drive: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from framesift.cli import main
    from framesift.project import Project

    Project.create(tmp_path / "week").close()
    words = [strategy, "entropy", "--radius", "3"]
    where = ["--project", str(tmp_path / "week")] if project else [str(small_drive)]
    assert main(["select", *where, *words]) == 2
    assert capsys.readouterr().err.endswith(f"--radius {CONTRADICTION}")
    assert main(["score", "--project", str(tmp_path / "week"), *words]) == 2
    assert main(["cycle", str(tmp_path / "week"), *words]) == 2
    assert capsys.readouterr().err.count(f"--radius {CONTRADICTION}") == 2


def test_a_strategy_without_a_score_has_no_settings_of_one() -> None:
    with pytest.raises(InputError, match=r"--flip is a setting of divergence, entropy, .* or "):
        scorer("--strategy", "random", "--flip")


def test_what_nobody_says_now_contradicts_nothing() -> None:
    """A preset serves whichever score has its settings."""
    assert scorer("--preset", "paper", "--strategy", "box-entropy").method == "box_entropy"


@pytest.mark.parametrize(
    ("shared", "particular", "sentence"),
    [
        ("", "radius = 3", f"The radius of the variant mine {CONTRADICTION}"),
        ("radius = 3", "", f"The experiment's radius {CONTRADICTION}"),
    ],
)
def test_an_experiment_says_nothing_of_scores_that_it_lacks(
    shared: str, particular: str, sentence: str, tmp_path: Path
) -> None:
    path, variant = tmp_path / "mine.toml", '[[variants]]\nname = "{}"\nstrategy = "{}"\n'
    path.write_text(
        f'score = {{ {shared} }}\n[pool]\nkind = "coco"\npaths = ["a.json"]\n'
        '[evaluation]\nkind = "coco"\npaths = ["b.json"]\n'
        f"{variant.format('mine', 'entropy')}score = {{ {particular} }}\n"
    )
    with pytest.raises(InputError) as refused:
        load_experiment(path)
    assert str(refused.value) == sentence.strip()
    # Settings for all serve whichever score a variant has.
    if shared:
        path.write_text(path.read_text() + variant.format("theirs", "divergence"))
        assert len(load_experiment(path).variants) == 2


def test_old_names_work_with_a_notice(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.warns(FutureWarning, match="mirror is called flip now"):
        assert FrameScorer("entropy", mirror=True).params.flip
    assert scorer("--mirror").params.flip
    from framesift.cli import main

    assert main(["train", str(tmp_path / "none"), "--norms", "frozen"]) == 2
    assert "--norms is called --batch-norm now" in capsys.readouterr().err


def test_old_keys_of_an_experiment_work_with_a_notice(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'score = { mirror = true }\n[pool]\nkind = "coco"\npaths = ["a.json"]\n'
        '[evaluation]\nkind = "coco"\npaths = ["b.json"]\n'
        '[training]\noptimiser = "sgd"\n[measuring]\nmirror = true\n'
        '[[variants]]\nname = "ours"\ntraining = { norms = "frozen" }\n'
    )
    with pytest.warns(FutureWarning) as told:
        made = load_experiment(path)
    assert len(told) == 4
    assert made.training.optimizer == "sgd"
    assert made.measuring.flip
    assert made.training_of(made.variants[0], 0).batch_norm == "frozen"
    assert made.scorers_of(made.variants[0])["divergence"].params.flip


@pytest.mark.parametrize(
    ("score", "words"),
    [({"radus": 3}, "nearest is 'radius'"), ({"radius": -1}, "radius is -1")],
)
def test_an_experiments_score_is_checked_when_it_is_read(score: Any, words: str) -> None:
    made = {"name": "mine", "pool": DATASETS, "evaluation": DATASETS, "score": score}
    with pytest.raises(InputError, match=words):
        Experiment.from_json({**made, "variants": [{"name": "ours"}]})


def trained(*words: str) -> TrainSettings:
    """What the command line trains by, from the defaults of the paper's detector."""
    args = build_parser().parse_args(["train", "week", "--preset", "adamw", *words])
    return train._settings(args, None)  # type: ignore[arg-type]


def test_training_settings_that_are_said_hold_over_the_preset() -> None:
    adamw = PRESETS["adamw"]
    assert trained() == adamw
    assert trained("--warmup", "0", "--crop", "64x96").warmup == 0
    crop = trained("--crop", "64x96", "--augmentation-aim", "1").augmentation
    assert (crop.crop, crop.aim, crop.flip) == ((64, 96), 1.0, 0.5)
    assert trained("--learning-rate", "0.01").final_learning_rate == pytest.approx(0.001)
    both = trained("--learning-rate", "0.01", "--final-learning-rate", "0.01")
    assert both.final_learning_rate == 0.01


def test_evaluation_settings_that_are_said_hold_over_the_preset() -> None:
    words = ["evaluate", "week", "--preset", "paper", "--no-flip", "--iou", "0.5"]
    changes = _changes(build_parser().parse_args(words))
    assert EvaluationSettings(**changes) == EvaluationSettings(
        discard=True, flip=False, ious=(0.5,)
    )


OF_BEFORE = {
    "divergence": {"reduction": "max-pool-mean", "radius": 9, "mirror": False, "region": 30},
    "entropy": {"reduction": "max-pool-mean", "mirror": False, "region": 30},
    "mc_dropout": {
        "reduction": "max-pool-mean",
        "passes": 30,
        "rate": 0.5,
        "seed": 0,
        "region": 30,
    },
    "box_entropy": {"aggregate": "sum", "box_threshold": 0.05, "mirror": False},
    "box_margin": {"aggregate": "sum", "box_threshold": 0.05, "mirror": False},
    "box_least_confidence": {"aggregate": "sum", "box_threshold": 0.05, "mirror": False},
}
"""The recipes that projects hold of scores by the defaults."""


@pytest.mark.parametrize("method", OF_BEFORE)
def test_scores_that_projects_hold_are_known_again(method: str) -> None:
    recipe = {"method": method, **OF_BEFORE[method]}
    assert FrameScorer(method).settings() == recipe
    flipped = recipe | ({"mirror": True} if "mirror" in recipe else {})
    classes = {"classes": ["car", "rider"], "class_weights": {"rider": 2.0}}
    again = FrameScorer.from_recipe({**flipped, **classes, "mask": "0f3a"})
    assert again.settings() == {**flipped, **classes}


def test_a_radius_by_the_boxes_is_held_as_the_radius_of_each_level() -> None:
    from types import SimpleNamespace

    sizes = [(50.0, 20.5), (100.0, 41.0), (200.0, 82.0)]
    detector: Any = SimpleNamespace(name="paper", settings={"box_sizes": sizes})
    by_box = FrameScorer(radius=8, radius_by_box=True)
    assert by_box.settings(detector) == FrameScorer(radius=[4, 8, 16]).settings()
    assert by_box.settings()["radius_by_box"] is True
    none: Any = SimpleNamespace(name="fcos", settings={})
    with pytest.raises(InputError, match="'fcos' has no fixed boxes"):
        by_box.settings(none)
    with pytest.raises(InputError, match="needs no scaling"):
        FrameScorer(radius=[4, 8], radius_by_box=True).settings(detector)


def test_what_earlier_versions_stored_is_read_without_a_word() -> None:
    stored = {"optimiser": "sgd", "norms": "frozen", "loaders": 1, "average": 0.5}
    expected = TrainSettings(optimizer="sgd", batch_norm="frozen", num_workers=1, ema_decay=0.5)
    assert TrainSettings.from_json(stored) == expected
    assert EvaluationSettings.from_dict({"mirror": True, "ious": [0.5]}).flip
