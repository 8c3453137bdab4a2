"""The licences of the third-party software that Framesift runs on.

A bundle carries them as `licences/third-party.json` among its resources, written by `write`
when it is built; elsewhere they are read from the installed packages.
"""

from __future__ import annotations

import json
import platform
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from framesift import files
from framesift.errors import EnvironmentProblem
from framesift.product.resources import resource

EXTRAS = ("app", "onnx")
"""The extras whose packages are part of the product; the others are its makers' tools."""

_TEXT_NAME = re.compile(r"(UN)?LICEN[CS]E|COPYING|COPYRIGHT|NOTICE", re.IGNORECASE)
_SOURCE = (".py", ".pyc", ".pyi", ".h", ".hpp", ".c", ".cpp")
_SPDX_TEXTS = {"LGPL-3.0": ("LGPL-3.0.txt", "GPL-3.0.txt"), "GPL-2.0": ("GPL-2.0.txt",)}
_GPL_CODECS = ("x264", "x265")


@dataclass(frozen=True, slots=True)
class Licence:
    """One piece of third-party software: `licence` is its short name (an SPDX expression
    where the package gives one), `text` all licence texts that come with it."""

    name: str
    version: str
    licence: str
    text: str


def third_party() -> tuple[Licence, ...]:
    """The bundle's list, or else that of the installed packages; by name.

    Raises EnvironmentProblem when the bundle's list is damaged.
    """
    try:
        path = resource("licences", "third-party.json")
    except EnvironmentProblem:
        return collect()
    try:
        return tuple(Licence(**entry) for entry in json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise EnvironmentProblem(
            f"The list of licences {path} cannot be read; install Framesift again."
        ) from error


def write(path: Path, extras: Iterable[str] = EXTRAS) -> tuple[Licence, ...]:
    """Collects the licences and writes them to `path` as a JSON list of objects with `name`,
    `version`, `licence` and `text`; what was written."""
    licences = collect(extras)
    files.write_text(
        path,
        json.dumps([asdict(licence) for licence in licences], indent=0, ensure_ascii=False)
        + "\n",
    )
    return licences


def collect(extras: Iterable[str] = EXTRAS) -> tuple[Licence, ...]:
    """The licences of Python, FFmpeg and every installed package that Framesift needs,
    directly or not, with these extras; by name."""
    licences = [_python(), *_ffmpeg(), *map(_package, needed("framesift", extras))]
    return tuple(sorted(licences, key=lambda licence: licence.name.casefold()))


def needed(name: str, extras: Iterable[str] = ()) -> list[metadata.Distribution]:
    """The installed distributions that `name` with `extras` requires here, itself not among
    them; what is required but not installed is left out."""
    known: dict[str, metadata.Distribution] = {}
    done: set[tuple[str, frozenset[str]]] = set()
    waiting = [(_plain(name), frozenset(extras))]
    while waiting:
        requirement = waiting.pop()
        if requirement in done:
            continue
        done.add(requirement)
        try:
            distribution = metadata.distribution(requirement[0])
        except metadata.PackageNotFoundError:
            continue
        known[requirement[0]] = distribution
        waiting += _requirements(distribution, requirement[1])
    known.pop(_plain(name), None)
    return list(known.values())


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirements(
    distribution: metadata.Distribution, extras: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    for line in distribution.requires or ():
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield _plain(requirement.name), frozenset(requirement.extras)


def _package(distribution: metadata.Distribution) -> Licence:
    licence = _short(distribution)
    text = _joined(_texts(distribution))
    if not text:
        text = _joined(_known_texts(licence)) or "The package carries no licence text."
    return Licence(distribution.metadata["Name"], distribution.version, licence, text)


def _short(distribution: metadata.Distribution) -> str:
    def field(name: str) -> list[str]:
        return [str(value).strip() for value in distribution.metadata.get_all(name) or ()]

    for stated in field("License-Expression") + field("License"):
        if stated and "\n" not in stated and len(stated) <= 200:
            return stated
    classified = [
        line.rpartition("::")[2].strip()
        for line in field("Classifier")
        if line.startswith("License ::")
    ]
    return ", ".join(classified) or "see its text"


def _texts(distribution: metadata.Distribution) -> Iterator[tuple[str, str]]:
    """(name, text) of the licence files of a package, each text once."""
    seen: set[str] = set()
    for file in sorted(distribution.files or (), key=str):
        if not _TEXT_NAME.search(file.name) or file.suffix.lower() in _SOURCE:
            continue
        try:
            text = Path(str(file.locate())).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if text.strip() and text not in seen:
            seen.add(text)
            yield re.sub(r"^[^/]*\.dist-info/(licenses/)?", "", file.as_posix()), text


def _known_texts(licence: str) -> Iterator[tuple[str, str]]:
    for name, texts in _SPDX_TEXTS.items():
        if re.search(rf"(?<![A-Z]){re.escape(name)}", licence):
            for file in texts:
                yield file, resource("licences", file).read_text(encoding="utf-8")


def _joined(texts: Iterable[tuple[str, str]]) -> str:
    known = list(texts)
    if len(known) == 1:
        return known[0][1].strip() + "\n"
    return "\n\n".join(f"==== {name} ====\n\n{text.strip()}" for name, text in known) + (
        "\n" if known else ""
    )


def _python() -> Licence:
    folders = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))
    text = next(
        (
            file.read_text(encoding="utf-8", errors="replace")
            for folder in folders
            for file in (folder / "LICENSE.txt", folder / "LICENSE")
            if file.is_file()
        ),
        "https://docs.python.org/3/license.html\n",
    )
    return Licence("Python", platform.python_version(), "PSF-2.0", text)


def _ffmpeg() -> list[Licence]:
    """FFmpeg as PyAV carries it, in its own words: what it was built with decides."""
    try:
        import av
        from av._core import library_meta
    except ImportError:
        return []
    built = library_meta["libavcodec"]
    configured, licence = str(built["configuration"]), str(built["license"])
    codecs = [codec for codec in _GPL_CODECS if f"--enable-lib{codec}" in configured]
    if codecs and not licence.startswith("GPL"):
        licence += f"; with {' and '.join(codecs)}: GPL version 2 or later"
    texts = _joined(_known_texts("LGPL-3.0 GPL-2.0"))
    return [
        Licence(
            "FFmpeg",
            str(av.ffmpeg_version_info),
            licence,
            f"Configured with: {configured}\n\n{texts}",
        )
    ]
