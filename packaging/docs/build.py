"""Builds the documentation: `python packaging/docs/build.py [OUT]`.

The pages of resources/docs, the cards of the detectors, the glossary and the pages made from
the code are laid side by side in build/docs, and become one site without any network
(resources/site, unless OUT names another folder). Every warning is an error, and so is a link,
an anchor or a picture of the finished site that leads nowhere.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import links
import navigation
import pages

from framesift import files

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESOURCES = ROOT / "resources"
SITE = RESOURCES / "site"
STAGE = ROOT / "build" / "docs"


def stage(into: Path) -> None:
    """Lays all pages out in the empty folder `into` as they lie in resources/."""
    shutil.copytree(RESOURCES / "docs", into / "docs")
    (into / "detectors").mkdir()
    for card in RESOURCES.glob("detectors/*.md"):
        shutil.copy(card, into / "detectors")
    static = into / "static"
    static.mkdir()
    shutil.copy(HERE / "pages.css", static)
    shutil.copy(RESOURCES / "icons" / "framesift.svg", static)
    shutil.copy(HERE / "conf.py", into)
    for name, text in pages.made(ROOT).items():
        files.write_text(into / "docs" / name, text)
    index = into / "docs" / "index.md"
    files.write_text(index, navigation.with_contents(index.read_text(encoding="utf-8")))


def build(out: Path) -> list[str]:
    """Builds the site into `out`, in place of what is there; what is wrong with it."""
    shutil.rmtree(STAGE, ignore_errors=True)
    source, site = STAGE / "source", STAGE / "site"
    source.mkdir(parents=True)
    stage(source)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-b",
            "html",
            "-q",
            "-W",
            "--keep-going",
            "-d",
            str(STAGE / "cache"),
            str(source),
            str(site),
        ],
        check=False,
    )
    if done.returncode:
        return ["Sphinx found the faults above."]
    for left in (".buildinfo", "objects.inv"):
        (site / left).unlink(missing_ok=True)
    faults = links.faults(site)
    if not faults:
        shutil.rmtree(out, ignore_errors=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(site, out)
    return faults


def main() -> int:
    """Builds; exit status 1 where something leads nowhere."""
    out = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else SITE
    faults = build(out)
    for fault in faults:
        sys.stderr.write(f"docs: {fault}\n")
    if not faults:
        sys.stdout.write(f"{out / 'docs' / 'index.html'}\n")
    return int(bool(faults))


if __name__ == "__main__":
    raise SystemExit(main())
