"""The real command on a small drive: reports, sentences, exit statuses."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import framesift

Command = Callable[..., str]


@pytest.fixture(scope="module")
def report(
    small_drive: Path, small_detector: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A report of six picks, made by the command in a process of its own."""
    out = tmp_path_factory.mktemp("select") / "picks"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "framesift",
            "select",
            small_drive,
            "--budget",
            "6",
            "--delta1",
            "4",
            "--detector",
            small_detector,
            "--out",
            out,
            "--json",
            out.parent / "again.json",
            "--device",
            "cpu",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "report.html" in done.stdout
    return out


def test_picks_keep_their_distance_and_show_their_frame(
    report: Path,
    small_drive: Path,
) -> None:
    document = json.loads((report / "selection.json").read_text())
    frames = [pick["frame"] for pick in document["picks"]]
    assert len(frames) == 6
    assert np.diff(sorted(frames)).min() > 4
    with framesift.open_video(small_drive) as video:
        for pick in document["picks"]:
            picture = np.asarray(Image.open(report / pick["picture"]))
            assert np.array_equal(picture, video[pick["frame"]])
            assert f"_{pick['frame']:06d}." in pick["picture"]
            assert pick["time_s"] == pytest.approx(video.index.seconds(pick["frame"]))


def test_the_document_says_what_blocked_whom(report: Path) -> None:
    document = json.loads((report / "selection.json").read_text())
    assert document["videos"][0]["frames"] == 48
    assert document["videos"][0]["fps"] == pytest.approx(30)
    picks = {pick["rank"]: pick["frame"] for pick in document["picks"]}
    assert sorted(picks) == [1, 2, 3, 4, 5, 6]
    blocked = document["blocked"][0]
    assert blocked
    for frame, (rule, rank) in blocked.items():
        if rule == "delta1":
            assert abs(int(frame) - picks[rank]) <= 4
    smoothed = [pick["smoothed"] for pick in document["picks"] if not pick.get("waived")]
    assert all(pick["maxima"] for pick in document["picks"])
    assert len(smoothed) == 6


def test_json_and_report_agree(report: Path) -> None:
    again = json.loads((report.parent / "again.json").read_text())
    document = json.loads((report / "selection.json").read_text())
    assert [p["frame"] for p in again["picks"]] == [p["frame"] for p in document["picks"]]


def test_csv_and_page_are_whole(report: Path) -> None:
    with (report / "picks.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert [row["rank"] for row in table] == list("123456")
    page = (report / "report.html").read_text(encoding="utf-8")
    assert page.count('class="pick"') == 6
    assert "data:image/jpeg;base64," in page
    assert "http://" not in page
    assert "https://" not in page


def test_a_report_never_replaces_a_strangers_folder(
    command: Command,
    small_drive: Path,
    small_detector: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    for more in ((), ("--overwrite",)):
        said = command(
            "select",
            small_drive,
            "--out",
            tmp_path,
            "--detector",
            small_detector,
            "--every",
            8,
            *more,
            status=2,
        )
        assert "not empty" in said
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_a_failed_report_leaves_nothing(
    command: Command,
    small_drive: Path,
    tmp_path: Path,
) -> None:
    out = tmp_path / "picks"
    said = command(
        "select", small_drive, "--out", out, "--detector", "nothing.safetensors", status=2
    )
    assert "nothing.safetensors" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.mp4"),
        (b"this is text\n" * 40, "text.mp4"),
        (b"\x00\x00\x00\x18ftyp", "cut.mp4"),
    ],
)
def test_unusable_files_get_one_sentence(
    command: Command,
    tmp_path: Path,
    content: bytes,
    name: str,
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    for words in (("inspect", path), ("select", path)):
        said = command(*words, status=2)
        assert said.startswith("framesift: ")
        assert len(said.strip().splitlines()) == 1
        assert name in said


@pytest.mark.parametrize(
    "words",
    [
        ("select",),
        ("select", "a.mp4", "--project", "b"),
        ("select", "a.mp4", "--budget", "0"),
        ("select", "nowhere.mp4"),
        ("score", "nowhere.mp4", "--project", "p"),
        ("status", "nowhere"),
        ("select", "a.mp4", "--delta1", "soon"),
    ],
)
def test_wrong_words_end_with_status_2(
    command: Command, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command(*words, status=2).strip()
    assert not (tmp_path / "p" / "project.sqlite").exists()


def test_the_radius_may_go_by_each_levels_box(
    command: Command, small_drive: Path, small_detector: Path, tmp_path: Path
) -> None:
    from framesift.detectors.files.checkpoint import load_detector
    from framesift.scores import radii_by_box

    found = {}
    for more in ((), ("--radius-by-box",)):
        command(
            "select",
            small_drive,
            "--detector",
            small_detector,
            "--budget",
            2,
            "--every",
            6,
            "--radius",
            5,
            *more,
            "--json",
            tmp_path / "picks.json",
        )
        settings = json.loads((tmp_path / "picks.json").read_text())["settings"]
        found[more] = settings["score"]["radius"]
    expected = radii_by_box(5, load_detector(small_detector, "cpu").settings)
    assert list(found.values()) == [5, expected]
    assert len(set(expected)) > 1


def test_guided_random_needs_no_detector(
    command: Command, small_drive: Path, tmp_path: Path
) -> None:
    out = tmp_path / "random.json"
    command(
        "select",
        small_drive,
        "--strategy",
        "guided-random",
        "--budget",
        4,
        "--delta1",
        "3",
        "--detector",
        "nothing.safetensors",
        "--json",
        out,
    )
    frames = [pick["frame"] for pick in json.loads(out.read_text())["picks"]]
    assert len(frames) == 4
    assert np.diff(sorted(frames)).min() > 3


def test_inspect_answers_in_json(command: Command, small_drive: Path) -> None:
    facts = json.loads(command("inspect", small_drive, "--json", "--verify"))[0]
    assert facts["frames"] == 48
    assert (facts["width"], facts["height"]) == (160, 120)
    assert facts["checked"] == "every frame"


def test_doctor_says_what_computes(command: Command) -> None:
    found = json.loads(command("doctor", "--json"))
    assert found["libraries"]["torch"]["state"] == "works"
    assert found["devices"][0]["state"] == "computes"


def test_stills_are_picked_without_time(
    command: Command, tmp_path: Path, small_detector: Path
) -> None:
    rng = np.random.default_rng(1)
    folder = tmp_path / "stills"
    folder.mkdir()
    for name in "abcd":
        image = rng.integers(0, 256, (96, 128, 3), np.uint8)
        Image.fromarray(image).save(folder / f"{name}.png")
    out = tmp_path / "stills.json"
    command(
        "select", folder, "--stills", "--budget", 3, "--detector", small_detector, "--json", out
    )
    picks = json.loads(out.read_text())["picks"]
    assert len(picks) == 3
    assert all(pick["time_s"] is None for pick in picks)
    scores = [pick["score"] for pick in picks]
    assert scores == sorted(scores, reverse=True)


def test_no_help_needs_anything_heavy() -> None:
    """Nor does a list of the strategies, the scores and what each can be told. What is imported
    stays, so that one process sees all commands."""
    code = (
        "import sys\n"
        "from framesift.cli import main\n"
        "from framesift.cli.parser import COMMANDS\n"
        "heavy = {'torch', 'cv2', 'av', 'matplotlib', 'numpy', 'scipy', 'pandas', 'PIL'}\n"
        "heavy |= {'rich', 'jinja2', 'onnx', 'PySide6'}\n"
        "assert not any(name.startswith('framesift.records') for name in sys.modules)\n"
        "for command in ('', *COMMANDS):\n"
        "    try: main([*command.split(), '--help'])\n"
        "    except SystemExit: pass\n"
        "    loaded = heavy & set(sys.modules)\n"
        "    if loaded: sys.exit(f'{command} --help imports {loaded}')\n"
        "assert len(COMMANDS) > 30"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_import_is_light_and_lazy() -> None:
    code = (
        "import sys, framesift\n"
        "assert not {'torch', 'cv2', 'av', 'numpy'} & set(sys.modules)\n"
        "assert framesift.scores.divergence and 'score' in dir(framesift)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_bug_in_a_child_process_is_a_bug(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framesift.training import WorkerError

    def broken(*_: object, **__: object) -> object:
        raise WorkerError("Training failed through an error of Framesift itself.", "details")

    monkeypatch.setattr("framesift.loop.train_project", broken)
    command("init", tmp_path / "project")
    said = command("train", tmp_path / "project", status=1)
    assert "of Framesift itself" in said
