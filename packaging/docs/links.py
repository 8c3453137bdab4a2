"""Checks a finished site: every link, anchor and picture leads somewhere, and nothing of it is
fetched from a network."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_FETCHED = {"img": "src", "script": "src", "source": "src", "iframe": "src", "link": "href"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.pictures_without_words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.update(given[name] for name in ("id", "name") if name in given)
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        attribute = _FETCHED.get(tag)
        if attribute in given and given.get("rel") not in ("search", "canonical"):
            self.fetched.append(given[attribute])
        if tag == "img" and not given.get("alt", "").strip():
            self.pictures_without_words.append(given.get("src", ""))


def faults(site: Path) -> list[str]:
    """One sentence for each thing of the site that leads nowhere."""
    read = {path.resolve(): _read(path) for path in sorted(site.rglob("*.html"))}
    faults: list[str] = []
    for path, page in read.items():
        name = path.relative_to(site.resolve())
        for target in page.fetched:
            if _external(target) and not target.startswith("data:"):
                faults.append(f"{name}: {target} is fetched from a network.")
        for target in page.links + page.fetched:
            if not _external(target) and not _leads(path, target, read):
                faults.append(f"{name}: {target} leads nowhere.")
        faults += [
            f"{name}: the picture {source} has no words for those who cannot see it."
            for source in page.pictures_without_words
        ]
    return faults


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _external(target: str) -> bool:
    parts = urlsplit(target)
    return parts.scheme in ("http", "https", "mailto", "data") or bool(parts.netloc)


def _leads(page: Path, target: str, read: dict[Path, _Page]) -> bool:
    parts = urlsplit(target)
    other = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not other.is_file():
        return False
    # The theme's own "#" goes to the top.
    return not parts.fragment or other not in read or unquote(parts.fragment) in read[other].ids
