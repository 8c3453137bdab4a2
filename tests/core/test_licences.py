"""Licences of what the product runs on: found, complete, and as the bundle says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from framesift.errors import EnvironmentProblem
from framesift.product import licences


def install(
    site: Path,
    name: str,
    *,
    version: str = "1.0",
    requires: tuple[str, ...] = (),
    head: str = "",
    texts: dict[str, str] | None = None,
) -> None:
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    lines += [f"Requires-Dist: {one}" for one in requires]
    (folder / "METADATA").write_text("\n".join(lines) + f"\n{head}", encoding="utf-8")
    record = [f"{folder.name}/METADATA,,"]
    for file, text in (texts or {}).items():
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text(text, encoding="utf-8")
        record.append(f"{file},,")
    (folder / "RECORD").write_text("\n".join(record) + "\n", encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_requirements_are_followed_with_their_extras_and_without_foreign_ones(
    site: Path,
) -> None:
    install(
        site,
        "t-top",
        requires=(
            "T.Direct>=1",
            't-window[deep]; extra == "app"',
            't-tester; extra == "test"',
            't-elsewhere; sys_platform == "nowhere"',
            "t-not-installed",
        ),
    )
    install(site, "t-direct", requires=("t-top",))
    install(site, "t-window", requires=('t-below; extra == "deep"', 't-other; extra == "x"'))
    for name in ("t-tester", "t-elsewhere", "t-below", "t-other"):
        install(site, name)
    assert {one.metadata["Name"] for one in licences.needed("t-top", ("app",))} == {
        "t-direct",
        "t-window",
        "t-below",
    }
    assert {one.metadata["Name"] for one in licences.needed("t-top")} == {"t-direct"}


@pytest.mark.parametrize(
    ("head", "short"),
    [
        ("License-Expression: MIT AND ISC\nLicense: other\n", "MIT AND ISC"),
        ("License: BSD-3-Clause\n", "BSD-3-Clause"),
        (
            "License: A long text\n  in two lines\nClassifier: License :: OSI "
            "Approved :: X License\n",
            "X License",
        ),
        ("", "see its text"),
    ],
)
def test_short_name(site: Path, head: str, short: str) -> None:
    install(site, "t-one", head=head)
    [distribution] = [*licences.metadata.distributions(name="t-one")]
    assert licences._package(distribution).licence == short


def test_all_texts_once_and_no_source_files(site: Path) -> None:
    install(
        site,
        "t-one",
        texts={
            "t_one-1.0.dist-info/licenses/LICENSE": "first\n",
            "t_one/COPYING.txt": "second\n",
            "t_one/third_party/LICENSE.md": "first\n",
            "t_one/license.py": "code\n",
            "t_one/readme.md": "no\n",
        },
    )
    [distribution] = [*licences.metadata.distributions(name="t-one")]
    text = licences._package(distribution).text
    assert text == "==== LICENSE ====\n\nfirst\n\n==== t_one/COPYING.txt ====\n\nsecond\n"


def test_lgpl_package_without_a_text_gets_the_licences_own(site: Path) -> None:
    install(site, "t-qt", head="License: LGPL-3.0-only OR GPL-2.0-only\n")
    [distribution] = [*licences.metadata.distributions(name="t-qt")]
    text = licences._package(distribution).text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "Version 2, June 1991" in text
    assert "Version 3, 29 June 2007" in text


def test_what_is_installed_here() -> None:
    found = {one.name.lower(): one for one in licences.collect()}
    assert {"python", "ffmpeg", "torch", "numpy", "av", "pillow"} <= set(found)
    assert not {"pytest", "ruff", "framesift"} & set(found)
    assert all(one.version and one.licence and one.text.strip() for one in found.values())
    assert "GPL" in found["ffmpeg"].licence


def test_written_list_is_what_a_bundle_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "third-party.json"
    written = licences.write(path)
    assert [set(one) for one in json.loads(path.read_text(encoding="utf-8"))] == [
        {"name", "version", "licence", "text"}
    ] * len(written)
    monkeypatch.setattr(licences, "resource", lambda *parts: path)
    assert licences.third_party() == written
    path.write_text("[{]", encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match="install Framesift again"):
        licences.third_party()
