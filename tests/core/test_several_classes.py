"""Several classes in the score: equations per class and level, weights and filters, through
the command and the project."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from framesift.detectors import PaperDetector
from framesift.detectors.files.checkpoint import save_checkpoint
from framesift.detectors.maps import ProbabilityMaps, WorkingSize
from framesift.errors import InputError
from framesift.loop import scored_classes
from framesift.project import Project
from framesift.scores import FrameScorer, divergence

reference = runpy.run_path(str(Path(__file__).parents[1] / "reference.py"))["divergence"]
Command = Callable[..., str]
CLASSES = ("pedestrian", "rider", "car")


def logits(levels: int = 2) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(4)
    return [3 * torch.randn(1, 3, 5, 7, generator=generator) for _ in range(levels)]


def test_equations_hold_per_class_and_level_and_are_summed() -> None:
    size = WorkingSize((40, 56), (40, 56), (40, 56))
    maps = ProbabilityMaps(logits(), size, CLASSES)
    assert maps.names == tuple((level, name) for level in (0, 1) for name in CLASSES)
    dense = maps.stack()[0].double().numpy()
    weight = {"pedestrian": 1.0, "rider": 2.0, "car": 0.0}
    parts = {
        name: sum(
            reference(dense[k : k + 1], 4)
            for k, (_, own) in enumerate(maps.names)
            if own == name
        )
        for name in CLASSES
    }
    expected = sum(weight[name] * parts[name] for name in CLASSES)
    found = divergence(maps, 4, weights=[weight[name] for _, name in maps.names])
    np.testing.assert_allclose(found[0], expected, atol=2e-5)
    everything = divergence(maps, 4)
    np.testing.assert_allclose(everything[0], sum(parts.values()), atol=2e-5)


class Fixed:
    """A detector whose maps are given."""

    classes, has_maps, name = CLASSES, True, "fixed"

    def __init__(self) -> None:
        self.size = WorkingSize((40, 56), (40, 56), (40, 56))

    def geometry(self, height: int, width: int) -> WorkingSize:
        return self.size

    def infer(self, frames: np.ndarray, *, flip: bool = False) -> object:
        class Made:
            maps = ProbabilityMaps(logits(), self.size, CLASSES)

        return Made()


def test_a_class_of_weight_nought_is_a_class_that_is_filtered_out() -> None:
    frames = np.zeros((1, 40, 56, 3), np.uint8)

    def score(**options: object) -> float:
        return FrameScorer(radius=4, **options).score(Fixed(), frames)[0].score  # type: ignore

    assert score(classes=["rider", "car"]) == score(class_weights={"pedestrian": 0})
    assert score(classes=["rider"], class_weights={"rider": 2}) == pytest.approx(
        2 * score(classes=["rider"]), rel=1e-6
    )
    assert score() != score(classes=["rider"])


@pytest.fixture
def three_classes(tmp_path: Path) -> Path:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        detector = PaperDetector(CLASSES, {"width": 0.125, "working_height": 120})
        torch.nn.init.normal_(detector.module.logits.weight, std=0.5)
    path = tmp_path / "three.safetensors"
    save_checkpoint(path, detector)
    return path


def test_the_command_line_and_the_project_keep_classes(
    command: Command,
    small_drive: Path,
    three_classes: Path,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "project"
    command("init", folder, "--classes", "pedestrian,rider", "--detector", three_classes)
    command("add", folder, small_drive)
    words = ("--every", "12")

    def recipes() -> list[dict[str, object]]:
        with Project.open(folder, readonly=True) as project:
            return [series.recipe["score"] for series in project.series.all()]

    command("score", "--project", folder, *words)
    assert recipes()[-1]["classes"] == ["pedestrian", "rider"]
    command(
        "score",
        "--project",
        folder,
        *words,
        "--classes-scored",
        "rider, car",
        "--class-weight",
        "rider=2",
    )
    assert recipes()[-1]["classes"] == ["car", "rider"]
    assert recipes()[-1]["class_weights"] == {"rider": 2.0}
    said = command("score", "--project", folder, *words)
    assert "0 of them now" in said
    command("select", "--project", folder, "--budget", "2", "--json", tmp_path / "picks.json")
    chosen = json.loads((tmp_path / "picks.json").read_text())["settings"]["score"]
    assert chosen["classes"] == ["car", "rider"]
    command(
        "score",
        "--project",
        folder,
        *words,
        "--classes-scored",
        "all",
        "--class-weight",
        "rider=1",
    )
    assert "classes" not in recipes()[-1]
    assert "class_weights" not in recipes()[-1]
    before = len(recipes())
    for wrong, sentence in (
        (["--classes-scored", "horse"], "no class 'horse'"),
        (["--classes-scored", ","], "names no class"),
        (["--class-weight", "rider"], "numbers by name, as name=2"),
        (["--class-weight", "rider=-1"], "from 0 up"),
        (["--class-weight", "horse=2"], "no class 'horse'"),
    ):
        assert sentence in command("score", "--project", folder, *words, *wrong, status=2)
    assert len(recipes()) == before
    with Project.open(folder, readonly=True) as project:
        assert project.settings.scored_classes == ()
        assert project.settings.class_weights == {}
        assert scored_classes(project, CLASSES, {}) == {"classes": None, "class_weights": None}


def test_a_projects_classes_count_unless_it_says_otherwise(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", classes=["rider", "dog"]) as project:

        def of(known: tuple[str, ...], **options: object) -> object:
            return scored_classes(project, known, options)["classes"]

        assert of(CLASSES) == ["rider"]
        assert of(("rider",)) is None
        assert of(("person",)) is None
        assert of(CLASSES, classes=["car"]) == ["car"]
        assert of(CLASSES, classes=None) is None
        project.settings.set_scored_classes(["car"])
        assert of(CLASSES) == ("car",)
        with pytest.raises(InputError, match="from 0 up"):
            project.settings.set_class_weights({"car": -1})


def test_box_scores_through_the_command(
    command: Command,
    small_drive: Path,
    three_classes: Path,
    tmp_path: Path,
) -> None:
    out = tmp_path / "picks"
    command(
        "select",
        small_drive,
        "--detector",
        three_classes,
        "--every",
        "12",
        "--score",
        "box-entropy",
        "--aggregate",
        "max",
        "--budget",
        "2",
        "--out",
        out,
    )
    settings = json.loads((out / "selection.json").read_text())["settings"]
    assert settings["strategy"] == "box-entropy"
    assert settings["score"] == {
        "method": "box_entropy",
        "aggregate": "max",
        "box_threshold": 0.05,
        "mirror": False,
    }
    assert "one of sum, mean, max" in command(
        "select",
        small_drive,
        "--detector",
        three_classes,
        "--score",
        "box-margin",
        "--aggregate",
        "median",
        status=2,
    )
