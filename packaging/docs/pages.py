"""The pages that are made from the code, so that none of them can be out of date."""

from __future__ import annotations

from pathlib import Path

import api
import commands
import keyboard
import settings_page
import tables


def made(root: Path) -> dict[str, str]:
    """Markdown by file name below docs/; `root` is the checkout."""
    return {
        "keys.md": keyboard.page(),
        "commands.md": commands.page(),
        "formats-table.md": tables.page(),
        "settings.md": settings_page.page(),
        "glossary.md": (root / "CONTEXT.md").read_text(encoding="utf-8"),
        "changelog.md": (root / "CHANGELOG.md").read_text(encoding="utf-8"),
        **api.pages(),
    }
