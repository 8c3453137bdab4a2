"""The packaged Framesift's pure parts: what goes in, the list of files, the archives."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from bundle import archives, contents, debian, listing, system

EPOCH = 1_700_000_000


def tree(top: Path, time: int) -> Path:
    """A small bundle; `time` for every file, which must not matter."""
    folder = top / "framesift-1"
    for name, data in {
        "framesift": b"run",
        "_internal/b.so": b"bb",
        "_internal/a é.txt": b"a",
        "_internal/a/z.txt": b"z",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (time, time))
    (folder / "framesift").chmod(0o755)
    (folder / "_internal" / "empty").mkdir()
    (folder / "_internal" / "link.so").symlink_to("b.so")
    return folder


@pytest.mark.parametrize(
    ("path", "in_it"),
    [
        ("torch/lib/libtorch_cpu.so", True),
        ("torch/bin/torch_shm_manager", True),
        ("torch/bin/test_api", False),
        ("torch/bin/protoc-3.13.0.0", False),
        ("torch/include/ATen/ATen.h", False),
        ("torch/_inductor/config.py", True),
        ("torchgen/model.py", True),
        ("torch/testing/_internal/common_utils.py", False),
        ("onnxruntime/capi/onnxruntime_pybind11_state.so", True),
        ("onnxruntime/capi/libonnxruntime.so.1.32.0", False),
        ("PySide6/Qt/lib/libQt6Core.so.6", True),
        ("PySide6/Qt/lib/libQt6Quick.so.6", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/Qt/translations/qtbase_de.qm", True),
        ("PySide6/Qt/translations/qt_de.qm", False),
        ("PySide6/translations/designer_de.qm", False),
        ("pyqtgraph/examples/Plotting.py", False),
        ("pyqtgraph/icons/auto.png", True),
        ("libharfbuzz.so.0", False),
        ("pillow.libs/libharfbuzz-fb49c9fc.so.0", True),
        ("framesift/resources/detectors/pedestrian.safetensors", True),
    ],
)
def test_what_goes_in(path: str, in_it: bool) -> None:
    assert contents.wanted(path) is in_it


def test_charts_do_without_what_is_left_out() -> None:
    pytest.importorskip("pyqtgraph")
    subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys\nsys.modules.update(dict.fromkeys({contents.EXCLUDED_MODULES!r}))\n"
            "from PySide6.QtWidgets import QApplication\n"
            "app = QApplication([])\n"
            "from framesift_app.panels.chart import Chart\n"
            "from framesift_app.panels.plotting.drawing import Line\n"
            "from framesift_app.session.messages import Messages\n"
            "chart = Chart('', '', Messages())\n"
            "chart.show_lines([Line('a', [(0, 1), (1, 2)], marks=True)])\n"
            "assert not chart.grab().isNull()\n"
            "from framesift_app.panels.plotting import saving\n"
            "import pyqtgraph.exporters\n",
        ],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_the_list_of_files_is_of_names_and_contents_only(tmp_path: Path) -> None:
    first, second = tree(tmp_path / "1", 1_000_000_000), tree(tmp_path / "2", 1_500_000_000)
    text = listing.manifest(first)
    assert text == listing.manifest(second)
    assert [line[78:] for line in text.splitlines()] == [
        "_internal/a é.txt",
        "_internal/a/z.txt",
        "_internal/b.so",
        "_internal/empty/",
        "_internal/link.so -> b.so",
        "framesift",
    ]
    assert text.splitlines()[5].split()[:2] == [hashlib.sha256(b"run").hexdigest(), "3"]
    (second / "framesift").write_bytes(b"ran")
    assert text != listing.manifest(second)


def test_checksums_are_what_sha256sum_checks(tmp_path: Path) -> None:
    for name in ("b.deb", "a.tar.zst"):
        (tmp_path / name).write_bytes(name.encode())
    text = listing.checksums([tmp_path / "b.deb", tmp_path / "a.tar.zst"])
    assert text == (
        f"{hashlib.sha256(b'a.tar.zst').hexdigest()}  a.tar.zst\n"
        f"{hashlib.sha256(b'b.deb').hexdigest()}  b.deb\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_equal_folders_give_equal_archives(tmp_path: Path) -> None:
    packed = []
    for number, time in enumerate((1_000_000_000, 1_500_000_000)):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            archives.write_tar(tree(tmp_path / str(number), time), archive, EPOCH)
        packed.append(out.getvalue())
    assert packed[0] == packed[1]
    with tarfile.open(fileobj=io.BytesIO(packed[0])) as archive:
        members = {member.name: member for member in archive}
        assert {member.mtime for member in members.values()} == {EPOCH}
        assert {(member.uid, member.uname) for member in members.values()} == {(0, "")}
        assert members["framesift-1/framesift"].mode == 0o755
        assert members["framesift-1/_internal/b.so"].mode == 0o644
        assert members["framesift-1/_internal/link.so"].linkname == "b.so"
        archive.extractall(tmp_path / "out", filter="data")
    assert listing.manifest(tmp_path / "out" / "framesift-1") == listing.manifest(
        tmp_path / "0" / "framesift-1"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="hard links")
def test_two_names_of_one_file_are_two_files(tmp_path: Path) -> None:
    folder = tree(tmp_path, 1_000_000_000)
    os.link(folder / "framesift", folder / "again")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archives.write_tar(folder, archive, EPOCH)
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as archive:
        for name in ("framesift-1/framesift", "framesift-1/again"):
            file = archive.extractfile(name)
            assert file is not None
            assert file.read() == b"run"


def test_zip(tmp_path: Path) -> None:
    packed = []
    for number, time in enumerate((1_000_000_000, 1_500_000_000)):
        target = tmp_path / f"{number}.zip"
        archives.zip_file(tree(tmp_path / str(number), time), target, EPOCH)
        packed.append(target.read_bytes())
    assert packed[0] == packed[1]
    with zipfile.ZipFile(tmp_path / "0.zip") as archive:
        assert archive.read("framesift-1/_internal/a é.txt") == b"a"
        assert archive.testzip() is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Debian")
def test_the_tree_of_the_debian_package(tmp_path: Path) -> None:
    folder, assets, root = tree(tmp_path, 1), tmp_path / "assets", tmp_path / "root"
    (folder / "LICENCES.txt").write_text("licences")
    assets.mkdir()
    root.mkdir()
    (assets / "icon-48.png").write_bytes(b"png")
    debian.lay_out(folder, assets, root, "1.2", "amd64")
    control = (root / "DEBIAN" / "control").read_text(encoding="utf-8")
    assert "\nVersion: 1.2\nArchitecture: amd64\n" in control
    assert control.endswith("\n")
    assert (root / "usr" / "bin" / "framesift").readlink() == Path("/opt/framesift/framesift")
    assert (root / "opt" / "framesift" / "framesift").stat().st_mode & 0o777 == 0o755
    assert (root / "usr/share/icons/hicolor/48x48/apps/framesift.png").read_bytes() == b"png"
    desktop = (root / "usr/share/applications/framesift.desktop").read_text(encoding="utf-8")
    kinds = (root / "usr/share/mime/packages/framesift.xml").read_text(encoding="utf-8")
    kind = next(line for line in desktop.splitlines() if line.startswith("MimeType="))
    assert f'type="{kind.removeprefix("MimeType=").rstrip(";")}"' in kinds


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="Debian")
def test_the_system_s_libraries_bring_their_licences(tmp_path: Path) -> None:
    listed = tmp_path / "third-party.json"
    ours = {"name": "torch", "version": "2", "licence": "BSD", "text": "torch's text\n"}
    listed.write_text(json.dumps([ours]), encoding="utf-8")
    sources = [
        "/bin/sh",
        str(tmp_path / "site-packages" / "b.so"),
        "relative.so",
        "/no/such/file.so",
    ]
    assert system.complete(listed, sources, tmp_path) == 1
    dash, torch = json.loads(listed.read_text(encoding="utf-8"))  # the shell, on Debian
    assert torch == ours
    assert dash["name"] in system.owners(Path("/bin/sh"))
    assert dash["version"]
    text = system.readable(listed)
    assert "    torch 2: BSD\n" in text
    assert text.endswith("torch's text\n")
    assert dash["text"] in text


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Debian")
def test_a_project_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    """What linux/framesift.xml looks for is what a project's file begins with."""
    from framesift.project import Project

    with Project.create(tmp_path / "week"):
        pass
    head = (tmp_path / "week" / "project.sqlite").read_bytes()[:72]
    assert head.startswith(b"SQLite format 3\0")
    assert head[68:] == b"FSFT"


def test_no_program_of_the_packaging_needs_an_installed_package() -> None:
    """They run in any Python, before anything is installed; so does the smoke test."""
    folder = Path(__file__).resolve().parents[2] / "packaging"
    for script in ("package.py", "smoke.py", "release.py"):
        done = subprocess.run(
            [
                sys.executable,
                "-I",
                "-S",
                "-c",
                f"import sys; sys.path.insert(0, {str(folder)!r}); "
                f"sys.argv = [{script!r}, '--help']; "
                f"import runpy; runpy.run_path({str(folder / script)!r}, "
                "run_name='__main__')",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("usage:")
