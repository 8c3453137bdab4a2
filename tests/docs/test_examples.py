"""Every public function says what it takes, gives and raises and has an example in its
docstring, and every example says the truth."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import framesift

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_SECTION = re.compile(r"^(Args|Settings|Returns|Yields|Raises|Example):$", re.MULTILINE)
_ENTRY = re.compile(r"^    \*{0,2}(\w+): ", re.MULTILINE)
_ITSELF = ("self", "cls")
_NOTHING = ("None", None, inspect.Signature.empty)
HANDED_OVER = (
    "Project",
    "ScoreSeries",
    "Selection",
    "boxes.Box",
    "datasets.LabelledClip",
    "datasets.LabelledDataset",
    "datasets.LabelledDrive",
    "evaluation.ClassResult",
    "evaluation.Comparison",
    "evaluation.Curve",
    "evaluation.Evaluation",
    "simulate.Simulation",
    "synth.SynthDrive",
    "video.Distance",
    "video.Drive",
    "video.FrameIndex",
    "video.Stills",
    "video.Video",
)
"""What the shortcuts take and give: their methods say the same, those without arguments in
their first sentence."""


def _public() -> dict[str, Any]:
    """What can be called, by its full name: shortcuts and the functions of all modules."""
    things = {f"framesift.{name}": getattr(framesift, name) for name in framesift._NAMES}
    for module in framesift._MODULES:
        package = importlib.import_module(f"framesift.{module}")
        for name in package.__all__:
            value = getattr(package, name)
            if inspect.isfunction(value):
                things[f"framesift.{module}.{name}"] = value
    return {name: thing for name, thing in things.items() if inspect.isfunction(thing)}


def _documented() -> dict[str, Any]:
    """Everything of the public modules whose docstring has an example: classes and their
    methods, too."""
    things = _public()
    for module in framesift._MODULES:
        package = importlib.import_module(f"framesift.{module}")
        for name in package.__all__:
            kind = getattr(package, name)
            if inspect.isclass(kind) and kind.__module__.startswith("framesift"):
                path = f"framesift.{module}.{name}"
                things[path] = kind
                for inner, value in vars(kind).items():
                    plain = getattr(value, "__func__", value)
                    if inspect.isfunction(plain) and inner[:1] != "_":
                        things[f"{path}.{inner}"] = plain
    examples = {}
    for name, thing in things.items():
        if ">>> " in (thing.__doc__ or "") and thing not in examples.values():
            examples[name] = thing
    return examples


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The names that examples speak of: a drawn clip in the working folder, a detector at a
    small size, a project of it, an evaluation, an experiment that has been run."""
    import torch

    from framesift.boxes import Box

    folder, before = tmp_path_factory.mktemp("examples"), Path.cwd()
    os.chdir(folder)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    drawn = framesift.synth.drive(seed=3, frames=12, size=(96, 128), scenario="busy")
    framesift.last(framesift.synth.write_drive(drawn, Path("clip.mp4")))
    detector = framesift.load_detector("pedestrian", "cpu", settings={"working_height": 96})
    labelled = [(drawn[n], [Box(20, 20, 40, 70)]) for n in (0, 6)]
    with framesift.Project.create("week47") as project, framesift.open_video("clip.mp4") as v:
        project.videos.add_drive([v])
        names: dict[str, Any] = {
            "framesift": framesift,
            "np": np,
            "torch": torch,
            "Box": Box,
            "Path": Path,
            "video": v,
            "drawn": drawn,
            "detector": detector,
            "project": project,
            "evaluation": framesift.evaluate(detector, labelled, resamples=0, min_height=20),
        }
        yield names
    torch.set_num_threads(threads)
    os.chdir(before)


@pytest.fixture(scope="module")
def simulated(stage: dict[str, Any]) -> dict[str, Any]:
    """The same with a small experiment, and what came of it."""
    from framesift.simulate import DatasetSpec, Experiment, InitialSpec, Variant

    def drawn(seed: int) -> DatasetSpec:
        what = {"look": "target", "seed": str(seed), "frames": 24, "size": [192, 144]}
        return DatasetSpec("synthetic", ({**what, "scenario": "busy"},))

    framesift.detectors.PaperDetector  # noqa: B018
    from framesift.detectors.files.checkpoint import save_checkpoint

    small = framesift.detectors.PaperDetector(settings={"width": 0.125, "working_height": 96})
    save_checkpoint("small.safetensors", small)
    experiment = Experiment(
        "two strategies",
        pool=drawn(46),
        evaluation=drawn(48),
        initial=InitialSpec(detector=str(Path("small.safetensors").absolute())),
        variants=(Variant("uniform", "uniform"), Variant("random", "random")),
        budget=2,
        cycles=1,
        seeds=1,
        training=framesift.training.TrainSettings(
            epochs=1, batch=2, num_workers=0, min_height=5.0
        ),
    )
    simulation = framesift.simulate(experiment, "results", devices=["cpu"])
    return {**stage, "experiment": experiment, "simulation": simulation}


@pytest.mark.parametrize("name", sorted(_documented()))
@pytest.mark.filterwarnings("ignore:More than 20 figures")
@pytest.mark.filterwarnings("ignore:.*no labelled frame shows anything")
def test_an_example_says_the_truth(name: str, request: pytest.FixtureRequest) -> None:
    from matplotlib import pyplot

    thing = _documented()[name]
    text = inspect.getdoc(thing) or ""
    needs = "simulated" if "experiment" in text or "simulation." in text else "stage"
    # As doctest has it, an example knows the names of its file.
    names = vars(inspect.getmodule(thing)) | request.getfixturevalue(needs)
    parsed = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(parsed, out=said.append)
    pyplot.close("all")
    assert not said, "".join(said)


def test_every_public_function_has_an_example() -> None:
    lacking = [
        name for name, thing in _public().items() if ">>> " not in (inspect.getdoc(thing) or "")
    ]
    assert not lacking, f"{len(lacking)} without: {', '.join(lacking)}"


def _methods() -> dict[str, Any]:
    """The methods with arguments of what the shortcuts take and give."""
    methods = {}
    for name in HANDED_OVER:
        kind = framesift
        for part in name.split("."):
            kind = getattr(kind, part)
        for inner, value in vars(kind).items():
            plain = getattr(value, "__func__", value)
            if inspect.isfunction(plain) and inner[:1] != "_" and _taken(plain):
                methods[f"framesift.{name}.{inner}"] = plain
    return methods


def _taken(function: Any) -> list[str]:
    """The names of its arguments."""
    return [name for name in inspect.signature(function).parameters if name not in _ITSELF]


def _raised(function: Any) -> set[str]:
    """The exceptions of its own `raise` statements; a bare AssertionError is a bug's."""
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    calls = (node.exc for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Raise))
    names = {call.func.id for call in calls if _is_named(call)}  # type: ignore[union-attr]
    return names - {"AssertionError"}


def _is_named(raised: ast.expr | None) -> bool:
    return isinstance(raised, ast.Call) and isinstance(raised.func, ast.Name)


def _unsaid(function: Any) -> list[str]:
    """What its docstring leaves out, or says of nothing."""
    _, *parts = _SECTION.split(inspect.getdoc(function) or "")
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    told = _ENTRY.findall(sections.get("Args", "") + sections.get("Settings", ""))
    taken = _taken(function)
    unsaid = [f"argument {name}" for name in taken if name not in told]
    unsaid += [f"no argument {name}" for name in told if name not in taken]
    gives = inspect.signature(function).return_annotation not in _NOTHING
    if gives and not sections.keys() & {"Returns", "Yields"}:
        unsaid.append("Returns")
    missing = _raised(function) - set(_ENTRY.findall(sections.get("Raises", "")))
    return unsaid + [f"raises {name}" for name in sorted(missing)]


def test_every_public_function_says_what_it_takes_gives_and_raises() -> None:
    things = _public() | _methods()
    assert len(things) > 150
    unsaid = {name: _unsaid(thing) for name, thing in things.items()}
    lacking = [f"{name}: {', '.join(words)}" for name, words in unsaid.items() if words]
    assert not lacking, f"{len(lacking)} say too little:\n" + "\n".join(lacking)


def test_what_is_left_out_is_seen() -> None:
    def halved(number: float, times: int = 1) -> float:
        """A number, halved.

        Args:
            number: any.
            count: how often.
        """
        if times < 0:
            raise ValueError("times")
        return number / 2**times

    said = ["argument times", "no argument count", "Returns", "raises ValueError"]
    assert _unsaid(halved) == said
