"""How the bundle is put together: versions, requirements, what its arguments mean."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import launcher
import package
import pytest

import framesift
from framesift.product import licences


def test_the_version_is_the_package_s() -> None:
    assert package.version() == framesift.__version__
    build = package.Build("cpu", Path("dist"), Path("build"))
    version = re.escape(framesift.__version__)
    assert re.fullmatch(rf"framesift-{version}-\w+-\w+-cpu", build.name)


def test_the_extras_of_the_product_are_those_whose_licences_are_shown() -> None:
    assert package.EXTRAS == licences.EXTRAS


def test_requirements() -> None:
    project = {
        "dependencies": ["av>=15", "torch>=2.4", "torchvision>=0.19", "torchish"],
        "optional-dependencies": {"app": ["PySide6-Essentials>=6.7,<6.12"], "test": ["pytest"]},
    }
    assert package.requirements("full", project) == [
        "av>=15",
        "torchvision>=0.19",
        "torchish",
        "PySide6-Essentials>=6.7,<6.12",
    ]
    assert package.requirements("cpu", project) == [
        "av>=15",
        "torchish",
        "PySide6-Essentials>=6.7,<6.12",
    ]


def test_the_project_s_own_requirements_are_read() -> None:
    path = Path(package.ROOT) / "pyproject.toml"
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    lines = package.requirements("cpu", project)
    assert any(line.startswith("PySide6-Essentials") for line in lines)
    assert not any(line.startswith(("torch", "pytest", "ruff", "sphinx")) for line in lines)
    assert any(line.startswith("sphinx") for line in package.tools(project))


@pytest.mark.parametrize("variant", package.VARIANTS)
def test_torch_of_a_variant(variant: str) -> None:
    lines = package.torch_requirements(variant, None)
    assert lines[0].startswith("torch")
    assert any(line.startswith("torchvision") for line in lines) is (variant == "full")
    assert package.torch_requirements(variant, "torch==9 torchvision") == [
        "torch==9",
        "torchvision",
    ]


def test_the_time_of_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert package.epoch() == 1_700_000_000
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert package.epoch() > 1_500_000_000


def test_what_the_executable_is_started_as(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "select").mkdir()
    (tmp_path / "week47").mkdir()
    assert launcher.asks_for_window([])
    assert launcher.asks_for_window(["week47"])
    assert not launcher.asks_for_window(["select"])
    assert not launcher.asks_for_window(["--version"])
    assert not launcher.asks_for_window(["train-worker", "job.json"])
    # Neither a command nor there: the command line says so better than a window.
    assert not launcher.asks_for_window(["week48"])
