"""Reports of crashes: left by a process that died, told once, gone after an orderly end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from framesift.product import crashes

RUN = """
import ctypes, os, sys
from pathlib import Path
from framesift.product import crashes
report = crashes.CrashReport(Path(sys.argv[1]))
if sys.argv[2] == "abort":
    os.abort()
if sys.argv[2] == "segfault":
    ctypes.string_at(0)
if sys.argv[2] == "kill":
    os._exit(9)
report.end()
"""


def run(folder: Path, how: str) -> None:
    subprocess.run(
        [sys.executable, "-c", RUN, str(folder), how],
        check=False,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )


@pytest.mark.parametrize(("how", "said"), [("abort", "Aborted"), ("segfault", "Segmentation")])
@pytest.mark.skipif(sys.platform == "win32", reason="names of POSIX signals")
def test_a_crash_leaves_a_report_that_is_told_once(tmp_path: Path, how: str, said: str) -> None:
    run(tmp_path, how)
    [report] = crashes.collect(tmp_path)
    text = report.read_text(encoding="utf-8")
    assert text.startswith("Framesift ")
    assert f"Fatal Python error: {said}" in text
    assert 'File "<string>"' in text
    assert crashes.collect(tmp_path) == []
    assert [*tmp_path.iterdir()] == [report]


@pytest.mark.parametrize("how", ["kill", "end"])
def test_no_crash_no_report(tmp_path: Path, how: str) -> None:
    run(tmp_path, how)
    assert crashes.collect(tmp_path) == []
    assert [*tmp_path.iterdir()] == []


def test_the_report_of_a_running_program_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            RUN.replace("report.end()", "print(); input()"),
            str(tmp_path),
            "wait",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        [opened] = tmp_path.iterdir()
        # As if something had been written that did not end the program.
        with opened.open("a", encoding="utf-8") as file:
            file.write("Windows fatal exception: code 0x800706ba\n")
        assert crashes.collect(tmp_path) == []
        assert opened.exists()
        child.communicate(b"\n")
    assert crashes.collect(tmp_path) != []


def test_the_number_of_a_dead_process_may_be_used_again(tmp_path: Path) -> None:
    import os

    import psutil

    stale = tmp_path / f"running-{os.getpid()}-0.txt"
    stale.write_text("head\n\n\nFatal Python error: Aborted\n", encoding="utf-8")
    born = psutil.Process().create_time()
    os.utime(stale, (born - 100, born - 100))
    assert [path.read_text(encoding="utf-8")[-8:] for path in crashes.collect(tmp_path)] == [
        "Aborted\n"
    ]


def test_bugs_are_kept_and_the_oldest_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setattr(crashes, "KEPT", 3)
    monkeypatch.setattr(crashes.faulthandler, "enable", lambda *a, **k: None)
    monkeypatch.setattr(crashes.faulthandler, "disable", lambda: None)
    report = crashes.CrashReport(tmp_path)
    paths = []
    for number in range(5):
        paths.append(report.bug(f"Traceback {number}\n"))
        os.utime(paths[-1], (number, number))
    report.end()
    assert sorted(tmp_path.iterdir()) == sorted(paths[2:])
    assert paths[-1].read_text(encoding="utf-8").endswith("Traceback 4\n")


def test_a_start_that_fails_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crashes, "folder", lambda: tmp_path)
    monkeypatch.setattr(crashes.faulthandler, "enable", lambda *a, **k: None)
    monkeypatch.setattr(crashes.faulthandler, "disable", lambda: None)
    with pytest.raises(ZeroDivisionError), crashes.reporting():
        _ = 1 // 0
    [path] = tmp_path.iterdir()
    assert "ZeroDivisionError" in path.read_text(encoding="utf-8")


def test_no_place_for_reports_is_no_reason_not_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(crashes, "folder", lambda: tmp_path / "file" / "crashes")
    with crashes.reporting() as report:
        assert report is None
