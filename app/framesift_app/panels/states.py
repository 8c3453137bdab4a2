"""The states of a frame, in words."""

from __future__ import annotations


def _(text: str) -> str:
    """Marks a text for translation; it is translated when it is shown."""
    return text


STATES: dict[str, str] = {
    "todo": _("to do"),
    "started": _("◐ half done"),
    "labelled": _("✓ labelled"),
    "nothing": _("∅ nothing there"),
    "skipped": _("⤼ skipped"),
    "weak": _("◇ points or tags"),
}
