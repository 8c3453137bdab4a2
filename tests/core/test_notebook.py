"""`import framesift` in a notebook: one call a step, tables, plots, pictures, short reprs, and
sentences where something is wrong."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import framesift
from framesift.boxes import Box, Prediction
from framesift.errors import InputError
from framesift.records import Notice, Progress
from framesift.series import ScoreSeries
from framesift.synth import SynthDrive, drive

Draw = Callable[..., Any]


@pytest.fixture(scope="module")
def drawn() -> SynthDrive:
    return drive(seed=3, frames=12, size=(64, 96), scenario="busy")


@pytest.fixture(scope="module")
def bright(drawn: SynthDrive) -> ScoreSeries:
    return framesift.score_video(drawn, method=brightness)


def brightness(image: np.ndarray) -> float:
    return float(image.mean())


@pytest.fixture(autouse=True)
def no_figure_left() -> Iterator[None]:
    yield
    if "matplotlib.pyplot" in sys.modules:
        from matplotlib import pyplot

        pyplot.close("all")


def test_import_loads_nothing_heavy_and_every_name_is_there() -> None:
    code = (
        "import sys, framesift\n"
        "heavy = {'torch', 'pandas', 'matplotlib', 'numpy', 'cv2', 'av', 'tqdm'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "for name in ('loop', 'bench', 'records', 'files', *framesift._MODULES):\n"
        "    assert getattr(framesift, name).__name__ == f'framesift.{name}'\n"
        "for name in dir(framesift):\n"
        "    getattr(framesift, name)\n"
        "assert not {'pandas', 'matplotlib.pyplot'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        framesift.nonsense  # noqa: B018


@pytest.mark.parametrize("name", ["", *framesift._MODULES])
def test_completion_lists_what_is_public(name: str) -> None:
    module = importlib.import_module(f"framesift.{name}".rstrip("."))
    extra = set(framesift._MODULES) if not name else set()
    assert set(dir(module)) == {*module.__all__, *extra}
    assert all(getattr(module, public) is not None for public in module.__all__)


def test_a_series_of_a_function_of_ones_own(drawn: SynthDrive, bright: ScoreSeries) -> None:
    expected = [drawn[n].mean() for n in range(12)]
    np.testing.assert_allclose(bright.values, expected, rtol=1e-6)
    assert bright.signal == "brightness"
    every = framesift.score_video(drawn, method=brightness, every=5, start="0.1s")
    assert np.flatnonzero(every.scored).tolist() == [5, 10]
    np.testing.assert_array_equal(every.values[[5, 10]], bright.values[[5, 10]])
    for given in ("x", float("inf"), None, [1, 2]):
        with pytest.raises(InputError, match="one finite number"):
            framesift.score_video(drawn, method=lambda image, given=given: given)


def test_a_selection_from_a_series_is_that_of_the_video(
    drawn: SynthDrive, small_detector: Path
) -> None:
    rules = {"budget": 3, "delta1": 1, "radius": 3, "every": 2}
    direct = framesift.select_frames(drawn, small_detector, device="cpu", **rules)
    series = framesift.score_video(drawn, small_detector, every=2, radius=3, device="cpu")
    again = framesift.select_frames(series, budget=3, delta1=1)
    assert direct.picks == again.picks
    assert len(direct) == 3
    later = framesift.select_frames(
        series, budget=3, delta1=1, delta2=1, taken={drawn.name: [direct[0].frame]}
    )
    assert direct[0].frame not in [pick.frame for pick in later]
    uniform = framesift.select_frames(series, budget=2, strategy="uniform")
    assert [pick.frame for pick in uniform] == [0, 8]


def test_a_selection_from_numbers_alone(bright: ScoreSeries) -> None:
    values = ScoreSeries([0.1, 0.9, 0.2, 0.8], name="numbers")
    picks = framesift.select_frames(values, budget=2, delta1=1, delta2=1, smoothing=False)
    assert [pick.frame for pick in picks] == [1, 3]
    assert "<img" not in picks._repr_html_()
    assert picks.plot().get_xlabel() == "frame"
    with pytest.raises(InputError, match="not known"):
        picks.image(picks[0])
    other = replace(bright, name="other")
    with pytest.warns(UserWarning, match="distances choose here"):
        both = framesift.select_frames([bright, other], budget=2, delta1=20)
    assert "distances choose here" in both._repr_html_()
    named = framesift.select_frames({"mine": bright}, budget=1, delta1=1)
    assert named[0].video == "mine"
    assert {pick.video for pick in both} == {bright.name, "other"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda v, s: framesift.select_frames(v, buget=3), "nearest is 'budget'"),
        (lambda v, s: framesift.score_video(v, radios=3), "nearest is 'radius'"),
        (lambda v, s: framesift.train("paper", [], epoch=3), "nearest is 'epochs'"),
        (lambda v, s: framesift.evaluate("paper", [], iou=3), "nearest is"),
        (lambda v, s: framesift.select_frames("nowhere.mp4"), "nowhere.mp4 does not exist"),
        (lambda v, s: framesift.select_frames([]), "give a path"),
        (lambda v, s: framesift.select_frames(None), "None is no video"),
        (lambda v, s: framesift.score_video([v, s.drive]), "one video"),
        (lambda v, s: framesift.score_video(v, 5), "5 is no detector"),
        (lambda v, s: framesift.score_video(v, "nobody"), "no detector 'nobody'"),
        (lambda v, s: framesift.score_video(v, preset="papers"), "choose one of paper"),
        (lambda v, s: framesift.score_video(v, start=99), "lies behind the last"),
        (lambda v, s: framesift.score_video(v, start=9, stop=3), "not after the start"),
        (lambda v, s: framesift.score_video(v, method="nothing"), "no strategy 'nothing'"),
        (lambda v, s: framesift.select_frames(s, radius=3), "give it to score_video"),
        (lambda v, s: framesift.select_frames(s, strategy="entropy"), "hold brightness"),
        (lambda v, s: framesift.select_frames([s, v]), "do not mix"),
        (lambda v, s: framesift.select_frames([s, replace(s)]), "Two series of"),
        (lambda v, s: framesift.select_frames(s, budget=0), "from 1 up"),
        (lambda v, s: framesift.train("paper"), "nothing to train on"),
        (lambda v, s: framesift.train("paper", [3]), "Labelled frame 0 is no pair"),
        (lambda v, s: framesift.evaluate("paper", v), "has no labels of its own"),
        (lambda v, s: framesift.evaluate("paper"), "nothing to measure on"),
        (lambda v, s: framesift.simulate("gone.toml", "out"), "no experiment 'gone.toml'"),
        (lambda v, s: framesift.Project.open("nowhere"), "no project in"),
        (lambda v, s: ScoreSeries(np.zeros((2, 2))), "one value per frame"),
        (lambda v, s: v.at(7.5), "there is no frame at 7.5 s"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    wrong: Draw, sentence: str, drawn: SynthDrive, bright: ScoreSeries
) -> None:
    with pytest.raises(InputError, match=re.escape(sentence)) as told:
        wrong(drawn, bright)
    assert str(told.value).endswith(".")
    assert "\n" not in str(told.value)


def test_a_setting_of_another_score_is_told(drawn: SynthDrive) -> None:
    with pytest.warns(UserWarning, match="radius is a setting of divergence"):
        framesift.select_frames(drawn, budget=1, strategy="uniform", radius=3)


def test_videos_have_slices_times_and_short_reprs(drawn: SynthDrive) -> None:
    assert drawn[2:8:3].shape == (2, 64, 96, 3)
    np.testing.assert_array_equal(drawn[-2:][1], drawn[11])
    assert drawn[5:5].shape == (0, 64, 96, 3)
    assert [drawn.at(t).number for t in (0, 0.05, 0.1, 0.399, -0.01)] == [0, 1, 3, 11, 11]
    with drawn.fork() as video:
        assert len(list(video)) == 12
    assert repr(drawn.frame(3)) == "<Frame 3: 96×64, 0.100 s>"
    assert repr(drawn.index) == "<FrameIndex: 12 frames, 30 frames/s, 0.40 s>"
    assert repr(drawn).endswith("12 frames, 96×64, 30 frames/s, 0.40 s>")


def test_stills_have_no_time_and_no_common_array(tmp_path: Path) -> None:
    from PIL import Image

    for name, size in (("a", (8, 6)), ("b", (8, 8))):
        Image.new("RGB", size).save(tmp_path / f"{name}.png")
    with framesift.open_stills(tmp_path) as stills:
        with pytest.raises(InputError, match="have no time"):
            stills.at(0.5)
        with pytest.raises(InputError, match="one by one"):
            stills[0:2]
        assert stills[1:].shape == (1, 8, 8, 3)
        assert "frames/s" not in repr(stills)


def test_plots_draw_into_given_axes(bright: ScoreSeries) -> None:
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    assert bright.plot(axes) is axes
    assert [line.get_xdata().size for line in axes.lines] == [12, 12]
    picks = framesift.select_frames(bright, budget=2, delta1=1)
    axes = Figure().add_subplot()
    assert picks.plot(axes) is axes
    assert sorted(text.get_text() for text in axes.texts) == ["1", "2"]


def test_pictures_are_escaped(drawn: SynthDrive, tmp_path: Path) -> None:
    series = replace(framesift.score_video(drawn, method=brightness), name="<script>$x$")
    picks = framesift.select_frames(series, budget=2, delta1=1)
    html = picks._repr_html_()
    assert html.count("<img ") == 2
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    with framesift.Project.create(tmp_path / "<b>", classes=["a&b"]) as project:
        assert "&lt;b&gt;" in project._repr_html_()
        assert "a&amp;b" in project._repr_html_()
        assert project.ledger.to_dataframe()["frames"].tolist() == [0]


def test_a_bar_is_drawn_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    records = [Progress(0, 2, stage="scoring"), Progress(2, 2, stage="scoring"), "done"]
    assert framesift.last(records, str) == "done"
    assert capsys.readouterr().err == ""
    assert list(framesift.drain(records, progress=True)) == ["done"]
    assert "scoring" in capsys.readouterr().err
    with pytest.warns(UserWarning, match="half a frame"):
        assert framesift.last([Notice("half a frame is missing."), 3]) == 3
    with pytest.raises(ValueError, match="without a str"):
        framesift.last([3], str)


def test_what_is_drained_is_closed() -> None:
    closed = []

    def records() -> Iterator[object]:
        try:
            yield Progress(1, 2)
            yield "one"
            yield "two"
        finally:
            closed.append(True)

    drained = framesift.drain(records())
    assert next(drained) == "one"
    drained.close()
    assert closed == [True]


def test_boxes_go_to_supervision_and_back() -> None:
    supervision = pytest.importorskip("supervision")
    from framesift.detectors import from_supervision, to_supervision

    labels = (Box(1, 2, 3, 5, "car", track=7), Box(4, 4, 9, 8, "rider", ignore=True, track=8))
    detections = to_supervision(labels, ["rider", "car"])
    assert isinstance(detections, supervision.Detections)
    assert detections.class_id.tolist() == [1, 0]
    assert detections.box_area.tolist() == [6, 20]
    assert from_supervision(detections) == labels
    assert from_supervision(detections[detections.class_id == 0], ["rider"])[0].track == 8
    assert from_supervision(supervision.Detections.empty()) == ()
    assert len(to_supervision([], ["car"])) == 0
    found = Prediction(
        np.array([[1, 2, 3, 5]], np.float32), np.array([0.75], np.float32), np.array([0])
    )
    assert to_supervision(found, ["car"]).confidence.tolist() == [0.75]
    with pytest.raises(InputError, match="'car', which is not among"):
        to_supervision(labels, ["rider"])


def test_boxes_go_to_torchvision_and_back() -> None:
    import torch
    from torchvision.models.detection import ssdlite320_mobilenet_v3_large

    from framesift.detectors import from_torchvision, to_torchvision

    labels = (Box(1, 2, 30, 50, "car"), Box(4, 4, 19, 38, "rider", ignore=True))
    target = to_torchvision(labels, ["rider", "car"], image_id=5)
    assert target["labels"].tolist() == [2, 1]
    assert from_torchvision(target, ["rider", "car"]) == labels
    assert to_torchvision([], ["car"])["boxes"].shape == (0, 4)
    net = ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=3)
    losses = net([torch.zeros(3, 64, 64)] * 2, [target] * 2)
    assert {"bbox_regression", "classification"} <= set(losses)
    with pytest.raises(InputError, match="class number 1 has no name"):
        from_torchvision(target, ["rider"])


def test_boxes_go_to_coco_and_back() -> None:
    from faster_coco_eval import COCO

    from framesift.detectors import from_coco, to_coco

    labels = (Box(1, 2, 3, 5, "car"), Box(4, 4, 9, 8, "rider", ignore=True))
    annotations = to_coco(labels, ["rider", "car"], image_id=3)
    read = COCO(
        {
            "images": [{"id": 3, "width": 20, "height": 20}],
            "annotations": annotations,
            "categories": [{"id": 1, "name": "rider"}, {"id": 2, "name": "car"}],
        }
    )
    assert from_coco(read.loadAnns(read.getAnnIds(imgIds=[3])), ["rider", "car"]) == labels
    assert from_coco(annotations, {1: "rider", 2: "car"}) == labels


def test_a_torch_module_that_gives_maps_is_a_detector(drawn: SynthDrive) -> None:
    import torch

    class Levels(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Conv2d(3, 2, 8, stride=8)
            self.bent = torch.nn.Dropout(0.9)

        def forward(self, pictures: torch.Tensor) -> list[torch.Tensor]:
            coarse = self.bent(self.layer(pictures))
            return [coarse, coarse[..., ::2, ::2]]

    torch.manual_seed(0)
    net = Levels().train()
    mine = framesift.detectors.from_module(net, ["car", "rider"], working_height=32)
    maps = mine.maps(drawn[0:2])
    assert maps.shape == (2, 4, 32, 48)
    torch.testing.assert_close(maps, mine.maps(drawn[0:2]))
    assert net.training
    series = framesift.score_video(drawn, mine, "entropy", every=4)
    assert (series.values[series.scored] > 0).all()
    told = {
        "boxes": lambda: mine.predict(drawn[0:1]),
        "one file": lambda: mine.file_content(),
        "training": lambda: framesift.train(mine, [(drawn[0], [])]),
    }
    for wrong in told.values():
        with pytest.raises(InputError):
            wrong()
    with pytest.raises(InputError, match="multiple of its 3 classes"):
        framesift.detectors.from_module(net, ["a", "b", "c"]).maps(drawn[0:1])
    with pytest.raises(InputError, match="no torch module"):
        framesift.detectors.from_module(brightness)


def test_probabilities_of_a_module_are_as_they_are(drawn: SynthDrive) -> None:
    import torch

    class Half(torch.nn.Module):
        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return pictures[:, :1]

    mine = framesift.detectors.from_module(Half(), gives="probabilities")
    expected = drawn[0:1][..., 0].astype(np.float32) / 255
    np.testing.assert_allclose(mine.maps(drawn[0:1])[:, 0].numpy(), expected, atol=2e-6)


def test_an_evaluation_shows_its_curve(drawn: SynthDrive, small_detector: Path) -> None:
    labelled = [(drawn[n], [Box(20, 5, 36, 55, "pedestrian")]) for n in (0, 6)]
    measured = framesift.evaluate(
        small_detector, labelled, device="cpu", resamples=20, min_height=5
    )
    assert measured.frames == measured.labels == 2
    table = measured.to_dataframe()
    assert table["iou"].tolist() == [0.3, 0.5]
    assert (table["miss_rate_low"] <= table["miss_rate"]).all()
    assert measured.plot().get_xscale() == "log"
    assert "data:image/png;base64," in measured._repr_html_()
    assert repr(measured).startswith("<Evaluation: 2 frames, 2 labels of pedestrian")
    same = framesift.evaluate(
        small_detector, iter(labelled), device="cpu", resamples=20, min_height=5
    )
    assert same.summary() == measured.summary()


def test_a_project_trains_and_is_measured_by_itself(tmp_path: Path) -> None:
    with framesift.Project.create(tmp_path / "p") as project:
        with pytest.raises(InputError, match="nothing to measure on; add a video"):
            framesift.evaluate(project, device="cpu")
        with pytest.raises(InputError, match="own labels"):
            framesift.train(project, [])
        with pytest.raises(InputError, match="labelled"):
            framesift.train(project, device="cpu")
